import { contentText } from './chat-messages.ts';
import type { Seen } from './chat-parts.ts';
import { replyText } from './chat-reply.ts';
import type { ChatRequest } from './chat-request.ts';
import { effortOf } from './chat-rules.ts';
import { type SpokenAnswer, spokenAnswer, spokenTokens } from './chat-speech.ts';
import { isToolForced, type ToolCall, toolCalls } from './chat-tools.ts';
import { chatTranslation } from './chat-translation.ts';
import type { Faults } from './faults.ts';
import { countTokens, deltasOf, tokensOf } from './tokens.ts';

type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** One answer to a chat request, before it is put in the API's form. */
export interface Choice {
  readonly index: number;
  /** The sound that says the text, where the answer is spoken; the text is then its transcript. */
  readonly spoken: SpokenAnswer | undefined;
  /** Which field of the message holds the text. */
  readonly field: 'content' | 'refusal';
  /** The text's tokens, in the groups in which a stream sends them. May be gone through again. */
  readonly deltas: Iterable<readonly string[]>;
  /** Number of tokens in the text and the tool calls. */
  readonly tokens: number;
  readonly reasoningTokens: number;
  readonly toolCalls: readonly ToolCall[];
  readonly finish: FinishReason;
}

export interface Usage {
  readonly prompt_tokens: number;
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details: {
    readonly cached_tokens: number;
    readonly audio_tokens: number;
    readonly image_tokens?: number;
    readonly text_tokens?: number;
  };
  readonly completion_tokens_details: {
    readonly reasoning_tokens: number;
    readonly audio_tokens: number;
    readonly text_tokens?: number;
    readonly accepted_prediction_tokens: number;
    readonly rejected_prediction_tokens: number;
  };
}

const REFUSAL = "I'm sorry, but I can't help with that.";

/** Tokens that a model thinks with before it speaks. */
const REASONING_TOKENS = { none: 0, minimal: 4, low: 8, medium: 16, high: 32, xhigh: 64, max: 128 };

/** Tokens round each message, and before the answer. */
const FRAME_TOKENS = 3;

/** What all choices of an answer have in common. */
interface Common extends Surroundings {
  readonly calls: readonly ToolCall[];
  /** The text, where a schema decides on it. */
  readonly json: string | undefined;
}

