import { usageError } from '../errors.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import {
  type Conversation,
  conversationCalled,
  conversationNames,
  lastConversation,
} from './conversations.ts';
import { checkName, lookForConversation, noConversation } from './find-conversation.ts';
import type { HistoryStore } from './history-store.ts';

/** The conversation that the flags name. @throws Failure (usage) where there is none, and none is to be begun */
export async function conversationIn(
  store: HistoryStore,
  { conversation, create }: MemoryFlags,
): Promise<Conversation | undefined> {
  if (conversation === undefined) {
    const last = lastConversation(store);
    if (last === undefined && create !== true) throw await nothingThere({});
    return last;
  }
  // A name that is to be begun is not the start of some id.
  const found =
    create === true
      ? conversationCalled(store, conversation.trim())
      : lookForConversation(store, conversation.trim());
  if (found === undefined && create !== true) throw await notBegun(conversation, conversationNames(store));
  if (found === undefined) checkName(conversation, '--conversation');
  return found;
}

/** The failure where nothing is kept yet. */
export async function nothingThere({ conversation }: MemoryFlags) {
  if (conversation !== undefined) return notBegun(conversation, []);
  return usageError(
    'there is no conversation to go on with',
    'at a terminal each is kept, elsewhere with --history; -c --create begins one',
  );
}

async function notBegun(name: string, names: readonly string[]) {
  const failure = await noConversation(name, names);
  return usageError(failure.message, `${failure.hint}; --create begins one of that name`);
}
