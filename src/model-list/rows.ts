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
  { settings }: Pick<Api, 'settings'>,
  uses: ReadonlyMap<string, readonly string[]>,
  now: number,
): ModelRow {
  const { id, owned_by = null } = model;
  const created = typeof model.created === 'number' ? model.created : null;
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
  made: ({ created }) => dateOf(created),
  ends: ({ shutdown_date }) => shutdown_date,
  'days left': ({ days_left }) => days_left,
  'used for': ({ used_for }) => (used_for.length === 0 ? '' : used_for.join(', ')),
};

/** A day; null where a server says what is none. */
function dateOf(created: number | null): string | null {
  const date = new Date((created ?? Number.NaN) * 1000);
  return Number.isNaN(date.getTime()) ? null : date.toISOString().slice(0, 10);
}
