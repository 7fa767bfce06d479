import type { ChatTool } from '../api/completions.ts';
import type { ResponseInputItem, ResponseRequest, ResponseTool } from '../api/responses.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { ResponseFlags } from '../flags/responding.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import { readParams, withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';

/** What a request is made of. */
export interface ResponseParts
  extends Omit<ResponseFlags, 'model' | 'store'>,
    Pick<GlobalOptions, 'param'>,
    Pick<SamplingFlags, 'topP' | 'verbosity' | 'promptCacheKey' | 'metadata'> {
  readonly model: string;
  readonly store: boolean;
  readonly tools: readonly ResponseTool[];
  /** Of `--schema` and `--json-object`. */
  readonly format: JsonObject | undefined;
}

/**
 * The request that the flags ask for.
 * @throws Failure (usage) on a `--param` that cannot be read or that the command itself decides
 */
export function responseRequest(parts: ResponseParts, input: readonly ResponseInputItem[]): ResponseRequest {
  const params = readParams(parts.param ?? []);
  if ('stream' in params)
    throw usageError('--param stream: respond streams by itself', '--json asks for the whole answer at once');
  const { reasoningEffort, reasoningSummary, verbosity, format, metadata } = parts;
  const text = { ...(format !== undefined && { format }), ...(verbosity !== undefined && { verbosity }) };
  const reasoning = {
    ...(reasoningEffort !== undefined && { effort: reasoningEffort }),
    ...(reasoningSummary !== undefined && { summary: reasoningSummary }),
  };
  // Without it, thoughts that the API does not keep cannot be handed back beside the results of tools.
  const encrypted = !parts.store && parts.tools.length > 0 ? ['reasoning.encrypted_content'] : [];
  const include = [...new Set([...(parts.include ?? []), ...encrypted])];
  const request: JsonObject = {
    model: parts.model,
    input: [...input],
    ...(parts.instructions !== undefined &&
      parts.instructions !== '' && { instructions: parts.instructions }),
    ...(parts.previous !== undefined && { previous_response_id: parts.previous }),
    ...(parts.apiConversation !== undefined && { conversation: parts.apiConversation }),
    ...(parts.tools.length > 0 && { tools: [...parts.tools] }),
    ...(Object.keys(text).length > 0 && { text }),
    ...(Object.keys(reasoning).length > 0 && { reasoning }),
    ...(parts.temperature !== undefined && { temperature: parts.temperature }),
    ...(parts.topP !== undefined && { top_p: parts.topP }),
    ...(parts.maxTokens !== undefined && { max_output_tokens: parts.maxTokens }),
    ...(parts.truncation !== undefined && { truncation: parts.truncation }),
    ...(include.length > 0 && { include }),
    ...(parts.promptCacheKey !== undefined && { prompt_cache_key: parts.promptCacheKey }),
    ...(metadata !== undefined && { metadata: Object.fromEntries(metadata) }),
    ...(!parts.store && { store: false }),
    ...(parts.background === true && { background: true }),
  };
  // The fields were put together by their names in the API; what `--param` adds is the user's.
  return withParams(request, params) as unknown as ResponseRequest;
}

/** The first setting that models which reason take without reasoning only, by its flag (design, section 3 c). */
export function samplingFlag({ temperature = 1, topP = 1 }: Pick<ResponseParts, 'temperature' | 'topP'>) {
  if (temperature !== 1) return '--temperature';
  return topP !== 1 ? '--top-p' : undefined;
}

/** A tool of a chat as the Responses API has it: its fields stand beside its type. */
export function responseTool(tool: ChatTool): ResponseTool {
  if (tool.type === 'custom') return { type: 'custom', ...tool.custom } as ResponseTool;
  const { name, description, parameters = null, strict = null } = tool.function;
  return { type: 'function', name, parameters, strict, ...(description !== undefined && { description }) };
}
