import type { OpenAI } from 'openai';
import { APIError } from 'openai/core/error';
import { Stream } from 'openai/core/streaming';
import type { Clock, Timer } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { isObject } from '../json.ts';
import type { Api, CallOptions } from './client.ts';

/** How a streamed answer is asked for, and read where it comes in one piece. */
export interface StreamRequest<Event> {
  /** Sends the request, with `stream: true`. */
  send(client: OpenAI, options: CallOptions): Promise<Response>;
  /**
   * The events that the JSON of a server which ignores `stream` stands for.
   * @throws Failure (network) where it is no answer of this kind
   */
  whole(answer: unknown): readonly Event[];
  /** What the answer should have been, for the error when it is nothing of the kind. */
  readonly kind: string;
  /** Long silences are in its nature: only a `--stall-timeout` of the user's own ends them. */
  readonly slow?: boolean;
}

/**
 * Opens a streamed answer: resolves when its first piece is here, so that a try that fails before it is retried.
 * @throws Failure or Stopped
 */
export function openStream<Event>(
  api: Api,
  clock: Clock,
  request: StreamRequest<Event>,
): Promise<AnswerStream<Event>> {
  return api.call(async (client, { signal }) => {
    // The SDK closes a stream by its controller: whatever ends the call goes through it.
    const controller = new AbortController();
    const close = () => controller.abort();
    signal.addEventListener('abort', close, { once: true });
    const silence = new Silence(clock, limitsOf(request, api), close);
    silence.begin();
    try {
      const response = await request.send(client, { signal: controller.signal });
      const events = await eventsOf(response, controller, client, request, api);
      const release = () => signal.removeEventListener('abort', close);
      const stream = new AnswerStream(events, silence, signal, { clock, close, release });
      if (!(await stream.open())) throw neverBegan(api);
      return stream;
    } catch (error) {
      signal.removeEventListener('abort', close);
      silence.end();
      close();
      throw silence.failure ?? error;
    }
  });
}

function limitsOf({ slow }: StreamRequest<unknown>, { settings }: Api): SilenceLimits {
  const { first, between } = settings.stallTimeout;
  return { first, between: slow === true ? first : between };
}

async function eventsOf<Event>(
  response: Response,
  controller: AbortController,
  client: OpenAI,
  { whole, kind }: StreamRequest<Event>,
  api: Api,
): Promise<AsyncIterator<Event>> {
  const type = response.headers.get('content-type') ?? '';
  if (type.includes('application/json')) return inTurn(whole(await response.json()));
  if (response.body === null) throw notAnAnswer(api, kind);
  return Stream.fromSSEResponse<Event>(response, controller, client)[Symbol.asyncIterator]();
}

async function* inTurn<Event>(events: readonly Event[]): AsyncGenerator<Event> {
  yield* events;
}

function neverBegan(api: Api): Failure {
  const { host } = new URL(api.settings.baseUrl);
  return new Failure('network', `${host} ended the answer before it began`, { retryable: true });
}

/**
 * The failure for an answer with status 200 that is something else.
 * @param kind what it should have been: `a chat completion`
 */
export function notAnAnswer(api: Api, kind: string): Failure {
  const { host } = new URL(api.settings.baseUrl);
  return new Failure('network', `${host} answered, but not with ${kind}`, {
    hint: "is the base URL that of an API like OpenAI's? Most end with /v1",
  });
}

/** Silences that end a stream, in ms; undefined: as long as it takes. */
interface SilenceLimits {
  readonly first: number | undefined;
  readonly between: number | undefined;
}

/** Watches for a stream that says nothing: before its first piece and between two of them. Times in ms. */
class Silence {
  readonly #clock: Clock;
  readonly #limits: SilenceLimits;
  readonly #onTooLong: () => void;
  #timer: Timer | undefined;
  #listening = false;
  failure: Failure | undefined;

  constructor(clock: Clock, limits: SilenceLimits, onTooLong: () => void) {
    this.#clock = clock;
    this.#limits = limits;
    this.#onTooLong = onTooLong;
  }

