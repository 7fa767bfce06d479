import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { ChatFields } from '../flags/chat.ts';
import type { SamplingFlags } from '../flags/sampling.ts';
import type { SpeakingFlags } from '../flags/speaking.ts';
import type { JsonObject } from '../json.ts';
import type { ResponseFields } from './request.ts';

/** The flags of a chat that say something of its requests. */
export type ChatRequestFlags = ChatFields & SamplingFlags & AnswerFlags & SpeakingFlags;

/** The fewest tokens that the Responses API takes as a limit (its reference, `max_output_tokens`). */
const LEAST_TOKENS = 16;

/**
 * What the flags of a chat are to the Responses API. As in a chat, the API keeps nothing unless `--store` says so.
 * @throws Failure (usage) on a flag that this API has nothing for
 */
export function chatFields(
  options: ChatRequestFlags,
  { model, format }: { readonly model: string; readonly format: JsonObject | undefined },
): ResponseFields {
  refuseChatOnly(options);
  const { param, temperature, maxTokens, reasoningEffort, topP, verbosity, promptCacheKey } = options;
  const { metadata, serviceTier, logprobs, topLogprobs } = options;
  const wantsLogprobs = logprobs === true || topLogprobs !== undefined;
  return {
    command: 'chat',
    model,
    store: options.store === true,
    hosted: [],
    format,
    ...(param !== undefined && { param }),
    ...(temperature !== undefined && { temperature }),
    ...(maxTokens !== undefined && { maxTokens }),
    ...(reasoningEffort !== undefined && { reasoningEffort }),
    ...(topP !== undefined && { topP }),
    ...(verbosity !== undefined && { verbosity }),
    ...(promptCacheKey !== undefined && { promptCacheKey }),
    ...(metadata !== undefined && { metadata }),
    ...(serviceTier !== undefined && { serviceTier }),
    ...(wantsLogprobs && { include: ['message.output_text.logprobs'], topLogprobs: topLogprobs ?? 0 }),
  };
}

/** @throws Failure (usage) that names the flag, and what takes it */
function refuseChatOnly(options: ChatRequestFlags): void {
  const { maxTokens } = options;
  const stray = [
    (options.count ?? 1) > 1 && '-n',
    options.stop !== undefined && '--stop',
    options.seed !== undefined && '--seed',
    options.frequencyPenalty !== undefined && '--frequency-penalty',
    options.presencePenalty !== undefined && '--presence-penalty',
    options.logitBias !== undefined && '--logit-bias',
    options.prediction !== undefined && '--prediction',
    options.audio !== undefined && '--audio',
    options.audioFormat !== undefined && '--audio-format',
  ].find((flag) => flag !== false);
  if (stray !== undefined) {
    throw usageError(
      `the Responses API has no ${stray}`,
      `--via completions takes it, or leave ${stray} out`,
    );
  }
  if (maxTokens !== undefined && maxTokens < LEAST_TOKENS) {
    throw usageError(
      `--max-tokens ${maxTokens} is less than the Responses API takes`,
      `--max-tokens ${LEAST_TOKENS} is the least; --via completions takes fewer`,
    );
  }
}
