import type { KeptUsage, Outcome } from './exchanges.ts';
import { type TokenUsage, usageOf } from './token-usage.ts';

/** What is known of an answer. Times in ms. */
export interface AnswerFacts {
  readonly id?: string;
  readonly model?: string;
  readonly serviceTier?: string;
  readonly usage?: TokenUsage;
  /** The cache gave it: its usage was paid for before. */
  readonly isFromCache?: boolean;
  readonly firstTextAfter?: number;
  readonly duration: number;
}

const UNKNOWN: Omit<Outcome, 'state'> = {
  answeredBy: null,
  responseId: null,
  serviceTier: null,
  firstTextAfter: null,
  duration: null,
  error: null,
  ...usageOf(undefined),
};

/** Of an answer from the cache: no tokens at all, which is not the same as tokens that nobody told. */
const NOTHING_PAID: KeptUsage = { inputTokens: 0, cachedTokens: 0, outputTokens: 0, reasoningTokens: 0 };

/** What is learnt of an exchange by an answer. @param facts undefined for results of tools */
export function outcomeOf(
  facts: AnswerFacts | undefined,
  ending: Pick<Outcome, 'state'> & Partial<Pick<Outcome, 'error'>>,
): Outcome {
  if (facts === undefined) return { ...UNKNOWN, ...ending };
  return {
    ...UNKNOWN,
    answeredBy: facts.model ?? null,
    responseId: facts.id ?? null,
    serviceTier: facts.serviceTier ?? null,
    firstTextAfter: facts.firstTextAfter ?? null,
    duration: facts.duration,
    ...(facts.isFromCache === true ? NOTHING_PAID : usageOf(facts.usage)),
    ...ending,
  };
}
