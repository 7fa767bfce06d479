import type { ListedModel } from '../api/model-list.ts';
import { defaultModels, lifecycleOf, retirementWarning } from '../api/models.ts';
import type { Context } from '../context.ts';
import { type ModelRow, modelRow } from '../model-list/rows.ts';
import { usesOf } from '../model-list/uses.ts';
import { CAPABILITIES } from '../settings/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { broken, type Finding, ok, skipped, warning } from './finding.ts';

/** A model in use, and what is known of it. */
interface InUse {
  readonly row: ModelRow;
  /** The settings name it: nothing takes its place by itself. */
  readonly chosen: boolean;
  /** Undefined where the server did not tell what there is. */
  readonly listed: boolean | undefined;
}

/**
 * Looks at the models that commands use where none is named.
 * @param models what the server has; undefined where it did not tell
 */
export function examineModels(
  settings: Settings,
  models: readonly ListedModel[] | undefined,
  { clock }: Pick<Context, 'clock'>,
): Finding[] {
  const now = clock.now();
  const uses = usesOf({ settings });
  if (uses.size === 0) {
    return [
      skipped(
        'models',
        `profile ${settings.profile} has no models of its own; \`oai config set models.chat NAME\` sets one`,
      ),
    ];
  }
  const inUse = [...uses.keys()].map((id): InUse => {
    const found = models?.find((model) => isSame(model.id, id));
    return {
      row: modelRow({ ...found, id }, { settings }, uses, now),
      chosen: CAPABILITIES.some((capability) => settings.model(capability, undefined) === id),
      listed: models === undefined ? undefined : found !== undefined,
    };
  });
  const wrong = inUse.flatMap((model) => problemWith(model, now) ?? []);
  return [...wrong, ...(wrong.length === 0 ? [summary(inUse)] : [])];
}

/** Some servers list `models/NAME`, or `NAME:latest`. */
function isSame(listed: string, id: string): boolean {
  return listed === id || listed.endsWith(`/${id}`) || listed.startsWith(`${id}:`);
}

function problemWith({ row, chosen, listed }: InUse, now: number): Finding | undefined {
  const { id, days_left: days, shutdown_date: end, used_for: uses } = row;
  const name = `${id} (for ${uses.join(', ')})`;
  const successor = lifecycleOf(id)?.successor;
  const advice = chosen
    ? `${successor === undefined ? 'choose another' : `${successor} takes its place`}: \`oai config list\` shows where it is set`
    : `${successor === undefined ? 'another oai may know what takes its place' : `oai takes ${successor} in its place`}; -m chooses another`;
  if (days !== null && days <= 0) {
    const ended = `${name} ended on ${end}`;
    // Of its own defaults, oai knows the way round.
    return chosen || successor === undefined
      ? broken('models', ended, advice, { ...row })
      : warning('models', ended, advice, { ...row });
  }
  if (listed === false) {
    const lacking = `${name} is not among the models that this key may use`;
    const allow = 'allow it in the settings of the project, or choose another with -m or `oai config set`';
    return chosen || id === defaultModels.chat
      ? broken('models', lacking, allow, { ...row })
      : warning('models', lacking, allow, { ...row });
  }
  if (!chosen) return undefined;
  const soon = retirementWarning(id, now) === undefined ? undefined : `${name} ends on ${end}`;
  return soon === undefined ? undefined : warning('models', `${soon}, in ${days} days`, advice, { ...row });
}

function summary(inUse: readonly InUse[]): Finding {
  const rows = inUse.map(({ row }) => row);
  const [next] = rows
    .filter(({ days_left: days }) => days !== null)
    .sort((a, b) => (a.days_left ?? 0) - (b.days_left ?? 0));
  const there = inUse.every(({ listed }) => listed === true) ? 'are there' : 'have no end that is past';
  const first =
    next === undefined
      ? ''
      : `; the first to end is ${next.id} (for ${next.used_for.join(', ')}), on ${next.shutdown_date}`;
  return ok('models', `the ${rows.length} in use ${there}${first}`, { models: rows });
}
