import { isObject, type JsonObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { noItem, pageFields, pageOf, queryFields } from './list-page.ts';
import { object, oneOf, string, unknownParameter } from './request-check.ts';
import type { VectorStore } from './vector-store.ts';
import { chunkingOf, newStore, storeUpdate } from './vector-store-request.ts';

const query = { ...pageFields, before: string(), order: oneOf('asc', 'desc') };
const checkQuery = object(query, [], unknownParameter);

/** `POST /vector_stores`. @throws ApiError as the API refuses requests */
export function createStore(call: Call, state: SandboxState): Response {
  const body = bodyOf(call);
  newStore(body, '');
  const { name, description, metadata, expires_after: expires, file_ids: ids, chunking_strategy } = body;
  const files = Array.isArray(ids) ? ids.map((id) => String(id)) : [];
  for (const id of files) checkFile(state, id);
  const store = state.vectorStores.add(
    {
      name: typeof name === 'string' ? name : undefined,
      description: typeof description === 'string' ? description : undefined,
      metadata,
      days: daysOf(expires),
      seed: call.hash,
    },
    state,
  );
  store.attach(files.map((id) => ({ id, attributes: {}, chunking: chunkingOf(chunking_strategy) })));
  return Response.json(store.told());
}

/** `GET /vector_stores`: the newest first. @throws ApiError 400 */
export function listStores({ query: asked }: Call, { vectorStores }: SandboxState): Response {
  const fields = queryFields(asked);
  checkQuery(fields, '');
  return Response.json(
    newestPage(
      vectorStores.all().map((store) => store.told()),
      fields,
    ),
  );
}

/** `GET /vector_stores/…`: a look at it. @throws ApiError 404; the signal's reason */
export async function retrieveStore({ signal }: Call, state: SandboxState, id: string): Promise<Response> {
  const store = storeOf(state, id);
  await store.look(signal);
  return Response.json(store.told());
}

/** `POST /vector_stores/…`. @throws ApiError 400, 404 */
export function updateStore(call: Call, state: SandboxState, id: string): Response {
  const store = storeOf(state, id);
  const body = bodyOf(call);
  storeUpdate(body, '');
  const { name, metadata, expires_after: expires } = body;
  if (name !== undefined) store.name = String(name ?? '');
  if (metadata !== undefined) store.metadata = metadata;
  if (expires !== undefined) store.days = daysOf(expires);
  return Response.json(store.told());
}

/** `DELETE /vector_stores/…`: its files stay. @throws ApiError 404 */
export function deleteStore(_: Call, state: SandboxState, id: string): Response {
  storeOf(state, id);
  state.vectorStores.remove(id);
  return Response.json({ id, object: 'vector_store.deleted', deleted: true });
}

/** @throws ApiError 404 */
export function storeOf({ vectorStores }: SandboxState, id: string): VectorStore {
  const store = vectorStores.get(id);
  if (store !== undefined) return store;
  const message = `Vector store with id '${id}' not found.`;
  throw new ApiError(404, { message, type: 'invalid_request_error', param: null, code: null });
}

/** One that can be searched and given files. @throws ApiError 404; 400 where it has expired */
export function storeInUse(state: SandboxState, id: string): VectorStore {
  const store = storeOf(state, id);
  if (!store.isExpired) return store;
  throw invalidRequest(`Vector store ${id} is expired.`, null, 'vector_store_expired');
}

/** @throws ApiError 404 where there is no such file */
export function checkFile({ files }: SandboxState, id: string): void {
  if (files.get(id) !== undefined) return;
  const message = `No such File object: ${id}`;
  throw new ApiError(404, { message, type: 'invalid_request_error', param: 'file_id', code: null });
}

/** @throws ApiError 400 */
export function bodyOf(call: Call): JsonObject {
  const body = jsonBody(call);
  return isObject(body) ? body : {};
}

/** One page of a list that is given from the oldest to the newest, and begins with the newest. @throws ApiError 400 */
export function newestPage<Item extends { readonly id: string }>(
  items: readonly Item[],
  { before, ...asked }: JsonObject,
): object {
  if (before === undefined) return pageOf(items, { order: 'desc', ...asked });
  const at = items.findIndex(({ id }) => id === before);
  if (at === -1) throw noItem('before', before);
  const [earlier, later] = [items.slice(0, at), items.slice(at + 1)];
  return pageOf(asked['order'] === 'asc' ? earlier : later, { order: 'desc', ...asked });
}

function daysOf(expires: unknown): number | undefined {
  return isObject(expires) ? Number(expires['days']) : undefined;
}
