import type { TextRequest } from '../api/text-completions.ts';
import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import { readParams, withParams } from '../input/params.ts';
import type { JsonObject } from '../json.ts';

/** The fields of a request that flags of this command set, read. */
export interface TextFields
  extends GlobalOptions,
    Pick<SamplingFlags, 'topP' | 'stop' | 'seed' | 'frequencyPenalty' | 'presencePenalty' | 'logitBias'>,
    Pick<AnswerFlags, 'count' | 'logprobs' | 'topLogprobs'> {
  readonly temperature?: number;
  /** Tokens. */
  readonly maxTokens?: number;
  readonly suffix?: string;
  readonly echo?: boolean;
  readonly bestOf?: number;
}

/** A base model seldom ends by itself, and the API's own default is 16 tokens: a line. */
export const USUAL_TOKENS = 256;

/**
 * The request that the flags ask for.
 * @throws Failure (usage) on a `--param` that cannot be read, or fewer candidates than answers
 */
export function textRequest(options: TextFields, model: string, prompt: string): TextRequest {
  const params = readParams(options.param ?? []);
  if ('stream' in params) {
    throw usageError(
      '--param stream: complete streams by itself',
      '--json asks for the whole answer at once',
    );
  }
  const { count, bestOf, logprobs, topLogprobs, logitBias } = options;
  if (bestOf !== undefined && bestOf < (count ?? 1)) {
    throw usageError(`--best-of ${bestOf} is fewer than the ${count} answers of -n`);
  }
  const request: TextRequest & JsonObject = {
    model,
    prompt,
    max_tokens: options.maxTokens ?? USUAL_TOKENS,
    ...(options.temperature !== undefined && { temperature: options.temperature }),
    ...(options.topP !== undefined && { top_p: options.topP }),
    ...(options.stop !== undefined && { stop: [...options.stop] }),
    ...(options.seed !== undefined && { seed: options.seed }),
    ...(options.frequencyPenalty !== undefined && { frequency_penalty: options.frequencyPenalty }),
    ...(options.presencePenalty !== undefined && { presence_penalty: options.presencePenalty }),
    ...(logitBias !== undefined && { logit_bias: Object.fromEntries(logitBias) }),
    ...(options.suffix !== undefined && { suffix: options.suffix }),
    ...(options.echo === true && { echo: true }),
    ...(bestOf !== undefined && { best_of: bestOf }),
    ...(count !== undefined && { n: count }),
    ...((logprobs === true || topLogprobs !== undefined) && { logprobs: topLogprobs ?? 0 }),
  };
  return withParams(request, params);
}
