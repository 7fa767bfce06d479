// Loaded lazily, as a file of ours: esbuild gives a lazily loaded CommonJS package no named exports.
import type { IncomingMessage } from 'node:http';
import { WebSocketServer } from 'ws';
import type { RealtimeSession } from './realtime-session.ts';

/** The most bytes of a message: 15 MiB of audio (the API's reference, `input_audio_buffer.append`) and some. */
const MAX_BYTES = 16 * 1024 * 1024;

const server = new WebSocketServer({ noServer: true, clientTracking: false, maxPayload: MAX_BYTES });

/** Accepts a WebSocket and begins its session. @param head what has come behind the request */
export function acceptSocket(incoming: IncomingMessage, head: Buffer, session: RealtimeSession): void {
  server.handleUpgrade(incoming, incoming.socket, head, (socket) => {
    // What is wrong with the client's frames closes the connection, and is told to it.
    socket.on('error', () => {});
    socket.on('close', () => session.close());
    // Bytes are no event.
    socket.on('message', (data, isBinary) => session.receive(isBinary ? '' : String(data)));
    session.open({
      send: (text) => new Promise((resolve) => socket.send(text, () => resolve())),
      close: () => socket.close(1000),
      terminate: () => socket.terminate(),
    });
  });
}
