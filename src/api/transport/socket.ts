import type { ClientRequest, IncomingMessage } from 'node:http';

/** A WebSocket, as far as it is used here: that of `ws`, and what stands in its place. */
export interface Socket {
  on(event: 'open', listener: () => void): unknown;
  /** @param listener is given what the other side says of why, where it closed the socket itself */
  on(event: 'close', listener: (code?: number, reason?: Uint8Array) => void): unknown;
  on(event: 'upgrade', listener: (response: IncomingMessage) => void): unknown;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(
    event: 'unexpected-response',
    listener: (request: ClientRequest, response: IncomingMessage) => void,
  ): unknown;
  /** Bytes that are still to be sent. */
  readonly bufferedAmount: number;
  /** @param sent called when it has gone out, or never will */
  send(text: string, sent: (error?: Error) => void): void;
  /** Nothing more is taken until `resume`. */
  pause(): void;
  resume(): void;
  /** To close politely, the other side would have to be waited for. */
  terminate(): void;
}

/** A socket on its way, and what is behind it. */
export interface OpenSocket {
  readonly socket: Socket;
  /** Where it leads to: without a query and without credentials. */
  readonly shown: string;
  /** Host and, where it is unusual, port. */
  readonly host: string;
  /** The socket is closed: what was there for it alone ends. */
  close(): void;
}
