import { isObject, type JsonObject } from '../json.ts';
import type { Call, SandboxState } from './call.ts';
import { ApiError } from './error-answer.ts';
import { pageFields, queryFields } from './list-page.ts';
import { object, oneOf, string, unknownParameter } from './request-check.ts';
import { countsOf, type FileBatch, type StoreFile, type VectorStore } from './vector-store.ts';
import { bodyOf, checkFile, newestPage, storeInUse, storeOf } from './vector-store-answer.ts';
import { chunkingOf, fileUpdate, newBatch, newFile } from './vector-store-request.ts';
import type { NewStoreFile } from './vector-store-shelf.ts';

const checkQuery = object(
  {
    ...pageFields,
    before: string(),
    order: oneOf('asc', 'desc'),
    filter: oneOf('in_progress', 'completed', 'failed', 'cancelled'),
  },
  [],
  unknownParameter,
);

/** `POST /vector_stores/…/files`. @throws ApiError 400, 404 */
export function attachFile(call: Call, state: SandboxState, id: string): Response {
  const store = storeInUse(state, id);
  const body = bodyOf(call);
  newFile(body, '');
  const file = fileIn(body);
  checkFile(state, file.id);
  store.attach([file]);
  return Response.json(told(store, fileOf(store, file.id)));
}

/** `GET /vector_stores/…/files`: no look at it. @throws ApiError 400, 404 */
export function listStoreFiles({ query }: Call, state: SandboxState, id: string): Response {
  const store = storeOf(state, id);
  return Response.json(filePage(store, [...store.files.values()], query));
}

/** `GET /vector_stores/…/files/…`: a look at it. @throws ApiError 404; the signal's reason */
export async function retrieveStoreFile(
  { signal }: Call,
  state: SandboxState,
  id: string,
  fileId: string,
): Promise<Response> {
  const store = storeOf(state, id);
  fileOf(store, fileId);
  await store.look(signal);
  return Response.json(told(store, fileOf(store, fileId)));
}

/** `POST /vector_stores/…/files/…`. @throws ApiError 400, 404 */
export function updateStoreFile(call: Call, state: SandboxState, id: string, fileId: string): Response {
  const store = storeOf(state, id);
  const file = fileOf(store, fileId);
  const body = bodyOf(call);
  fileUpdate(body, '');
  file.attributes = body['attributes'];
  return Response.json(told(store, file));
}

/** `DELETE /vector_stores/…/files/…`: the file itself stays. @throws ApiError 404 */
export function detachFile(_: Call, state: SandboxState, id: string, fileId: string): Response {
  const store = storeOf(state, id);
  fileOf(store, fileId);
  store.detach(fileId);
  return Response.json({ id: fileId, object: 'vector_store.file.deleted', deleted: true });
}

/** `POST /vector_stores/…/file_batches`. @throws ApiError 400, 404 */
export function createFileBatch(call: Call, state: SandboxState, id: string): Response {
  const store = storeInUse(state, id);
  const body = bodyOf(call);
  newBatch(body, '');
  const { files, file_ids: ids, ...shared } = body;
  const given = Array.isArray(files)
    ? files.map(fileIn)
    : (Array.isArray(ids) ? ids : []).map((file_id) => fileIn({ ...shared, file_id }));
  for (const file of given) checkFile(state, file.id);
  const batch = store.batch(state.vectorStores.idOf('vsfb_', `${id} ${call.hash}`), given);
  return Response.json(toldBatch(store, batch));
}

/** `GET /vector_stores/…/file_batches/…`: a look at it. @throws ApiError 404; the signal's reason */
export async function retrieveFileBatch(
  { signal }: Call,
  state: SandboxState,
  id: string,
  batchId: string,
): Promise<Response> {
  const store = storeOf(state, id);
  const batch = batchOf(store, batchId);
  await store.look(signal);
  return Response.json(toldBatch(store, batch));
}

/** `POST /vector_stores/…/file_batches/…/cancel`: what is indexed stays. @throws ApiError 404 */
export function cancelFileBatch(_: Call, state: SandboxState, id: string, batchId: string): Response {
  const store = storeOf(state, id);
  const batch = batchOf(store, batchId);
  for (const file of filesOf(store, batch)) {
    if (file.status !== 'in_progress') continue;
    file.status = 'cancelled';
    batch.isCancelled = true;
  }
  return Response.json(toldBatch(store, batch));
}

/** `GET /vector_stores/…/file_batches/…/files`: no look at it. @throws ApiError 400, 404 */
export function listBatchFiles({ query }: Call, state: SandboxState, id: string, batchId: string): Response {
  const store = storeOf(state, id);
  return Response.json(filePage(store, filesOf(store, batchOf(store, batchId)), query));
}

function filePage(store: VectorStore, files: readonly StoreFile[], query: URLSearchParams): object {
  const { filter, ...asked } = checkedQuery(query);
  const wanted = files.filter(({ status }) => filter === undefined || status === filter);
  return newestPage(
    wanted.map((file) => told(store, file)),
    asked,
  );
}

function checkedQuery(query: URLSearchParams): JsonObject {
  const fields = queryFields(query);
  checkQuery(fields, '');
  return fields;
}

function fileIn(body: unknown): NewStoreFile {
  const { file_id: id, attributes, chunking_strategy: chunking } = isObject(body) ? body : {};
  return { id: String(id), attributes: attributes ?? {}, chunking: chunkingOf(chunking) };
}

function told(store: VectorStore, file: StoreFile): JsonObject & { readonly id: string } {
  const { size, overlap } = file.chunking;
  return {
    id: file.id,
    object: 'vector_store.file',
    usage_bytes: file.bytes,
    created_at: file.created,
    vector_store_id: store.id,
    status: file.status,
    last_error: file.error,
    chunking_strategy: {
      type: 'static',
      static: { max_chunk_size_tokens: size, chunk_overlap_tokens: overlap },
    },
    attributes: file.attributes,
  };
}

function toldBatch(store: VectorStore, batch: FileBatch): object {
  const counts = countsOf(filesOf(store, batch));
  const isDone = counts.in_progress === 0;
  return {
    id: batch.id,
    // So it is in OpenAI's document, beside `vector_store.file_batch` in its words.
    object: 'vector_store.files_batch',
    created_at: batch.created,
    vector_store_id: store.id,
    status: batch.isCancelled ? 'cancelled' : isDone ? 'completed' : 'in_progress',
    file_counts: counts,
  };
}

/** Those of a batch that the store still has. */
function filesOf(store: VectorStore, { files }: FileBatch): StoreFile[] {
  return files.map((id) => store.files.get(id)).filter((file) => file !== undefined);
}

function fileOf(store: VectorStore, id: string): StoreFile {
  const file = store.files.get(id);
  if (file !== undefined) return file;
  throw notFound(`No file found with id '${id}' in vector store '${store.id}'.`);
}

function batchOf(store: VectorStore, id: string): FileBatch {
  const batch = store.batches.get(id);
  if (batch !== undefined) return batch;
  throw notFound(`No file batch found with id '${id}' in vector store '${store.id}'.`);
}

function notFound(message: string): ApiError {
  return new ApiError(404, { message, type: 'invalid_request_error', param: null, code: null });
}
