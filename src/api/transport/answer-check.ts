import { APIError } from 'openai/core/error';
import { Failure } from '../../errors.ts';
import { errorIn, errorInBody } from './error-body.ts';
import { urlOf, type Wrap } from './transport.ts';
import { isWhole, textContent, wholeResponse } from './whole-response.ts';

/**
 * Judges an answer before the SDK sees it: a web page is not an answer, nor is JSON that does not parse; an error is
 * an error although its status says 200, and whatever shape its server gives it.
 */
export const answerCheck: Wrap = (next) => async (input, init) => {
  const response = await next(input, init);
  if (!response.ok) return withErrorBody(response);
  const type = response.headers.get('content-type')?.toLowerCase() ?? '';
  if (type.includes('text/html')) {
    await response.body?.cancel();
    throw webPage(urlOf(input));
  }
  return /application\/json\b/.test(type) ? checkedJson(response, urlOf(input)) : response;
};

function webPage(url: URL): Failure {
  return new Failure('network', `${url.host} answered with a web page, not with the API's JSON`, {
    hint: `is this network asking to sign in, or the base URL wrong? It is ${url.origin}${url.pathname}`,
  });
}

/** The same answer with the error where the SDK looks for it. */
async function withErrorBody(response: Response): Promise<Response> {
  const error = errorInBody(await response.text());
  return withBody(response, error === undefined ? '' : JSON.stringify({ error }));
}

/** The same answer, which is not to be read twice: whoever asks for the JSON first gets what was judged. */
async function checkedJson(response: Response, url: URL): Promise<Response> {
  const whole = isWhole(response) ? response : wholeResponse(textContent(await response.text()), response);
  const value = await jsonOf(whole, url);
  const error = errorIn(value);
  if (error !== undefined) throw new APIError(undefined, error, undefined, response.headers);
  let judged: { readonly value: unknown } | undefined = { value };
  const read = whole.json;
  const json = async () => {
    const first = judged;
    judged = undefined;
    return first === undefined ? read() : first.value;
  };
  return Object.assign(whole, { json });
}

async function jsonOf(response: Response, url: URL): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new Failure('network', `${url.host} sent JSON that breaks off or is garbled`, { cause });
  }
}

/** An answer whose body has been read, to be read again. */
function withBody({ status, statusText, headers }: Response, text: string): Response {
  const decoded = new Headers(headers);
  decoded.set('content-type', 'application/json');
  for (const name of ['content-encoding', 'content-length']) decoded.delete(name);
  return new Response(text, { status, statusText, headers: decoded });
}
