import type { AnswerForm } from '../chat/answer-form.ts';
import { messageOf, type Reply } from '../chat/conversation.ts';
import type { Route } from '../chat/route.ts';
import type { Beside } from '../chat/show-reply.ts';
import { outOfTurns, verdict } from '../chat/verdict.ts';
import type { Exchange } from './exchange.ts';

/** What came of a question. */
export interface Outcome {
  readonly exchange: Exchange;
  /** Undefined where nothing was sent. */
  readonly reply: Reply | undefined;
  /** What is wrong with the answer, or why there is none. */
  readonly failure: Error | undefined;
  /** What stands beside the answer; undefined where nothing does. */
  readonly beside?: Beside | undefined;
}

/** Judges a reply. @param exchange what it is where nothing is wrong with it */
export function judged(
  exchange: Exchange,
  reply: Reply,
  form: AnswerForm,
  route: Pick<Route, 'explain'>,
): Outcome {
  const { choices, failure } = reply.turn;
  const [first] = choices;
  const text = first?.text ?? '';
  if (failure !== undefined) {
    // A call that is not whole can neither be run nor sent.
    const partial = first === undefined || text === '' ? [] : [messageOf({ ...first, toolCalls: [] })];
    const state = partial.length > 0 ? 'cut' : 'failed';
    const explained = route.explain(failure);
    return {
      exchange: { ...exchange, rest: [...exchange.rest, ...partial], state },
      reply,
      failure: explained instanceof Error ? explained : failure,
    };
  }
  const calls = choices.flatMap(({ toolCalls }) => toolCalls);
  const misfit =
    (reply.isOutOfTurns ? outOfTurns(calls, reply.turns.length) : undefined) ??
    verdict(choices, reply.request.isLimited) ??
    form.check(text);
  const isOf = text !== '' && (first?.toolCalls ?? []).length === 0;
  return {
    exchange: isOf || misfit === undefined ? exchange : { ...exchange, rest: [], state: 'failed' },
    reply,
    failure: misfit,
  };
}
