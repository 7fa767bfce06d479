import type { Api } from '../api/client.ts';
import type { ChatChunk, ChunkStream } from '../api/completions.ts';
import { Failure } from '../errors.ts';
import type { TextStream } from '../output/text.ts';

/** A call of a tool that the model asks for. `arguments` is JSON text, as the model wrote it. */
export interface ToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
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
  stream: ChunkStream,
  { count, out, api, onText }: { count: number; out: TextStream; api: Api; onText: () => void },
): Promise<Turn> {
  const choices = Array.from({ length: count }, newChoice);
  try {
    for (let chunk = await stream.next(); chunk !== undefined; chunk = await stream.next()) {
      const text = addChunk(choices, chunk);
      if (text === '') continue;
      if (!out.started) onText();
      const slow = out.write(text);
      if (slow !== undefined) {
        stream.pause();
        await slow;
      }
    }
    return {
      choices,
      failure: choices.some(({ finishReason }) => finishReason === undefined) ? cut() : undefined,
    };
  } catch (error) {
    return { choices, failure: api.failure(error) };
  }
}

function newChoice(): Choice {
  return { text: '', refusal: '', toolCalls: [], finishReason: undefined };
}

/** Adds a piece to the answers it belongs to. Gives its text of the first choice. */
function addChunk(choices: Choice[], chunk: ChatChunk): string {
  let text = '';
  for (const { index = 0, delta, finish_reason } of chunk.choices ?? []) {
    // A choice that nobody asked for is no part of the answer.
    const choice = choices[index];
    if (choice === undefined) continue;
    if (typeof delta?.content === 'string') {
      choice.text += delta.content;
      if (index === 0) text += delta.content;
    }
    choice.refusal += delta?.refusal ?? '';
    for (const call of delta?.tool_calls ?? []) addToolCall(choice.toolCalls, call);
    choice.finishReason = finish_reason ?? choice.finishReason;
  }
  return text;
}

type ToolCallDelta = NonNullable<ChatChunk['choices'][number]['delta']['tool_calls']>[number];

/** The first piece of a call names it; the rest are pieces of its arguments. */
function addToolCall(calls: ToolCall[], { index, id, function: called }: ToolCallDelta): void {
  const earlier = calls[index];
  calls[index] = {
    id: earlier?.id ?? id ?? '',
    type: 'function',
    function: {
      name: earlier?.function.name ?? called?.name ?? '',
      arguments: (earlier?.function.arguments ?? '') + (called?.arguments ?? ''),
    },
  };
}

function cut(): Failure {
  return new Failure('network', 'the answer was cut: the stream ended before it was complete', {
    hint: 'what arrived is printed',
  });
}
