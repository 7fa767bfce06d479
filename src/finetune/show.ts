import type { FineTuneCheckpoint, FineTuneJob } from '../api/fine-tunes.ts';
import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import { labelsText } from '../output/labels.ts';
import { alignedTable, type Columns } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import { timeText } from '../output/time.ts';

/** Jobs as a table shows them. */
export const fineTuneColumns: Columns<FineTuneJob> = {
  ID: ({ id }) => id,
  STATUS: ({ status }) => status,
  METHOD: methodOf,
  CREATED: ({ created_at: created }) => timeText(created),
  BASE: ({ model }) => model,
  MODEL: ({ fine_tuned_model: model }) => model,
  LABELS: ({ metadata }) => labelsText(metadata),
};

export const checkpointColumns: Columns<FineTuneCheckpoint> = {
  STEP: ({ step_number: step }) => step,
  TRAIN: ({ metrics }) => measured(metrics, 'train'),
  VALIDATION: ({ metrics }) => measured(metrics, 'full_valid') ?? measured(metrics, 'valid'),
  CREATED: ({ created_at: created }) => timeText(created),
  MODEL: ({ fine_tuned_model_checkpoint: model }) => model,
};

/** The loss, or the reward, of a part of the data. */
function measured(metrics: unknown, of: string): unknown {
  if (!isObject(metrics)) return null;
  const name = Object.keys(metrics).find((key) => key === `${of}_loss` || key === `${of}_mean_reward`);
  return name === undefined ? null : metrics[name];
}

function methodOf({ method }: FineTuneJob): string {
  return method?.type ?? 'supervised';
}

/** Prints one job: a summary on a terminal, a line of JSON elsewhere, the API's own answer with `--json`. */
export async function showFineTune(
  job: FineTuneJob,
  { json = false }: { readonly json?: boolean | undefined },
  { stdout }: Pick<Context, 'stdout'>,
): Promise<void> {
  if (json) return void (await writeJson(stdout, job));
  if (!stdout.isTTY) return void (await writeJsonLine(stdout, job));
  const rows = summary(job).filter((row): row is [string, string] => typeof row[1] === 'string');
  await stdout.write(await alignedTable(rows));
}

/** What there is to say of a job, each with its name; servers that are not OpenAI's leave out much. */
function summary(job: FineTuneJob): (readonly [name: string, value: string | null | undefined])[] {
  const { validation_file: validation, result_files: results, error } = job;
  return [
    ['ID', job.id],
    ['STATUS', job.status],
    ['BASE', job.model],
    ['METHOD', methodOf(job)],
    ['MODEL', job.fine_tuned_model],
    ['HYPERPARAMETERS', hyperparametersText(job)],
    ['SEED', job.seed == null ? null : String(job.seed)],
    ['TRAINED TOKENS', job.trained_tokens == null ? null : job.trained_tokens.toLocaleString('en')],
    ['TRAINING FILE', job.training_file],
    ['VALIDATION FILE', validation],
    ['RESULTS', Array.isArray(results) ? results.join(' ') || null : null],
    ['LABELS', labelsText(job.metadata)],
    ['CREATED', timeText(job.created_at)],
    ['ENDS ABOUT', job.estimated_finish == null ? null : timeText(job.estimated_finish)],
    ['ENDED', job.finished_at == null ? null : timeText(job.finished_at)],
    ['ERROR', error?.message ? `${error.message} (${error.code})` : null],
  ];
}

/** `n_epochs 3, batch_size 1`; the older place of them where the method has none. */
function hyperparametersText({ method, hyperparameters }: FineTuneJob): string | null {
  const own = method?.[method.type]?.hyperparameters ?? hyperparameters ?? {};
  const words = Object.entries(own).map(([name, value]) => `${name} ${value}`);
  return words.join(', ') || null;
}

/** Prints what a job is now: its status, or the API's own answer with `--json`. */
export async function showStatus(
  job: FineTuneJob,
  { json = false }: { readonly json?: boolean | undefined },
  { stdout }: Pick<Context, 'stdout'>,
): Promise<void> {
  if (json) await writeJson(stdout, job);
  else await stdout.write(`${inertText(job.status)}\n`);
}
