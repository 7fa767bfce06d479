import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Context } from '../../../context.ts';
import { reasonOf } from '../../../errors.ts';
import { afterAnswer } from '../../../output/after-answer.ts';
import { trace, warn } from '../../../output/messages.ts';
import { readPlainFile } from '../../../settings/sources.ts';
import { pruneIfDue } from './cache-prune.ts';
import { isWorthKeeping } from './cacheable.ts';
import { takeName } from './exchange-name.ts';
import { ExchangeFolder } from './folder.ts';
import { readExchange } from './read-exchange.ts';
import type { AnswerTaker, TakenAnswer } from './taped-answer.ts';
import { requestKey, type TapedRequest } from './taped-request.ts';
import type { KeptAnswer } from './taped-response.ts';
import { writeExchange } from './write-exchange.ts';

/** A clock that was set back makes no answer good for ever; ms. */
const DAY_MS = 86_400_000;

/** An answer of the cache, and its age in ms. */
export interface CachedAnswer extends KeptAnswer {
  readonly age: number;
}

/** The place of one of several answers to the same request. */
export interface Slot {
  readonly name: string;
  readonly take: number;
}

/** The answers of the cache. What cannot be read is not there; what cannot be written is said once. */
export class CacheStore {
  readonly #folder: ExchangeFolder;
  readonly #ttl: number;
  readonly #context: Context;
  /** The places that this run has taken, by name. */
  readonly #taken = new Map<string, Set<number>>();
  /** Bytes written since the last look at the size of it all. */
  #written = 0;
  #hasFailed = false;

  /**
   * @param path absolute
   * @param ttl how old an answer may be, in ms
   */
  constructor(path: string, ttl: number, context: Context) {
    this.#folder = new ExchangeFolder(path);
    this.#ttl = ttl;
    this.#context = context;
  }

  /**
   * The place for an answer. The same request twice in a run (two images, two rows alike) has two.
   * @param identity whose answers they are: another key may be another account
   */
  claim(request: TapedRequest, identity: string): Slot {
    const name = createHash('sha256')
      .update(`${identity}\n${requestKey(request)}`)
      .digest('hex');
    const taken = this.#taken.get(name) ?? new Set<number>();
    this.#taken.set(name, taken);
    let take = 1;
    while (taken.has(take)) take += 1;
    taken.add(take);
    return { name, take };
  }

  /** Nothing came of it: the next try has the place. */
  release({ name, take }: Slot): void {
    this.#taken.get(name)?.delete(take);
  }

  /** The answer in a place, where there is one that is not too old. */
  read({ name, take }: Slot): CachedAnswer | undefined {
    try {
      const file = `${takeName(name, take)}.json`;
      const text = Buffer.from(readPlainFile(join(this.#folder.path, file)).bytes).toString();
      const { recorded, response } = readExchange(text, file);
      const age = this.#context.clock.now() - Date.parse(recorded ?? '');
      // Also where it does not say when.
      if (!(age <= this.#ttl && age > -DAY_MS)) return undefined;
      const kept = { response, age: Math.max(0, age) };
      if (response.file === undefined) return kept;
      return this.#folder.has(response.file)
        ? { ...kept, body: join(this.#folder.path, response.file) }
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** Takes an answer down, if it is one to be kept. */
  taker(slot: Slot, { method, path }: TapedRequest): AnswerTaker {
    return {
      beginFile: () => this.#folder.begin(),
      keep: (taken) => {
        if (isWorthKeeping(taken.answer)) {
          this.#keep(slot, { method, ...(path !== undefined && { path }) }, taken);
        } else {
          taken.file?.part.drop();
          this.release(slot);
        }
      },
      drop: () => this.release(slot),
      failed: (error) => {
        this.release(slot);
        this.#failed(error);
      },
    };
  }

  /** Of the request nothing is kept but what it was for. */
  #keep({ name, take }: Slot, request: TapedRequest, taken: TakenAnswer): void {
    const { clock, secrets } = this.#context;
    const recorded = clock.now();
    const { bytes } = writeExchange(this.#folder, takeName(name, take), {
      request,
      taken,
      recorded,
      secrets,
    });
    afterAnswer(this.#context, () => trace(this.#context, 'kept in the cache'));
    this.#written += bytes;
    const moment = { ttl: this.#ttl, now: recorded, written: this.#written };
    if (pruneIfDue(this.#folder.path, moment)) this.#written = 0;
  }

  #failed(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const words = `the answer is not kept in the cache: ${reasonOf(error)}`;
    afterAnswer(this.#context, () => warn(this.#context, words));
  }
}
