import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { tokensPerSecond } from '../history/pace.ts';
import { paidTokens, summedUsage, usageOf } from '../history/token-usage.ts';
import { dollars } from '../output/dollars.ts';
import { say } from '../output/messages.ts';
import { costOfAnswers } from '../tokens/cost.ts';
import type { Reply } from './conversation.ts';

/** Says in a line on stderr what a reply took: tokens, time to the first text, tokens per second, cost. */
export function sayUsage({ turns, turn, request }: Reply, { settings }: Api, context: Context): void {
  const tokens = summedUsage(turns.map(({ facts }) => usageOf(facts.usage)));
  const { inputTokens, cachedTokens, outputTokens, reasoningTokens } = tokens;
  const { duration, firstTextAfter = null } = turn.facts;
  // Of an answer that took several exchanges, the last is what was read as it came.
  const pace = tokensPerSecond({ ...usageOf(turn.facts.usage), duration, firstTextAfter });
  const paidTurns = turns.filter(({ facts }) => facts.isFromCache !== true);
  const { model, serviceTier: asked } = request;
  const cost = costOfAnswers(
    settings.profile,
    paidTurns.map(({ facts }) => ({
      model,
      answeredBy: facts.model,
      tokens: paidTokens({ serviceTier: asked, ...facts }),
    })),
  );
  const parts = [
    inputTokens === null ? 'tokens unknown: the server does not tell' : `${shown(inputTokens)} tokens in`,
    cachedTokens === null ? undefined : `${shown(cachedTokens)} cached`,
    outputTokens === null ? undefined : `${shown(outputTokens)} out`,
    reasoningTokens === null ? undefined : `${shown(reasoningTokens)} reasoning`,
    firstTextAfter === null ? `${shown(duration)} ms` : `first text after ${shown(firstTextAfter)} ms`,
    pace === undefined ? undefined : `${shown(pace)} tokens/s`,
    paidTurns.length === 0 ? 'from the cache' : cost === undefined ? 'cost unknown' : dollars(cost),
  ];
  say(context, parts.filter((part) => part !== undefined).join(', '));
}

function shown(count: number): string {
  return count.toLocaleString('en');
}
