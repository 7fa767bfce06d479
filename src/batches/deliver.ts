import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Batch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import type { LocalFile } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeOutputFolder } from '../output/folders.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { isStdoutPath } from '../output/target.ts';
import { inertText } from '../output/terminal.ts';
import { checkWritable, throughLinks } from '../output/writable.ts';
import { BatchResults, type WantedLines } from './results.ts';
import { UnderWayFile } from './under-way.ts';
import { sayBatchUsage } from './usage.ts';
import { failedBatch, sayBatchErrors } from './verdict.ts';

/** Where results go, and which. */
export interface Delivery {
  readonly wanted: WantedLines;
  /** As it was typed; undefined is stdout. */
  readonly output: string | undefined;
  readonly force: boolean;
  /** With a file, print the batch, and not the name of the file. */
  readonly json: boolean;
}

/** Looks whether the results could be written, before anything is paid or waited for. @throws Failure (usage) */
export async function checkDelivery({ output, force }: Delivery, { cwd }: Context): Promise<void> {
  if (output === undefined || isStdoutPath(output)) return;
  if (/[/\\]$/.test(output)) throw usageError(`-o ${output} is a directory`, `-o ${output}out.jsonl`);
  await checkWritable(resolve(cwd, output), { force });
}

/**
 * Sees to it that results do not take the place of the requests, whatever is forced: those may be all that there is of
 * them.
 * @param input its path
 * @throws Failure (usage) where both are one file
 */
export async function refuseInput({ output }: Delivery, input: string, { cwd }: Context): Promise<void> {
  if (output === undefined || isStdoutPath(output)) return;
  const [there, here] = await Promise.all(
    [output, input].map((path) => throughLinks(resolve(cwd, path)).catch(() => path)),
  );
  if (there !== here) return;
  throw usageError(`-o ${output} is the file of the requests`, 'another name for the results');
}

/**
 * Fetches the results of a batch that has ended, and gives them out.
 * @param local its input, where it is at hand
 * @throws Failure: of kind `partial` where rows have no answer, once the others are written; `refused` where it never
 *   began; Stopped
 */
export async function deliver(
  batch: Batch,
  local: LocalFile | undefined,
  delivery: Delivery,
  api: Api,
  context: Context,
): Promise<void> {
  if (batch.status === 'failed') {
    sayBatchErrors(batch, context);
    await forget(batch, delivery, context);
    throw failedBatch(batch);
  }
  const results = await BatchResults.fetch(batch, local, api, context);
  try {
    if (delivery.wanted === 'failed input' && !results.hasInput) {
      throw new Failure('refused', `the input of ${batch.id} is no more`, {
        hint: '--input names your copy',
      });
    }
    if (results.strays > 0) {
      warn(context, `${results.strays} results are of no row of the input: they stand at the end`);
    }
    await give(results, batch, delivery, context);
  } finally {
    await results.close();
  }
  await forget(batch, delivery, context);
  await sayBatchUsage(batch, api, context);
  const problem = problemOf(batch, results, delivery);
  if (problem !== undefined) throw problem;
}

async function give(
  results: BatchResults,
  batch: Batch,
  { wanted, output, force, json }: Delivery,
  { stdout, cwd, signal }: Context,
): Promise<void> {
  const lines = results.lines(wanted, signal);
  if (output === undefined || isStdoutPath(output)) {
    for await (const line of lines) await stdout.write(stdout.isTTY ? inertText(line.toString()) : line);
    return;
  }
  const path = resolve(cwd, output);
  await makeOutputFolder(dirname(path));
  // The API has them still: what was cut is worth nothing.
  const onKept = (part: string) => void rm(part, { force: true }).catch(() => {});
  await writeFileAtomic(path, await orEmpty(lines), { force, signal, onKept });
  if (json) await writeJson(stdout, batch);
  else await stdout.write(`${stdout.isTTY ? inertText(output) : output}\n`);
}

/** A file of no lines is written all the same. */
async function orEmpty(lines: AsyncGenerator<Buffer>): Promise<AsyncIterable<Buffer> | string> {
  const first = await lines.next();
  if (first.done === true) return '';
  return (async function* () {
    yield first.value;
    yield* lines;
  })();
}

/** Its results are where they belong: the same command has nothing to go on with. */
async function forget({ id }: Batch, { output }: Delivery, context: Context): Promise<void> {
  const file = await UnderWayFile.beside(output, context);
  const underWay = await file?.read().catch(() => undefined);
  if (underWay?.batch === id) await file?.remove();
}

function problemOf(
  { id, status }: Batch,
  { tally }: BatchResults,
  { wanted }: Delivery,
): Failure | undefined {
  const { problems, total } = tally;
  const done = `${tally.count('done')} of ${total} rows are done`;
  const ended = status === 'completed' ? '' : `${id} ${status === 'cancelled' ? 'was cancelled' : status}: `;
  if (problems === undefined && ended === '') return undefined;
  const hint =
    wanted === 'failed input'
      ? undefined
      : `oai batch results ${id} --failed-input -o again.jsonl has what to ask again`;
  const parts = [done, ...(problems === undefined ? [] : [problems])].join('; ');
  return new Failure('partial', `${ended}${parts}`, {
    hint,
    code: status === 'completed' ? undefined : `batch_${status}`,
  });
}
