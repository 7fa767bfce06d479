import type { ChatChunk } from '../api/completions.ts';
import type { ToolCall } from '../tools/tool.ts';

/** What a piece of a streamed answer adds to a choice. */
export type Delta = ChatChunk['choices'][number]['delta'] | undefined;

/** A piece of a tool call. The SDK's type has no custom calls; the API streams them in the same way. */
type ToolCallDelta = NonNullable<NonNullable<Delta>['tool_calls']>[number] & {
  readonly custom?: { readonly name?: string; readonly input?: string };
};

/** Adds the pieces of calls that a delta holds. */
export function addToolCalls(calls: ToolCall[], delta: Delta): void {
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

/**
 * Calls as they can be answered: each by its own name. Some servers name none, or leave a place of the list empty.
 * @param place where the message stands in the conversation, for the names
 */
export function identified(calls: readonly ToolCall[], place: number): ToolCall[] {
  const there = calls.filter((call) => call !== undefined);
  const isOwn = (id: string, index: number) =>
    id !== '' && there.findIndex((call) => call.id === id) === index;
  return there.map((call, index) =>
    isOwn(call.id, index) ? call : { ...call, id: `call_${place}_${index}` },
  );
}
