import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { writeRows } from '../output/table.ts';
import type { HistoryStore } from './history-store.ts';
import { USUAL_LIMIT } from './list.ts';
import { type HistoryOptions, withHistory } from './reading.ts';
import { timeText } from './times.ts';

/** A message that has the words, and the line in which the first of them stands. */
export interface FoundMessage {
  readonly conversation: string;
  readonly name: string | null;
  readonly title: string;
  /** ISO 8601. */
  readonly time: string;
  readonly role: string;
  readonly line: string;
}

/** Messages that are read at a time. */
const PAGE = 500;
/** Characters of a line that is shown, and of those before the word. */
const [LINE, BEFORE] = [160, 60];

/** Shows the messages that have all of these words, the newest first. @throws Failure (usage) */
export async function searchHistory(
  words: readonly string[],
  { limit, all, json }: HistoryOptions,
  context: Context,
): Promise<void> {
  const wanted = words.map(folded).filter((word) => word.trim() !== '');
  if (wanted.length === 0) throw usageError('history search needs words to look for');
  const most = all === true ? Number.POSITIVE_INFINITY : (limit ?? USUAL_LIMIT);
  const rows = await withHistory(
    context,
    'read',
    (store) => found(store, wanted, most),
    () => [],
  );
  const columns = {
    conversation: (row: FoundMessage) => row.conversation,
    time: (row: FoundMessage) => timeText(Date.parse(row.time)),
    role: (row: FoundMessage) => row.role,
    line: (row: FoundMessage) => row.line,
  };
  if (rows.length > 0 || json === true) await writeRows(context, rows, columns, json === true);
  if (rows.length === 0) warn(context, 'nothing that is kept has these words');
  else if (rows.length === most && limit === undefined) {
    warn(context, `the newest ${most}; --all shows all, --limit so many`);
  }
}

interface Row {
  readonly number: number;
  readonly text: string;
  readonly role: string;
  readonly exchange: number;
}

interface Place {
  readonly id: string;
  readonly name: string | null;
  readonly title: string;
  readonly time: number;
}

/**
 * Every text is read: an index of three letters each (FTS5's `trigram`) finds no word of two, of which Korean and
 * Japanese are full, knows no other forms of a letter, and would be paid for by each exchange that is kept.
 */
function found(store: HistoryStore, words: readonly string[], most: number): FoundMessage[] {
  const rows: FoundMessage[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; rows.length < most; ) {
    const page = store.all<Row>(
      `SELECT number, text, role, exchange FROM messages WHERE number < ? ORDER BY number DESC LIMIT ${PAGE}`,
      before,
    );
    for (const { text, role, exchange, number } of page) {
      before = number;
      const inIt = folded(text);
      if (!words.every((word) => inIt.includes(word))) continue;
      const place = placeOf(store, exchange);
      if (place === undefined) continue;
      const { id, name, title, time } = place;
      const line = lineWith(text, words[0] ?? '');
      rows.push({ conversation: id, name, title, time: new Date(time).toISOString(), role, line });
      if (rows.length === most) break;
    }
    if (page.length < PAGE) break;
  }
  return rows;
}

/** The conversation of an exchange: of several that share it, the first. Undefined where it was asked again. */
function placeOf(store: HistoryStore, exchange: number): Place | undefined {
  return store.get(
    `SELECT id, name, title, time FROM threads JOIN exchanges ON exchanges.number = exchange
      JOIN conversations ON conversations.number = conversation
      WHERE exchange = ? AND state <> 'retried' ORDER BY conversation LIMIT 1`,
    exchange,
  );
}

/** One form of all the ways to write the same: case, width, composed and decomposed letters (Unicode's NFKC). */
function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}

/** The line of a text in which a word stands, cut round it. @param word folded */
function lineWith(text: string, word: string): string {
  const lines = text.split('\n');
  const line = (lines.find((line) => folded(line).includes(word)) ?? lines[0] ?? '').trim();
  if (line.length <= LINE) return line;
  const start = Math.max(0, folded(line).indexOf(word) - BEFORE);
  // Half of a character at an end is none.
  const cut = line.slice(start, start + LINE).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, '');
  return `${start > 0 ? '…' : ''}${cut}${start + LINE < line.length ? '…' : ''}`;
}
