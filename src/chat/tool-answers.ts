import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import type { ToolFields } from '../flags/tools.ts';
import { answersTo, openCalls } from '../tools/open-calls.ts';
import { calledName, type ToolCall } from '../tools/tool.ts';
import type { Toolbox } from './conversation.ts';

/** What is said, and what was said before. */
export interface Said {
  /** The end of the conversation, kept from earlier. */
  readonly earlier: readonly ChatMessage[];
  /** What the flags say. */
  readonly before: readonly ChatMessage[];
  /** The question, where there is one. */
  readonly question: readonly ChatMessage[];
}

/** Whether calls of tools wait for their results, so that there is something to send without a question. */
export function awaitResults({ earlier, before }: Omit<Said, 'question'>): boolean {
  return openCalls(earlier).length > 0 || openCalls(before).length > 0;
}

/**
 * What is said now, in its order. Calls of tools that are still open are answered right after the message that asks for
 * them: by `--tool-result`, by the tools that may be run, or, where something else is said, by saying so.
 * @throws Failure (usage) where a result is for no call, or a call is left without one
 */
export async function withToolAnswers(
  { earlier, before, question }: Said,
  { toolResult = [] }: Pick<ToolFields, 'toolResult'>,
  toolbox: Toolbox | undefined,
  api: Api,
  context: Context,
): Promise<readonly ChatMessage[]> {
  const inFlags = openCalls(before);
  const isInFlags = inFlags.length > 0;
  const calls = isInFlags ? inFlags : openCalls(earlier);
  const isAnswered = toolResult.length > 0;
  if (calls.length === 0 && !isAnswered) return [...before, ...question];
  const isPassedOver = question.length > 0 || (!isInFlags && before.some(({ role }) => role === 'user'));
  // Of what was kept, calls that nobody wants any more are left out.
  if (isPassedOver && !isInFlags && !isAnswered) return [...before, ...question];
  const run = async (left: readonly ToolCall[]) =>
    api.dryRun ? left.map(standIn) : toolbox?.run(left, api.signal);
  const answers = await answersTo(calls, { results: toolResult, run, isPassedOver }, context);
  return isInFlags ? [...before, ...answers, ...question] : [...answers, ...before, ...question];
}

/** What a dry run shows in place of a result: it runs nothing. */
function standIn(call: ToolCall): ChatMessage {
  return { role: 'tool', tool_call_id: call.id, content: `(what ${calledName(call)} gives)` };
}
