import { type Batch, batchOfFile, createBatch, type NewBatch, readBatch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { retrieveFile } from '../api/files.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { sendFile } from '../files/upload.ts';
import { say, warn } from '../output/messages.ts';
import { type BatchInput, inputKey } from './input.ts';
import type { UnderWay, UnderWayFile } from './under-way.ts';

/** What a batch is asked for beside its rows. */
export type BatchWishes = Pick<NewBatch, 'window' | 'metadata' | 'outputExpiresAfter' | 'params'>;

/** What a batch is begun with. */
export interface Beginning {
  readonly input: BatchInput;
  readonly wishes: BatchWishes;
  /** Where it is written down how far this came; undefined: nowhere. */
  readonly underWay: UnderWayFile | undefined;
  /** What is under way for other rows is of no interest any more. */
  readonly force: boolean;
}

/**
 * Uploads the requests of a batch, and has it begin; or goes on with what was begun before, so that nothing is sent, done
 * and paid twice.
 * @throws Failure or Stopped
 */
export async function beginOrGoOn(beginning: Beginning, api: Api, context: Context): Promise<Batch> {
  const { input, underWay } = beginning;
  if (api.dryRun) return createBatch(api, newBatch(await sentInput(input, api, context), beginning));
  // Nobody asks for it where nothing is written down.
  const key = underWay === undefined ? '' : await inputKey(input, context);
  const earlier = await earlierOf(key, beginning, api, context);
  if (earlier?.batch !== undefined) {
    const batch = await stillThere(earlier.batch, beginning, api);
    if (batch !== undefined) {
      warn(context, `${batch.id} was begun before: going on with it`);
      return batch;
    }
  }
  const state = {
    input: key,
    baseUrl: api.settings.baseUrl,
    endpoint: input.endpoint,
    file: (await fileStillThere(earlier, api)) ?? (await sentInput(input, api, context)),
  };
  await underWay?.write(state);
  const batch = await createdOnce(state, beginning, earlier !== undefined, api, context);
  await underWay?.write({ ...state, batch: batch.id });
  return batch;
}

function newBatch(fileId: string, { input, wishes }: Pick<Beginning, 'input' | 'wishes'>): NewBatch {
  return { fileId, endpoint: input.endpoint, ...wishes };
}

/** What the same command came to before. @throws Failure (usage) where it was another */
async function earlierOf(
  key: string,
  { input, underWay, force }: Beginning,
  api: Api,
  context: Context,
): Promise<UnderWay | undefined> {
  const found = await underWay?.read();
  if (found === undefined) return undefined;
  const { name } = underWay ?? { name: '' };
  const isSame =
    found.input === key && found.endpoint === input.endpoint && found.baseUrl === api.settings.baseUrl;
  if (isSame) return found;
  const other = found.batch ?? found.file;
  const what =
    found.baseUrl === api.settings.baseUrl ? 'of other requests' : `at ${new URL(found.baseUrl).host}`;
  if (!force) {
    throw usageError(
      `${name} tells of ${other}, ${what}, whose results are to go there`,
      'another name for -o, or --force to begin anew',
    );
  }
  warn(context, `${other}, ${what}, is left alone: \`oai batch list\` shows it`);
  return undefined;
}

/** @returns undefined where it is gone, and the user wants another */
async function stillThere(id: string, { underWay, force }: Beginning, api: Api): Promise<Batch | undefined> {
  try {
    return await api.each((own) => readBatch(own, id));
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 404) throw error;
    if (force) return undefined;
    throw new Failure('refused', `${id}, of which ${underWay?.name} tells, is not there any more`, {
      hint: '--force begins anew',
      status: 404,
      requestId: error.requestId,
      cause: error,
    });
  }
}

/** @returns the id of requests that were uploaded, and not begun; undefined where there are none any more */
async function fileStillThere(earlier: UnderWay | undefined, api: Api): Promise<string | undefined> {
  if (earlier === undefined || earlier.batch !== undefined) return undefined;
  try {
    return (await retrieveFile(api, earlier.file)).id;
  } catch (error) {
    if (error instanceof Failure && error.status === 404) return undefined;
    throw error;
  }
}

/** @returns the id of the uploaded requests */
async function sentInput(input: BatchInput, api: Api, context: Context): Promise<string> {
  const { file, fileId } = input;
  if (file === undefined) return fileId ?? '';
  return (await sendFile(api, file, { purpose: 'batch', lint: false }, context)).id;
}

/**
 * Has the batch of a file begin, if it was not: a run that was stopped while it asked for it does not know.
 * @param wasAsked it may have been
 */
async function createdOnce(
  { file }: UnderWay,
  beginning: Beginning,
  wasAsked: boolean,
  api: Api,
  context: Context,
): Promise<Batch> {
  const { input, underWay } = beginning;
  try {
    const mayBe = wasAsked || input.fileId !== undefined;
    const begun = mayBe ? await batchOfFile(api, { fileId: file, endpoint: input.endpoint }) : undefined;
    if (begun !== undefined) warn(context, `${begun.id} was begun before: going on with it`);
    return begun ?? (await createBatch(api, newBatch(file, beginning)));
  } catch (error) {
    const mayHaveBegun = error instanceof Stopped || (error instanceof Failure && error.kind === 'network');
    // The sandbox of one command forgets both.
    if (mayHaveBegun && !api.settings.sandbox) {
      const way = underWay === undefined ? `oai batch create ${file}` : 'the same command';
      say(context, `the requests are in ${file}: ${way} goes on`);
    }
    throw error;
  }
}
