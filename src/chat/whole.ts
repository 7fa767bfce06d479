import type { ChatAnswer } from '../api/completions.ts';
import { type Choice, type ToolCall, textOf } from './turn.ts';

/** The choices of an answer that came whole, in the form of those that were streamed. */
export function wholeChoices({ choices }: ChatAnswer): Choice[] {
  return choices.map(({ message, finish_reason }) => ({
    text: textOf(message.content),
    refusal: message.refusal ?? '',
    finishReason: finish_reason,
    toolCalls: [...(message.tool_calls ?? []), ...legacyCall(message.function_call)],
  }));
}

/** A call in the form that tools had before they were called tools; some servers still answer with it. */
function legacyCall(call: { name: string; arguments: string } | null | undefined): ToolCall[] {
  return call === null || call === undefined ? [] : [{ id: '', type: 'function', function: call }];
}