  /** The request is made: from here on the limit is that of the first piece. */
  begin(): void {
    if (this.#limits.first !== undefined) this.#start(this.#limits.first, true);
  }

  /** The stream has spoken: from here on the limit is that between two pieces. */
  heard(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    if (this.#limits.between !== undefined) this.#start(this.#limits.between, false);
  }

  /** Starts to wait for the next piece. */
  wait(): void {
    this.#listening = true;
    this.#timer?.restart();
  }

  /** The wait is for somebody else: the reader of our output. */
  pause(): void {
    this.#listening = false;
  }

  end(): void {
    this.#timer?.cancel();
  }

  /** @param retryable nothing has been printed yet */
  #start(limit: number, retryable: boolean): void {
    this.#listening = true;
    this.#timer = this.#clock.timer(limit, () => {
      if (!this.#listening) return;
      this.failure = new Failure('network', `the answer stalled: nothing came for ${durationText(limit)}`, {
        hint: '--stall-timeout 5m waits longer',
        retryable,
      });
      this.#onTooLong();
    });
  }
}

/** An event that is an error by its type; one with an `error` in it the SDK throws by itself. @throws APIError */
function throwIfError(event: unknown): void {
  if (isObject(event) && event['type'] === 'error') {
    throw new APIError(undefined, event, undefined, new Headers());
  }
}

/** How long a stream that is complete may take to say that it ends, in ms. */
const LAST_WORD_MS = 1000;

/**
 * The pieces of a streamed answer. The SDK lets an aborted stream look like one that has ended: here `next` throws
 * the reason instead.
 */
export class AnswerStream<Event> {
  readonly #events: AsyncIterator<Event>;
  readonly #silence: Silence;
  readonly #signal: AbortSignal;
  readonly #close: () => void;
  readonly #release: () => void;
  readonly #clock: Clock;
  #first: IteratorResult<Event> | undefined;
  #complete = false;

  constructor(
    events: AsyncIterator<Event>,
    silence: Silence,
    signal: AbortSignal,
    {
      clock,
      close,
      release,
    }: { readonly clock: Clock; readonly close: () => void; readonly release: () => void },
  ) {
    this.#events = events;
    this.#silence = silence;
    this.#signal = signal;
    this.#clock = clock;
    this.#close = close;
    this.#release = release;
  }

  /** Waits for the first piece; `next` gives it again. @returns whether there is one */
  async open(): Promise<boolean> {
    this.#first = await this.#events.next();
    this.#check();
    if (this.#first.done === true) return false;
    throwIfError(this.#first.value);
    this.#silence.heard();
    return true;
  }

  /**
   * The next piece, or undefined at the end.
   * @throws whatever ended the stream early; `Api.failure` has the words for it
   */
  async next(): Promise<Event | undefined> {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      return first.done === true ? undefined : first.value;
    }
    this.#silence.wait();
    try {
      const step = await this.#events.next();
      if (step.done !== true) {
        throwIfError(step.value);
        return step.value;
      }
      this.#check();
    } catch (error) {
      // The answer is whole; how its server hangs up is no matter.
      if (!this.#complete || this.#signal.aborted) throw error;
    }
    this.#silence.end();
    this.#release();
    return undefined;
  }

  /** No more of it is wanted. */
  close(): void {
    this.#silence.end();
    this.#release();
    this.#close();
  }

  /** Nothing of the answer is missing: what may still come (usage, `[DONE]`) is waited for only briefly. */
  complete(): void {
    if (this.#complete) return;
    this.#complete = true;
    this.#silence.end();
    this.#clock.timer(LAST_WORD_MS, this.#close);
  }

  /** The time until the next `next` is not the stream's silence. */
  pause(): void {
    this.#silence.pause();
  }

  #check(): void {
    if (this.#silence.failure !== undefined) throw this.#silence.failure;
    this.#signal.throwIfAborted();
  }
}
