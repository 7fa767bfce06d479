import type { ResponseInputItem } from '../api/responses.ts';
import type { Toolbox } from '../chat/conversation.ts';
import type { Context } from '../context.ts';
import { type Ask, askOnTerminal, canAsk } from '../input/ask.ts';
import { inertText } from '../output/terminal.ts';
import type { ToolCall } from '../tools/tool.ts';
import type { OpenCall } from './verdict.ts';

/** Who may answer the calls of a response. */
export interface Answering {
  readonly toolbox: Toolbox | undefined;
  /** `--yes`: all may be run. */
  readonly yes: boolean;
  readonly signal: AbortSignal;
}

type Approval = Extract<OpenCall, { type: 'mcp_approval_request' }>;

/**
 * Answers what a response asks for: functions are run here, tools of MCP servers are allowed or not.
 * @returns undefined where somebody else has to
 */
export async function answerCalls(
  calls: readonly OpenCall[],
  { toolbox, yes, signal }: Answering,
  context: Context,
): Promise<ResponseInputItem[] | undefined> {
  const functions = calls.flatMap((call) => (call.type === 'mcp_approval_request' ? [] : [call]));
  const approvals = calls.flatMap((call) => (call.type === 'mcp_approval_request' ? [call] : []));
  const ask = canAsk(context) ? askOnTerminal(context) : undefined;
  if ((functions.length > 0 && toolbox === undefined) || (approvals.length > 0 && !yes && ask === undefined))
    return undefined;
  const allowed: ResponseInputItem[] = [];
  for (const approval of approvals) {
    const approve = yes || (await isAllowed(approval, ask));
    allowed.push({ type: 'mcp_approval_response', approval_request_id: approval.id, approve });
  }
  if (functions.length === 0) return allowed;
  const results = await toolbox?.run(functions.map(chatCall), signal);
  if (results === undefined) return undefined;
  const outputs = functions.map((call, index): ResponseInputItem => {
    const content = results[index]?.content;
    const output = typeof content === 'string' ? content : '';
    return call.type === 'custom_tool_call'
      ? { type: 'custom_tool_call_output', call_id: call.call_id, output }
      : { type: 'function_call_output', call_id: call.call_id, output };
  });
  return [...outputs, ...allowed];
}

/** An Enter that slipped in is no consent. */
async function isAllowed(
  { server_label: server, name, arguments: given }: Approval,
  ask: Ask | undefined,
): Promise<boolean> {
  const question = inertText(`Let ${server} run ${name} ${given}?`).replace(/\s+/g, ' ');
  return (await ask?.pick(question, { y: 'yes', n: 'no' })) === 'y';
}

type FunctionCall = Exclude<OpenCall, Approval>;

/** The call in the form that tools are called in. */
function chatCall(call: FunctionCall): ToolCall {
  return call.type === 'custom_tool_call'
    ? { id: call.call_id, type: 'custom', custom: { name: call.name, input: call.input } }
    : { id: call.call_id, type: 'function', function: { name: call.name, arguments: call.arguments } };
}
