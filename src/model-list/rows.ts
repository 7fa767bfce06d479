import type { Api } from '../api/client.ts';
import type { ListedModel } from '../api/model-list.ts';
import { daysUntil, lifecycleOf } from '../api/models.ts';
import type { Columns } from '../output/table.ts';

/** A model as it is told. */
export interface ModelRow {
  readonly id: string;
  readonly owned_by: string | null;
  /** Seconds since 1970. */
  readonly created: number | null;
  /** `2027-01-14`; null where none is announced. */
  readonly shutdown_date: string | null;
  /** Until then; 0 or less where it has come. */
  readonly days_left: number | null;
  /** What this program uses it for. */
  readonly used_for: readonly string[];
}

/** @param now ms since 1970 */
export function modelRow(
  model: ListedModel,
  { settings }: Api,
  uses: ReadonlyMap<string, readonly string[]>,
  now: number,
): ModelRow {
  const { id, created = null, owned_by = null } = model;
  const end = model.shutdown_date ?? (settings.isOpenAI ? lifecycleOf(id)?.shutdown : undefined) ?? null;
  return {
    id,
    owned_by,
    created,
    shutdown_date: end,
    days_left: end === null ? null : daysUntil(end, now),
    used_for: uses.get(id) ?? [],
  };
}

/** As they stand on a terminal. */
export const modelColumns: Columns<ModelRow> = {
  model: ({ id }) => id,
  owner: ({ owned_by }) => owned_by,
  made: ({ created }) => (created === null ? null : new Date(created * 1000).toISOString().slice(0, 10)),
  ends: ({ shutdown_date }) => shutdown_date,
  'days left': ({ days_left }) => days_left,
  'used for': ({ used_for }) => (used_for.length === 0 ? '' : used_for.join(', ')),
};
