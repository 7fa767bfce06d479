import { retryAfter } from '../api/failure.ts';
import type { Clock } from '../context.ts';

/** What an answer of a server says of how busy it is. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  /** Between the request and the head of its answer, in ms. */
  readonly ms: number;
}

/** Things that are worked on, for each request that may be under way: some wait to be asked again. */
const ROWS = 2;
/** Requests at once to begin with, where none are said: what any server bears. */
const FIRST = 4;
/** And the most, whatever a server bears. */
const MOST = 256;
/** Calm rounds before one more than the last that was refused is tried; twice as many each time that it is refused. */
const PATIENCE = 20;
/** And so long at least, in ms: one that is refused holds up the rows after it. */
const PATIENCE_MS = 10_000;
/** Answers that take so much longer than the quickest round are waiting in a queue. */
const QUEUED = 2;
/** What is left after a second refusal in a row: the server bears less than it did. */
const LESS = 0.7;
/** And the least that is left, however many are refused together: so many were borne before they were doubled. */
const LEAST = 0.5;

/**
 * How many requests are under way at the same time. Where the user does not say it is found by watching the server:
 * one more with each answer until some are refused as too many (429, 503), or more at once bring no more answers; from
 * then on just below that, and one more now and then. When a server says how many it will still take, and from when on
 * more, no more are sent.
 */
export class Governor {
  readonly #clock: Clock;
  readonly #isFixed: boolean;
  #limit: number;
  /** The limit at which nothing was refused, once something was. */
  #ceiling: number;
  #most: number;
  #isSearching = true;
  /** Rounds without a refusal or a try of more, how many are to pass before that, and when they began: ms since 1970. */
  #calm = 0;
  #calmSince: number;
  #patience = PATIENCE;
  /** Refusals since the last calm round. */
  #streak = 0;
  /** As many answers as there may be requests at once when it begins are a round. */
  #round = { size: FIRST, answers: 0, ms: 0, began: 0, isFull: true };
  /** The last round, in ms an answer; of all so far the quickest, and the most answers in a second. */
  #latest: number | undefined;
  #quickest = Number.POSITIVE_INFINITY;
  #busiest = 0;
  #inFlight = 0;
  /** Requests that were started; those before the last cut were one wave with it. */
  #started = 0;
  #cutAt = 0;
  /** The least that is left of that wave. */
  #least = 1;
  /** Ms since 1970: nothing is started before. */
  #pausedUntil = 0;
  #isTimed = false;
  readonly #waiting: (() => void)[] = [];
  /** Things that are worked on, whether or not a request of theirs is under way. */
  #rows = 0;
  readonly #rowsWaiting: (() => void)[] = [];

  /**
   * @param fixed as many as the user says
   * @param most and no more, whatever a server bears: large answers fill the memory
   */
  constructor(clock: Clock, fixed: number | undefined, most = MOST) {
    this.#clock = clock;
    this.#most = most;
    this.#ceiling = most;
    this.#isFixed = fixed !== undefined;
    this.#limit = fixed ?? FIRST;
    this.#round.began = clock.now();
    this.#calmSince = clock.now();
  }

