import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import type { Watcher } from '../api/transport/watch.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { type BulkOptions, rowsOf } from '../flags/bulk.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { isStdinPath } from '../input/file.ts';
import { isStdoutPath } from '../output/target.ts';
import { ENDED_EARLY } from './failures.ts';
import { Governor } from './governor.ts';
import { openRows, type RowSource } from './open-rows.ts';
import { BulkProgress } from './progress.ts';
import { type BulkJob, runBulk } from './run.ts';
import { fileSink, type Sink, stdoutSink } from './sink.ts';

/** How a job over rows is set up. */
export interface JobSetup<Asked> {
  /** What is being done, for people: `asking gpt-6-luna`. */
  readonly what: string;
  /** The model that is asked, for what it costs. */
  readonly model: string;
  readonly job: BulkJob<Asked>;
  /** Requests at once, where the user says nothing and a server would bear more: they are large. */
  readonly most?: number | undefined;
}

/** Makes the API ready for many requests, of which each has a time of its own. */
export type ConnectMany = (watcher: Watcher) => Promise<Api>;

export interface JobOptions {
  /** Where results go, in place of JSON Lines. */
  readonly makeSink?: (() => Sink) | undefined;
  /** Requests at once, where the user says nothing and a server would bear more: its answers are large. */
  readonly most?: number;
}

/**
 * Works through the rows that the flags name.
 * @param setUp makes the job, once there is an API
 * @throws Failure or Stopped
 */
export async function runJob<Asked>(
  options: BulkOptions & GlobalOptions,
  connect: ConnectMany,
  setUp: (api: Api) => Promise<JobSetup<Asked>>,
  context: Context,
  { makeSink, most }: JobOptions = {},
): Promise<void> {
  const format = rowsOf(options);
  if (format === undefined) throw usageError('no rows', 'add --rows lines, jsonl, csv or nul');
  const governor = new Governor(context.clock, options.dryRun === true ? 1 : options.concurrency, most);
  const api = await connect(governor);
  const { what, model, job, most: mostOfJob } = await setUp(api);
  if (mostOfJob !== undefined) governor.atMost(mostOfJob);
  const source = await openRows(format, { input: options.input, idField: options.id }, context);
  const isOrdered = options.unordered !== true;
  await refuseSameFile(options, context);
  const meter = await meterFor(options, model, context);
  const sink = makeSink === undefined ? await sinkFor(options, isOrdered, context) : makeSink();
  return closing(sink, async () => {
    if (options.batch === true && options.dryRun !== true) {
      return runAsBatch(job, { source, sink, options, api }, context);
    }
    const progress = new BulkProgress(what, source.share, meter, context);
    const { limit, maxFailures, maxCost } = options;
    const limits = { rows: options.dryRun === true ? 1 : limit, failures: maxFailures, cost: maxCost };
    await runBulk(source.rows, job, { api, context, governor, sink, isOrdered, limits, progress });
  });
}

/** Does the work, and closes what it writes into. @throws what the work throws; Failure (incomplete) on a full disk */
async function closing(sink: Sink, work: () => Promise<void>): Promise<void> {
  let isComplete = false;
  try {
    await work();
    isComplete = true;
  } catch (error) {
    isComplete = isEndOfJob(error);
    throw error;
  } finally {
    await sink.close(isComplete);
  }
}

/** Rows would be gone before they are read. @throws Failure (usage) */
async function refuseSameFile({ input, output }: BulkOptions, { cwd, stdin }: Context): Promise<void> {
  if (output === undefined || isStdoutPath(output)) return;
  const from = input === undefined || isStdinPath(input) ? '/dev/stdin' : resolve(cwd, input);
  if (from === '/dev/stdin' && stdin.kind !== 'file') return;
  const [rows, results] = await Promise.all(
    [from, resolve(cwd, output)].map((path) => stat(path).catch(() => undefined)),
  );
  if (rows === undefined || results === undefined || rows.ino !== results.ino || rows.dev !== results.dev)
    return;
  throw usageError(`-o ${output} is the file that the rows come from`, 'another name for the results');
}

/** The same rows by the API's Batch service. */
async function runAsBatch<Asked>(
  job: BulkJob<Asked>,
  {
    source,
    sink,
    options,
    api,
  }: { readonly source: RowSource; readonly sink: Sink; readonly options: BulkOptions; readonly api: Api },
  context: Context,
): Promise<void> {
  const { runBatches } = await import('./batch.ts');
  if (job.batch === undefined) throw usageError('--batch does not go with this', 'leave it out');
  const run = { api, context, sink, output: options.output ?? '', limit: options.limit };
  await runBatches(source.rows, job, job.batch, run);
}

/** Rows that failed are no reason to leave the file untidy. */
function isEndOfJob(error: unknown): boolean {
  return error instanceof Failure && error.kind === 'partial' && error.code !== ENDED_EARLY;
}

async function sinkFor(
  { output, force = false, dryRun }: BulkOptions & GlobalOptions,
  isOrdered: boolean,
  context: Context,
): Promise<Sink> {
  if (output === undefined || isStdoutPath(output) || dryRun === true) return stdoutSink(context);
  return fileSink(output, { isOrdered, force }, context);
}

/** Prices are loaded only where somebody sees them, or is limited by them. */
async function meterFor({ maxCost, quiet }: BulkOptions & GlobalOptions, model: string, { stderr }: Context) {
  if (maxCost === undefined && (!stderr.isTTY || quiet === true)) return undefined;
  const { meterOf } = await import('./meter.ts');
  const meter = meterOf(model);
  if (meter === undefined && maxCost !== undefined) {
    throw usageError(`--max-cost: no price is known for ${model}`, '--limit sets a limit of rows');
  }
  return meter;
}
