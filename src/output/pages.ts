import type { Context } from '../context.ts';
import { warn } from './messages.ts';
import { type Columns, writeRows } from './table.ts';

/**
 * Writes a list that comes page by page. A pipe gets the rows as they come; a table and a document are made of all of
 * them, and of those that came where the rest fails.
 * @param nothing what a person is told of an empty list
 * @throws what the pages throw
 */
export async function writePages<Row>(
  pages: AsyncIterable<readonly Row[]>,
  shown: Columns<Row>,
  { json = false, nothing }: { readonly json?: boolean | undefined; readonly nothing: string },
  context: Context,
): Promise<void> {
  const all: Row[] = [];
  try {
    for await (const page of pages) {
      if (json || context.stdout.isTTY) all.push(...page);
      else await writeRows(context, page, shown, false);
    }
  } catch (error) {
    if (all.length > 0) await writeRows(context, all, shown, json);
    throw error;
  }
  if (json || all.length > 0) await writeRows(context, all, shown, json);
  else if (context.stdout.isTTY) warn(context, nothing);
}

/** A time of the API, in seconds since 1970, for a table: `2026-11-21 12:00`, of UTC. Null where it is none. */
export function timeText(seconds: unknown): string | null {
  const time = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN);
  return Number.isNaN(time.getTime()) ? null : time.toISOString().slice(0, 16).replace('T', ' ');
}
