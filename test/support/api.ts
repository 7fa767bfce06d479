import { onTestFinished } from 'vitest';

type Answer = Response | Error | ((request: Request) => Response | Promise<Response>);

export interface StubbedApi {
  readonly fetch: typeof fetch;
  /** The requests that came, in order. Bodies can be read. */
  readonly requests: Request[];
}

/**
 * A network that gives these answers, in this order. A request too many fails the test, and so does an answer that
 * nobody fetched.
 */
export function stubApi(...answers: Answer[]): StubbedApi {
  const requests: Request[] = [];
  const left = [...answers];
  onTestFinished(() => {
    if (left.length > 0)
      throw new Error(`${left.length} of ${answers.length} stubbed answers were not fetched`);
  });
  const stubbed: typeof fetch = async (input, init) => {
    const request = new Request(input, { ...init, redirect: 'follow' });
    requests.push(request.clone());
    const answer = left.shift();
    if (answer === undefined) throw new Error(`a request too many: ${request.method} ${request.url}`);
    if (answer instanceof Error) throw answer;
    return answer instanceof Response ? answer : answer(request);
  };
  return { fetch: stubbed, requests };
}

export function jsonAnswer(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers: { 'x-request-id': 'req_stub', ...headers } });
}

/** An error as the API words it. */
export function errorAnswer(
  status: number,
  error: { message: string; code?: string | null; type?: string; [field: string]: unknown },
  headers: Record<string, string> = {},
): Response {
  return jsonAnswer(
    { error: { type: 'invalid_request_error', param: null, code: null, ...error } },
    status,
    headers,
  );
}

/** A connection that fails as undici's do. */
export function connectionError(code: string): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(`connect ${code}`), { code }) });
}

/** A body of server-sent events; each is a JSON value or a line as it is. */
export function eventStream(events: readonly (object | string)[], { done = true } = {}): Response {
  const text = events.map(
    (event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`,
  );
  return new Response([...text, done ? 'data: [DONE]\n\n' : ''].join(''), {
    headers: { 'content-type': 'text/event-stream', 'x-request-id': 'req_stub' },
  });
}

/** One chunk of a chat stream. */
export function chatChunk(delta: object, finish_reason: string | null = null, index = 0): object {
  return {
    id: 'chatcmpl-stub',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'stub',
    choices: [{ index, delta, finish_reason }],
  };
}

/** The chunks of an answer that is this text, whole. */
export function chatChunks(...pieces: string[]): object[] {
  return [...pieces.map((content) => chatChunk({ content })), chatChunk({}, 'stop')];
}
