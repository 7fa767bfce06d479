import type { PaidTokens } from '../tokens/cost.ts';
import type { KeptUsage } from './exchanges.ts';

/** What the API says of the tokens of an answer; servers leave out much. */
export interface TokenUsage {
  readonly prompt_tokens?: number | undefined;
  readonly completion_tokens?: number | undefined;
  readonly prompt_tokens_details?:
    | { readonly cached_tokens?: number | undefined; readonly audio_tokens?: number | undefined }
    | null
    | undefined;
  readonly completion_tokens_details?:
    | { readonly reasoning_tokens?: number | undefined; readonly audio_tokens?: number | undefined }
    | null
    | undefined;
}

/** The counts of an answer; null for those that nobody told. */
export function usageOf(usage: TokenUsage | undefined): KeptUsage {
  return {
    inputTokens: count(usage?.prompt_tokens),
    cachedTokens: count(usage?.prompt_tokens_details?.cached_tokens),
    outputTokens: count(usage?.completion_tokens),
    reasoningTokens: count(usage?.completion_tokens_details?.reasoning_tokens),
  };
}

/** The same with what decides the price of an answer beside. */
export function paidTokens({ usage, serviceTier }: PaidFacts): KeptUsage & PaidTokens {
  return {
    ...usageOf(usage),
    inputAudioTokens: count(usage?.prompt_tokens_details?.audio_tokens),
    outputAudioTokens: count(usage?.completion_tokens_details?.audio_tokens),
    serviceTier: serviceTier ?? null,
  };
}

interface PaidFacts {
  readonly usage?: TokenUsage | undefined;
  readonly serviceTier?: string | undefined;
}

function count(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.round(value) : null;
}

/** Of several answers together; null where none told it. */
export function summedUsage(usages: readonly KeptUsage[]): KeptUsage {
  const sum = (name: keyof KeptUsage) =>
    usages.reduce<number | null>(
      (total, { [name]: own }) => (own === null ? total : (total ?? 0) + own),
      null,
    );
  return {
    inputTokens: sum('inputTokens'),
    cachedTokens: sum('cachedTokens'),
    outputTokens: sum('outputTokens'),
    reasoningTokens: sum('reasoningTokens'),
  };
}
