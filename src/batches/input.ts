import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { BatchEndpoint } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { fileContent } from '../api/files.ts';
import { type LocalFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { namesUploaded } from '../files/file-id.ts';
import { givenFiles, type OpenedFile } from '../files/given-files.ts';
import { BATCH_ENDPOINTS, isBatchEndpoint } from '../files/lint-batch.ts';
import { checkRows } from '../files/lint-file.ts';
import { withFileId } from '../files/nearest-file.ts';
import { isStdinPath } from '../input/file.ts';
import { placedLines } from '../input/rows/placed-lines.ts';
import { isPiped } from '../input/stdin.ts';

/** The requests of a batch that is to be. */
export interface BatchInput {
  /** Where all of them go to. */
  readonly endpoint: BatchEndpoint;
  /** Undefined where the API has them. */
  readonly file: LocalFile | undefined;
  /** The id of their file, where the API has them. */
  readonly fileId: string | undefined;
  /** How many; undefined where nobody looked. */
  readonly rows: number | undefined;
  dispose(): Promise<void>;
}

/** What the user says of the requests. */
export interface InputWish {
  /** A file, `-`, the id of a file that the API has, or undefined for what is piped in. */
  readonly word: string | undefined;
  readonly endpoint: BatchEndpoint | undefined;
  /** Look at each of them first. */
  readonly lint: boolean;
}

/**
 * Finds the requests that a word names, and looks at each of them: nothing is sent where one is wrong.
 * @throws Failure or Stopped
 */
export async function findBatchInput(wish: InputWish, api: Api, context: Context): Promise<BatchInput> {
  const { word, endpoint, lint } = wish;
  if (word !== undefined && (await namesUploaded(word, context))) {
    const own = endpoint ?? (await endpointOfUploaded(word, api, context));
    return { endpoint: own, file: undefined, fileId: word, rows: undefined, dispose: async () => {} };
  }
  const { file, dispose } = await opened(word, context);
  try {
    const report = lint ? await checkRows(file, { for: 'batch' }, context) : undefined;
    const own = report?.endpoint ?? (await endpointIn(stampedPieces(file, context.signal), file.shown));
    const chosen = endpointFor(own, endpoint, file);
    return { endpoint: chosen, file, fileId: undefined, rows: report?.rows, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** What requests are known by when the same command comes again: a hash of them, or the id of their file. */
export async function inputKey(
  { file, fileId = '' }: BatchInput,
  { signal }: Pick<Context, 'signal'>,
): Promise<string> {
  if (file === undefined) return fileId;
  const hash = createHash('sha256');
  for await (const piece of stampedPieces(file, signal)) hash.update(piece);
  return `sha256:${hash.digest('hex')}`;
}

/** What can be read only once is written down first. */
async function opened(word: string | undefined, context: Context): Promise<OpenedFile> {
  if (word === undefined && !isPiped(context)) {
    throw usageError('batch create needs a file of requests', 'oai batch create in.jsonl');
  }
  const path = word ?? '-';
  const name = isStdinPath(path) ? undefined : uploadName(path);
  const [given, other] = await givenFiles([path], { name, extension: '.jsonl' }, context);
  if (given === undefined || other !== undefined) throw usageError(`${path} is not one file`);
  return given.open();
}

/** The API takes no other end of a name. */
function uploadName(path: string): string {
  const name = basename(path);
  return /\.jsonl$/i.test(name) ? name : `${name}.jsonl`;
}

/** @throws Failure (usage) where the user says another than the rows */
function endpointFor(
  own: string | undefined,
  wanted: BatchEndpoint | undefined,
  { shown }: LocalFile,
): BatchEndpoint {
  if (wanted !== undefined && own !== undefined && wanted !== own) {
    throw usageError(
      `--endpoint ${wanted} contradicts the rows of ${shown}, which go to ${own}`,
      `leave out --endpoint, or give the rows "url":"${wanted}"`,
    );
  }
  if (wanted !== undefined) return wanted;
  if (own !== undefined && isBatchEndpoint(own)) return own;
  throw usageError(`the first row of ${shown} goes to no endpoint for batches`, ENDPOINTS);
}

const ENDPOINTS = `its url is one of ${BATCH_ENDPOINTS.join(', ')}`;

/** That of the first row of a file that the API has. */
async function endpointOfUploaded(fileId: string, api: Api, context: Context): Promise<BatchEndpoint> {
  const pieces = await withFileId(api, fileId, () => fileContent(api, fileId, context));
  const own = await endpointIn(pieces, fileId);
  if (own !== undefined && isBatchEndpoint(own)) return own;
  throw usageError(`the first row of ${fileId} goes to no endpoint for batches`, ENDPOINTS);
}

async function endpointIn(pieces: AsyncIterable<Uint8Array>, name: string): Promise<string | undefined> {
  for await (const { value } of placedLines(pieces, name)) {
    const url = value?.['url'];
    return typeof url === 'string' ? url : undefined;
  }
  return undefined;
}
