import { isObject, type JsonObject } from '../json.ts';
import { type Call, jsonBody, type SandboxState } from './call.ts';
import { ApiError, invalidRequest } from './error-answer.ts';
import { eventStream } from './event-stream.ts';
import { numbered, seconds } from './file-shelf.ts';
import { checkAnswered, type Output, responseOutput } from './response-output.ts';
import { type InputItem, inputItems, type ResponseRequest, readResponseRequest } from './response-request.ts';
import type { ResponseObject, StoredConversation, StoredResponse } from './response-shelf.ts';
import { responseSteps, unfinished } from './response-stream.ts';

/** Times that a response in the background is found unfinished before it is done. */
const POLLS = 2;

/** `POST /responses`. @throws ApiError as the API refuses requests */
export async function answerResponse(call: Call, state: SandboxState): Promise<Response> {
  const { clock, faults, models, responses } = state;
  const request = readResponseRequest(jsonBody(call));
  const kind = models.kindOf(request.model);
  if (kind !== 'chat') {
    throw invalidRequest(
      `The requested model '${request.model}' cannot be used with the Responses API.`,
      'model',
      'model_not_found',
    );
  }
  const own = inputItems(request);
  const conversation = conversationOf(request, state);
  const earlier = conversation?.items ?? earlierItems(request, state);
  const items = [...earlier, ...own];
  checkAnswered(items);
  const output = await responseOutput(request, items, call.hash, state, call.signal);
  const now = seconds(clock);
  const id = `resp_${numbered(responses.named, call.hash).slice(0, 48)}`;
  const done = responseObject(request, id, output, now, conversation);
  const stored: StoredResponse = {
    done,
    input: own,
    items: [...items, ...(output.items as readonly InputItem[])],
    pending: request.background === true ? POLLS : 0,
    isCancelled: false,
  };
  if (request.store !== false) responses.responses.set(id, stored);
  conversation?.items.push(...own, ...(output.items as readonly InputItem[]));
  if (request.stream === true && !faults.plain) {
    const pace = { clock, delay: faults.delay, signal: call.signal, batch: 0 };
    return new Response(eventStream(responseSteps(done, faults.stream), pace), {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    });
  }
  return Response.json(told(stored, false));
}

function conversationOf(
  { conversation }: ResponseRequest,
  { responses }: SandboxState,
): StoredConversation | undefined {
  if (conversation == null) return undefined;
  const id = typeof conversation === 'string' ? conversation : conversation.id;
  const found = responses.conversations.get(id);
  if (found === undefined) throw notFound(`Conversation with id '${id}' not found.`);
  return found;
}

function earlierItems(
  { previous_response_id: id }: ResponseRequest,
  { responses }: SandboxState,
): readonly InputItem[] {
  if (id == null) return [];
  const found = responses.responses.get(id);
  if (found === undefined) {
    throw new ApiError(400, {
      message: `Previous response with id '${id}' not found.`,
      type: 'invalid_request_error',
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    });
  }
  return found.items;
}

function notFound(message: string): ApiError {
  return new ApiError(404, { message, type: 'invalid_request_error', param: null, code: null });
}

function responseObject(
  request: ResponseRequest,
  id: string,
  { items, usage, status, reason }: Output,
  now: number,
  conversation: StoredConversation | undefined,
): ResponseObject {
  return {
    id,
    object: 'response',
    created_at: now,
    completed_at: status === 'completed' ? now : null,
    status,
    background: request.background ?? false,
    error: null,
    incomplete_details: reason === undefined ? null : { reason },
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    model: request.model,
    output: items,
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: request.previous_response_id ?? null,
    ...(conversation !== undefined && { conversation: { id: conversation.id } }),
    reasoning: { effort: request.reasoning?.effort ?? null, summary: request.reasoning?.summary ?? null },
    service_tier: 'default',
    store: request.store ?? true,
    temperature: request.temperature ?? 1,
    text: { format: { type: 'text' }, ...request.text },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_p: request.top_p ?? 1,
    truncation: request.truncation ?? 'disabled',
    usage,
    metadata: request.metadata ?? {},
  };
}

/** A response as it is at this moment. @param isPoll being asked for it brings it on */
function told(stored: StoredResponse, isPoll: boolean): ResponseObject {
  if (stored.isCancelled) return unfinished(stored.done, 'cancelled');
  if (stored.pending === 0) return stored.done;
  const status = stored.pending === POLLS && !isPoll ? 'queued' : 'in_progress';
  if (isPoll) stored.pending -= 1;
  return stored.pending === 0 ? stored.done : unfinished(stored.done, status);
}

