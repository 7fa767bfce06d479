import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { checkForm, checkRequest, checkResponse } from './openapi.ts';

/** What came to a sandbox. */
export interface Exchanged {
  readonly method: string;
  /** Below the base URL, without its query. */
  readonly path: string;
  readonly status: number;
}

export interface NetworkOptions {
  /** Looks at a request before it is answered; what it gives is the answer, what it throws loses the connection. */
  readonly before?: (method: string, path: string) => Response | undefined | Promise<Response | undefined>;
  /** The same, with the answer at hand: `answer()` lets the request arrive, whatever its sender learns of that. */
  readonly around?: (
    method: string,
    path: string,
    answer: () => Promise<Response>,
  ) => Promise<Response> | undefined;
}

/**
 * A network with a sandbox at its end, which remembers from run to run. Requests that it accepts, and answers, obey the
 * OpenAPI document.
 */
export function sandboxNetwork(of: Sandbox, { before, around }: NetworkOptions = {}) {
  const exchanges: Exchanged[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { method } = request;
    const path = new URL(request.url).pathname.replace(/^\/v1/, '');
    const bytes = await request.arrayBuffer();
    const early = await before?.(method, path);
    if (early !== undefined) return early;
    const answer = () => answered(method, path, request, bytes);
    return around?.(method, path, answer) ?? answer();
  };

  async function answered(
    method: string,
    path: string,
    request: Request,
    bytes: ArrayBuffer,
  ): Promise<Response> {
    const type = request.headers.get('content-type') ?? '';
    const body = bytes.byteLength === 0 ? {} : { body: bytes };
    const again = () => new Request(request.url, { method, headers: request.headers, ...body });
    const response = await of.answer(again());
    const { status } = response;
    exchanges.push({ method, path, status });
    if (status < 400 && type.startsWith('multipart/')) checkForm(method, path, await again().formData());
    if (status < 400 && type.startsWith('application/json')) checkRequest(method, path, await again().json());
    const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
    if (isJson) checkResponse(method, path, status, await response.clone().json());
    return response;
  }

  /** How many requests there were to a path: `POST /uploads`. */
  const count = (wanted: string | RegExp) =>
    exchanges.filter(({ method, path }) =>
      typeof wanted === 'string' ? `${method} ${path}` === wanted : wanted.test(`${method} ${path}`),
    ).length;
  return { fetch, exchanges, count };
}
