import type { APIPromise } from 'openai';

/**
 * The JSON of an answer, as the transport has read it when it judged it: the SDK would read the text a second time. What
 * is no JSON is given as a text.
 * @throws what the call throws
 */
export async function judgedAnswer(call: APIPromise<unknown>): Promise<unknown> {
  const response = await call.asResponse();
  const isJson = response.headers.get('content-type')?.toLowerCase().includes('application/json');
  return isJson ? response.json() : response.text();
}