  /** No more than so many, whatever the server bears: large requests fill the memory. What the user says goes before. */
  atMost(most: number): void {
    this.#most = Math.min(this.#most, most);
    this.#ceiling = Math.min(this.#ceiling, most);
    if (!this.#isFixed) this.#limit = Math.min(this.#limit, most);
  }

  /** Requests that may be under way at the same time, for now. */
  get limit(): number {
    return Math.max(1, Math.floor(this.#limit));
  }

  /** Waits until one more thing may be worked on: twice as many as requests, so that none of these is waited for. */
  async enter(): Promise<void> {
    if (this.#rows < ROWS * this.limit) this.#rows += 1;
    else await new Promise<void>((start) => this.#rowsWaiting.push(start));
  }

  /** One of them is done. */
  leave(): void {
    this.#rows -= 1;
    this.#wake();
  }

  /** Waits until one more request may be sent, and takes its place. @returns its number, to be given back with its answer */
  async began(): Promise<number> {
    if (this.#isFree) this.#inFlight += 1;
    else {
      await new Promise<void>((start) => {
        this.#waiting.push(start);
        this.#wake();
      });
    }
    this.#started += 1;
    return this.#started;
  }

  /** It has an answer, or none will come. */
  ended(): void {
    this.#inFlight -= 1;
    this.#wake();
  }

  /** Learns from an answer. @param number of its request */
  answered({ status, headers, ms }: Answered, number: number): void {
    const now = this.#clock.now();
    const isRefused = status === 429 || status === 503 || status === 529;
    const pause = Math.max(isRefused ? askedPause(headers, now) : 0, untilMore(headers));
    if (pause > 0) this.#pausedUntil = Math.max(this.#pausedUntil, now + pause);
    if (!this.#isFixed) {
      if (isRefused) this.#refused(number);
      else if (status < 400) this.#welcomed(ms);
    }
  }

  /** The time that an answer takes, in ms, by which those that stood in the way of a refused one are gone. */
  get turn(): number | undefined {
    return this.#latest;
  }

  get #isFree(): boolean {
    return this.#inFlight < this.limit && this.#clock.now() >= this.#pausedUntil;
  }

  /** One too many. Of those that were under way together with it, each that is refused as well is one less again. */
  #refused(number: number): void {
    if (number <= this.#cutAt) this.#ceiling = Math.max(this.#least, this.#ceiling - 1);
    else this.#cut();
    this.#limit = Math.min(this.#limit, this.#ceiling);
  }

  #cut(): void {
    this.#cutAt = this.#started;
    this.#isSearching = false;
    this.#beCalm();
    this.#streak += 1;
    const busy = Math.min(this.limit, this.#inFlight);
    if (busy > this.#ceiling) this.#patience *= 2;
    this.#least = Math.max(1, Math.floor(busy * LEAST));
    this.#ceiling = Math.max(this.#least, this.#streak === 1 ? busy - 1 : Math.floor(busy * LESS));
    this.#newRound();
  }

  #beCalm(): void {
    this.#calm = 0;
    this.#calmSince = this.#clock.now();
  }

  #welcomed(ms: number): void {
    const round = this.#round;
    round.answers += 1;
    round.ms += ms;
    // A limit that is not reached says nothing.
    if (this.#inFlight < this.limit) round.isFull = false;
    else if (this.#isSearching) this.#limit = Math.min(this.#most, this.#limit + 1);
    if (round.answers >= round.size) this.#endRound();
  }

  #endRound(): void {
    const { answers, ms, began, isFull } = this.#round;
    const each = ms / answers;
    const rate = (1000 * answers) / Math.max(1, this.#clock.now() - began);
    if (isFull) {
      this.#calm += 1;
      this.#streak = 0;
      const isQueued = each > QUEUED * this.#quickest && rate < 1.1 * this.#busiest;
      if (this.#isSearching && isQueued) {
        this.#isSearching = false;
        this.#ceiling = this.limit;
      } else if (!this.#isSearching) this.#tryMore();
    }
    this.#latest = each;
    this.#quickest = Math.min(this.#quickest, each);
    this.#busiest = Math.max(this.#busiest, rate);
    this.#newRound();
  }

  #tryMore(): void {
    if (this.#limit < this.#ceiling) {
      this.#limit = Math.min(this.#ceiling, this.#limit + Math.max(1, this.#limit / 4));
    } else if (this.#isPatienceOver && this.#limit < this.#most) {
      this.#beCalm();
      this.#limit += 1;
    }
  }

  get #isPatienceOver(): boolean {
    return this.#calm > this.#patience && this.#clock.now() - this.#calmSince >= PATIENCE_MS;
  }

  #newRound(): void {
    this.#round = { size: this.limit, answers: 0, ms: 0, began: this.#clock.now(), isFull: true };
  }

  #wake(): void {
    while (this.#waiting.length > 0 && this.#isFree) {
      this.#inFlight += 1;
      this.#waiting.shift()?.();
    }
    while (this.#rowsWaiting.length > 0 && this.#rows < ROWS * this.limit) {
      this.#rows += 1;
      this.#rowsWaiting.shift()?.();
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
function askedPause(headers: Headers, now: number): number {
  return Math.min(retryAfter(headers, now) ?? 0, LONGEST_PAUSE_MS);
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
