import type { RealtimeServerEvent } from '../api/realtime.ts';
import { problemIn } from '../api/realtime-ending.ts';
import { errorInEvent } from '../api/realtime-events.ts';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';
import type { ToolCall } from '../tools/tool.ts';

/** Told of what comes of a turn, as it comes. A promise is waited for. */
export interface TurnListener {
  /** Each event of the server, before anything is made of it. */
  onEvent?(event: RealtimeServerEvent): Promise<void> | void;
  /** More of the words of the answer. */
  onText(piece: string): Promise<void> | undefined;
  /** More of its sound: PCM of 16 bits. */
  onSound?(pcm: Uint8Array): Promise<void> | undefined;
}

/** An answer as it grows, event by event. */
export class GrowingTurn {
  readonly #listener: TurnListener;
  #id: string | undefined;
  #text = '';
  /** Of the part of it that is being said. */
  #part = '';
  #calls: ToolCall[] = [];
  #sound = 0;
  #status: string | undefined;
  #error: Error | undefined;
  #problem: Error | undefined;
  #reason: string | undefined;

  constructor(listener: TurnListener) {
    this.#listener = listener;
  }

  /** All that it says. */
  get text(): string {
    return this.#text;
  }

  get calls(): readonly ToolCall[] {
    return this.#calls;
  }

  /** Bytes of its sound. */
  get soundBytes(): number {
    return this.#sound;
  }

  /** Something of it has been shown: it cannot be asked for again as if nothing had come. */
  get hasBegun(): boolean {
    return this.#text !== '' || this.#sound > 0;
  }

  /** No more comes. */
  get isOver(): boolean {
    return this.#status !== undefined;
  }

  /** It is under way at the server. */
  get isRunning(): boolean {
    return this.#id !== undefined && !this.isOver;
  }

  /** Why it is not whole; `Api.failure` has the words for it. */
  get problem(): Error | undefined {
    return this.#error ?? this.#problem;
  }

  /** It was cut at the most tokens. */
  get isCutByLength(): boolean {
    return this.#reason === 'max_output_tokens';
  }

  /** @throws the error that the server tells of, where it is no part of an answer that has an end of its own */
  async take(event: RealtimeServerEvent): Promise<void> {
    await this.#listener.onEvent?.(event);
    if (event.type === 'error') {
      this.#error ??= errorInEvent(event.error);
      if (this.#id === undefined) throw this.#error;
    } else if (event.type === 'response.created') this.#id = event.response?.id ?? '';
    else if (event.type === 'response.output_audio.delta') {
      const pcm = Buffer.from(event.delta, 'base64');
      this.#sound += pcm.length;
      await this.#listener.onSound?.(pcm);
    } else if (event.type === 'response.done') await this.#end(event.response);
    else await this.#takeWords(event);
  }

  async #takeWords(event: RealtimeServerEvent): Promise<void> {
    if (
      event.type === 'response.output_text.delta' ||
      event.type === 'response.output_audio_transcript.delta'
    ) {
      await this.#say(event.delta);
    } else if (event.type === 'response.output_text.done') await this.#endPart(event.text);
    else if (event.type === 'response.output_audio_transcript.done') await this.#endPart(event.transcript);
  }

  async #say(piece: string): Promise<void> {
    this.#part += piece;
    this.#text += piece;
    await this.#listener.onText(piece);
  }

  /** Some servers tell the whole alone, or more of it than they told in pieces. */
  async #endPart(whole: string): Promise<void> {
    if (whole.startsWith(this.#part)) {
      const rest = whole.slice(this.#part.length);
      if (rest !== '') await this.#say(rest);
    }
    this.#part = '';
  }

  async #end(response: Extract<RealtimeServerEvent, { type: 'response.done' }>['response']): Promise<void> {
    const { status = 'completed', status_details: details, output } = response;
    this.#status = status;
    this.#reason = details?.reason;
    this.#problem = problemIn({ ...response, status } as Parameters<typeof problemIn>[0], 'the answer');
    const items: readonly unknown[] = Array.isArray(output) ? output : [];
    this.#calls = status === 'completed' ? items.flatMap(callIn) : [];
    const said = items.flatMap(wordsIn).join('\n');
    if (this.#text === '' && said !== '') await this.#say(said);
  }
}

/** What an item says, in writing or by voice. */
function wordsIn(item: unknown): string[] {
  const parts: unknown = isObject(item) && item['type'] === 'message' ? item['content'] : undefined;
  if (!Array.isArray(parts)) return [];
  return parts.flatMap((part: unknown) => {
    if (!isObject(part)) return [];
    const words = part['text'] ?? part['transcript'];
    return typeof words === 'string' && words !== '' ? [words] : [];
  });
}

/** The call that an item is. */
function callIn(item: unknown): ToolCall[] {
  if (!isObject(item) || item['type'] !== 'function_call') return [];
  const { call_id: id, name, arguments: args } = item;
  const called = { name: String(name ?? ''), arguments: String(args ?? '') };
  return [{ id: String(id ?? ''), type: 'function', function: called }];
}

/**
 * What is wrong with an answer that came to its end.
 * @param isLimited the user set a limit of tokens: to be cut there is what was asked for
 */
export function turnProblem(turn: GrowingTurn, isLimited: boolean): Error | undefined {
  if (turn.isCutByLength) {
    if (turn.hasBegun && isLimited) return undefined;
    const message = isLimited
      ? '--max-tokens was used up before the first word'
      : 'the answer is cut: it reached the longest that the model can give';
    return new Failure('incomplete', message);
  }
  if (turn.problem !== undefined) return turn.problem;
  if (turn.calls.length > 0 || turn.hasBegun) return undefined;
  return new Failure('incomplete', 'the answer is empty');
}
