import type { ChatMessage } from '../api/completions.ts';

/** A question and what came of it. */
export interface Exchange {
  readonly question: readonly ChatMessage[];
  /** The answer, and on the way to it the calls of tools and their results. */
  readonly rest: readonly ChatMessage[];
  /** `cut`: there is an answer, and not all of it. */
  readonly state: 'answered' | 'cut' | 'failed';
  /** It was given as an example, and is kept with the first question. */
  readonly isGiven?: boolean;
  /** It failed, and was to take the place of the one before it, which has an answer. */
  readonly isInstead?: boolean;
}

export function isInstruction({ role }: ChatMessage): boolean {
  return role === 'system' || role === 'developer';
}

/** Messages as exchanges: each begins with what the person says after somebody else did. */
export function exchangesIn(messages: readonly ChatMessage[]): Exchange[] {
  const exchanges: { question: ChatMessage[]; rest: ChatMessage[]; state: 'answered' }[] = [];
  let isAsking = false;
  for (const message of messages) {
    if (isInstruction(message)) continue;
    const asks = message.role === 'user';
    if (exchanges.length === 0 || (asks && !isAsking))
      exchanges.push({ question: [], rest: [], state: 'answered' });
    exchanges.at(-1)?.[asks ? 'question' : 'rest'].push(message);
    isAsking = asks;
  }
  return exchanges;
}

/** What a model is to know of exchanges: one that failed may have failed by what was asked. */
export function messagesIn(exchanges: readonly Exchange[]): ChatMessage[] {
  return exchanges.flatMap(({ question, rest, state }) => (state === 'failed' ? [] : [...question, ...rest]));
}

/** What a file is named after. */
export function subjectOf(question: readonly ChatMessage[]): string {
  const { content } = question.at(-1) ?? {};
  return typeof content === 'string' ? content : 'reply';
}

/** The question that got no answer, which can be asked again. */
export function unheardOf(question: readonly ChatMessage[] | undefined): Exchange[] {
  const asked = question?.filter((message) => !isInstruction(message)) ?? [];
  // Results alone are no question: the calls that they are for are not sent here.
  return asked.length === 0 || asked[0]?.role === 'tool'
    ? []
    : [{ question: asked, rest: [], state: 'failed' }];
}
