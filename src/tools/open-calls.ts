import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { textValue } from '../input/text.ts';
import { calledName, type ToolCall } from './tool.ts';

/**
 * The calls of a conversation that nobody has answered: those of the last message that is not a tool's.
 */
export function openCalls(messages: readonly ChatMessage[]): readonly ToolCall[] {
  const at = messages.findLastIndex(({ role }) => role !== 'tool');
  const asked = messages[at];
  if (asked?.role !== 'assistant') return [];
  const answered = messages.slice(at + 1).map((message) => message.role === 'tool' && message.tool_call_id);
  return (asked.tool_calls ?? []).filter(({ id }) => !answered.includes(id));
}

/** Who answers calls that are open. */
export interface Answering {
  /** Each `ID=TEXT` or `ID=@file`, as typed. */
  readonly results: readonly string[];
  /** Runs the others, where it may. */
  run(calls: readonly ToolCall[]): Promise<readonly ChatMessage[] | undefined>;
  /** Something else is said now: what is not answered was not wanted. */
  readonly isPassedOver: boolean;
}

const PASSED_OVER = 'The tool was not run: the user went on without it.';

/**
 * The messages that answer the open calls of a conversation, in the order of the calls: the results that the user
 * gives, and what the tools say that may be run here.
 * @throws Failure (usage) where a result is for no call, or a call is left without one
 */
export async function answersTo(
  calls: readonly ToolCall[],
  { results, run, isPassedOver }: Answering,
  context: Context,
): Promise<readonly ChatMessage[]> {
  const given = await readResults(results, calls, context);
  const left = calls.filter(({ id }) => !given.has(id));
  if (left.length === 0) return inOrder(calls, given);
  if (isPassedOver && results.length === 0) return inOrder(calls, new Map(), PASSED_OVER);
  const ran = await run(left);
  if (ran === undefined) throw withoutResult(left);
  const messages = new Map(left.map(({ id }, index) => [id, contentOf(ran[index])]));
  return inOrder(calls, new Map([...given, ...messages]));
}

function contentOf(message: ChatMessage | undefined): string {
  return typeof message?.content === 'string' ? message.content : '';
}

function inOrder(
  calls: readonly ToolCall[],
  contents: ReadonlyMap<string, string>,
  otherwise = '',
): readonly ChatMessage[] {
  return calls.map(({ id }) => ({
    role: 'tool',
    tool_call_id: id,
    content: contents.get(id) ?? otherwise,
  }));
}

async function readResults(
  typed: readonly string[],
  calls: readonly ToolCall[],
  context: Context,
): Promise<ReadonlyMap<string, string>> {
  const read = new Map<string, string>();
  for (const value of typed) {
    const at = value.indexOf('=');
    if (at < 1) throw usageError(`--tool-result ${value} is not ID=TEXT`, 'ID=@file reads it from a file');
    const id = value.slice(0, at);
    if (!calls.some((call) => call.id === id)) throw noSuchCall(id, calls);
    if (read.has(id)) throw usageError(`--tool-result: there are two for ${id}`);
    read.set(id, await textValue(value.slice(at + 1), `--tool-result ${id}`, context));
  }
  return read;
}

function noSuchCall(id: string, calls: readonly ToolCall[]) {
  const open = calls.map((call) => `${call.id} (${calledName(call)})`);
  return usageError(
    `--tool-result ${id}: no such call waits for a result`,
    open.length === 0
      ? 'results follow the calls: -c goes on with the last conversation, --messages with one of a file'
      : `these do: ${open.join(', ')}`,
  );
}

function withoutResult(calls: readonly ToolCall[]) {
  const [call] = calls;
  const names = calls.map((one) => `${one.id} (${calledName(one)})`).join(', ');
  return usageError(
    `${calls.length === 1 ? 'a call has' : 'calls have'} no result: ${names}`,
    `--tool-result ${call?.id ?? 'ID'}=@FILE gives it`,
  );
}
