import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { sizeText } from '../output/size.ts';
import type { Api } from './client.ts';
import { checkedDeletion } from './deletion.ts';
import { Exchange } from './exchange.ts';
import { type LocalFile, stampedPieces } from './local-file.ts';
import { pages } from './pages.ts';
import { sentFile } from './sent-file.ts';
import { notAnAnswer } from './stream.ts';

export type StoredFile = OpenAI.FileObject;
export type FilePurpose = OpenAI.FilePurpose;
export type DeletedFile = OpenAI.FileDeleted;

/** What files can be uploaded for (the SDK's `FilePurpose`). */
export const FILE_PURPOSES = [
  'assistants',
  'batch',
  'evals',
  'fine-tune',
  'user_data',
  'vision',
] as const satisfies readonly FilePurpose[];

/**
 * Bytes that one request may send (OpenAPI, `POST /files`: 512 MB). Of what a megabyte may be, the smaller: what is
 * between the two goes in parts.
 */
export const MOST_SINGLE_BYTES = 512_000_000;

/** Bytes of a file in all (OpenAPI, `POST /uploads`: 8 GB). */
const MOST_BYTES = 8 * 1024 ** 3;

/** How a file is uploaded. */
export interface UploadOptions {
  readonly purpose: FilePurpose;
  /** Seconds after which the API deletes it. */
  readonly expiresAfter?: number | undefined;
  /** Bytes of a part; where it is given, smaller files than the API wants go in parts, too. */
  readonly partSize?: number | undefined;
  /** Other fields of the request. */
  readonly params?: JsonObject | undefined;
  /** Told how many bytes have been sent, of how many. May go back: what was cut is sent again. */
  readonly onProgress?: ((sent: number, all: number) => void) | undefined;
}

/**
 * Uploads a file, small or large, and resolves when the API has all of it. A large one goes in parts; what was sent of it
 * is kept, and a later run sends the rest. Memory does not grow with the file.
 * @throws Failure: of kind `usage` where the file changes meanwhile, and then nothing of it is registered; Stopped
 */
export async function uploadFile(
  api: Api,
  file: LocalFile,
  options: UploadOptions,
  context: Context,
): Promise<StoredFile> {
  const { size } = file.stamp;
  if (size > MOST_BYTES) {
    throw usageError(`${file.shown} has ${sizeText(size)}, and a file may have ${sizeText(MOST_BYTES)}`);
  }
  if (size <= (options.partSize ?? MOST_SINGLE_BYTES)) return uploadAtOnce(api, file, options);
  const { uploadInParts } = await import('./upload-parts.ts');
  return uploadInParts(api, file, options, context);
}

/** In one request, `--timeout` for that. */
function uploadAtOnce(api: Api, file: LocalFile, options: UploadOptions): Promise<StoredFile> {
  const { purpose, params = {}, onProgress } = options;
  const { size } = file.stamp;
  return api.each((own) =>
    own.call(async (client, call) => {
      let sent = 0;
      onProgress?.(0, size);
      const open = async function* () {
        for await (const piece of stampedPieces(file, own.signal)) {
          yield piece;
          sent += piece.length;
          onProgress?.(sent, size);
        }
      };
      const { name, type, source } = file;
      const answer = await sentFile({ name, type, source, open }, own, (body) =>
        client.files.create({ file: body, purpose, ...expiryOf(options), ...params }, call),
      );
      return checkedFile(answer, own);
    }),
  );
}

/** When a file is to be deleted, as requests have it. */
export function expiryOf({ expiresAfter }: Pick<UploadOptions, 'expiresAfter'>): {
  expires_after?: { anchor: 'created_at'; seconds: number };
} {
  return expiresAfter === undefined ? {} : { expires_after: { anchor: 'created_at', seconds: expiresAfter } };
}

/** Which files, and in which order. */
export interface FileQuery {
  readonly purpose?: string | undefined;
  /** By the time at which they were made; the API begins with the newest. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** The id of the one before the first. */
  readonly after?: string | undefined;
  /** The most of them. */
  readonly limit?: number | undefined;
}

/** Files of a page: the API takes up to 10,000 (OpenAPI, `GET /files`). */
const PAGE = 1000;

/** The files that the API keeps, page by page, each page in a time of its own. @throws Failure or Stopped */
export function listFiles(
  api: Api,
  { after, limit, ...filter }: FileQuery,
  params: JsonObject = {},
): AsyncGenerator<StoredFile[]> {
  return pages(api, '/files', { after, limit, page: PAGE }, { ...filter, ...params }, checkedFile);
}

/** @throws Failure or Stopped */
export function retrieveFile(api: Api, id: string, params: JsonObject = {}): Promise<StoredFile> {
  return api.each((own) =>
    own.call(async (client, options) =>
      checkedFile(await client.files.retrieve(id, { ...options, query: params }), own),
    ),
  );
}

/** @returns the API's own answer @throws Failure or Stopped */
export function deleteFile(api: Api, id: string): Promise<DeletedFile> {
  return api.each((own) =>
    own.call(async (client, options) => checkedDeletion(await client.files.delete(id, options), own)),
  );
}

/**
 * The bytes of a file: resolves when the first of them can be taken. `--timeout` is for the time until then; after
 * that a silence of `--stall-timeout` ends it.
 * @throws Failure or Stopped, and so do the pieces
 */
export async function fileContent(
  api: Api,
  id: string,
  { clock }: Pick<Context, 'clock'>,
): Promise<AsyncGenerator<Uint8Array>> {
  const { exchange, body } = await api.each((own) =>
    own.call(async (client) => {
      const exchange = new Exchange(`the content of ${id}`, api.settings.stallTimeout, clock, api.signal);
      const { body } = await exchange.open((signal) => client.files.content(id, { signal }).asResponse());
      return { exchange, body };
    }),
  );
  if (body === null) throw notAnAnswer(api, 'a file');
  return (async function* () {
    try {
      yield* exchange.pieces(body);
    } catch (error) {
      throw api.failure(error);
    }
  })();
}

/** What came with status 200 may still be anything. @throws Failure (network) */
export function checkedFile(file: unknown, api: Api): StoredFile {
  const isFile = isObject(file) && typeof file['id'] === 'string' && typeof file['filename'] === 'string';
  if (!isFile) throw notAnAnswer(api, 'a file');
  return file as unknown as StoredFile;
}
