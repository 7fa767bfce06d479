import { dirname, resolve } from 'node:path';
import { type Batch, hasEndedBatch, readBatch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { localFile } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { makeOutputFolder } from '../output/folders.ts';
import { writeJson } from '../output/json.ts';
import { lockFile } from '../output/lock.ts';
import { say, warn } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import { type BatchWishes, beginOrGoOn } from './begin.ts';
import { checkDelivery, type Delivery, deliver, refuseInput } from './deliver.ts';
import { type BatchInput, findBatchInput, type InputWish } from './input.ts';
import { UnderWayFile } from './under-way.ts';
import { unfinished } from './verdict.ts';
import { waitForBatch } from './wait.ts';

/** A batch that is wanted, and what is to become of its results. */
export interface WantedBatch {
  readonly input: InputWish;
  readonly wishes: BatchWishes;
  readonly wait: boolean;
  /** Ms between two looks. */
  readonly poll: number | undefined;
  readonly delivery: Delivery;
}

/**
 * Makes a batch of requests; with `wait`, gives its results once it has ended.
 * @throws Failure or Stopped
 */
export async function createAndDeliver(wanted: WantedBatch, api: Api, context: Context): Promise<void> {
  const { delivery } = wanted;
  await checkDelivery(delivery, context);
  // The sandbox of one command forgets with its end: nothing could be gone on with.
  const isPassing = api.dryRun || api.settings.sandbox;
  const underWay = isPassing ? undefined : await UnderWayFile.beside(delivery.output, context);
  const unlock = underWay === undefined ? undefined : await lockOutput(delivery, context);
  try {
    const input = await findBatchInput(wanted.input, api, context);
    try {
      if (input.file !== undefined) await refuseInput(delivery, input.file.path, context);
      await createFrom(input, underWay, wanted, api, context);
    } finally {
      await input.dispose();
    }
  } finally {
    await unlock?.();
  }
}

/** What is written beside the results comes first: their folder need not be there. @throws Failure (usage) */
async function lockOutput({ output = '' }: Delivery, context: Context): Promise<() => Promise<void>> {
  const path = resolve(context.cwd, output);
  await makeOutputFolder(dirname(path));
  return lockFile(path, output, context);
}

async function createFrom(
  input: BatchInput,
  underWay: UnderWayFile | undefined,
  { wishes, wait, poll, delivery }: WantedBatch,
  api: Api,
  context: Context,
): Promise<void> {
  const { force, output, json } = delivery;
  const begun = await beginOrGoOn({ input, wishes, underWay, force }, api, context);
  const comeBack = comeBackTo(begun.id, output);
  if (!wait) {
    if (json) await writeJson(context.stdout, begun);
    else await context.stdout.write(`${begun.id}\n`);
    await context.stdout.flush();
    // A full disk, or a reader that is gone: it is paid all the same.
    if (context.signal.aborted) return say(context, `it goes on by itself: ${comeBack}`);
    if (context.stderr.isTTY) warn(context, `done within ${begun.completion_window}: ${comeBack}`);
    return;
  }
  const count =
    input.rows === undefined ? '' : `${input.rows} ${input.rows === 1 ? 'request' : 'requests'}, `;
  const goesOn = api.settings.sandbox ? '' : '; Ctrl-C leaves it running';
  warn(context, `${begun.id}: ${count}done within ${begun.completion_window}${goesOn}`);
  const how = { poll, comeBack, isBegun: true };
  const ended = hasEndedBatch(begun) ? begun : await waitForBatch(begun.id, how, api, context);
  await deliver(ended, input.file, delivery, api, context);
}

/** What has the results of a batch, in the user's words. */
function comeBackTo(id: string, output: string | undefined): string {
  return `oai batch results ${id} --wait${output === undefined ? '' : ` -o ${quoted(output)}`}`;
}

/** A batch whose results are wanted. */
export interface WantedResults {
  readonly id: string;
  readonly wait: boolean;
  /** Ms between two looks. */
  readonly poll: number | undefined;
  /** The requests, as typed. */
  readonly input: string | undefined;
  readonly delivery: Delivery;
}

/** Gives the results of a batch. @throws Failure: of kind `incomplete` where it has none yet; Stopped */
export async function deliverOne(
  { id, wait, poll, input, delivery }: WantedResults,
  api: Api,
  context: Context,
): Promise<void> {
  const local = input === undefined ? undefined : await localFile(input, { cwd: context.cwd });
  const comeBack = comeBackTo(id, delivery.output);
  const batch: Batch = wait
    ? await waitForBatch(id, { poll, comeBack, isBegun: false }, api, context)
    : await api.each((own) => readBatch(own, id));
  if (!hasEndedBatch(batch)) throw unfinished(batch);
  await deliver(batch, local, delivery, api, context);
}