function storedOf({ responses }: SandboxState, id: string): StoredResponse {
  const stored = responses.responses.get(id);
  if (stored === undefined) throw notFound(`Response with id '${id}' not found.`);
  return stored;
}

/** `GET /responses/…`; with `stream=true` its events. @throws ApiError 404 */
export function retrieveResponse(call: Call, state: SandboxState, id: string): Response {
  const stored = storedOf(state, id);
  if (call.query.get('stream') !== 'true') return Response.json(told(stored, true));
  stored.pending = 0;
  const pace = { clock: state.clock, delay: state.faults.delay, signal: call.signal, batch: 0 };
  return new Response(eventStream(responseSteps(stored.done, state.faults.stream), pace), {
    headers: { 'content-type': 'text/event-stream; charset=utf-8' },
  });
}

/** `DELETE /responses/…`. @throws ApiError 404 */
export function deleteResponse(_: Call, state: SandboxState, id: string): Response {
  storedOf(state, id);
  state.responses.responses.delete(id);
  return Response.json({ id, object: 'response', deleted: true });
}

/** `POST /responses/…/cancel`. @throws ApiError 404; 400 for one that is not in the background */
export function cancelResponse(_: Call, state: SandboxState, id: string): Response {
  const stored = storedOf(state, id);
  if (stored.done['background'] !== true) {
    throw invalidRequest(
      'Only responses created with the parameter background set to true can be cancelled.',
      null,
    );
  }
  if (stored.pending > 0) stored.isCancelled = true;
  return Response.json(told(stored, false));
}

/** `GET /responses/…/input_items`. @throws ApiError 404 */
export function listInputItems({ query }: Call, state: SandboxState, id: string): Response {
  const items = storedOf(state, id).input.map((item, index) => listedItem(item, `${id}${index}`));
  const inOrder = query.get('order') === 'asc' ? items : items.reverse();
  return Response.json({
    object: 'list',
    data: inOrder,
    first_id: inOrder[0]?.['id'] ?? '',
    last_id: inOrder.at(-1)?.['id'] ?? '',
    has_more: false,
  });
}

/** An item of the input as it is listed: with a name, and its text as a part. */
function listedItem(item: InputItem, seed: string): JsonObject {
  if (item.type !== 'message') return { id: `item_${seed}`, ...item };
  const { role, content } = item;
  const type = role === 'assistant' ? 'output_text' : 'input_text';
  const more = role === 'assistant' ? { annotations: [], logprobs: [] } : {};
  const parts = typeof content === 'string' ? [{ type, text: content, ...more }] : content;
  return { id: `msg_${seed}`, type: 'message', status: 'completed', role, content: parts };
}

/** `POST /conversations`. */
export function createConversation(call: Call, { clock, responses }: SandboxState): Response {
  const body = jsonBody(call);
  const { items = [], metadata = {} } = isObject(body) ? body : {};
  const id = `conv_${numbered(responses.named, call.hash).slice(0, 48)}`;
  const conversation: StoredConversation = {
    id,
    created: seconds(clock),
    metadata: isObject(metadata) ? metadata : {},
    items: Array.isArray(items) ? items.filter(isObject).map((item) => ({ type: 'message', ...item })) : [],
  };
  responses.conversations.set(id, conversation);
  return Response.json(conversationObject(conversation));
}

function conversationObject({ id, created, metadata }: StoredConversation): object {
  return { id, object: 'conversation', created_at: created, metadata };
}

/** `GET /conversations/…`. @throws ApiError 404 */
export function retrieveConversation(_: Call, { responses }: SandboxState, id: string): Response {
  const found = responses.conversations.get(id);
  if (found === undefined) throw notFound(`Conversation with id '${id}' not found.`);
  return Response.json(conversationObject(found));
}

/** `GET /containers/…/files/…/content`. @throws ApiError 404 */
export function containerFile({ path }: Call, { responses }: SandboxState): Response {
  const [, container, file] = /^\/containers\/([^/]+)\/files\/([^/]+)/.exec(path) ?? [];
  const found = responses.files.get(`${container}/${file}`);
  if (found === undefined) throw notFound('Container file not found.');
  return new Response(Buffer.from(found.bytes), { headers: { 'content-type': 'application/octet-stream' } });
}
