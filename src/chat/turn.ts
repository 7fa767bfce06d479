import type { Api } from '../api/client.ts';
import type { ChatChunk } from '../api/completions.ts';
import type { AnswerStream } from '../api/stream.ts';
import { Failure } from '../errors.ts';
import type { TextStream } from '../output/text.ts';

/** A call of a tool that the model asks for, as the API gives it. Arguments and input are the model's own text. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function' | 'custom';
  readonly function?: { readonly name: string; readonly arguments: string };
  readonly custom?: { readonly name: string; readonly input: string };
}

/** One of the answers to one question. */
export interface Choice {
  text: string;
  refusal: string;
  toolCalls: ToolCall[];
  /** Undefined while the answer is not complete. */
  finishReason: string | undefined;
}

/** What one streamed exchange gave, however it ended: what arrived is here even when `failure` is set. */
export interface Turn {
  readonly choices: readonly Choice[];
  readonly failure: Error | undefined;
}

/**
 * Takes one streamed answer, writing the text of its first choice as it arrives.
 * @param count how many choices were asked for; the turn is complete when each has a `finish_reason`
 * @param onText called before the first text is written
 */
export async function streamTurn(
  stream: AnswerStream<ChatChunk>,
  { count, out, api, onText }: { count: number; out: TextStream; api: Api; onText: () => void },
): Promise<Turn> {
  const answer = new Answer(count);
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      const text = answer.add(chunk);
      if (answer.complete) stream.complete();
      if (text === '') continue;
      if (!out.started) onText();
      const slow = out.write(text);
      if (slow !== undefined) {
        stream.pause();
        const goOn = api.pause();
        await slow;
        goOn();
      }
    }
    return { choices: answer.choices, failure: answer.complete ? undefined : cut(out.started) };
  } catch (error) {
    return { choices: answer.choices, failure: api.failure(error) };
  }
}

/**
 * The same for one who takes the text himself: pieces of the first choice, as they arrive. The time until the next is
 * asked for is not the API's. To leave early, `return()` it: that closes the stream.
 * @returns the turn
 */
export async function* turnPieces(
  stream: AnswerStream<ChatChunk>,
  { count, api }: { count: number; api: Api },
): AsyncGenerator<string, Turn> {
  const answer = new Answer(count);
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      const text = answer.add(chunk);
      if (answer.complete) stream.complete();
      if (text === '') continue;
      stream.pause();
      const goOn = api.pause();
      try {
        yield text;
      } finally {
        goOn();
      }
    }
    // Where it went is for its taker to say.
    return { choices: answer.choices, failure: answer.complete ? undefined : cut(false) };
  } catch (error) {
    return { choices: answer.choices, failure: api.failure(error) };
  } finally {
    stream.close();
  }
}

/** The choices of an answer, as they grow. */
class Answer {
  readonly #count: number;
  readonly #choices = new Map<number, Choice>();
  #finished = 0;

  /** @param count how many choices were asked for */
  constructor(count: number) {
    this.#count = count;
  }

  /** In the order of their index. */
  get choices(): Choice[] {
    return [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice);
  }

  get complete(): boolean {
    return this.#finished === this.#count;
  }

  /** Adds a piece to the choices it belongs to. Gives its text of the first one. */
  add(chunk: ChatChunk | null): string {
    let text = '';
    for (const piece of chunk?.choices ?? []) {
      const { index = 0, delta, finish_reason } = piece ?? {};
      // A choice that nobody asked for is no part of the answer.
      if (!(index >= 0 && index < this.#count)) continue;
      const choice = this.#choice(index);
      const content = textOf(delta?.content);
      choice.text += content;
      if (index === 0) text += content;
      choice.refusal += delta?.refusal ?? '';
      addToolCalls(choice.toolCalls, delta);
      if (typeof finish_reason !== 'string') continue;
      if (choice.finishReason === undefined) this.#finished++;
      choice.finishReason = finish_reason;
    }
    return text;
  }

  #choice(index: number): Choice {
    const known = this.#choices.get(index);
    if (known !== undefined) return known;
    const choice: Choice = { text: '', refusal: '', toolCalls: [], finishReason: undefined };
    this.#choices.set(index, choice);
    return choice;
  }
}

/** The text of a delta or a message; some servers (Mistral's) send it as a list of parts. */
export function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (Array.isArray(content)) return content.map(textOf).join('');
  return typeof content === 'object' && content !== null && 'text' in content ? textOf(content.text) : '';
}

type Delta = ChatChunk['choices'][number]['delta'] | undefined;

/** A piece of a tool call. The SDK's type has no custom calls; the API streams them in the same way. */
type ToolCallDelta = NonNullable<NonNullable<Delta>['tool_calls']>[number] & {
  readonly custom?: { readonly name?: string; readonly input?: string };
};

function addToolCalls(calls: ToolCall[], delta: Delta): void {
  const pieces: readonly ToolCallDelta[] = delta?.tool_calls ?? [];
  // Some servers leave the index out: then a call comes whole, or its place in the list tells.
  for (const [place, piece] of pieces.entries()) addToolCall(calls, piece.index ?? place, piece);
  const { function_call: legacy } = delta ?? {};
  if (legacy !== undefined && legacy !== null) addToolCall(calls, 0, { index: 0, function: legacy });
}

/** The first piece of a call names it; the rest are pieces of its arguments. */
function addToolCall(calls: ToolCall[], index: number, piece: ToolCallDelta): void {
  const earlier = calls[index];
  const id = earlier?.id ?? piece.id ?? '';
  if (piece.custom !== undefined || earlier?.custom !== undefined) {
    const name = earlier?.custom?.name ?? piece.custom?.name ?? '';
    const input = (earlier?.custom?.input ?? '') + (piece.custom?.input ?? '');
    calls[index] = { id, type: 'custom', custom: { name, input } };
    return;
  }
  const name = earlier?.function?.name ?? piece.function?.name ?? '';
  const args = (earlier?.function?.arguments ?? '') + (piece.function?.arguments ?? '');
  calls[index] = { id, type: 'function', function: { name, arguments: args } };
}

function cut(printed: boolean): Failure {
  return new Failure('network', 'the answer was cut: the stream ended before it was complete', {
    hint: printed ? 'what arrived is printed' : undefined,
  });
}
