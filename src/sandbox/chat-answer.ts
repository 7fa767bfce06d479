import type { Choice, Usage } from './chat-choices.ts';
import type { ChatRequest } from './chat-request.ts';
import { logprobsOf } from './logprobs.ts';
import { CREATED } from './models.ts';

/** All that is told about an answer, whole or streamed. */
export interface ChatAnswer {
  readonly request: ChatRequest;
  /** Names the answer and what is in it. */
  readonly hash: string;
  readonly choices: readonly Choice[];
  readonly usage: Usage;
}

/** The tier that an answer tells, where it is not the one that was asked for (OpenAPI `ServiceTier`). */
const TIERS: Readonly<Record<string, string>> = { auto: 'default', fast: 'priority' };

/** The fields that a whole answer and every chunk of a stream begin with. */
export function answerHead({ request, hash }: ChatAnswer, object: string) {
  const tier = request.service_tier ?? 'auto';
  return {
    id: `chatcmpl-${hash.slice(0, 29)}`,
    object,
    created: CREATED,
    model: request.model,
    service_tier: TIERS[tier] ?? tier,
    system_fingerprint: 'oai-sandbox',
  };
}

/** The name of a tool call in an answer. */
export function callId(hash: string, choice: number, index: number): string {
  return `call_${hash.slice(0, 20)}${choice}${index}`;
}

/** Log probabilities of tokens in the API's form, or null when nobody asked. */
export function logprobs(
  { logprobs: wanted, top_logprobs: top }: ChatRequest,
  field: Choice['field'],
  tokens: readonly string[],
): object | null {
  return wanted === true ? { content: null, refusal: null, [field]: logprobsOf(tokens, top ?? 0) } : null;
}
