import type { Api } from '../api/client.ts';
import type { ChatMessage, CompletionUsage } from '../api/completions.ts';
import type { Failure } from '../errors.ts';
import { asksForTools, messageOf, type Toolbox } from './conversation.ts';
import type { RouteRequest, WholeAnswer } from './route.ts';
import { identified } from './tool-calls.ts';
import { outOfTurns } from './verdict.ts';

/** What is said before the first answer, and the request for it. */
export interface AskedMessages {
  readonly messages: readonly ChatMessage[];
  readonly request: RouteRequest;
}

/**
 * Asks, and runs the tools that the model asks for, until there is an answer.
 * @param request the request for what was said by then
 * @returns the last answer, with the tokens of all; `failure` where the model asks for tools once too often
 * @throws Failure or Stopped
 */
export async function completeWithTools(
  api: Api,
  asked: AskedMessages,
  request: (messages: ChatMessage[]) => RouteRequest,
  toolbox: Toolbox,
): Promise<WholeAnswer & { readonly outOfTurns?: Failure }> {
  const messages: ChatMessage[] = [...asked.messages];
  let usage: CompletionUsage | undefined;
  for (let turns = 1; ; turns++) {
    const whole = await (turns === 1 ? asked.request : request([...messages])).complete(api);
    usage = sum(usage, whole.facts.usage);
    const given = withUsage(whole, usage);
    const [choice] = whole.choices;
    if (choice === undefined || whole.failure !== undefined) return given;
    choice.toolCalls = identified(choice.toolCalls, messages.length);
    if (!asksForTools(choice)) return given;
    if (turns > toolbox.maxTurns) return { ...given, outOfTurns: outOfTurns(choice.toolCalls, turns) };
    const goOn = api.pause();
    const results = await toolbox.run(choice.toolCalls, api.signal).finally(goOn);
    if (results === undefined) return given;
    messages.push(messageOf(choice), ...results);
  }
}

/** The same with the tokens of all answers. */
function withUsage(whole: WholeAnswer, usage: CompletionUsage | undefined): WholeAnswer {
  if (usage === undefined) return whole;
  const answer = 'choices' in whole.answer ? { ...whole.answer, usage } : whole.answer;
  return { ...whole, answer, facts: { ...whole.facts, usage } };
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
