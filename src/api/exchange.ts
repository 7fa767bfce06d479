import { aborted, type Clock, type Timer } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';

/** Silences that end an exchange, in ms; undefined: as long as it takes. */
export interface SilenceLimits {
  /** Before the answer begins. */
  readonly first: number | undefined;
  /** Between two pieces of its body. */
  readonly between: number;
}

/** One request for a file and its answer. It ends with the run, when the time is up, or when the server is silent. */
export class Exchange {
  readonly #name: string;
  readonly #limits: SilenceLimits;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #signal: AbortSignal;
  /** Rejects when the signal aborts: not every body hears of that by itself. */
  readonly #ended: Promise<never>;
  #silence: Timer | undefined;
  /** The wait is for the server, and not for whoever takes the pieces. */
  #listening = false;

  /**
   * @param name what errors call it: `the download from files.test`
   * @param signal ends it, with its reason
   */
  constructor(name: string, limits: SilenceLimits, clock: Clock, signal: AbortSignal) {
    this.#name = name;
    this.#limits = limits;
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#ended = aborted(this.#signal);
    this.#ended.catch(() => {});
  }

  /**
   * Sends the request and waits for the head of its answer.
   * @throws Failure (network, retryable) after too long a silence; the signal's reason; whatever `send` throws
   */
  async open<T>(send: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#limits.first !== undefined) this.#startSilence(this.#limits.first, true);
    try {
      return await this.#unlessEnded(send(this.#signal));
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#silence?.cancel();
    }
  }

  /**
   * The body, piece by piece. The exchange is over with the last one, or when no more are taken.
   * @throws Failure (network) after too long a silence; the signal's reason; whatever ends the body early
   */
  async *pieces(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = body.getReader();
    const silence = this.#startSilence(this.#limits.between, false);
    try {
      for (;;) {
        const { done, value } = await this.#unlessEnded(reader.read());
        if (done) return;
        this.#listening = false;
        yield value;
        this.#listening = true;
        silence.restart();
      }
    } finally {
      reader.cancel().catch(() => {});
      this.close();
    }
  }

  /** Hangs up, if the other side has not. */
  close(): void {
    this.#silence?.cancel();
    this.#closing.abort();
  }

  async #unlessEnded<T>(work: Promise<T>): Promise<T> {
    try {
      return await Promise.race([work, this.#ended]);
    } catch (error) {
      throw this.#signal.aborted ? this.#signal.reason : error;
    }
  }

  /** @param limit ms */
  #startSilence(limit: number, retryable: boolean): Timer {
    const message = `${this.#name} stalled: nothing came for ${durationText(limit)}`;
    const hint = '--stall-timeout 5m waits longer';
    this.#listening = true;
    this.#silence = this.#clock.timer(limit, () => {
      if (this.#listening) this.#closing.abort(new Failure('network', message, { hint, retryable }));
    });
    return this.#silence;
  }
}
