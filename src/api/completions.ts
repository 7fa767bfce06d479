import type { OpenAI } from 'openai';
import { Stream } from 'openai/core/streaming';
import type { Clock, Timer } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import type { Api } from './client.ts';

export type ChatRequest = OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming;
export type ChatAnswer = OpenAI.Chat.Completions.ChatCompletion;
export type ChatChunk = OpenAI.Chat.Completions.ChatCompletionChunk;
export type ChatMessage = OpenAI.Chat.Completions.ChatCompletionMessageParam;

/** One whole answer, as the API gives it. @throws Failure or Stopped */
export function completeChat(api: Api, request: ChatRequest): Promise<ChatAnswer> {
  return api.call((client, options) => client.chat.completions.create(request, options));
}

/**
 * Opens a streamed answer: resolves when its first piece is here, so that a try that fails before it is retried.
 * @throws Failure or Stopped
 */
export function streamChat(api: Api, request: ChatRequest, clock: Clock): Promise<ChunkStream> {
  return api.call(async (client, { signal }) => {
    const silence = new Silence(clock, api.settings.stallTimeout);
    // The SDK closes a stream by its controller: whatever ends the call goes through it.
    const controller = new AbortController();
    const close = () => controller.abort();
    signal.addEventListener('abort', close, { once: true });
    silence.onTooLong = close;
    const response = await client.chat.completions
      .create({ ...request, stream: true }, { signal: controller.signal })
      .asResponse();
    if (response.headers.get('content-type')?.includes('application/json') === true) {
      return new ChunkStream(wholeAnswer((await response.json()) as ChatAnswer), silence, signal);
    }
    const events = Stream.fromSSEResponse<ChatChunk>(response, controller, client)[Symbol.asyncIterator]();
    const stream = new ChunkStream(events, silence, signal);
    await stream.open();
    return stream;
  });
}

/** A server that ignores `stream` gives its whole answer: the same as a stream of one piece. */
async function* wholeAnswer(answer: ChatAnswer): AsyncGenerator<ChatChunk> {
  const choices = answer.choices.map(({ index, message, finish_reason, logprobs }) => ({
    index,
    finish_reason,
    logprobs,
    delta: { ...message, tool_calls: message.tool_calls?.map((call, index) => ({ ...call, index })) },
  }));
  yield { ...answer, object: 'chat.completion.chunk', choices } as ChatChunk;
}

/** Watches for a stream that says nothing: before its first piece and between two of them. Times in ms. */
class Silence {
  readonly #clock: Clock;
  readonly #limits: { readonly first: number | undefined; readonly between: number };
  #timer: Timer | undefined;
  #listening = false;
  onTooLong: () => void = () => {};
  failure: Failure | undefined;

  constructor(clock: Clock, limits: { readonly first: number | undefined; readonly between: number }) {
    this.#clock = clock;
    this.#limits = limits;
  }

  begin(): void {
    if (this.#limits.first !== undefined) this.#start(this.#limits.first);
  }

  /** The stream has spoken: from here on the limit is that between two pieces. */
  heard(): void {
    this.#timer?.cancel();
    this.#start(this.#limits.between);
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

  #start(limit: number): void {
    this.#listening = true;
    this.#timer = this.#clock.timer(limit, () => {
      if (!this.#listening) return;
      this.failure = new Failure('network', `the answer stalled: nothing came for ${durationText(limit)}`, {
        hint: '--stall-timeout 5m waits longer',
      });
      this.onTooLong();
    });
  }
}

/**
 * The pieces of a streamed answer. The SDK lets an aborted stream look like one that has ended: here `next` throws
 * the reason instead.
 */
export class ChunkStream {
  readonly #events: AsyncIterator<ChatChunk>;
  readonly #silence: Silence;
  readonly #signal: AbortSignal;
  #first: IteratorResult<ChatChunk> | undefined;

  constructor(events: AsyncIterator<ChatChunk>, silence: Silence, signal: AbortSignal) {
    this.#events = events;
    this.#silence = silence;
    this.#signal = signal;
  }

  /** Waits for the first piece. `next` gives it again. */
  async open(): Promise<void> {
    this.#silence.begin();
    try {
      this.#first = await this.#events.next();
    } finally {
      this.#silence.end();
    }
    this.#check();
    this.#silence.heard();
  }

  /**
   * The next piece, or undefined at the end.
   * @throws whatever ended the stream early; `Api.failure` has the words for it
   */
  async next(): Promise<ChatChunk | undefined> {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      return first.done === true ? undefined : first.value;
    }
    this.#silence.wait();
    const step = await this.#events.next();
    if (step.done !== true) return step.value;
    this.#check();
    this.#silence.end();
    return undefined;
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
