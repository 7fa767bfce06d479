import type { CompletionUsage } from '../api/completions.ts';
import { kindOfCode } from '../api/failure.ts';
import type { ResponseAnswer, ResponseOutputItem } from '../api/responses.ts';
import { type AnswerFacts, type Choice, logprobsIn, type TokenLogprob } from '../chat/answer.ts';
import type { WholeAnswer } from '../chat/route.ts';
import { Failure } from '../errors.ts';
import type { ToolCall } from '../tools/tool.ts';
import { partsIn } from './parts.ts';

/** A response that came whole, in the form that every conversation has. */
export function wholeResponse(answer: ResponseAnswer): WholeAnswer {
  return {
    answer,
    choices: [choiceOf(answer)],
    facts: responseFacts(answer),
    failure: responseFailure(answer),
  };
}

/** What a response says, as the one answer that it is. */
export function choiceOf(response: ResponseAnswer): Choice {
  return {
    text: responseText(response),
    refusal: refusalOf(response),
    toolCalls: callsIn(response.output),
    finishReason: finishReasonOf(response),
    logprobs: responseLogprobs(response),
    hasMedia: hasMedia(response.output),
  };
}

/** The text of a response. */
export function responseText({ output }: Pick<ResponseAnswer, 'output'>): string {
  return partsIn(output)
    .map((part) => (part.type === 'output_text' ? textOr(part.text) : ''))
    .join('');
}

/** What the model says in the place of an answer that it does not give; empty where it does. */
export function refusalOf({ output }: Pick<ResponseAnswer, 'output'>): string {
  return partsIn(output)
    .map((part) => (part.type === 'refusal' ? textOr(part.refusal) : ''))
    .join('');
}

/** The tokens of a response, where they were asked for. */
export function responseLogprobs({ output }: Pick<ResponseAnswer, 'output'>): TokenLogprob[] {
  return partsIn(output).flatMap((part) =>
    part.type === 'output_text' ? [...logprobsIn({ content: part.logprobs ?? [] })] : [],
  );
}

/** What a server sends in the place of a text is none. */
function textOr(text: unknown): string {
  return typeof text === 'string' ? text : '';
}

/** Whether there is an image in it: then it is not empty, although it has no text. */
export function hasMedia(output: readonly ResponseOutputItem[]): boolean {
  return output.some(({ type }) => type === 'image_generation_call');
}

/** Items that somebody here is to answer. */
export type OpenCall = Extract<
  ResponseOutputItem,
  { type: 'function_call' } | { type: 'custom_tool_call' } | { type: 'mcp_approval_request' }
>;

/** What a response waits for: functions to be run, tools of MCP servers to be allowed. */
export function openCalls({ output }: Pick<ResponseAnswer, 'output'>): OpenCall[] {
  return output.filter((item): item is OpenCall => callOf(item) !== undefined);
}

/** The same as calls. */
export function callsIn(output: readonly ResponseOutputItem[]): ToolCall[] {
  return output.flatMap((item) => callOf(item) ?? []);
}

/** An item as a call that is to be answered here; undefined where it is none. */
export function callOf(item: ResponseOutputItem): ToolCall | undefined {
  switch (item.type) {
    case 'function_call':
      return { id: item.call_id, type: 'function', function: { name: item.name, arguments: item.arguments } };
    case 'custom_tool_call':
      return { id: item.call_id, type: 'custom', custom: { name: item.name, input: item.input } };
    case 'mcp_approval_request': {
      const { server_label: server, name, arguments: given } = item;
      return { id: item.id, type: 'approval', approval: { server, name, arguments: given } };
    }
    default:
      return undefined;
  }
}

/** Why a response ends, in the words of a chat. */
export function finishReasonOf({ output, incomplete_details: details }: ResponseAnswer): string {
  if (details?.reason === 'max_output_tokens') return 'length';
  if (details?.reason === 'content_filter') return 'content_filter';
  return callsIn(output).length > 0 ? 'tool_calls' : 'stop';
}

/** Why a response may be incomplete, in ways that a chat knows as well: what to make of it is judged there. */
const CUT_SHORT: readonly string[] = ['max_output_tokens', 'content_filter'];

function incomplete(reason: string | undefined): Failure {
  return new Failure('incomplete', `the response is incomplete${reason === undefined ? '' : `: ${reason}`}`);
}

/** What a response says went wrong, or that it is not done yet; undefined where it came to its end. */
export function responseFailure({
  id,
  status,
  error,
  incomplete_details: details,
}: ResponseAnswer): Failure | undefined {
  switch (status) {
    case 'failed': {
      const words = error == null ? 'the response failed' : `the response failed: ${error.message}`;
      return new Failure(kindOfCode(error?.code) ?? 'network', words, { code: error?.code });
    }
    case 'queued':
    case 'in_progress':
      return new Failure('incomplete', `the response is not done: it is ${status.replace('_', ' ')}`, {
        hint: `oai response wait ${id}`,
      });
    case 'cancelled':
      return new Failure('incomplete', 'the response was cancelled');
    case 'incomplete':
      return CUT_SHORT.includes(details?.reason ?? '') ? undefined : incomplete(details?.reason);
    default:
      return undefined;
  }
}

/** What a response says of itself. */
export function responseFacts({ id, model, service_tier: tier, usage }: ResponseAnswer): AnswerFacts {
  return {
    ...(typeof id === 'string' && { id }),
    ...(typeof model === 'string' && { model }),
    ...(typeof tier === 'string' && { serviceTier: tier }),
    ...(usage != null && { usage: chatUsage(usage) }),
  };
}

/** The counts under the names that chat has for them. */
function chatUsage(usage: NonNullable<ResponseAnswer['usage']>): CompletionUsage {
  const { input_tokens: input, output_tokens: output } = usage;
  return {
    prompt_tokens: input,
    completion_tokens: output,
    total_tokens: input + output,
    prompt_tokens_details: { cached_tokens: usage.input_tokens_details?.cached_tokens ?? 0 },
    completion_tokens_details: { reasoning_tokens: usage.output_tokens_details?.reasoning_tokens ?? 0 },
  };
}
