import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { checkBatchFile, expiration, lifetimeOf, PURPOSES } from './file-answer.ts';
import type { KeptBytes } from './kept-bytes.ts';
import { type FormShape, readForm } from './multipart.ts';
import {
  array,
  fileTooLarge,
  integer,
  missing,
  object,
  oneOf,
  string,
  unknownParameter,
} from './request-check.ts';
import type { Upload } from './upload-shelf.ts';

/** Bytes of an upload, and of a part of it (OpenAPI, `POST /uploads`, `POST /uploads/{upload_id}/parts`). */
const MOST_BYTES = 8 * 1024 ** 3;
const MOST_PART_BYTES = 64 * 1024 ** 2;

/** Every field of the published requests (OpenAPI `CreateUploadRequest`, `CompleteUploadRequest`). */
const checkNew = object(
  {
    filename: string({ filled: true }),
    purpose: oneOf(...PURPOSES),
    bytes: integer(1, MOST_BYTES),
    mime_type: string({ filled: true }),
    expires_after: expiration,
  },
  ['filename', 'purpose', 'bytes', 'mime_type'],
  unknownParameter,
);
const checkCompletion = object(
  { part_ids: array(string(), { of: 'strings' }), md5: string() },
  ['part_ids'],
  unknownParameter,
);

const PART: FormShape = { numbers: [], booleans: [], files: ['data'], lists: [], verbatim: [] };
const noFields = object({}, [], unknownParameter);

/** `POST /uploads`. @throws ApiError as the API refuses requests */
export async function createUpload(call: Call, { uploads }: SandboxState): Promise<Response> {
  const body = fieldsIn(call, checkNew);
  const filename = String(body['filename']);
  const purpose = String(body['purpose']);
  const bytes = Number(body['bytes']);
  if (purpose === 'batch') checkBatchFile(filename, bytes);
  const lifetime = lifetimeOf(body['expires_after']);
  const upload = await uploads.add({ filename, purpose, bytes, lifetime, seed: call.hash });
  return Response.json(upload.told());
}

/** `POST /uploads/…/parts`. @throws ApiError 400, 404 */
export async function addPart(call: Call, state: SandboxState, id: string): Promise<Response> {
  const upload = pending(state, id, 'add a part to');
  const form = await readForm(call, PART);
  noFields(form.fields, '');
  const [data] = form.files.get('data') ?? [];
  if (data === undefined) throw missing('data');
  const { length } = data.bytes;
  if (length > MOST_PART_BYTES) throw fileTooLarge('data', MOST_PART_BYTES, length);
  const part = state.uploads.partId(`${id} ${call.hash}`);
  const created_at = await upload.addPart(part, data.bytes);
  return Response.json({ id: part, object: 'upload.part', created_at, upload_id: id });
}

/** `POST /uploads/…/complete`. @throws ApiError 400, 404 */
export async function completeUpload(call: Call, state: SandboxState, id: string): Promise<Response> {
  const upload = pending(state, id, 'complete');
  const body = fieldsIn(call, checkCompletion);
  const ids = Array.isArray(body['part_ids']) ? body['part_ids'].map(String) : [];
  const strange = ids.find((part) => !upload.hasPart(part));
  if (strange !== undefined) {
    throw invalidRequest(`No part found with id '${strange}' in upload '${id}'.`, 'part_ids');
  }
  const { bytes: expected, filename: name, purpose, lifetime } = upload.asked;
  const bytes = upload.whole(ids);
  if (bytes.length !== expected) {
    throw invalidRequest(
      `The parts have ${bytes.length} bytes in total, but the upload was created for ${expected} bytes.`,
      'part_ids',
    );
  }
  await checkSum(body['md5'], bytes);
  // Another may have been quicker while the bytes were read.
  pending(state, id, 'complete');
  upload.complete(state.files.add({ name, purpose, bytes, seed: call.hash, lifetime }));
  return Response.json(upload.told());
}

/** `POST /uploads/…/cancel`. @throws ApiError 400, 404 */
export function cancelUpload(_: Call, state: SandboxState, id: string): Response {
  const upload = pending(state, id, 'cancel');
  upload.cancel();
  return Response.json(upload.told());
}

async function checkSum(expected: unknown, bytes: KeptBytes): Promise<void> {
  if (typeof expected !== 'string') return;
  const hash = createHash('md5');
  for await (const piece of bytes.pieces()) hash.update(piece);
  const md5 = hash.digest('hex');
  if (md5 === expected) return;
  throw invalidRequest(`The MD5 checksum of the parts is ${md5}, but ${expected} was expected.`, 'md5');
}

function fieldsIn(call: Call, check: (value: unknown, path: string) => void): JsonObject {
  const body = jsonBody(call);
  check(body, '');
  if (!isObject(body)) throw new Error('the check of an object passed what is none');
  return body;
}

function pending({ uploads }: SandboxState, id: string, verb: string): Upload {
  const upload = uploads.get(id);
  if (upload === undefined) {
    const message = `No such Upload object: ${id}`;
    throw new ApiError(404, { message, type: 'invalid_request_error', param: 'id', code: null });
  }
  if (upload.status === 'pending') return upload;
  throw invalidRequest(`Cannot ${verb} an upload with status '${upload.status}'.`, null);
}
