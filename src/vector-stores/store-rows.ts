import type { VectorStore } from '../api/vector-stores.ts';
import { sizeText } from '../output/size.ts';
import type { Columns } from '../output/table.ts';
import { timeText } from '../output/time.ts';

/** What a table tells of a store. */
export const storeColumns: Columns<VectorStore> = {
  ID: ({ id }) => id,
  FILES: ({ file_counts: counts }) => filesText(counts),
  SIZE: ({ usage_bytes: bytes }) => (typeof bytes === 'number' ? sizeText(bytes) : null),
  CREATED: ({ created_at: created }) => dayText(created),
  EXPIRES: ({ status, expires_at: end }) =>
    status === 'expired' ? 'expired' : end == null ? null : dayText(end),
  NAME: ({ name }) => name || null,
};

function dayText(seconds: number): string | null {
  return timeText(seconds)?.slice(0, 10) ?? null;
}

/** `300`, or how many of them can be searched: `298 of 300`. */
function filesText({ completed, total }: VectorStore['file_counts']): string | null {
  // Servers that are not OpenAI's leave out much.
  if (typeof total !== 'number') return null;
  return completed === total ? String(total) : `${completed} of ${total}`;
}
