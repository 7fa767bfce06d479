import type { Batch } from '../api/batches.ts';
import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { labelsText } from '../output/labels.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { timeText } from '../output/time.ts';

/** Batches as a table shows them. */
export const batchColumns: Columns<Batch> = {
  ID: ({ id }) => id,
  STATUS: ({ status }) => status,
  DONE: ({ request_counts: counts }) =>
    typeof counts?.completed === 'number' ? `${counts.completed}/${counts.total}` : null,
  FAILED: ({ request_counts: counts }) => counts?.failed,
  CREATED: ({ created_at: created }) => timeText(created),
  ENDPOINT: ({ endpoint }) => endpoint,
  LABELS: ({ metadata }) => labelsText(metadata),
};

/** Prints one batch: a table on a terminal, a line of JSON elsewhere, the API's own answer with `--json`. */
export async function showBatch(
  batch: Batch,
  { json = false }: { readonly json?: boolean | undefined },
  context: Context,
): Promise<void> {
  if (json) await writeJson(context.stdout, batch);
  else await writeRows(context, [batch], batchColumns, false);
}
