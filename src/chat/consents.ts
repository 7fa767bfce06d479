import type { AskedCall, ChatMessage } from '../api/completions.ts';
import { isObject } from '../json.ts';
import type { ApprovalAsked } from '../tools/tool.ts';

/** Characters of a name that the API takes for a function (OpenAPI, `FunctionObject`). */
const LONGEST_NAME = 64;

/**
 * What an MCP server wants to be allowed, as a call among those of a message. No message of a chat has a place for it: to
 * whoever reads that, it is a function; what it is stands beside.
 */
export function consentCall(id: string, approval: ApprovalAsked): AskedCall {
  const name = `${approval.server}_${approval.name}`.replace(/[^\w-]/g, '_').slice(0, LONGEST_NAME);
  const call = { id, type: 'function' as const, function: { name, arguments: approval.arguments } };
  return { ...call, approval } as AskedCall;
}

/** What a call of a message wants to be allowed; undefined where it is a call like any other. */
export function approvalOf(call: AskedCall): ApprovalAsked | undefined {
  const approval: unknown = 'approval' in call ? call.approval : undefined;
  if (!isObject(approval)) return undefined;
  const { server, name, arguments: given } = approval;
  if (typeof server !== 'string' || typeof name !== 'string' || typeof given !== 'string') return undefined;
  return { server, name, arguments: given };
}

/** The ids of what messages want to be allowed. */
export function consentsIn(messages: readonly ChatMessage[]): ReadonlySet<string> {
  const calls = messages.flatMap((message) =>
    message.role === 'assistant' ? (message.tool_calls ?? []) : [],
  );
  return new Set(calls.filter((call) => approvalOf(call) !== undefined).map(({ id }) => id));
}

/**
 * The messages without these consents, and the words that were given to them. A word is for one call: what that gave is
 * in the answer after it, and said again it could have the server called once more.
 * @param settled the ids of consents
 */
export function withoutConsents(
  messages: readonly ChatMessage[],
  settled: ReadonlySet<string> = consentsIn(messages),
): ChatMessage[] {
  if (settled.size === 0) return [...messages];
  return messages.flatMap((message): ChatMessage[] => {
    if (message.role === 'tool') return settled.has(message.tool_call_id) ? [] : [message];
    if (message.role !== 'assistant' || !message.tool_calls?.some(({ id }) => settled.has(id)))
      return [message];
    const { tool_calls: calls, ...said } = message;
    const left = calls.filter(({ id }) => !settled.has(id));
    if (left.length > 0) return [{ ...said, tool_calls: left }];
    return (said.content ?? '') === '' && (said.refusal ?? '') === '' ? [] : [said];
  });
}
