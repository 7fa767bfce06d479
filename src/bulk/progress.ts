import { takeUnpaid } from '../api/transport/unpaid.ts';
import type { Context } from '../context.ts';
import { isObject, type JsonObject } from '../json.ts';
import { bar, startWaiting, type Waiting } from '../output/progress.ts';
import { timeLeft } from '../output/time.ts';

/** What a job has cost. */
export interface Meter {
  /** @returns US dollars; undefined where the price is not known */
  cost(usage: JsonObject): number | undefined;
}

/** What is seen of a job while it goes on: rows, their rate, failures, tokens, what they cost, the time that is left. */
export class BulkProgress {
  readonly #what: string;
  readonly #context: Context;
  readonly #meter: Meter | undefined;
  readonly #started: number;
  readonly #waiting: Waiting;
  /** The share of the input that has been read, from 0 to 1; undefined where its length is not known. */
  readonly #share: () => number | undefined;
  #settled = 0;
  #skipped = 0;
  #failed = 0;
  #tokens = 0;
  #cost: number | undefined;
  /** Of that, what the cache had. */
  #unpaid = 0;

  /** @param what is being done: `asking gpt-6-luna` */
  constructor(what: string, share: () => number | undefined, meter: Meter | undefined, context: Context) {
    this.#what = what;
    this.#share = share;
    this.#meter = meter;
    this.#context = context;
    this.#started = context.clock.now();
    this.#waiting = startWaiting(context, what, { elapsed: true });
  }

  /** US dollars, without what the cache had; undefined where the price is not known. */
  get cost(): number | undefined {
    return this.#cost === undefined ? undefined : Math.max(0, this.#cost - this.#unpaid);
  }

  skipped(): void {
    this.#skipped += 1;
  }

  settled(isFailed: boolean, usage: JsonObject | undefined): void {
    this.#settled += 1;
    if (isFailed) this.#failed += 1;
    if (usage !== undefined) {
      this.#tokens += tokensIn(usage);
      const cost = this.#meter?.cost(usage);
      if (cost !== undefined) this.#cost = (this.#cost ?? 0) + cost;
    }
    for (const unpaid of takeUnpaid(this.#context)) this.#unpaid += this.#meter?.cost(unpaid) ?? 0;
    this.#waiting.update(() => this.#text());
  }

  stop(): void {
    this.#waiting.stop();
  }

  #text(): string {
    const seconds = (this.#context.clock.now() - this.#started) / 1000;
    const rows = this.#settled + this.#skipped;
    const share = this.#share();
    const parts = [
      this.#what,
      `${share === undefined ? '' : `${bar(share)} `}${rows} rows`,
      ...(seconds > 1 ? [`${Math.round(this.#settled / seconds)}/s`] : []),
      ...(this.#skipped > 0 ? [`${this.#skipped} were done`] : []),
      ...(this.#failed > 0 ? [`${this.#failed} failed`] : []),
      ...(this.#tokens > 0 ? [`${this.#tokens} tokens`] : []),
      ...(this.cost !== undefined ? [`$${this.cost.toFixed(4)}`] : []),
      ...(share !== undefined && share > 0 && seconds > 2 ? [timeLeft((seconds * (1 - share)) / share)] : []),
    ];
    return parts.join(' · ');
  }
}

function tokensIn(usage: JsonObject): number {
  const { total_tokens: total } = usage;
  return typeof total === 'number' ? total : 0;
}

/** The usage of an answer, where it has one. */
export function usageIn(answer: unknown): JsonObject | undefined {
  const usage = isObject(answer) ? answer['usage'] : undefined;
  return isObject(usage) ? usage : undefined;
}
