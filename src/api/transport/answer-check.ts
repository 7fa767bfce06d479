import { APIError } from 'openai/core/error';
import { Failure } from '../../errors.ts';
import { errorIn, errorInBody } from './error-body.ts';
import { urlOf, type Wrap } from './transport.ts';

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
  return type.includes('application/json') ? checkedJson(response, urlOf(input)) : response;
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

async function checkedJson(response: Response, url: URL): Promise<Response> {
  const text = await response.text();
  const value = parsed(text, url);
  const error = errorIn(value);
  if (error !== undefined) throw new APIError(undefined, error, undefined, response.headers);
  return alreadyRead(response, text, value);
}

/**
 * An answer whose text has been read, for those that ask for its text or its JSON: images in base64 are long, and not
 * to be turned into bytes and back. Nor are they to be read twice: whoever asks for the JSON first gets what was judged.
 */
function alreadyRead(response: Response, text: string, value: unknown): Response {
  let judged: { readonly value: unknown } | undefined = { value };
  const json = async () => {
    const first = judged;
    judged = undefined;
    return first === undefined ? JSON.parse(text) : first.value;
  };
  return Object.assign(response, { text: async () => text, json });
}

function parsed(text: string, url: URL): unknown {
  try {
    return JSON.parse(text);
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
