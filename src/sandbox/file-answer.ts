import { isObject } from '../json.ts';
import type { Call, SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { eventStream, type Step } from './event-stream.ts';
import type { StoredFile } from './file-shelf.ts';
import { keepBytes } from './kept-bytes.ts';
import { pageOf, queryFields } from './list-page.ts';
import { type FormShape, readForm } from './multipart.ts';
import {
  type Check,
  fileTooLarge,
  integer,
  missing,
  object,
  oneOf,
  string,
  unknownParameter,
} from './request-check.ts';
import { faultySteps } from './stream-fault.ts';

/** OpenAPI `CreateFileRequest`. */
export const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];

/** Bytes of a file: the API's reference, `POST /files`. */
const MOST_BYTES = 512 * 1024 ** 2;
const MOST_BATCH_BYTES = 200 * 1024 ** 2;

const FORM: FormShape = {
  numbers: ['seconds'],
  booleans: [],
  files: ['file'],
  lists: [],
  objects: ['expires_after'],
  verbatim: [],
};

/** Seconds: OpenAPI `FileExpirationAfter` and `BatchFileExpirationAfter`. */
export const expiration: Check = object({ anchor: oneOf('created_at'), seconds: integer(3600, 2_592_000) }, [
  'anchor',
  'seconds',
]);

const fields = object(
  { purpose: oneOf(...PURPOSES), expires_after: expiration },
  ['purpose'],
  unknownParameter,
);

/** Files that the API keeps to itself, as its clients report. */
const NEVER_GIVEN_BACK = ['assistants', 'user_data'];

/** What does not belong into a file of JSON. */
const GARBLED = '{"id": "batch_req_\n';

/**
 * `POST /files`.
 * @throws ApiError as the API refuses requests
 */
export async function createFile(call: Call, { files }: SandboxState): Promise<Response> {
  const form = await readForm(call, FORM);
  const [file] = form.files.get('file') ?? [];
  if (file === undefined) throw missing('file');
  fields(form.fields, '');
  const { purpose, expires_after: expires } = form.fields;
  if (purpose === 'batch') checkBatchFile(file.name, file.bytes.length);
  if (file.bytes.length > MOST_BYTES) throw fileTooLarge('file', MOST_BYTES, file.bytes.length);
  const told = files.add({
    name: file.name,
    purpose: String(purpose),
    bytes: await keepBytes(file.bytes),
    seed: call.hash,
    lifetime: lifetimeOf(expires),
  });
  return Response.json(told);
}

/**
 * What the input of a batch must be; the words are those that the API's clients report.
 * @throws ApiError 400, 413
 */
export function checkBatchFile(name: string, bytes: number): void {
  if (!/\.jsonl$/i.test(name)) {
    throw invalidRequest('Invalid file format for Batch API. Must be .jsonl', null);
  }
  if (bytes > MOST_BATCH_BYTES) {
    const message = `The batch input file is larger than the ${MOST_BATCH_BYTES} maximum`;
    throw new ApiError(413, { message, type: 'invalid_request_error', param: null, code: null });
  }
}

/** OpenAPI, `GET /files`. */
const PAGE = { usual: 10_000, most: 10_000, order: 'desc' } as const;
const checkQuery = object(
  { purpose: string(), after: string(), limit: integer(1, PAGE.most), order: oneOf('asc', 'desc') },
  [],
  unknownParameter,
);

/** `GET /files`. @throws ApiError 400 */
export function listFiles({ query }: Call, { files }: SandboxState): Response {
  const asked = queryFields(query);
  checkQuery(asked, '');
  const { purpose } = asked;
  const found = files.all().filter((file) => purpose === undefined || file.purpose === purpose);
  return Response.json(pageOf(found, asked, PAGE));
}

/** Seconds. @param value one that has passed `expiration`, or undefined */
export function lifetimeOf(value: unknown): number | undefined {
  return isObject(value) ? Number(value['seconds']) : undefined;
}

/** `GET /files/…`. @throws ApiError 404 */
export function retrieveFile(_: Call, state: SandboxState, id: string): Response {
  return Response.json(fileOf(state, id).told);
}

/** `DELETE /files/…`: vector stores lose it too. @throws ApiError 404 */
export function deleteFile(_: Call, { files, vectorStores }: SandboxState, id: string): Response {
  if (files.get(id) === undefined) throw noSuchFile(id);
  files.remove(id);
  vectorStores.forgetFile(id);
  return Response.json({ id, object: 'file', deleted: true });
}

/**
 * `GET /files/…/content`. The faults of streams count its lines.
 * @throws ApiError 400, 404
 */
export function downloadFile({ signal }: Call, state: SandboxState, id: string): Response {
  const file = fileOf(state, id);
  const { purpose } = file.told;
  if (NEVER_GIVEN_BACK.includes(purpose)) {
    throw invalidRequest(`Not allowed to download files of purpose: ${purpose}`, null);
  }
  const { length } = file.kept;
  const type = { 'content-type': 'application/octet-stream' };
  const { clock, faults } = state;
  if (faults.stream === undefined) {
    const headers = { ...type, 'content-length': String(length) };
    return new Response(ReadableStream.from(file.kept.pieces()) as ReadableStream, { headers });
  }
  const steps = faultySteps(linesOf(file.bytes), [], faults.stream, GARBLED);
  return new Response(eventStream(steps, { clock, delay: faults.delay, signal, batch: 0 }), {
    headers: type,
  });
}

function* linesOf(bytes: Uint8Array): Generator<Step> {
  let start = 0;
  while (start < bytes.length) {
    const end = bytes.indexOf(0x0a, start);
    const next = end === -1 ? bytes.length : end + 1;
    yield { kind: 'piece', bytes: bytes.slice(start, next) };
    start = next;
  }
}

function fileOf({ files }: SandboxState, id: string): StoredFile {
  const file = files.get(id);
  if (file === undefined) throw noSuchFile(id);
  return file;
}

function noSuchFile(id: string): ApiError {
  const message = `No such File object: ${id}`;
  return new ApiError(404, { message, type: 'invalid_request_error', param: 'id', code: null });
}
