import { type Batch, type BatchEndpoint, hasEndedBatch, readBatch, readResults } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { uploadFile } from '../api/files.ts';
import { waitForJob } from '../api/job.ts';
import { localFile } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import { spool } from '../input/spool.ts';
import { isObject, type JsonObject } from '../json.ts';
import { warn } from '../output/messages.ts';
import { BatchState } from './batch-state.ts';
import { isProblem, lineOf, type RowResult, rowFailure } from './row-result.ts';
import type { BulkJob } from './run.ts';
import { noteRest, type ResultLine, type Sink } from './sink.ts';

/** How a job goes through the API's own Batch service, at half the price and within a day. */
export interface BatchWay<Asked> {
  readonly endpoint: BatchEndpoint;
  /** The request for a row. */
  body(asked: Asked): object;
  /** What an answer says. @throws Failure where it is none */
  read(answer: unknown): RowResult;
}

/** What a batch takes (the API's reference, `/batches`): requests, and bytes of their file. */
const MOST_REQUESTS = 50_000;
const MOST_BYTES = 190 * 1024 * 1024;

/** Ms between two looks at a batch: soon at first, later once a minute. */
const PACE = { first: 2000, factor: 2, longest: 60_000 };

/** What all of a batch job shares. */
export interface BatchRun {
  readonly api: Api;
  readonly context: Context;
  readonly sink: Sink;
  /** As it was typed. */
  readonly output: string;
  /** Rows to take. */
  readonly limit: number | undefined;
}

/**
 * Works through rows by batches: their requests are uploaded, waited for, and the results written down by their rows.
 * Which batches are under way stands in `OUTPUT.batch`, so that a later run of the same command goes on waiting.
 * @throws Failure: of kind `partial` where rows failed; Stopped
 */
export async function runBatches<Asked>(
  rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>,
  job: BulkJob<Asked>,
  way: BatchWay<Asked>,
  run: BatchRun,
): Promise<void> {
  const state = new BatchState(run.output, way.endpoint, run.api, run.context);
  const counts = { failed: 0, done: 0 };
  const earlier = await state.begun();
  await collectAll(earlier, way, run, counts, state);
  // What failed in a batch that was waited for just now is for another run.
  await beginAll(rows, job, way, run, state, earlier.length > 0, counts);
  await collectAll(await state.begun(), way, run, counts, state);
  if (counts.failed === 0) return;
  const all = counts.failed + counts.done;
  throw new Failure('partial', `${counts.failed} of ${all} rows failed`, { hint: run.sink.goesOn });
}

/** Begins batches for the rows that have no result. */
async function beginAll<Asked>(
  rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>,
  job: BulkJob<Asked>,
  way: BatchWay<Asked>,
  run: BatchRun,
  state: BatchState,
  leaveFailed: boolean,
  counts: { failed: number; done: number },
): Promise<void> {
  const { api, context, sink, limit } = run;
  let isOver = false;
  let taken = 0;
  let lastRow = 0;
  while (!isOver) {
    let [count, bytes] = [0, 0];
    const requests = await spool(async (writer) => {
      while (count < MOST_REQUESTS && bytes < MOST_BYTES) {
        const step = limit !== undefined && taken >= limit ? undefined : await rows.next();
        if (step === undefined || step.done === true) {
          isOver = true;
          if (step !== undefined) noteRest(sink, lastRow, context);
          return;
        }
        context.signal.throwIfAborted();
        lastRow = step.value.row;
        taken += 1;
        const line = await requestLine(step.value, job, way, sink, leaveFailed);
        if (line === undefined) continue;
        if ('failure' in line) {
          counts.failed += 1;
          await sink.write([line.failure]);
          continue;
        }
        const piece = Buffer.from(`${line.request}\n`);
        count += 1;
        bytes += piece.length;
        await writer.write(piece);
      }
    });
    try {
      if (count === 0) continue;
      const file = await localFile(requests.path, {
        cwd: context.cwd,
        name: 'requests.jsonl',
        type: 'application/jsonl',
        shown: 'the file of the requests',
        source: { kind: 'made' },
      });
      const { id: fileId } = await uploadFile(api, file, { purpose: 'batch' }, context);
      const batch = await state.begin(fileId);
      warn(
        context,
        `${batch.id}: ${count} rows, done within a day; Ctrl-C leaves it running, and the same command collects it`,
      );
    } finally {
      await requests.dispose();
    }
  }
}

