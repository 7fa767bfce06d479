import { existsSync } from 'node:fs';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { type Conversation, lastConversation } from './conversations.ts';
import { findConversation, noConversation } from './find-conversation.ts';
import { HistoryStore } from './history-store.ts';
import { neededPlace } from './place.ts';

/** The flags of `oai history`, read. */
export interface HistoryOptions extends GlobalOptions {
  /** Rows at most. */
  readonly limit?: number;
  readonly all?: boolean;
  /** Ms. */
  readonly olderThan?: number;
  readonly yes?: boolean;
  readonly format?: ExportFormat;
  readonly output?: string;
  readonly force?: boolean;
  readonly by?: 'day' | 'model';
  /** Markdown as it is, on a terminal too. */
  readonly raw?: boolean;
}

export type ExportFormat = 'md' | 'json' | 'jsonl';

/**
 * Does something with the history that is there.
 * @param otherwise done where nothing was ever kept
 * @throws Failure (usage) where it cannot be read, or written
 */
export async function withHistory<T>(
  context: Context,
  access: 'read' | 'write',
  work: (store: HistoryStore) => Promise<T> | T,
  otherwise: () => Promise<T> | T,
): Promise<T> {
  const place = neededPlace(context);
  if (!existsSync(place.database)) return otherwise();
  const store = await HistoryStore.open(place, access);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

/** The conversation of a word, or the last one. @throws Failure (usage) where there is none */
export async function chosenConversation(
  store: HistoryStore,
  word: string | undefined,
): Promise<Conversation> {
  if (word !== undefined) return findConversation(store, word);
  return lastConversation(store) ?? nothingKept(undefined);
}

/** @throws Failure (usage) */
export async function nothingKept(word: string | undefined): Promise<never> {
  if (word !== undefined) throw await noConversation(word);
  throw usageError('nothing is kept yet', '`oai chat --history "…"` keeps a conversation');
}
