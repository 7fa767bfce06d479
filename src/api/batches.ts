import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { placedLines } from '../input/rows/placed-lines.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { Api, CallOptions } from './client.ts';
import { fileContent } from './files.ts';
import { type PageQuery, pages } from './pages.ts';
import { notAnAnswer } from './stream.ts';

export type Batch = OpenAI.Batch;
export type BatchEndpoint = OpenAI.BatchCreateParams['endpoint'];

/** States in which a batch stays. */
const ENDED: readonly string[] = ['completed', 'failed', 'expired', 'cancelled'];

/** States in which it brings nothing more: another may be wanted for the same file. */
const GIVEN_UP: readonly string[] = ['failed', 'expired', 'cancelling', 'cancelled'];

export function hasEndedBatch({ status }: Batch): boolean {
  return ENDED.includes(status);
}

/** A batch that is to be. */
export interface NewBatch {
  readonly fileId: string;
  readonly endpoint: BatchEndpoint;
  /** Within which it is to be done; the API knows `24h`. */
  readonly window?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Seconds after which the API deletes the files of results. */
  readonly outputExpiresAfter?: number | undefined;
  /** Other fields of the request. */
  readonly params?: JsonObject | undefined;
}

/**
 * Has a batch begin, once: a try whose answer was lost may have begun it all the same, and so the next one looks for it
 * first.
 * @throws Failure or Stopped
 */
export function createBatch(api: Api, batch: NewBatch): Promise<Batch> {
  return api.each((own) => {
    let tries = 0;
    return own.call(async (client, options) => {
      tries += 1;
      const begun = tries === 1 ? undefined : await newestOfFile(client, batch, options, own);
      return begun ?? checked(await client.batches.create(bodyOf(batch), options), own);
    });
  });
}

function bodyOf({ fileId, endpoint, window = '24h', metadata, outputExpiresAfter, params = {} }: NewBatch) {
  return {
    input_file_id: fileId,
    endpoint,
    // The type knows what the API takes today.
    completion_window: window as '24h',
    ...(metadata !== undefined && { metadata: { ...metadata } }),
    ...(outputExpiresAfter !== undefined && {
      output_expires_after: { anchor: 'created_at' as const, seconds: outputExpiresAfter },
    }),
    ...params,
  };
}

/** What tells a batch from others: the same file may be sent to two endpoints. */
type BatchKey = Pick<NewBatch, 'fileId' | 'endpoint'>;

/** The batch that was begun with a file and was not given up, where there is one among the newest. @throws Failure or Stopped */
export function batchOfFile(api: Api, key: BatchKey): Promise<Batch | undefined> {
  return api.each((own) => own.call((client, options) => newestOfFile(client, key, options, own)));
}

async function newestOfFile(
  client: OpenAI,
  { fileId, endpoint }: BatchKey,
  options: CallOptions,
  api: Api,
): Promise<Batch | undefined> {
  const page = await client.batches.list({ limit: 100 }, options);
  // What came with status 200 may still be anything.
  const found: readonly unknown[] = Array.isArray(page.data) ? page.data : [];
  const batches = found.map((one) => checked(one, api));
  return batches.find(
    (one) =>
      one.input_file_id === fileId &&
      (one.endpoint ?? endpoint) === endpoint &&
      !GIVEN_UP.includes(one.status),
  );
}

/** The batches of the project, the newest first, page by page. @throws Failure or Stopped */
export function listBatches(api: Api, query: PageQuery, params: JsonObject = {}): AsyncGenerator<Batch[]> {
  return pages(api, '/batches', query, params, checked);
}

/** How far a batch is. @throws Failure or Stopped */
export function readBatch(api: Api, id: string): Promise<Batch> {
  return api.call(async (client, options) => checked(await client.batches.retrieve(id, options), api));
}

/** Ends a batch before its end: what is done by then stays. @throws Failure or Stopped */
export function cancelBatch(api: Api, id: string): Promise<Batch> {
  return api.call(async (client, options) => {
    try {
      return checked(await client.batches.cancel(id, options), api);
    } catch (error) {
      const failure = api.failure(error);
      // A conflict, which elsewhere may pass: here it has ended.
      throw failure instanceof Failure && failure.status === 409 ? failure : error;
    }
  });
}

function checked(batch: unknown, api: Api): Batch {
  const isBatch = isObject(batch) && typeof batch['id'] === 'string' && typeof batch['status'] === 'string';
  if (!isBatch) throw notAnAnswer(api, 'a batch');
  return batch as unknown as Batch;
}

/** The lines of a file of results, as they come. @param name what errors call the file @throws Failure or Stopped */
export async function* readResults(
  api: Api,
  fileId: string,
  name: string,
  context: Context,
): AsyncGenerator<JsonObject> {
  for await (const { number, value } of placedLines(await fileContent(api, fileId, context), name)) {
    if (value === undefined) throw noResult(number, name);
    yield value;
  }
}

/** That a line of a file of results is none. */
export function noResult(line: number, name: string): Failure {
  return new Failure('network', `line ${line} of ${name} is no result: it was cut, or garbled`);
}
