import { resolve } from 'node:path';
import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { writeFileAtomic } from '../output/files.ts';
import { conversationRow } from './conversation-json.ts';
import { type Conversation, listConversations } from './conversations.ts';
import { type Exchange, exchangesOf } from './exchanges.ts';
import type { HistoryStore } from './history-store.ts';
import {
  chosenConversation,
  type ExportFormat,
  type HistoryOptions,
  nothingKept,
  withHistory,
} from './reading.ts';
import { transcript } from './transcript.ts';

/**
 * Writes conversations out. Of one: its messages, which `oai chat --messages` reads; of all: each with its messages. What
 * was attached is in it.
 * @throws Failure (usage)
 */
export async function exportHistory(
  [word]: readonly string[],
  { format = 'jsonl', all, output, force, json }: HistoryOptions,
  context: Context,
): Promise<void> {
  if (all === true && word !== undefined)
    throw usageError(`--all is every conversation, and there is ${word} beside it`);
  const form = json === true ? 'json' : format;
  await withHistory(
    context,
    'read',
    async (store) => {
      const pieces =
        all === true ? everything(store, form) : one(store, await chosenConversation(store, word), form);
      if (output === undefined || output === '-') {
        for (const piece of pieces) await context.stdout.write(piece);
      } else {
        const path = resolve(context.cwd, output);
        await writeFileAtomic(path, inSteps(pieces), {
          mode: 0o600,
          force: force === true,
          signal: context.signal,
        });
        await context.stdout.write(`${output}\n`);
      }
    },
    () => nothingKept(word),
  );
}

async function* inSteps(pieces: Iterable<string>): AsyncGenerator<string> {
  yield* pieces;
}

function* one(store: HistoryStore, conversation: Conversation, format: ExportFormat): Generator<string> {
  const exchanges = exchangesOf(store, conversation.number);
  if (format === 'md') {
    yield transcript(conversation, exchanges);
  } else if (format === 'json') {
    yield `${JSON.stringify(messagesIn(exchanges), null, 2)}\n`;
  } else {
    for (const message of messagesIn(exchanges)) yield `${JSON.stringify(message)}\n`;
  }
}

/** The oldest first. One after the other is in memory. */
function* everything(store: HistoryStore, format: ExportFormat): Generator<string> {
  const conversations = listConversations(store).reverse();
  let isFirst = true;
  if (format === 'json') yield '[';
  for (const conversation of conversations) {
    const exchanges = exchangesOf(store, conversation.number);
    if (format === 'md') {
      yield `${isFirst ? '' : '\n'}${transcript(conversation, exchanges)}`;
    } else {
      const whole = JSON.stringify({ ...conversationRow(conversation), messages: messagesIn(exchanges) });
      yield format === 'json' ? `${isFirst ? '' : ','}\n${whole}` : `${whole}\n`;
    }
    isFirst = false;
  }
  if (format === 'json') yield '\n]\n';
}

/** What was said, as the API takes it: without questions that got no answer. */
function messagesIn(exchanges: readonly Exchange[]): ChatMessage[] {
  return exchanges
    .filter(({ state }) => state === 'answered' || state === 'cut' || state === 'noted')
    .flatMap(({ messages }) => messages.map((kept) => kept.message()));
}
