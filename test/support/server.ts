import { readFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import {
  type AddressInfo,
  connect,
  createServer as createNetServer,
  type Server as NetServer,
  type Socket,
} from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { chatChunks } from './api.ts';

const tls = join(import.meta.dirname, 'tls');

/** The certificate authority to trust: a file for NODE_EXTRA_CA_CERTS. */
export const authority = join(tls, 'ca.pem');

/** Of a server that the authority vouches for: certificate and key. */
export function serverCredentials(): { readonly cert: Buffer; readonly key: Buffer } {
  return { cert: readFileSync(join(tls, 'server.pem')), key: readFileSync(join(tls, 'server-key.pem')) };
}

/** A request as a server on loopback saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface TestServer {
  readonly port: number;
  readonly requests: Seen[];
}

async function listen(server: NetServer): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  );
  return (server.address() as AddressInfo).port;
}

const answerOk: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const chunk of chatChunks('ok')) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  response.end('data: [DONE]\n\n');
};

/** A server on loopback that notes what comes and streams `ok`, or answers as `listener` says. */
export async function testServer({ secure = false, listener = answerOk } = {}): Promise<TestServer> {
  const requests: Seen[] = [];
  const note: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text) => {
      body += text;
    });
    request.on('end', () => {
      requests.push({
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
      });
      listener(request, response);
    });
  };
  const server = secure ? createHttpsServer(serverCredentials(), note) : createHttpServer(note);
  return { port: await listen(server), requests };
}

export interface TestProxy {
  readonly port: number;
  /** What was asked for with CONNECT, and the credentials that came with it. */
  readonly tunnels: { readonly target: string; readonly authorization: string | undefined }[];
}

/**
 * A proxy that tunnels every CONNECT to one port of loopback.
 * @param status anything but 200 refuses; 0 hangs up, less than 0 says nothing
 */
export async function connectProxy(toPort: number, status = 200): Promise<TestProxy> {
  const tunnels: { target: string; authorization: string | undefined }[] = [];
  const server = createHttpServer((_, response) => response.writeHead(400).end());
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    tunnels.push({ target: request.url ?? '', authorization: request.headers['proxy-authorization'] });
    client.on('error', () => {});
    if (status < 0) return;
    if (status === 0) {
      client.destroy();
      return;
    }
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} Refused\r\ncontent-length: 0\r\n\r\n`);
      return;
    }
    const upstream = connect(toPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.pipe(client).pipe(upstream);
    });
    upstream.on('error', () => client.destroy());
  });
  return { port: await listen(server), tunnels };
}

/** A server of some other protocol: it greets whoever comes. @returns its port */
export function greetingServer(greeting: string): Promise<number> {
  return listen(createNetServer((socket) => socket.on('error', () => {}).write(greeting)));
}

/** A server that answers each request in its own bytes. */
export async function rawServer(answer: (socket: Socket) => void) {
  let connections = 0;
  let tell: () => void = () => {};
  const hungUp = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const port = await listen(
    createNetServer((socket) => {
      connections += 1;
      socket.on('error', () => {});
      socket.once('data', () => answer(socket));
      // All of it is with the operating system, and the end after it.
      socket.once('finish', () => setImmediate(tell));
    }),
  );
  return { port, hungUp, connections: () => connections };
}

/** A port of loopback where nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createHttpServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
