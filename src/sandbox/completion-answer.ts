import { isObject, type JsonObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import type { ChatRequest } from './chat-request.ts';
import type { StoredCompletion } from './completion-shelf.ts';
import { ApiError } from './error-answer.ts';
import { pageFields, pageOf, queryFields } from './list-page.ts';
import { metadata } from './metadata.ts';
import { object, oneOf, string, unknownParameter } from './request-check.ts';

type Message = ChatRequest['messages'][number];

const update = object({ metadata }, ['metadata'], unknownParameter);

const page = { ...pageFields, order: oneOf('asc', 'desc') };
const checkMessageQuery = object(page, [], unknownParameter);
const checkQuery = object({ ...page, model: string(), metadata }, [], unknownParameter);

/** `GET /chat/completions`: those that were stored. @throws ApiError 400 */
export function listCompletions({ query }: Call, { completions }: SandboxState): Response {
  const asked = queryFields(query);
  checkQuery(asked, '');
  const { model, metadata: wanted = {} } = asked;
  const labels = Object.entries(isObject(wanted) ? wanted : {});
  const found = completions
    .all()
    .filter(({ told }) => model === undefined || told.model === model)
    .filter(({ told }) => labels.every(([name, value]) => told.metadata[name] === value));
  return Response.json(
    pageOf(
      found.map(({ told }) => told),
      asked,
    ),
  );
}

/** `GET /chat/completions/…`. @throws ApiError 404 */
export function retrieveCompletion(_: Call, state: SandboxState, id: string): Response {
  return Response.json(completionOf(state, id).told);
}

/** `POST /chat/completions/…`. @throws ApiError 400, 404 */
export function updateCompletion(call: Call, state: SandboxState, id: string): Response {
  const stored = completionOf(state, id);
  const body = jsonBody(call);
  update(body, '');
  const fields: JsonObject = isObject(body) ? body : {};
  return Response.json(state.completions.update(stored, fields['metadata']).told);
}

/** `DELETE /chat/completions/…`. @throws ApiError 404 */
export function deleteCompletion(_: Call, state: SandboxState, id: string): Response {
  completionOf(state, id);
  state.completions.remove(id);
  return Response.json({ object: 'chat.completion.deleted', id, deleted: true });
}

/** `GET /chat/completions/…/messages`: what was asked, not the answer. @throws ApiError 400, 404 */
export function listMessages({ query }: Call, state: SandboxState, id: string): Response {
  const asked = queryFields(query);
  checkMessageQuery(asked, '');
  const messages = completionOf(state, id).messages.map((message, index) =>
    messageTold(message, `${id}-${index}`),
  );
  return Response.json(pageOf(messages, asked));
}

/** OpenAPI `ChatCompletionMessageList`: of parts, those that are text or images. */
function messageTold(message: Message, id: string): JsonObject & { readonly id: string } {
  const { role, content = null, ...rest } = message;
  const parts = Array.isArray(content)
    ? content.filter(({ type }) => type === 'text' || type === 'image_url')
    : null;
  return {
    id,
    role,
    content: parts === null ? content : null,
    content_parts: parts,
    refusal: null,
    ...rest,
  };
}

function completionOf({ completions }: SandboxState, id: string): StoredCompletion {
  const stored = completions.get(id);
  if (stored !== undefined) return stored;
  const message = `Chat completion with id '${id}' not found.`;
  throw new ApiError(404, { message, type: 'invalid_request_error', param: 'completion_id', code: null });
}
