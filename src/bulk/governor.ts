import type { Clock } from '../context.ts';

/** What an answer of a server says of how busy it is. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Between the request and the head of its answer, in ms. */
  readonly ms: number;
}

/** Requests at once to begin with, where none are said: what any server bears. */
const FIRST = 4;
/** And the most, whatever a server bears. */
const MOST = 256;
/** Answers without a refusal, as a multiple of the limit, before one more than the last that was refused is tried. */
const PATIENCE = 20;
/** Answers that take so much longer than the quickest are waiting in a queue: more at once would bring nothing. */
const QUEUED = 2;
/** The share that is left after one refusal more at a limit that was kept before. */
const LESS = 0.7;

/**
 * How many requests are under way at the same time. Where the user does not say it is found by watching the server:
 * it doubles with each round of answers until one is refused as one too many (429, 503) or answers come later and
 * later, keeps just below that, and tries one more now and then. When a server says how many it will still take, and
 * from when on more, no more are sent.
 */
export class Governor {
  readonly #clock: Clock;
  readonly #isFixed: boolean;
  #limit: number;
  /** The limit at which nothing was refused, once something was. */
  #ceiling = MOST;
  /** Answers since the last refusal. */
  #calm = 0;
  #patience = PATIENCE;
  #isSearching = true;
  #inFlight = 0;
  /** Requests that were started; those before the last cut say nothing new. */
  #started = 0;
  #cutAt = 0;
  /** The quickest answer, in ms. */
  #quickest = Number.POSITIVE_INFINITY;
  /** Ms since 1970: nothing is started before. */
  #pausedUntil = 0;
  #isTimed = false;
  readonly #waiting: (() => void)[] = [];

  /** @param fixed as many as the user says */
  constructor(clock: Clock, fixed: number | undefined) {
    this.#clock = clock;
    this.#isFixed = fixed !== undefined;
    this.#limit = fixed ?? FIRST;
  }

  /** Requests that may be under way at the same time, for now. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /** Waits for a place, and takes it. */
  async enter(): Promise<void> {
    if (this.#waiting.length > 0 || !this.#isFree) {
      await new Promise<void>((start) => {
        this.#waiting.push(start);
        this.#wake();
      });
    } else this.#inFlight += 1;
  }

  /** A request is sent. @returns its number, to be given back with its answer */
  began(): number {
    this.#started += 1;
    return this.#started;
  }

  /** Gives a place back. */
  leave(): void {
    this.#inFlight -= 1;
    this.#wake();
  }

  /** Learns from an answer. @param number of its request */
  answered({ status, headers, ms }: Answered, number: number): void {
    const now = this.#clock.now();
    const isRefused = status === 429 || status === 503 || status === 529;
    const pause = Math.max(isRefused ? retryAfter(headers, now) : 0, untilMore(headers));
    if (pause > 0) this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    if (!this.#isFixed) {
      if (isRefused) this.#refused(number);
      else if (status < 400) this.#welcomed(ms);
    }
    this.#wake();
  }

  get #isFree(): boolean {
    return this.#inFlight < this.limit && this.#clock.now() >= this.#pausedUntil;
  }

  /** One too many: only the first of those that were under way together counts. */
  #refused(number: number): void {
    if (number <= this.#cutAt) return;
    this.#cutAt = this.#started;
    this.#calm = 0;
    const busy = Math.min(this.limit, this.#inFlight);
    if (this.#isSearching) {
      this.#isSearching = false;
      this.#limit = Math.max(1, busy / 2);
      this.#ceiling = Math.max(1, busy - 1);
      return;
    }
    const isNew = busy > this.#ceiling;
    if (isNew) this.#patience *= 2;
    this.#ceiling = Math.max(1, isNew ? busy - 1 : Math.floor(busy * LESS));
    this.#limit = Math.min(this.#limit, this.#ceiling);
  }

  #welcomed(ms: number): void {
    this.#quickest = Math.min(this.#quickest, ms);
    this.#calm += 1;
    // A limit that is not reached says nothing.
    if (this.#inFlight < this.limit) return;
    if (this.#isSearching && this.#limit > 2 * FIRST && ms > QUEUED * this.#quickest) {
      this.#isSearching = false;
      this.#ceiling = this.limit;
    }
    if (this.#limit < this.#ceiling) {
      this.#limit = Math.min(this.#ceiling, this.#limit + (this.#isSearching ? 1 : 2 / this.#limit + 0.1));
    } else if (this.#ceiling < MOST && this.#calm > this.#patience * this.#limit) {
      this.#calm = 0;
      this.#limit += 1;
    }
  }

  #wake(): void {
    while (this.#waiting.length > 0 && this.#isFree) {
      this.#inFlight += 1;
      this.#waiting.shift()?.();
    }
    const wait = this.#pausedUntil - this.#clock.now();
    if (this.#waiting.length === 0 || wait <= 0 || this.#isTimed) return;
    this.#isTimed = true;
    this.#clock.timer(wait, () => {
      this.#isTimed = false;
      this.#wake();
    });
  }
}

/** The longest pause that is kept on a server's word, in ms. */
const LONGEST_PAUSE_MS = 600_000;

/** How long a refused one is to wait, in ms, as its answer says. @param now ms since 1970 */
function retryAfter(headers: Headers, now: number): number {
  const ms = Number(headers.get('retry-after-ms'));
  if (ms > 0) return Math.min(ms, LONGEST_PAUSE_MS);
  const text = headers.get('retry-after') ?? '';
  const wait = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return wait > 0 ? Math.min(wait, LONGEST_PAUSE_MS) : 0;
}

/** Time until the server takes more, where it says that it takes none now; in ms. */
function untilMore(headers: Headers): number {
  const waits = ['requests', 'tokens'].map((what) =>
    headers.get(`x-ratelimit-remaining-${what}`) === '0'
      ? resetTime(headers.get(`x-ratelimit-reset-${what}`))
      : 0,
  );
  return Math.min(Math.max(...waits), LONGEST_PAUSE_MS);
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** `6m0s`, `20ms`, `1.5s` (OpenAI's guide to rate limits), in ms. */
function resetTime(text: string | null): number {
  const parts = [...(text ?? '').matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, amount, unit = 's']) => sum + Number(amount) * (UNIT_MS[unit] ?? 0), 0);
}
