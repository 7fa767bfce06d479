import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { Agent, type Dispatcher as Undici } from 'undici';
import type { Context } from '../../context.ts';
import { Failure } from '../../errors.ts';
import { type Dispatcher, directFetch, NO_LIMITS } from './direct.ts';
import { proxiesOf, proxyFor } from './proxies.ts';
import { ReusedBytes } from './reused-bytes.ts';
import { urlOf } from './transport.ts';
import { parseVectors } from './vector-content.ts';
import { type Content, textContent, wholeResponse } from './whole-response.ts';

/**
 * A fetch for a run of many requests with a text as their body, whose answers are wanted whole. It takes less than half
 * of the processor's time, and less memory, than the built-in one, which is made of web streams (measured by `npm run
 * bench -- --only rows`: there the processor is what 10,000 requests wait for). Other requests go to that one.
 *
 * As with that one: no redirects, no time limits but our own, the proxy of the environment, and errors are `fetch failed`
 * with a cause.
 * @param baseUrl where the requests go
 * @throws Failure (usage) when the environment names a proxy that is no URL
 */
export async function wholeAnswersFetch(context: Context, baseUrl: string): Promise<typeof fetch> {
  const others = await directFetch(context, baseUrl);
  const dispatcher = await dispatcherFor(context, baseUrl);
  return async (input, init = {}) =>
    typeof init.body === 'string' && !(input instanceof Request)
      ? answered(await exchange(dispatcher, urlOf(input), init), urlOf(input), context)
      : others(input, init);
}

async function dispatcherFor({ env }: Context, baseUrl: string): Promise<Dispatcher> {
  const proxies = proxiesOf(env);
  if (proxies === undefined || proxyFor(proxies, baseUrl) === undefined) return new Agent(NO_LIMITS);
  const { proxyDispatcher } = await import('./proxy-dispatcher.ts');
  return proxyDispatcher(proxies);
}

/** @throws the signal's reason; TypeError, as fetch does */
function exchange(dispatcher: Dispatcher, url: URL, init: RequestInit): Promise<Arrived> {
  const { origin, pathname, search } = url;
  const { method = 'GET', body, signal } = init;
  // Those of the SDK are Headers already: there is no need for a copy.
  const given = init.headers instanceof Headers ? init.headers : new Headers(init.headers);
  const headers = { ...Object.fromEntries(given), 'accept-encoding': ENCODINGS };
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const arrival = new Arrival(signal ?? undefined, resolve, reject);
    dispatcher.dispatch({ origin, path: pathname + search, method, headers, body }, arrival);
  });
}

/** What came, as it came. */
interface Arrived {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Headers;
  readonly bytes: ReusedBytes;
}

/** Takes an answer to its end. */
class Arrival implements Undici.DispatchHandler {
  readonly #signal: AbortSignal | undefined;
  readonly #resolve: (arrived: Arrived) => void;
  readonly #reject: (error: unknown) => void;
  readonly #stop = () => {
    this.#reject(this.#signal?.reason);
    this.#controller?.abort(this.#signal?.reason);
  };
  readonly #bytes = ReusedBytes.take();
  #controller: Undici.DispatchController | undefined;
  #head = { status: 0, statusText: '', headers: new Headers() };

  constructor(
    signal: AbortSignal | undefined,
    resolve: (arrived: Arrived) => void,
    reject: (error: unknown) => void,
  ) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener('abort', this.#stop, { once: true });
  }

  onRequestStart(controller: Undici.DispatchController): void {
    this.#controller = controller;
    if (this.#signal?.aborted) this.#stop();
  }

  onResponseStart(
    _: unknown,
    status: number,
    fields: Readonly<Record<string, string | string[] | undefined>>,
    statusText = '',
  ): void {
    this.#head = { status, statusText, headers: headersOf(fields) };
  }

  onResponseData(_: unknown, piece: Buffer): void {
    this.#bytes.add(piece);
  }

  onResponseEnd(): void {
    this.#release();
    this.#resolve({ ...this.#head, bytes: this.#bytes });
  }

  onResponseError(_: unknown, cause: Error): void {
    this.#release();
    this.#reject(new TypeError('fetch failed', { cause }));
  }

  #release(): void {
    this.#signal?.removeEventListener('abort', this.#stop);
  }
}

function headersOf(fields: Readonly<Record<string, string | string[] | undefined>>): Headers {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(fields)) {
    for (const value of Array.isArray(values) ? values : [values]) headers.append(name, value);
  }
  return headers;
}

/** The statuses that fetch takes for redirects (the Fetch standard, "redirect status"). */
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** @throws TypeError, as fetch does; Failure (network) */
async function answered(
  { status, statusText, headers, bytes }: Arrived,
  url: URL,
  context: Context,
): Promise<Response> {
  if (REDIRECTS.includes(status)) {
    throw new TypeError('fetch failed', { cause: new Error('unexpected redirect') });
  }
  // A Response can say no other.
  if (status < 200 || status > 599)
    throw new Failure('network', `${url.host} answered with status ${status}`);
  const plain = await decoded(bytes.all, headers.get('content-encoding'));
  const init = { status, statusText, headers };
  const isJson = headers.get('content-type')?.toLowerCase().includes('application/json');
  if (isJson && url.pathname.endsWith('/embeddings'))
    return wholeResponse(vectorContent(plain, bytes, context), init);
  const response = isJson
    ? wholeResponse(textContent(UTF8.decode(plain)), init)
    : new Response(plain.length === 0 ? null : plain, init);
  bytes.giveBack();
  return response;
}

/** An answer of embeddings, whose text is gone once its JSON was read. */
function vectorContent(plain: Buffer, bytes: ReusedBytes, context: Context): Content {
  return {
    text: () => UTF8.decode(plain),
    json() {
      context.spareMemory();
      const value = parseVectors(plain);
      bytes.giveBack();
      return value;
    },
  };
}

const UTF8 = new TextDecoder();
const ENCODINGS = 'gzip, br';
const DECODERS: Readonly<Record<string, (bytes: Uint8Array) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  'x-gzip': promisify(gunzip),
  br: promisify(brotliDecompress),
};

/** @param encodings in the order in which they were applied @throws a system error of zlib's, where they are garbled */
async function decoded(bytes: Buffer, encodings: string | null): Promise<Buffer> {
  if (encodings === null || bytes.length === 0) return bytes;
  let plain = bytes;
  for (const encoding of encodings.toLowerCase().split(',').reverse()) {
    plain = (await DECODERS[encoding.trim()]?.(plain)) ?? plain;
  }
  return plain;
}
