import { costOfAnswers } from '../tokens/cost.ts';
import { isRunning } from './background.ts';
import type { Conversation } from './conversations.ts';
import type { Exchange } from './exchanges.ts';
import { tokensPerSecond } from './pace.ts';
import type { Resolve } from './packed-message.ts';

/** A conversation as scripts see it, without what was said. */
export function conversationRow(conversation: Conversation) {
  const { id, name, title, created, updated, profile, baseUrl, model, forkedFrom, exchanges, running } =
    conversation;
  return {
    id,
    name,
    title,
    created: new Date(created).toISOString(),
    updated: new Date(updated).toISOString(),
    exchanges,
    running,
    profile,
    baseUrl,
    model,
    forkedFrom,
  };
}

/** An exchange as scripts see it. Lengths of time are ms, the cost is in US dollars at the prices of today. */
export function exchangeRow(exchange: Exchange, resolve: Resolve) {
  const { state, time, profile, model, answeredBy, responseId, serviceTier, error } = exchange;
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens, firstTextAfter, duration } = exchange;
  return {
    state: isRunning(exchange) ? 'running' : state,
    time: new Date(time).toISOString(),
    profile,
    model,
    answeredBy,
    responseId,
    serviceTier,
    inputTokens,
    cachedTokens,
    outputTokens,
    reasoningTokens,
    firstTextAfter,
    duration,
    tokensPerSecond: tokensPerSecond(exchange) ?? null,
    cost: costOfExchange(exchange) ?? null,
    error,
    messages: exchange.messages.map((kept) => kept.message(resolve)),
    others: exchange.others.map((kept) => kept.message(resolve)),
  };
}

/** Models that hear and speak: of their tokens it is not kept which are sound, and that has a price of its own. */
const AUDIO_MODEL = /audio|realtime/;

/** What the price of an exchange depends on. */
export type Priced = Pick<
  Exchange,
  | 'profile'
  | 'model'
  | 'answeredBy'
  | 'serviceTier'
  | 'inputTokens'
  | 'cachedTokens'
  | 'outputTokens'
  | 'turns'
>;

/**
 * In US dollars, at the prices of today; undefined where it is not known. Each answer has a price of its own, which may
 * depend on its tokens.
 */
export function costOfExchange(exchange: Priced): number | undefined {
  const { profile, model, answeredBy, inputTokens, outputTokens, turns } = exchange;
  // The cache gave the answer: nobody paid for it, whatever the model.
  if (inputTokens === 0 && outputTokens === 0) return 0;
  if (profile === null || model === null) return undefined;
  const known = turns.reduce((sum, { tokens }) => sum + (tokens.inputTokens ?? 0), 0);
  const answers = known === inputTokens ? turns : [{ answeredBy, tokens: exchange }];
  const cost = costOfAnswers(
    profile,
    answers.map((answer) => ({ model, ...answer })),
  );
  return cost !== 0 && AUDIO_MODEL.test(answeredBy ?? model) ? undefined : cost;
}
