import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import { writeRows } from '../output/table.ts';
import { conversationRow } from './conversation-json.ts';
import { countConversations, listConversations } from './conversations.ts';
import { type HistoryOptions, withHistory } from './reading.ts';
import { timeText } from './times.ts';

/** Rows that are shown where nobody says how many. */
export const USUAL_LIMIT = 100;

/** Shows the conversations, the newest first. @throws Failure (usage) */
export async function listHistory({ limit, all, json }: HistoryOptions, context: Context): Promise<void> {
  const most = all === true ? undefined : (limit ?? USUAL_LIMIT);
  const { rows, count } = await withHistory(
    context,
    'read',
    (store) => ({
      rows: listConversations(store, most).map(conversationRow),
      count: countConversations(store),
    }),
    () => ({ rows: [], count: 0 }),
  );
  const columns = {
    id: (row: (typeof rows)[number]) => row.id,
    updated: (row: (typeof rows)[number]) => timeText(Date.parse(row.updated)),
    exchanges: (row: (typeof rows)[number]) =>
      row.running === 0 ? row.exchanges : `${row.exchanges} (${row.running} running)`,
    model: (row: (typeof rows)[number]) => row.model,
    conversation: (row: (typeof rows)[number]) => row.name ?? row.title,
  };
  if (rows.length > 0 || json === true) await writeRows(context, rows, columns, json === true);
  if (count === 0) warn(context, 'nothing is kept yet');
  else if (rows.length < count && limit === undefined) {
    warn(
      context,
      `the newest ${rows.length} of ${count.toLocaleString('en')}; --all shows all, --limit so many`,
    );
  }
}
