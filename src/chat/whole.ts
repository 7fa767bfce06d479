import type { ChatAnswer } from '../api/completions.ts';
import type { ToolCall } from '../tools/tool.ts';
import { type Choice, logprobsIn, textOf } from './answer.ts';
import { transcriptOf, withSound } from './spoken.ts';

/** The choices of an answer that came whole, in the form of those that were streamed. */
export function wholeChoices({ choices }: ChatAnswer): Choice[] {
  return choices.map(({ message, finish_reason, logprobs }) => ({
    text: textOf(message.content) + transcriptOf(message.audio),
    sound: withSound(undefined, message.audio),
    refusal: message.refusal ?? '',
    finishReason: finish_reason,
    toolCalls: [...(message.tool_calls ?? []), ...legacyCall(message.function_call)],
    logprobs: [...logprobsIn(logprobs)],
  }));
}

/** A call in the form that tools had before they were called tools; some servers still answer with it. */
function legacyCall(call: { name: string; arguments: string } | null | undefined): ToolCall[] {
  return call === null || call === undefined ? [] : [{ id: '', type: 'function', function: call }];
}
