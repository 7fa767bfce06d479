import { APIError } from 'openai/core/error';
import { Failure } from '../../errors.ts';
import { urlOf, type Wrap } from './transport.ts';

/**
 * Judges a successful answer before the SDK sees it: a web page is not an answer, nor is JSON that does not parse,
 * and an error is an error although its status says 200.
 */
export const answerCheck: Wrap = (next) => async (input, init) => {
  const response = await next(input, init);
  if (!response.ok) return response;
  const type = response.headers.get('content-type')?.toLowerCase() ?? '';
  if (type.includes('text/html')) {
    await response.body?.cancel();
    throw webPage(urlOf(input));
  }
  return type.includes('application/json') ? checkedJson(response, urlOf(input)) : response;
};

function webPage(url: URL): Failure {
  return new Failure('network', `${url.host} answered with a web page, not with the API's JSON`, {
    hint: `is this network asking to sign in, or the base URL wrong? It is ${url.origin}${url.pathname}`,
  });
}

async function checkedJson(response: Response, url: URL): Promise<Response> {
  const text = await response.text();
  const error = errorIn(text, url);
  if (error !== undefined) throw new APIError(undefined, error, undefined, response.headers);
  return new Response(text, {
    status: response.status,
    statusText: response.statusText,
    headers: response.headers,
  });
}

function errorIn(text: string, url: URL): object | undefined {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (cause) {
    throw new Failure('network', `${url.host} sent JSON that breaks off or is garbled`, { cause });
  }
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return undefined;
  // A response object of the API has an `error` of its own, which is part of the answer.
  if ('object' in answer) return undefined;
  const { error } = answer;
  if (typeof error === 'string') return { message: error };
  return typeof error === 'object' && error !== null ? error : undefined;
}
