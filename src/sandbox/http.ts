import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { errno, type Failure, reasonOf, usageError } from '../errors.ts';
import { isConnectionLost } from './connection.ts';
import { crash } from './crash.ts';
import { ApiError, errorAnswer, methodNotAllowed, tooLarge, unknownUrl } from './error-answer.ts';
import type { RealtimeSandbox, Sandbox } from './sandbox.ts';

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
 * Serves a sandbox over HTTP, and its sessions over WebSockets.
 * @throws Failure('usage') when the port or the host cannot be had; the signal's reason when it is aborted already
 */
export async function serve(
  sandbox: Sandbox & Partial<RealtimeSandbox>,
  options: ServeOptions,
): Promise<SandboxServer> {
  const { host, port, signal } = options;
  signal.throwIfAborted();
  const answer = (request: Request) => sandbox.answer(request);
  const server = createServer((incoming, outgoing) => void exchange(answer, incoming, outgoing, options));
  const upgraded = new Set<Socket>();
  server.on('upgrade', (incoming, _, head) => {
    const { socket } = incoming;
    const { openRealtime } = sandbox;
    if (openRealtime === undefined || !isRealtime(incoming)) return ignoreUpgrade(server, incoming, head);
    upgraded.add(socket);
    socket.once('close', () => upgraded.delete(socket));
    void upgrade(openRealtime, incoming, head, options);
  });
  const closed = new Promise<void>((resolve) => server.once('close', resolve));
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(cannotListen(error, options)));
    server.listen(port, host, resolve);
  });
  const stop = () => {
    server.close();
    server.closeAllConnections();
    for (const socket of upgraded) socket.destroy();
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

/** @param accept what becomes of an answer that is more than a response */
async function exchange<Answer = never>(
  ask: (request: Request) => Promise<Answer | Response>,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { onAnswer, maxBytes = MAX_BYTES }: ServeOptions,
  accept?: (answer: Answer) => void,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const answer = await answerTo(ask, incoming, maxBytes, gone.signal);
    if (answer instanceof Response) {
      onAnswer?.(method, url, answer.status);
      await send(answer, outgoing);
    } else {
      onAnswer?.(method, url, 101);
      accept?.(answer);
    }
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!isConnectionLost(error)) return void outgoing.destroy();
    if (!outgoing.headersSent) onAnswer?.(method, url, undefined);
    outgoing.socket?.resetAndDestroy();
  }
}

function isRealtime({ url = '/', headers: { upgrade = '' } }: IncomingMessage): boolean {
  return upgrade.toLowerCase() === 'websocket' && /^(?:\/v1)?\/realtime(?:\?|$)/.test(url);
}

/**
 * What else is asked for, as HTTP/2 by `curl --http2`, is not had: the request is read again without its wish. (Where
 * anything listens for upgrades, Node has given up the socket.)
 */
function ignoreUpgrade(
  server: Server,
  { method, url, httpVersion, rawHeaders, socket }: IncomingMessage,
  head: Buffer,
): void {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[at + 1]}`);
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
  server.emit('connection', socket);
}

/** Opens a session over a WebSocket, or answers as HTTP does. */
async function upgrade(
  openRealtime: RealtimeSandbox['openRealtime'],
  incoming: IncomingMessage,
  head: Buffer,
  options: ServeOptions,
): Promise<void> {
  const { socket } = incoming;
  socket.on('error', () => {});
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once('finish', () => socket.destroySoon());
  const open = async (request: Request) => {
    const session = await openRealtime(request);
    if (session instanceof Response) return session;
    // `ws` is for those who ask for it.
    const { acceptSocket } = await import('./realtime-socket.ts');
    return () => acceptSocket(incoming, head, session);
  };
  await exchange(open, incoming, outgoing, options, (accept) => {
    outgoing.detachSocket(socket);
    accept();
  });
}

/** @throws what the sandbox throws to lose the connection, and anything once the client has gone */
async function answerTo<Answer>(
  ask: (request: Request) => Promise<Answer | Response>,
  incoming: IncomingMessage,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Answer | Response> {
  try {
    return await ask(await readRequest(incoming, maxBytes, signal));
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
  throw tooLarge(maxBytes, length);
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
