import type { Api } from '../api/client.ts';
import type { ListedModel } from '../api/model-list.ts';
import { lifecycleOf } from '../api/models.ts';
import { Failure } from '../errors.ts';
import { type ModelRow, modelRow } from './rows.ts';

/** What is looked at, and from where. */
export interface Watched {
  readonly models: readonly ListedModel[];
  readonly uses: ReadonlyMap<string, readonly string[]>;
  /** Of `--model`. */
  readonly named: readonly string[];
  /** Ms since 1970. */
  readonly now: number;
}

/**
 * The models in use that end within so many days, the first to end first; one that is not there any more has ended.
 * @param days how far to look
 */
export function retiring({ models, uses, named, now }: Watched, days: number, api: Api): ModelRow[] {
  const wanted = [...new Set([...uses.keys(), ...named])];
  const rows = wanted.map((id) => {
    const listed = models.find((model) => model.id === id);
    const row = modelRow(listed ?? { id }, api, uses, now);
    return listed === undefined ? { ...row, days_left: Math.min(row.days_left ?? 0, 0) } : row;
  });
  return rows
    .filter(({ days_left }) => days_left !== null && days_left <= days)
    .sort((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0));
}

/** What a check says of such models; undefined where there are none. */
export function retirementFailure(rows: readonly ModelRow[], days: number): Failure | undefined {
  if (rows.length === 0) return undefined;
  const shown = rows.map(({ id, shutdown_date, days_left }) => {
    if ((days_left ?? 0) > 0) return `${id} ends on ${shutdown_date}`;
    return shutdown_date === null ? `${id} is not there` : `${id} ended on ${shutdown_date}`;
  });
  const successors = [...new Set(rows.flatMap(({ id }) => lifecycleOf(id)?.successor ?? []))];
  return new Failure('check', `within ${days} ${days === 1 ? 'day' : 'days'}: ${shown.join(', ')}`, {
    hint: successors.length === 0 ? undefined : `in their place: ${successors.join(', ')}`,
  });
}
