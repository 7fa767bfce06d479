import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { serverCredentials } from './server.ts';

/** What a server says to one `response.create`: events, texts and bytes as they are, or whatever it does itself. */
export type Turn = readonly (object | string | Uint8Array)[] | ((socket: WebSocket, raw: Duplex) => void);

export interface RealtimeServer {
  readonly baseUrl: string;
  readonly port: number;
  /** The handshakes that came, in order. */
  readonly handshakes: IncomingMessage[];
  /** The events that came, in order, over whatever connection. */
  readonly events: Record<string, unknown>[];
  /** Resolves when every connection has ended. */
  allClosed(): Promise<void>;
}

export interface RealtimeServerOptions {
  /** Answers handshakes by itself, the first with the first, with what goes over the wire; undefined lets one pass. */
  readonly handshakes?: readonly (((socket: Duplex) => void) | undefined)[];
  /** Told of each event, beside the turns. */
  readonly onEvent?: (event: Record<string, unknown>, socket: WebSocket) => void;
  /** Over TLS, for `localhost` and `api.test`. */
  readonly secure?: boolean;
}

/** A server of the Realtime API on loopback that says what it is told to. A turn too many ends the connection. */
export async function realtimeServer(
  turns: readonly Turn[],
  { handshakes: answers = [], secure = false, onEvent }: RealtimeServerOptions = {},
): Promise<RealtimeServer> {
  const left = [...turns];
  const handshakes: IncomingMessage[] = [];
  const events: Record<string, unknown>[] = [];
  const open = new Set<Duplex>();
  let onClosed: () => void = () => {};
  const sockets = new WebSocketServer({ noServer: true });
  const http = secure ? createSecureServer(serverCredentials()) : createServer();
  http.on('request', (_, response) => response.writeHead(404).end());
  http.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    open.add(raw);
    raw.on('error', () => {});
    raw.once('close', () => {
      open.delete(raw);
      onClosed();
    });
    handshakes.push(request);
    const answer = answers[handshakes.length - 1];
    if (answer !== undefined) {
      // An end that nobody reads is none.
      raw.on('end', () => raw.end()).resume();
      answer(raw);
      return;
    }
    sockets.handleUpgrade(request, raw, head, (socket) => {
      socket.on('message', (data) => {
        const event = JSON.parse(String(data)) as Record<string, unknown>;
        events.push(event);
        onEvent?.(event, socket);
        if (event['type'] !== 'response.create') return;
        const turn = left.shift();
        if (turn === undefined) socket.terminate();
        else if (typeof turn === 'function') turn(socket, raw);
        else for (const piece of turn) socket.send(isText(piece) ? piece : JSON.stringify(piece));
      });
    });
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    http.close();
  });
  const { port } = http.address() as AddressInfo;
  return {
    baseUrl: secure ? `https://localhost:${port}/v1` : `http://127.0.0.1:${port}/v1`,
    port,
    handshakes,
    events,
    allClosed: () =>
      new Promise((resolve) => {
        onClosed = () => {
          if (open.size === 0) resolve();
        };
        onClosed();
      }),
  };
}

function isText(piece: object | string | Uint8Array): piece is string | Uint8Array {
  return typeof piece === 'string' || piece instanceof Uint8Array;
}

/** An event with sound: bytes of PCM. */
export function sound(bytes: string): object {
  return { type: 'response.output_audio.delta', delta: Buffer.from(bytes, 'latin1').toString('base64') };
}

/** An event with what was said. */
export function transcript(text: string): object {
  return { type: 'response.output_audio_transcript.done', transcript: text };
}

/** The event that ends a response. */
export function done(status = 'completed', status_details?: object | null): object {
  return {
    type: 'response.done',
    response: { status, ...(status_details !== undefined && { status_details }) },
  };
}

/** A response that is whole. */
export function spokenTurn(bytes: string, text: string): Turn {
  return [{ type: 'response.created' }, sound(bytes), transcript(text), done()];
}
