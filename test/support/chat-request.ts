import { expect } from 'vitest';
import { chatChunks, eventStream, stubApi } from './api.ts';
import type { FakeContextOptions } from './context.ts';
import { oai } from './oai.ts';
import { checkRequest, openapi } from './openapi.ts';

/** The body of the request that a command line of `chat` sends, checked against the API's document. */
export async function requestOf(argv: readonly string[], options: FakeContextOptions = {}): Promise<unknown> {
  const api = stubApi(eventStream(chatChunks('ok')));
  const { code, stderr } = await oai(argv, { ...options, fetch: api.fetch });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const body: unknown = await api.requests[0]?.json();
  if (openapi !== undefined) checkRequest('POST', '/chat/completions', body);
  return body;
}
