import type { ChatChunk } from '../api/completions.ts';
import type { ApprovalAsked, ToolCall } from '../tools/tool.ts';

/** What a piece of a streamed answer adds to a choice. */
export type Delta = ChatChunk['choices'][number]['delta'] | undefined;

/**
 * A piece of a tool call. The SDK's type has no custom calls; the API streams them in the same way. What is to be
 * approved comes whole, from the Responses API alone.
 */
export type ToolCallDelta = NonNullable<NonNullable<Delta>['tool_calls']>[number] & {
  readonly custom?: { readonly name?: string; readonly input?: string };
  readonly approval?: ApprovalAsked;
};

/** The calls of one answer, as they grow. */
export class GrowingCalls {
  /** In the order in which they began. */
  readonly all: ToolCall[] = [];
  /** Where a call stands, by the index that its pieces have; of several with one index, the last. */
  readonly #places = new Map<number, number>();

  /** Adds the pieces of calls that a delta holds. */
  add(delta: Delta): void {
    const pieces: readonly ToolCallDelta[] = delta?.tool_calls ?? [];
    // Some servers leave the index out: then a call comes whole, or its place in the list tells.
    for (const [place, piece] of pieces.entries()) this.#add(piece.index ?? place, piece);
    const { function_call: legacy } = delta ?? {};
    if (legacy !== undefined && legacy !== null) this.#add(0, { index: 0, function: legacy });
  }

  #add(index: number, piece: ToolCallDelta): void {
    const known = this.#places.get(index);
    const earlier = known === undefined ? undefined : this.all[known];
    if (known === undefined || earlier === undefined || isAnother(earlier, piece)) {
      this.#places.set(index, this.all.length);
      this.all.push(grown(undefined, piece));
    } else {
      this.all[known] = grown(earlier, piece);
    }
  }
}

/** Some servers give all calls the index 0, and some give each piece of one call an id: that one is not named again. */
function isAnother({ id: earlier }: ToolCall, { id = '', function: called, custom }: ToolCallDelta): boolean {
  const name = called?.name ?? custom?.name ?? '';
  return id !== '' && earlier !== '' && id !== earlier && name !== '';
}

/** The first piece of a call names it; the rest are pieces of its arguments. */
function grown(earlier: ToolCall | undefined, piece: ToolCallDelta): ToolCall {
  const id = earlier?.id ?? piece.id ?? '';
  if (piece.approval !== undefined) return { id, type: 'approval', approval: piece.approval };
  if (piece.custom !== undefined || earlier?.custom !== undefined) {
    const name = earlier?.custom?.name ?? piece.custom?.name ?? '';
    const input = (earlier?.custom?.input ?? '') + (piece.custom?.input ?? '');
    return { id, type: 'custom', custom: { name, input } };
  }
  const name = earlier?.function?.name ?? piece.function?.name ?? '';
  const args = (earlier?.function?.arguments ?? '') + (piece.function?.arguments ?? '');
  return { id, type: 'function', function: { name, arguments: args } };
}

/**
 * Calls as they can be answered: each by its own name. Some servers name none, or two alike.
 * @param place where the message stands in the conversation, for the names
 */
export function identified(calls: readonly ToolCall[], place: number): ToolCall[] {
  const taken = new Set<string>();
  return calls.map((call, index) => {
    // Of an answer that came whole it is as the server has it: not there, or null.
    const { id = '' }: { readonly id?: string | null } = call;
    const isOwn = id !== null && id !== '' && !taken.has(id);
    const own = isOwn ? id : `call_${place}_${index}`;
    taken.add(own);
    return isOwn ? call : { ...call, id: own };
  });
}
