import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { errno, reasonOf, usageError } from '../errors.ts';
import { isConnectionLost } from './connection.ts';
import type { Sandbox } from './sandbox.ts';

export interface ServeOptions {
  /** 0 takes any free port. */
  readonly port: number;
  readonly host: string;
  /** Ends the server and all that it is answering. */
  readonly signal: AbortSignal;
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
  else signal.addEventListener('abort', stop, { once: true });
  const address = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return { url: `http://${name}:${address.port}/v1`, closed };
}

function cannotListen(error: unknown, { host, port }: ServeOptions): Error {
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
  return usageError(`--host ${host} cannot be served: ${reasonOf(error)}`, undefined, error);
}

async function exchange(
  sandbox: Sandbox,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { onAnswer }: ServeOptions,
): Promise<void> {
  const { method = 'GET', url = '/' } = incoming;
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  try {
    const request = await readRequest(incoming, gone.signal);
    const answer = await sandbox.answer(request);
    onAnswer?.(method, url, answer.status);
    await send(answer, outgoing);
  } catch (error) {
    if (gone.signal.aborted) return;
    if (!isConnectionLost(error)) return broken(outgoing, error);
    if (!outgoing.headersSent) onAnswer?.(method, url, undefined);
    outgoing.socket?.resetAndDestroy();
  }
}

async function readRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', url = '/' } = incoming;
  const chunks: Uint8Array[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const body = method === 'GET' || method === 'HEAD' ? null : Buffer.concat(chunks);
  return new Request(new URL(url, 'http://sandbox.invalid'), { method, headers, body, signal });
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

/** What the sandbox did not expect: said to the client, so that nobody takes it for the API's word. */
function broken(outgoing: ServerResponse, error: unknown): void {
  if (outgoing.headersSent) {
    outgoing.destroy();
    return;
  }
  const message = `the sandbox failed: ${error instanceof Error ? error.message : String(error)}`;
  outgoing.writeHead(500, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify({ error: { message, type: 'sandbox_error', param: null, code: null } }));
}
