import { createHash } from 'node:crypto';
import type { Context } from '../../../context.ts';
import { isObject, type JsonObject } from '../../../json.ts';
import { trace, warn } from '../../../output/messages.ts';
import { PerRun } from '../per-run.ts';
import { urlOf, type Wrap } from '../transport.ts';
import { noteUnpaid } from '../unpaid.ts';
import { CacheStore } from './cache-store.ts';
import { isCacheable, isQuestion } from './cacheable.ts';
import type { TapedAnswer } from './exchange.ts';
import { held } from './held-body.ts';
import { takenDown } from './taped-answer.ts';
import { readRequest } from './taped-request.ts';
import { responseOf } from './taped-response.ts';

/** Where answers are kept. */
export interface CacheTape {
  /** Absolute; undefined where the user has no home. */
  readonly folder: string | undefined;
  /** How old an answer may be, in ms. */
  readonly ttl: number;
}

/** Whom requests go to, and by whom. */
export interface Parties {
  readonly baseUrl: string;
  /** Those that each request has, the key among them. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers what was asked before as it was answered then, and keeps what is whole and a success. What only asks is looked
 * up; the same request twice in a run has two answers.
 */
export function cache(tape: CacheTape, { baseUrl, headers }: Parties, context: Context): Wrap {
  const store = storeOf(tape, context);
  const identity = identityOf({ baseUrl, headers });
  return (next) => async (input, init) => {
    const path = urlOf(input).href.slice(baseUrl.length).replace(/\?.*$/s, '');
    if (store === undefined || !isQuestion(init?.method, path)) return next(input, init);
    const { init: sent, copy } = await held(init);
    const request = copy && (await readRequest(input, copy, { baseUrl, secrets: undefined }));
    if (request === undefined || !isCacheable(request)) return next(input, sent);
    const slot = store.claim(request, identity);
    const found = store.read(slot);
    if (found !== undefined) {
      tell(found.age, context);
      noteUnpaid(usageIn(found.response), context);
      return responseOf(found);
    }
    const started = context.clock.now();
    try {
      const response = await next(input, sent);
      return takenDown(response, store.taker(slot, request), started, init?.signal ?? undefined, context);
    } catch (error) {
      store.release(slot);
      throw error;
    }
  };
}

/** What an answer says it has used; nothing where it does not say. */
function usageIn({ json, events = [] }: TapedAnswer): JsonObject {
  const answers = [json, ...events.map((event) => ('data' in event ? event.data : undefined))];
  const usages = answers.map((answer) => (isObject(answer) ? answer['usage'] : undefined));
  return usages.findLast(isObject) ?? {};
}

/** One for each run: places that were taken are for all of it. */
const stores = new PerRun<CacheStore>();

function storeOf({ folder, ttl }: CacheTape, context: Context): CacheStore | undefined {
  if (folder !== undefined) return stores.get(context, folder, () => new CacheStore(folder, ttl, context));
  warn(context, 'nothing is cached: there is no home directory, and no XDG_CACHE_HOME or OAI_HOME');
  return undefined;
}

/** A hash of all that an answer may depend on beside the request: the server, the account, headers of the user's own. */
function identityOf({ baseUrl, headers }: Parties): string {
  const own = Object.entries(headers).filter(([name]) => name !== 'user-agent');
  return createHash('sha256')
    .update(JSON.stringify([baseUrl, own.sort()]))
    .digest('hex');
}

/** Runs in which it was said that answers come from the cache. */
const told = new WeakSet<Context>();

/** Each time with `--verbose`; on a terminal once. */
function tell(age: number, context: Context): void {
  trace(context, `answered from the cache, after ${roughly(age)}`);
  if (context.verbosity === 'verbose' || !context.stderr.isTTY || told.has(context)) return;
  told.add(context);
  warn(context, `answered from the cache, after ${roughly(age)}; --no-cache asks anew`);
}

const UNITS: readonly (readonly [string, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** @param ms an age */
function roughly(ms: number): string {
  const [unit, size] = UNITS.find(([, size]) => ms >= size) ?? ['second', 1000];
  const count = Math.floor(ms / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