/** @returns undefined for a row that is done */
async function requestLine<Asked>(
  row: Row | BadRow,
  job: BulkJob<Asked>,
  way: BatchWay<Asked>,
  sink: Sink,
  leaveFailed: boolean,
): Promise<{ request: string } | { failure: ResultLine } | undefined> {
  if ('problem' in row) return { failure: problemLine(row, '', row.problem) };
  const key = job.key(row);
  if (await sink.isDone(row, key, leaveFailed)) return undefined;
  const asked = await job.prepare(row);
  if (isProblem(asked)) return { failure: problemLine(row, key, asked.problem) };
  const body = way.body(asked);
  return { request: JSON.stringify({ custom_id: idFor(row, key), method: 'POST', url: way.endpoint, body }) };
}

function problemLine(row: Row | BadRow, key: string, problem: string): ResultLine {
  return lineOf({ row, key, outcome: { failure: rowFailure(row, problem) } });
}

/** All that is to be known of a row when its result comes, maybe in another run: its number, its key and its id. */
function idFor({ row, id }: Row, key: string): string {
  return `${row}.${key}.${Buffer.from(JSON.stringify(id)).toString('base64url')}`;
}

function rowOf(customId: unknown): Pick<ResultLine, 'row' | 'id' | 'key'> | undefined {
  const [, row, key, id] = /^(\d+)\.([0-9a-f]{12})\.([\w-]+)$/.exec(String(customId)) ?? [];
  if (row === undefined || key === undefined || id === undefined) return undefined;
  return { row: Number(row), key, id: JSON.parse(Buffer.from(id, 'base64url').toString()) };
}

/** Waits for batches, and writes down what each of them gives. */
async function collectAll<Asked>(
  ids: readonly string[],
  way: BatchWay<Asked>,
  run: BatchRun,
  counts: { failed: number; done: number },
  state: BatchState,
): Promise<void> {
  const left = [...ids];
  for (const id of ids) {
    const batch = await ended(id, run);
    const { output_file_id: output, error_file_id: errors } = batch;
    for (const file of [output, errors]) {
      const name = `the ${file === output ? 'results' : 'errors'} of ${id}`;
      if (typeof file === 'string' && file !== '') await collect(file, name, way, run, counts);
    }
    left.shift();
    await state.write(left);
    if (batch.status !== 'completed' && typeof output !== 'string') throw unfinished(batch);
    if (batch.status !== 'completed')
      warn(run.context, `${id} ${batch.status}: the same command asks for the rest`);
  }
}

function unfinished({ id, status, errors }: Batch): Failure {
  const [first] = errors?.data ?? [];
  const reason = first?.message === undefined ? '' : `: ${first.message}`;
  return new Failure('refused', `${id} ${status}${reason}`, { code: first?.code ?? status });
}

function ended(id: string, { api, context }: BatchRun): Promise<Batch> {
  const job = {
    name: id,
    look: (own: Api) => readBatch(own, id),
    hasEnded: hasEndedBatch,
    told: ({ status, request_counts: counts }: Batch) =>
      `${id} is ${status}: ${counts?.completed ?? 0} of ${counts?.total ?? 0} rows`,
    comeBack: 'the same command collects it',
    pace: PACE,
  };
  return waitForJob(job, api, context);
}

async function collect<Asked>(
  file: string,
  name: string,
  way: BatchWay<Asked>,
  { api, context, sink }: BatchRun,
  counts: { failed: number; done: number },
): Promise<void> {
  for await (const line of readResults(api, file, name, context)) {
    const place = rowOf(line['custom_id']);
    // Nothing of this program's making.
    if (place === undefined) continue;
    const written = { ...place, ...resultOf(line, way) };
    if ('error' in written) counts.failed += 1;
    else counts.done += 1;
    await sink.write([written]);
  }
}

function resultOf<Asked>(line: JsonObject, way: BatchWay<Asked>): Omit<ResultLine, 'row' | 'id' | 'key'> {
  const { response, error } = line;
  const { status_code: status, body, request_id: requestId } = isObject(response) ? response : {};
  if (typeof status === 'number' && status < 400) {
    try {
      const { result, usage, failure } = way.read(body);
      return {
        ...(result !== undefined && { result }),
        ...(failure !== undefined && {
          error: errorOf(failure.message, failure.code ?? failure.kind, null, requestId),
        }),
        ...(usage !== undefined && { usage }),
      };
    } catch (failure) {
      const { message } = failure instanceof Error ? failure : new Error(String(failure));
      const code = failure instanceof Failure ? (failure.code ?? failure.kind) : 'invalid_answer';
      return { error: errorOf(message, code, status, requestId) };
    }
  }
  const told = isObject(body) && isObject(body['error']) ? body['error'] : isObject(error) ? error : {};
  return { error: errorOf(told['message'] ?? 'it was not answered', told['code'], status, requestId) };
}

function errorOf(message: unknown, code: unknown, status: unknown, requestId: unknown): JsonObject {
  return {
    message: String(message),
    code: code ?? null,
    status: status ?? null,
    requestId: requestId ?? null,
  };
}
