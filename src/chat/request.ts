import type { Api } from '../api/client.ts';
import type { ChatContentPart, ChatMessage, ChatRequest } from '../api/completions.ts';
import { defaultModels, isReasoningModel } from '../api/models.ts';
import { Failure, usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { ChatFields } from '../flags/chat.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import { readParams, withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';
import type { ChatTools } from './chat-tools.ts';

/** What a person asks. */
export function question(content: string | ChatContentPart[]): ChatMessage {
  return { role: 'user', content };
}

/** What is to come of a request. */
export interface AnswerFields extends Pick<AnswerFlags, 'count' | 'logprobs' | 'topLogprobs'> {
  readonly responseFormat?: ChatRequest['response_format'] | undefined;
  /** The answer is to be said as well. */
  readonly spoken?: Pick<ChatRequest, 'modalities' | 'audio'> | undefined;
  /** The model where the user chose none and the usual one will not do. */
  readonly defaultModel?: string | undefined;
  readonly chatTools?: Pick<ChatTools, 'fields'> | undefined;
}

/** What the settings decide of a request. */
type RequestSettings = Pick<Api['settings'], 'model' | 'maxTokensField'>;

/**
 * The request that the flags ask for.
 * @param capability whose default model counts
 * @throws Failure (usage) on a `--param` that cannot be read or that the command itself decides
 */
export function toRequest(
  options: ChatFields & SamplingFlags & AnswerFields,
  messages: ChatMessage[],
  settings: RequestSettings,
  capability: 'chat' | 'structured' = 'chat',
): ChatRequest {
  const params = readParams(options.param ?? []);
  if ('stream' in params) {
    throw usageError('--param stream: chat streams by itself', '--json asks for the whole answer at once');
  }
  const request: ChatRequest & JsonObject = {
    model: settings.model(capability, options.model) ?? options.defaultModel ?? defaultModels.chat,
    messages,
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.maxTokens !== undefined && { [settings.maxTokensField]: options.maxTokens }),
    ...(options.reasoningEffort !== undefined && { reasoning_effort: options.reasoningEffort }),
    ...samplingFields(options),
    ...answerFields(options),
    ...options.chatTools?.fields(messages),
  };
  return withParams(request, options.chatTools === undefined ? params : unforced(params, messages));
}

/** Once a tool has answered, the model may answer, too: one that must be called would be called for ever. */
export function unforced(params: JsonObject, messages: readonly ChatMessage[]): JsonObject {
  const { tool_choice: choice, ...rest } = params;
  if (choice === undefined || choice === 'none' || choice === 'auto') return params;
  return messages.at(-1)?.role === 'tool' ? rest : params;
}

function samplingFields(options: SamplingFlags): Partial<ChatRequest> {
  const { topP, stop, seed, frequencyPenalty, presencePenalty, logitBias, verbosity, serviceTier } = options;
  const { prediction, promptCacheKey, store, metadata } = options;
  return {
    ...(topP !== undefined && { top_p: topP }),
    ...(stop !== undefined && { stop: [...stop] }),
    ...(seed !== undefined && { seed }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: frequencyPenalty }),
    ...(presencePenalty !== undefined && { presence_penalty: presencePenalty }),
    ...(logitBias !== undefined && { logit_bias: Object.fromEntries(logitBias) }),
    ...(verbosity !== undefined && { verbosity }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(prediction !== undefined && { prediction: { type: 'content' as const, content: prediction } }),
    ...(promptCacheKey !== undefined && { prompt_cache_key: promptCacheKey }),
    ...(store === true && { store }),
    ...(metadata !== undefined && { metadata: Object.fromEntries(metadata) }),
  };
}

function answerFields({
  count,
  logprobs,
  topLogprobs,
  responseFormat,
  spoken,
}: AnswerFields): Partial<ChatRequest> {
  return {
    ...(count !== undefined && { n: count }),
    ...((logprobs === true || topLogprobs !== undefined) && { logprobs: true }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
    ...(responseFormat !== undefined && { response_format: responseFormat }),
    ...spoken,
  };
}

/**
 * Sampling fields and function tools go with `reasoning_effort: none` only, on the models of OpenAI that reason
 * (design, section 3 c): where no effort was chosen, it is set.
 * @throws Failure (usage) when an effort was chosen that rules them out
 */
export function withSampling(request: ChatRequest): { request: ChatRequest; forced: boolean } {
  const field = samplingField(request);
  if (field === undefined || !isReasoningModel(request.model) || request.reasoning_effort === 'none') {
    return { request, forced: false };
  }
  if (request.reasoning_effort !== undefined && request.reasoning_effort !== null) {
    throw usageError(
      `${request.model} takes ${field} only without reasoning, and --reasoning-effort ${request.reasoning_effort} asks for it`,
      field === TOOLS
        ? 'oai chat --via responses takes both; or say --reasoning-effort none'
        : 'leave out one of the two, or say --reasoning-effort none',
    );
  }
  return { request: { ...request, reasoning_effort: 'none' }, forced: true };
}

const TOOLS = 'tools';

/** The first field that a reasoning model takes without reasoning only, by the name that the user knows it under. */
function samplingField(request: ChatRequest): string | undefined {
  // These values are the API's own defaults, which every model takes.
  if ((request.temperature ?? 1) !== 1) return '--temperature';
  if ((request.top_p ?? 1) !== 1) return '--top-p';
  if ((request.presence_penalty ?? 0) !== 0) return '--presence-penalty';
  if ((request.frequency_penalty ?? 0) !== 0) return '--frequency-penalty';
  if (request.logit_bias != null) return '--logit-bias';
  if (request.logprobs === true) return '--logprobs';
  return Array.isArray(request.tools) && request.tools.length > 0 ? TOOLS : undefined;
}

/**
 * Says what a refusal of a request that was forced means.
 * @param hasTools there are tools in it, which the model takes by the Responses API
 */
export function explainForced(error: unknown, model: string, hasTools: boolean): unknown {
  if (!(error instanceof Failure) || error.kind !== 'refused' || !/reasoning_effort/.test(error.message))
    return error;
  return new Failure(
    'refused',
    `${model} always reasons, so it takes no ${hasTools ? 'tools' : 'sampling settings'} here`,
    {
      hint: hasTools
        ? `oai chat --via responses takes them; or choose a model that can do without reasoning: -m ${defaultModels.chat}`
        : `leave them out, or choose a model that can do without reasoning: -m ${defaultModels.chat}`,
      code: error.code,
      status: error.status,
      requestId: error.requestId,
      cause: error,
    },
  );
}

/** Whether the rules for OpenAI's own models hold where the requests go. */
export function speaksOpenAI(api: Api): boolean {
  return api.settings.maxTokensField === 'max_completion_tokens';
}

/** Whether there is a limit of tokens, under whatever name: only the user sets one. */
export function isLimited(request: ChatRequest): boolean {
  return request.max_completion_tokens != null || request.max_tokens != null;
}
