import type { ChatMessage, ChatRequest, ChatTool } from '../api/completions.ts';
import type { ResponseInputItem, ResponseRequest, ResponseTool } from '../api/responses.ts';
import { unforced } from '../chat/request.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { ResponseFlags } from '../flags/responding.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import { readParams, withParams } from '../input/params.ts';
import { isObject, type JsonObject } from '../json.ts';

/** What is the same in each request of a run. */
export interface ResponseFields
  extends Pick<
      ResponseFlags,
      | 'temperature'
      | 'maxTokens'
      | 'reasoningEffort'
      | 'reasoningSummary'
      | 'apiConversation'
      | 'background'
      | 'truncation'
      | 'include'
    >,
    Pick<GlobalOptions, 'param'>,
    Pick<SamplingFlags, 'topP' | 'verbosity' | 'promptCacheKey' | 'metadata' | 'serviceTier'> {
  readonly model: string;
  /** The API keeps the response, so that it can be gone on with. */
  readonly store: boolean;
  /** Tools that the API runs by itself. */
  readonly hosted: readonly ResponseTool[];
  /** Of `--schema` and `--json-object`. */
  readonly format: JsonObject | undefined;
  readonly topLogprobs?: number | undefined;
  /** The command that asks, for errors. */
  readonly command: 'chat' | 'respond';
}

/** What a request says beside. */
export interface ResponseParts {
  readonly input: readonly ResponseInputItem[];
  readonly instructions: string;
  /** The response that it goes on with. */
  readonly previous: string | undefined;
  /** What a chat's request says of tools. */
  readonly tools: Partial<ChatRequest>;
  /** What was said, for whether a tool may be forced. */
  readonly messages: readonly ChatMessage[];
}

/**
 * The request that the flags ask for.
 * @throws Failure (usage) on a `--param` that cannot be read or that the command itself decides
 */
export function responseRequest(
  fields: ResponseFields,
  { input, instructions, previous, tools: said, messages }: ResponseParts,
): ResponseRequest {
  const params = readParams(fields.param ?? []);
  if ('stream' in params) {
    throw usageError(
      `--param stream: ${fields.command} streams by itself`,
      '--json asks for the whole answer at once',
    );
  }
  const tools = [...fields.hosted, ...(said.tools ?? []).map(responseTool)];
  const request: JsonObject = {
    model: fields.model,
    input: [...input],
    ...(instructions !== '' && { instructions }),
    ...(previous !== undefined && { previous_response_id: previous }),
    ...(fields.apiConversation !== undefined && { conversation: fields.apiConversation }),
    ...(tools.length > 0 && { tools }),
    ...(said.tool_choice !== undefined && { tool_choice: toolChoice(said.tool_choice) }),
    ...(said.parallel_tool_calls === false && { parallel_tool_calls: false }),
    ...formFields(fields),
    ...modelFields(fields),
    ...serviceFields(fields, tools.length > 0),
  };
  const given = said.tools === undefined ? params : unforced(params, messages);
  // The fields were put together by their names in the API; what `--param` adds is the user's.
  return withParams(request, given) as unknown as ResponseRequest;
}

/** What the answer is to be. */
function formFields({ format, verbosity, reasoningEffort, reasoningSummary }: ResponseFields): JsonObject {
  const text = { ...(format !== undefined && { format }), ...(verbosity !== undefined && { verbosity }) };
  const reasoning = {
    ...(reasoningEffort !== undefined && { effort: reasoningEffort }),
    ...(reasoningSummary !== undefined && { summary: reasoningSummary }),
  };
  return {
    ...(Object.keys(text).length > 0 && { text }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
  };
}

/** How the model chooses its words, and how many. */
function modelFields({ temperature, topP, maxTokens, topLogprobs, truncation }: ResponseFields): JsonObject {
  return {
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_output_tokens: maxTokens }),
    ...(topLogprobs !== undefined && { top_logprobs: topLogprobs }),
    ...(truncation !== undefined && { truncation }),
  };
}

/** How the API treats the request. */
function serviceFields(fields: ResponseFields, hasTools: boolean): JsonObject {
  const { promptCacheKey, metadata, serviceTier, store, background } = fields;
  // Without it, thoughts that the API does not keep cannot be handed back beside the results of tools.
  const encrypted = !store && hasTools ? ['reasoning.encrypted_content'] : [];
  const include = [...new Set([...(fields.include ?? []), ...encrypted])];
  return {
    ...(include.length > 0 && { include }),
    ...(promptCacheKey !== undefined && { prompt_cache_key: promptCacheKey }),
    ...(metadata !== undefined && { metadata: Object.fromEntries(metadata) }),
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(!store && { store: false }),
    ...(background === true && { background: true }),
  };
}

/** The first setting that models which reason take without reasoning only, by its flag (design, section 3 c). */
export function samplingFlag({
  temperature = 1,
  topP = 1,
  topLogprobs,
}: Pick<ResponseFields, 'temperature' | 'topP' | 'topLogprobs'>): string | undefined {
  if (temperature !== 1) return '--temperature';
  if (topLogprobs !== undefined) return '--logprobs';
  return topP !== 1 ? '--top-p' : undefined;
}

/** A tool of a chat as the Responses API has it: its fields stand beside its type. */
function responseTool(tool: ChatTool): ResponseTool {
  if (tool.type === 'custom') return { type: 'custom', ...tool.custom } as ResponseTool;
  const { name, description, parameters = null, strict = null } = tool.function;
  return { type: 'function', name, parameters, strict, ...(description !== undefined && { description }) };
}

/** The choice of a tool, in the same way. */
function toolChoice(choice: NonNullable<ChatRequest['tool_choice']>): unknown {
  if (!isObject(choice)) return choice;
  const { type } = choice;
  const named = choice[String(type)];
  return isObject(named) ? { type, ...named } : choice;
}

/** The form of a chat's answer, in the same way. */
export function responseFormat(format: ChatRequest['response_format'] | undefined): JsonObject | undefined {
  if (format === undefined) return undefined;
  return format.type === 'json_schema' ? { type: format.type, ...format.json_schema } : { type: format.type };
}
