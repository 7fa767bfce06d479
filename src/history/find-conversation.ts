import { type Failure, usageError } from '../errors.ts';
import {
  type Conversation,
  conversationCalled,
  conversationNames,
  conversationsBeginning,
} from './conversations.ts';
import type { HistoryStore } from './history-store.ts';

/** The fewest digits of an id that stand for it. */
const SHORTEST_PREFIX = 4;

/**
 * The conversation of a name, an id, or the first digits of one.
 * @returns undefined where there is none
 * @throws Failure (usage) where several ids begin so
 */
export function lookForConversation(store: HistoryStore, word: string): Conversation | undefined {
  const called = conversationCalled(store, word);
  if (called !== undefined || !isStartOfId(word)) return called;
  const begun = conversationsBeginning(store, word.toLowerCase());
  if (begun.length < 2) return begun[0];
  const shown = begun.map(({ id, name, title }) => `${id} (${name ?? title})`).join(', ');
  throw usageError(`several conversations begin with ${word}: ${shown}`, 'give more of the id');
}

/** @throws Failure (usage) with the nearest name, where there is none */
export async function findConversation(store: HistoryStore, word: string): Promise<Conversation> {
  const found = lookForConversation(store, word);
  if (found === undefined) throw await noConversation(word, conversationNames(store));
  return found;
}

/** @param names that there are */
export async function noConversation(word: string, names: readonly string[] = []): Promise<Failure> {
  const { didYouMean } = await import('../settings/nearest.ts');
  return usageError(
    `there is no conversation ${word}${didYouMean(word, names)}`,
    '`oai history list` shows what there is',
  );
}

function isStartOfId(word: string): boolean {
  return new RegExp(`^[0-9a-f]{${SHORTEST_PREFIX},10}$`, 'i').test(word);
}

/** Characters of a name, at most. */
const LONGEST_NAME = 100;

/** A name that a conversation can have. @param flag where it was given @throws Failure (usage) */
export function checkName(typed: string, flag: string): string {
  const name = typed.trim();
  if (name === '') throw usageError(`${flag} is empty`);
  if (name.length > LONGEST_NAME) throw usageError(`${flag}: a name has at most ${LONGEST_NAME} characters`);
  if (/\p{Cc}/u.test(name)) throw usageError(`${flag}: a name is one line without control characters`);
  if (name.startsWith('-')) throw usageError(`${flag} ${name} looks like a flag`, 'give it another name');
  if (/^[0-9a-f]{10}$/.test(name))
    throw usageError(`${flag} ${name} looks like an id`, 'give it another name');
  return name;
}
