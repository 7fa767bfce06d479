import type { ChatCompletion, ChatCompletionChunk } from 'openai/resources/chat/completions';
import { lifecycleOf } from '../../src/api/models.ts';
import { createSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { checkRequest, checkResponse, checkStreamEvent } from '../support/openapi.ts';

export const BASE = 'http://sandbox.invalid/v1';
const CHAT = '/chat/completions';

export interface Answer<Body> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

export interface ErrorAnswer {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

export interface Streamed {
  readonly chunks: readonly ChatCompletionChunk[];
  /** The data of events that are no chunk: an error, something that is not JSON. */
  readonly others: readonly string[];
  /** The text of choice 0. */
  readonly text: string;
  readonly isDone: boolean;
  /** Why the body broke off. */
  readonly failure: unknown;
}

export function sandbox(faults?: string, options: Partial<SandboxOptions> = {}): Sandbox {
  return createSandbox({ clock: new FakeClock({ leap: true }), lifecycleOf, faults, ...options });
}

/** A chat request with one user message, and these fields. */
export function hello(fields: object = {}): Record<string, unknown> {
  return { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hello' }], ...fields };
}

export function request(method: string, path: string, body?: unknown, init: RequestInit = {}): Request {
  const json = { 'content-type': 'application/json' };
  const payload = body === undefined ? {} : { body: JSON.stringify(body), headers: json };
  return new Request(`${BASE}${path}`, { method, ...payload, ...init });
}

/** A JSON answer. It obeys the OpenAPI document, and so does a request that was accepted. */
export async function ask<Body = ErrorAnswer>(
  method: string,
  path: string,
  body?: unknown,
  { of = sandbox(), init = {} }: { of?: Sandbox; init?: RequestInit } = {},
): Promise<Answer<Body>> {
  const response = await of.answer(request(method, path, body, init));
  const answer = JSON.parse(await response.text());
  const [endpoint = ''] = path.split('?');
  checkResponse(method, endpoint, response.status, answer);
  if (response.status < 400 && body !== undefined) checkRequest(method, endpoint, body);
  return { status: response.status, headers: response.headers, body: answer };
}

/** A whole chat answer; fails when the sandbox refuses. */
export async function chat(body: unknown, of?: Sandbox): Promise<ChatCompletion> {
  const answer = await ask<ChatCompletion>('POST', CHAT, body, of === undefined ? {} : { of });
  if (answer.status !== 200) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** The text of the first choice. */
export async function say(body: unknown, of?: Sandbox): Promise<string | null | undefined> {
  return (await chat(body, of)).choices[0]?.message.content;
}

/** What a chat request that must be refused is told. */
export async function refusalOf(body: unknown): Promise<ErrorAnswer['error'] & { status: number }> {
  const { status, body: answer } = await ask('POST', CHAT, body);
  if (status < 400) throw new Error(`accepted: ${JSON.stringify(body)}`);
  return { status, ...answer.error };
}

/** A streamed chat answer, read to its end. Every event obeys the OpenAPI document. */
export async function stream(body: object, of: Sandbox = sandbox()): Promise<Streamed> {
  const response = await of.answer(request('POST', CHAT, { ...body, stream: true }));
  return readStream(response, CHAT);
}

export async function readStream(response: Response, path = CHAT): Promise<Streamed> {
  let raw = '';
  let failure: unknown;
  try {
    const decoder = new TextDecoder();
    for await (const piece of response.body ?? []) raw += decoder.decode(piece, { stream: true });
  } catch (error) {
    failure = error;
  }
  const events = raw.split('\n\n').filter((event) => event !== '');
  const data = events.map((event) => event.replace(/^data: /, ''));
  const chunks: ChatCompletionChunk[] = [];
  const others: string[] = [];
  for (const one of data.filter((text) => text !== '[DONE]')) {
    const event = isJson(one) ? JSON.parse(one) : undefined;
    if (event !== undefined) checkStreamEvent('POST', path, event);
    if (event === undefined || 'error' in event) others.push(one);
    else chunks.push(event);
  }
  const first = chunks.flatMap(({ choices }) => choices).filter(({ index }) => index === 0);
  const text = first.map(({ delta }) => delta.content ?? delta.refusal ?? '').join('');
  return { chunks, others, text, isDone: data.at(-1) === '[DONE]', failure };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
