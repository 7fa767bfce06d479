import type { Context } from '../context.ts';
import { warn } from './messages.ts';
import { type Columns, writeRows } from './table.ts';

/**
 * Writes a list that comes page by page: a pipe gets the rows as they come; a table and a document are made of all of
 * them, and of what came before a failure.
 * @param empty what a person is told where there is none
 * @throws what the pages throw
 */
export async function writePages<Row>(
  pages: AsyncIterable<readonly Row[]>,
  shown: Columns<Row>,
  { json = false, empty }: { readonly json?: boolean | undefined; readonly empty: string },
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
  else if (context.stdout.isTTY) warn(context, empty);
}
