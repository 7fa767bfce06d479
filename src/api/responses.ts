import type { OpenAI } from 'openai';
import type { Clock } from '../context.ts';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { pathPart } from './ids.ts';
import { type AnswerStream, notAnAnswer, openStream } from './stream.ts';

export type ResponseRequest = OpenAI.Responses.ResponseCreateParamsNonStreaming;
export type ResponseAnswer = OpenAI.Responses.Response;
export type ResponseEvent = OpenAI.Responses.ResponseStreamEvent;
export type ResponseInputItem = OpenAI.Responses.ResponseInputItem;
export type ResponseInputContent = OpenAI.Responses.ResponseInputContent;
export type ResponseOutputItem = OpenAI.Responses.ResponseOutputItem;
export type ResponseTool = OpenAI.Responses.Tool;
export type ResponseAnnotation = OpenAI.Responses.ResponseOutputText['annotations'][number];

const KIND = 'a response';

/** Asks for a response and waits for it, or for its beginning in the background. @throws Failure or Stopped */
export function createResponse(api: Api, request: ResponseRequest): Promise<ResponseAnswer> {
  // Not by `responses.create`, which adds a field of its own to the answer.
  return api.call(async (client, options) =>
    checkedResponse(await client.post('/responses', { body: request, ...options }), api),
  );
}

/** Opens a streamed response: resolves when its first event is here. @throws Failure or Stopped */
export function streamResponse(
  api: Api,
  request: ResponseRequest,
  clock: Clock,
): Promise<AnswerStream<ResponseEvent>> {
  return openStream<ResponseEvent>(api, clock, {
    kind: KIND,
    // Hosted tools and long thoughts are silent for minutes.
    slow: true,
    send: (client, options) => client.responses.create({ ...request, stream: true }, options).asResponse(),
    whole: (answer) => [wholeEvent(checkedResponse(answer, api))],
  });
}

/** A server that ignores `stream` gives its whole answer: the same as its last event. */
function wholeEvent(response: ResponseAnswer): ResponseEvent {
  const type = response.status === 'incomplete' ? 'response.incomplete' : 'response.completed';
  return { type, response, sequence_number: 0 };
}

/** A response that the API keeps, as it is now. @throws Failure or Stopped */
export function retrieveResponse(api: Api, id: string): Promise<ResponseAnswer> {
  return api.call(async (client, options) =>
    checkedResponse(await client.get(`/responses/${pathPart(id)}`, options), api),
  );
}

/** Stops one that is made in the background. @throws Failure or Stopped */
export function cancelResponse(api: Api, id: string): Promise<ResponseAnswer> {
  return api.call(async (client, options) =>
    checkedResponse(await client.responses.cancel(id, options), api),
  );
}

/** Has the API keep it no longer. @throws Failure or Stopped */
export function deleteResponse(api: Api, id: string): Promise<unknown> {
  return api.call((client, options) => client.responses.delete(id, options));
}

/** What was put into a response, page after page. @throws Failure or Stopped */
export async function* inputItemsOf(api: Api, id: string): AsyncGenerator<unknown> {
  let after: string | undefined;
  for (;;) {
    const query = { limit: 100, order: 'asc' as const, ...(after !== undefined && { after }) };
    const page = await api.call((client, options) => client.responses.inputItems.list(id, query, options));
    yield* page.data;
    const last = page.data.at(-1)?.id;
    if (!page.has_more || last == null || last === after) return;
    after = last;
  }
}

/** A file that code of a response has made. @throws Failure or Stopped */
export function containerFile(api: Api, container: string, file: string): Promise<Uint8Array> {
  return api.call(async (client, options) => {
    const response = await client.containers.files.content.retrieve(
      file,
      { container_id: container },
      options,
    );
    return new Uint8Array(await response.arrayBuffer());
  });
}

/** What came with status 200 may still be anything. @throws Failure (network) */
export function checkedResponse(answer: unknown, api: Api): ResponseAnswer {
  if (!isResponse(answer)) throw notAnAnswer(api, KIND);
  return answer;
}

/** Whether what a server sent can be read as a response, whatever its items say. */
export function isResponse(answer: unknown): answer is ResponseAnswer {
  if (!isObject(answer) || typeof answer['id'] !== 'string') return false;
  const { output } = answer;
  return Array.isArray(output) && output.every(isObject);
}
