import type { KeptUsage } from './exchanges.ts';

/** Tokens and times (ms) of an answer. */
export interface Pace extends Pick<KeptUsage, 'outputTokens' | 'reasoningTokens'> {
  readonly firstTextAfter: number | null;
  readonly duration: number | null;
}

/** A shorter time, in ms, says nothing: all came at once. */
const SHORTEST = 50;

/**
 * How quick an answer was: of one that streamed, the tokens of its text from the first on; else all its tokens in all the
 * time that it took.
 * @returns undefined where that cannot be said
 */
export function tokensPerSecond(pace: Pace): number | undefined {
  const { outputTokens, reasoningTokens, firstTextAfter, duration } = pace;
  // None at all are those of an answer from the cache.
  if (outputTokens === null || outputTokens === 0 || duration === null) return undefined;
  const time = duration - (firstTextAfter ?? 0);
  const tokens = firstTextAfter === null ? outputTokens : outputTokens - (reasoningTokens ?? 0);
  return time < SHORTEST ? undefined : Math.round((tokens / time) * 10_000) / 10;
}