/** What a request shows beside its fields. */
export interface Surroundings {
  readonly seen: Seen;
  /** What spoken answers are named by. */
  readonly seed: string;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * All `n` answers to a request.
 * @throws ApiError 400 when the tool to call is not there, or a schema has no instance
 */
export async function chatChoices(
  request: ChatRequest,
  faults: Faults,
  surroundings: Surroundings,
): Promise<Choice[]> {
  const common = { ...surroundings, calls: await toolCalls(request), json: await instanceOf(request) };
  return Array.from({ length: request.n ?? 1 }, (_, index) => choiceOf(request, faults, index, common));
}

/** An instance of the schema that the answer is to follow, as JSON. */
async function instanceOf({ response_format: format }: ChatRequest): Promise<string | undefined> {
  if (format?.type !== 'json_schema') return undefined;
  // Loaded only here: the validator is large.
  const { schemaInstance } = await import('./schema-instance.ts');
  const { name, schema = {} } = format.json_schema;
  return JSON.stringify(schemaInstance(schema, `response_format '${name}'`, 'response_format'));
}

function choiceOf(request: ChatRequest, faults: Faults, index: number, common: Common): Choice {
  const effort = effortOf(request);
  const wanted = effort === undefined ? 0 : REASONING_TOKENS[effort];
  const limit = request.max_completion_tokens ?? request.max_tokens ?? Number.POSITIVE_INFINITY;
  const reasoningTokens = Math.min(wanted, limit);
  const base = { index, reasoningTokens, spoken: undefined };
  if (faults.deltas !== undefined) {
    const deltas = repeated(tokensOf(`${textOf(request, index, common)} `), faults.deltas);
    const finish = faults.finish ?? 'stop';
    return { ...base, field: 'content', deltas, tokens: faults.deltas, toolCalls: [], finish };
  }
  const calls = faults.say === undefined ? common.calls : [];
  const left = limit - reasoningTokens;
  if (calls.length > 0) {
    const cut = cutCalls(calls, left);
    const natural = isToolForced(request) ? 'stop' : 'tool_calls';
    const finish = faults.finish ?? (cut.complete ? natural : 'length');
    return { ...base, field: 'content', deltas: [], tokens: cut.tokens, toolCalls: cut.calls, finish };
  }
  const text =
    faults.say === 'refusal' ? REFUSAL : faults.say === 'empty' ? '' : textOf(request, index, common);
  const tokens = tokensOf(endedAt(text, request.stop));
  const kept = tokens.length > left ? tokens.slice(0, left) : tokens;
  const isSpoken = faults.say !== 'refusal';
  return {
    ...base,
    spoken: isSpoken ? spokenAnswer(request, kept.join(''), `${index}${common.seed}`, common.now) : undefined,
    field: faults.say === 'refusal' ? 'refusal' : 'content',
    deltas: deltasOf(kept),
    tokens: kept.length,
    toolCalls: [],
    finish: faults.finish ?? (kept.length < tokens.length ? 'length' : 'stop'),
  };
}

function textOf(request: ChatRequest, index: number, { json, seen }: Common): string {
  const translation = chatTranslation(request);
  if (translation !== undefined) return translation;
  if (json !== undefined) return json;
  const text = replyText(request, seen, index);
  return request.response_format?.type === 'json_object' ? JSON.stringify({ reply: text }) : text;
}

/** The text before the first place where a stop text begins. */
function endedAt(text: string, stop: ChatRequest['stop']): string {
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  const ends = stops.filter((word) => word !== '').map((word) => text.indexOf(word));
  return text.slice(0, Math.min(text.length, ...ends.filter((end) => end !== -1)));
}

function cutCalls(
  calls: readonly ToolCall[],
  limit: number,
): { calls: ToolCall[]; tokens: number; complete: boolean } {
  let left = limit;
  const kept: ToolCall[] = [];
  for (const call of calls) {
    const tokens = tokensOf(call.input);
    kept.push({ ...call, input: tokens.slice(0, left).join('') });
    if (tokens.length > left) return { calls: kept, tokens: limit, complete: false };
    left -= tokens.length;
  }
  return {
    calls: kept,
    tokens: kept.reduce((sum, { input }) => sum + tokensOf(input).length, 0),
    complete: true,
  };
}

/** One token a delta, over and over; nothing of it is kept. */
function repeated(tokens: readonly string[], count: number): Iterable<readonly string[]> {
  const groups = tokens.map((token) => [token]);
  return {
    *[Symbol.iterator]() {
      for (let at = 0; at < count; at += 1) yield groups[at % groups.length] ?? [];
    },
  };
}

/** What the API would count. */
export function usageOf(request: ChatRequest, seen: Seen, choices: readonly Choice[]): Usage {
  const parts = [...seen.values()];
  const images = sum(parts.filter(({ kind }) => kind === 'image').map(({ tokens }) => tokens));
  const heard = sum(parts.filter(({ kind }) => kind === 'audio').map(({ tokens }) => tokens));
  const prompt =
    FRAME_TOKENS +
    sum(request.messages.map(({ content }) => FRAME_TOKENS + countTokens(contentText(content)))) +
    sum(parts.map(({ tokens }) => tokens)) +
    (request.tools === undefined ? 0 : countTokens(JSON.stringify(request.tools)));
  const reasoning = sum(choices.map(({ reasoningTokens }) => reasoningTokens));
  const said = sum(choices.map(({ spoken }) => (spoken === undefined ? 0 : spokenTokens(spoken))));
  const completion = sum(choices.map(({ tokens }) => tokens)) + reasoning + said;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: 0,
      audio_tokens: heard,
      ...(parts.length > 0 && { text_tokens: prompt - images - heard, image_tokens: images }),
    },
    completion_tokens_details: {
      reasoning_tokens: reasoning,
      audio_tokens: said,
      ...(said > 0 && { text_tokens: completion - said }),
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
