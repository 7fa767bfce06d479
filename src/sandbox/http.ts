import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errno, type Failure, reasonOf, usageError } from '../errors.ts';
import { isConnectionLost } from './connection.ts';
import { crash } from './crash.ts';
import { ApiError, errorAnswer, methodNotAllowed, unknownUrl } from './error-answer.ts';
import type { Sandbox } from './sandbox.ts';

/**
 * The most bytes of a request body: an edit of 16 images of 50 MB (the API's reference, `image`) with a mask and what
 * stands between them. That is the largest of the API's requests.
 */
export const MAX_BYTES = (16 * 50 + 8) * 1024 * 1024;

/** Methods that a `Request` cannot have. */
const NO_METHODS: readonly string[] = ['CONNECT', 'TRACE', 'TRACK'];

export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Ends the server and all that it is answering. */
  readonly signal: AbortSignal;
  /** The most bytes of a request body; `MAX_BYTES` where nothing else is said. */
  readonly maxBytes?: number;
  /** Told of every request when its answer begins; status undefined: the connection was lost on purpose. */
  readonly onAnswer?: (method: string, path: string, status: number | undefined) => void;
}

export interface SandboxServer {
  /** The base URL, with `/v1`. */
  readonly url: string;
  /** Resolves when the signal has ended the server. */
  readonly closed: Promise<void>;
}

/**
 * Serves a sandbox over HTTP.
 * @throws Failure('usage') when the port or the host cannot be had; the signal's reason when it is aborted already
 */
export async function serve(sandbox: Sandbox, options: ServeOptions): Promise<SandboxServer> {
  const { host, port, signal } = options;
  signal.throwIfAborted();
  const server = createServer((incoming, outgoing) => void exchange(sandbox, incoming, outgoing, options));
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, options)));
    server.listen(port, host, resolve);
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
  };
  if (signal.aborted) stop();
  signal.throwIfAborted();
  signal.addEventListener('abort', stop, { once: true });
  const address = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${address.port}/v1`, closed };
}

/** Why a server cannot listen, in words: a usage failure. */
export function cannotListen(error: unknown, { host, port }: Pick<ServeOptions, 'host' | 'port'>): Failure {
  const code = errno(error);
  if (code === 'EADDRINUSE')
    return usageError(`--port ${port} is in use`, '--port 0 takes any free one', error);
  if (code === 'EACCES') {
    return usageError(
      `--port ${port} may not be used`,
      'try one above 1023, or --port 0 for any free one',
      error,
    );
  }
  if (code === 'EADDRNOTAVAIL') {
    return usageError(
      `--host ${host} is not an address of this machine`,
      '127.0.0.1 is this machine alone, 0.0.0.0 all its addresses',
      error,
    );
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return usageError(`--host ${host} is not known: no name server has it`, undefined, error);
  }
  return usageError(`--host ${host} cannot be served: ${reasonOf(error)}`, undefined, error);
}

async function exchange(
  sandbox: Sandbox,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { onAnswer, maxBytes = MAX_BYTES }: ServeOptions,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const answer = await answerTo(sandbox, incoming, maxBytes, gone.signal);
    onAnswer?.(method, url, answer.status);
    await send(answer, outgoing);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!isConnectionLost(error)) return void outgoing.destroy();
    if (!outgoing.headersSent) onAnswer?.(method, url, undefined);
    outgoing.socket?.resetAndDestroy();
  }
}

/** @throws what the sandbox throws to lose the connection, and anything once the client has gone */
async function answerTo(
  sandbox: Sandbox,
  incoming: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Response> {
  try {
    return await sandbox.answer(await readRequest(incoming, maxBytes, signal));
  } catch (error) {
    if (signal.aborted || isConnectionLost(error)) throw error;
    if (error instanceof ApiError) return errorAnswer(error);
    // What the sandbox did not expect: said to the client, so that nobody takes it for the API's word.
    const { message } = crash(error);
    return errorAnswer(new ApiError(500, { message, type: 'sandbox_error', param: null, code: null }));
  }
}

/** @throws ApiError where a request is none that the sandbox could be asked */
async function readRequest(
  incoming: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Request> {
  const { method = 'GET' } = incoming;
  const chunks = await bodyOf(incoming, maxBytes);
  const url = urlOf(incoming);
  if (NO_METHODS.includes(method)) throw methodNotAllowed(method, url.pathname, []);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks);
  return new Request(url, { method, headers, body, signal });
}

/** Reads a body to its end, so that the client hears the answer; too long a one is not kept. */
async function bodyOf(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array[]> {
  let chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of incoming) {
    length += chunk.length;
    if (length <= maxBytes) chunks.push(chunk);
    else chunks = [];
  }
  if (length <= maxBytes) return chunks;
  const message = `Maximum content size limit (${maxBytes}) exceeded (${length} bytes read)`;
  throw new ApiError(413, { message, type: 'server_error', param: null, code: null });
}

/** A host and perhaps a port, and nothing that would make them another part of an address. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?$/i;

/**
 * The target of a request: a path at the host that the client asked for, so that what is answered by URL can be fetched
 * from there; or, as a proxy is asked, a whole address.
 */
function urlOf({ method = 'GET', url = '/', headers: { host = '' } }: IncomingMessage): URL {
  const named = HOST.test(host) && URL.canParse(`http://${host}`) ? host : 'sandbox.invalid';
  const text = url.startsWith('/') ? `http://${named}${url}` : url;
  if (!/^https?:/.test(text) || !URL.canParse(text)) throw unknownUrl(400, method, url);
  return new URL(text);
}

async function send(answer: Response, outgoing: ServerResponse): Promise<void> {
  for (const [name, value] of answer.headers) outgoing.setHeader(name, value);
  outgoing.writeHead(answer.status);
  outgoing.flushHeaders();
  if (answer.body !== null) {
    for await (const chunk of answer.body) {
      if (!outgoing.write(chunk)) await drained(outgoing);
      if (outgoing.destroyed) return;
    }
  }
  outgoing.end();
}

/** Resolves when more can be written, or nothing ever will. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done);
      outgoing.off('close', done);
      resolve();
    };
    if (outgoing.destroyed) return resolve();
    outgoing.once('drain', done);
    outgoing.once('close', done);
  });
}
