import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { type Ask, askOnTerminal, canAsk } from '../input/ask.ts';
import { warn } from '../output/messages.ts';
import { type Conversation, listConversations } from './conversations.ts';
import type { HistoryStore } from './history-store.ts';
import { chosenConversation, type HistoryOptions, nothingKept, withHistory } from './reading.ts';

/**
 * Deletes conversations, and what was attached to them alone. At a terminal it asks first; elsewhere it needs `--yes`.
 * Prints their ids.
 * @throws Failure (usage)
 */
export async function removeHistory(
  words: readonly string[],
  options: HistoryOptions,
  context: Context,
  ask: Ask = askOnTerminal(context),
): Promise<void> {
  checkChoice(words, options);
  await withHistory(
    context,
    'write',
    async (store) => {
      const chosen = await chosenBy(store, words, options, context.clock.now());
      if (chosen.length === 0) return warn(context, 'there is nothing to delete');
      if (!(await isMeant(chosen, options, context, ask))) return warn(context, 'nothing was deleted');
      remove(store, chosen);
      try {
        sweep(store);
      } finally {
        for (const { id } of chosen) await context.stdout.write(`${id}\n`);
      }
    },
    () => (words.length === 0 ? warn(context, 'there is nothing to delete') : nothingKept(words[0])),
  );
}

/** @throws Failure (usage) where nothing is chosen, or too much */
function checkChoice(words: readonly string[], { all, olderThan }: HistoryOptions): void {
  const ways = [words.length > 0, all === true, olderThan !== undefined].filter(Boolean).length;
  if (ways === 0) {
    throw usageError('history delete needs conversations', 'names or ids, --older-than 30d, or --all');
  }
  if (ways > 1) throw usageError('names, --older-than and --all do not go together', 'choose one of them');
}

async function chosenBy(
  store: HistoryStore,
  words: readonly string[],
  { olderThan }: HistoryOptions,
  now: number,
): Promise<readonly Conversation[]> {
  if (words.length > 0) {
    const byNumber = new Map<number, Conversation>();
    for (const word of words) {
      const conversation = await chosenConversation(store, word);
      byNumber.set(conversation.number, conversation);
    }
    return [...byNumber.values()];
  }
  const age = olderThan ?? Number.NEGATIVE_INFINITY;
  return listConversations(store).filter(({ updated }) => now - updated > age);
}

async function isMeant(
  chosen: readonly Conversation[],
  { yes, olderThan }: HistoryOptions,
  context: Context,
  ask: Ask,
): Promise<boolean> {
  if (yes === true) return true;
  const [first] = chosen;
  const what =
    chosen.length === 1 && first !== undefined
      ? `conversation ${first.id} (${first.name ?? first.title})`
      : `${chosen.length.toLocaleString('en')} conversations`;
  const old = olderThan === undefined ? '' : ` older than ${durationText(olderThan)}`;
  if (!canAsk(context)) {
    throw usageError(
      `this would delete ${what}${old}, and there is no terminal to ask at`,
      '--yes deletes it',
    );
  }
  return ask.confirm(`Delete ${what}${old}?`, false);
}

function remove(store: HistoryStore, chosen: readonly Conversation[]): void {
  // What is deleted is overwritten: it is to be gone.
  store.exec('PRAGMA secure_delete = ON');
  store.together(() => {
    for (const { number } of chosen) store.run('DELETE FROM conversations WHERE number = ?', number);
    store.run(
      'DELETE FROM exchanges WHERE NOT EXISTS (SELECT 1 FROM threads WHERE exchange = exchanges.number)',
    );
  });
  try {
    store.exec('VACUUM');
    // The log still has what was deleted.
    store.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch (error) {
    // Somebody reads just now: it is deleted, and its place is reused later.
    if (!(error instanceof Failure)) throw error;
  }
}

/**
 * Deletes what was attached to nothing that is still kept: once that is certain, and not before.
 * @throws Failure (usage) where a file cannot be removed
 */
function sweep(store: HistoryStore): void {
  store.together(() => {
    // Nobody adds what is attached meanwhile: that waits for this transaction.
    const used = store.all<{ sha256: string }>('SELECT DISTINCT sha256 FROM attachments');
    const inUse = new Set(used.map(({ sha256 }) => sha256));
    store.attachments.sweep((sha256) => inUse.has(sha256));
  });
}
