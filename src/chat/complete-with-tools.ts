import type { Api } from '../api/client.ts';
import {
  type ChatAnswer,
  type ChatMessage,
  type ChatRequest,
  type CompletionUsage,
  completeChat,
} from '../api/completions.ts';
import type { Failure } from '../errors.ts';
import type { ChatTools } from './chat-tools.ts';
import { asksForTools, messageOf } from './conversation.ts';
import { identified } from './tool-calls.ts';
import { outOfTurns } from './verdict.ts';
import { wholeChoices } from './whole.ts';

/**
 * Asks, and runs the tools that the model asks for, until there is an answer.
 * @returns the last answer, with the tokens of all; `failure` where the model asks for tools once too often
 * @throws Failure or Stopped
 */
export async function completeWithTools(
  api: Api,
  request: ChatRequest,
  { toolbox, fields }: ChatTools,
): Promise<{ readonly answer: ChatAnswer; readonly failure?: Failure }> {
  const messages: ChatMessage[] = [...request.messages];
  let usage: CompletionUsage | undefined;
  // A tool that must be called is called first, and not for ever.
  const { tool_choice: _, ...rest } = request;
  const nextRequest = () => ({ ...rest, ...fields(messages), messages: [...messages] });
  for (let turns = 1; ; turns++) {
    const answer = await completeChat(api, turns === 1 ? request : nextRequest());
    usage = sum(usage, answer.usage);
    const given = { ...answer, ...(usage !== undefined && { usage }) };
    const [choice] = wholeChoices(answer);
    if (choice === undefined) return { answer: given };
    choice.toolCalls = identified(choice.toolCalls, messages.length);
    if (!asksForTools(choice)) return { answer: given };
    if (turns > toolbox.maxTurns) return { answer: given, failure: outOfTurns([choice], turns) };
    const goOn = api.pause();
    const results = await toolbox.run(choice.toolCalls, api.signal).finally(goOn);
    if (results === undefined) return { answer: given };
    messages.push(messageOf(choice), ...results);
  }
}

function sum(
  earlier: CompletionUsage | undefined,
  usage: CompletionUsage | undefined,
): CompletionUsage | undefined {
  if (earlier === undefined || usage === undefined) return usage ?? earlier;
  return {
    ...usage,
    prompt_tokens: earlier.prompt_tokens + usage.prompt_tokens,
    completion_tokens: earlier.completion_tokens + usage.completion_tokens,
    total_tokens: earlier.total_tokens + usage.total_tokens,
  };
}
