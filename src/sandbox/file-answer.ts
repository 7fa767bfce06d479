import { isObject } from '../json.ts';
import type { Call, SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { eventStream, type Step } from './event-stream.ts';
import type { StoredFile } from './file-shelf.ts';
import { type FormShape, readForm } from './multipart.ts';
import {
  type Check,
  fileTooLarge,
  integer,
  missing,
  object,
  oneOf,
  unknownParameter,
} from './request-check.ts';
import { faultySteps } from './stream-fault.ts';

/** OpenAPI `CreateFileRequest`. */
const PURPOSES = ['assistants', 'batch', 'fine-tune', 'vision', 'user_data', 'evals'];

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
  const isBatch = purpose === 'batch';
  // The words of both refusals: those that the API's clients report.
  if (isBatch && !/\.jsonl$/i.test(file.name)) {
    throw invalidRequest('Invalid file format for Batch API. Must be .jsonl', null);
  }
  if (isBatch && file.bytes.length > MOST_BATCH_BYTES) {
    const message = `The batch input file is larger than the ${MOST_BATCH_BYTES} maximum`;
    throw new ApiError(413, { message, type: 'invalid_request_error', param: null, code: null });
  }
  if (file.bytes.length > MOST_BYTES) throw fileTooLarge('file', MOST_BYTES, file.bytes.length);
  const told = files.add({
    name: file.name,
    purpose: String(purpose),
    bytes: file.bytes,
    seed: call.hash,
    lifetime: lifetimeOf(expires),
  });
  return Response.json(told);
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
 * @throws ApiError 404
 */
export function downloadFile({ signal }: Call, state: SandboxState, id: string): Response {
  const { bytes } = fileOf(state, id);
  const type = { 'content-type': 'application/octet-stream' };
  const { clock, faults } = state;
  if (faults.stream === undefined) {
    // A copy of its own: a `Uint8Array` may be a view of shared memory, which no body can be.
    const headers = { ...type, 'content-length': String(bytes.length) };
    return new Response(new Uint8Array(bytes), { headers });
  }
  const steps = faultySteps(linesOf(bytes), [], faults.stream, GARBLED);
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
