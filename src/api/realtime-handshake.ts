import type { IncomingMessage } from 'node:http';
import { APIConnectionError, APIError } from 'openai/core/error';
import type { Context } from '../context.ts';
import { trace } from '../output/messages.ts';
import { errorInBody } from './transport/error-body.ts';
import type { OpenSocket } from './transport/socket.ts';

/** The longest answer to a refused handshake that is read, in bytes. */
const LONGEST_REFUSAL = 65_536;

/** One line for what is asked and one for what is answered, as for requests: without headers, which hold the key. */
export function traceHandshake({ socket, shown }: OpenSocket, context: Context): void {
  const start = context.clock.now();
  const answered = ({ statusCode, headers }: IncomingMessage) => {
    const id = headers['x-request-id'];
    const request = id === undefined ? '' : `, request ${id}`;
    trace(context, `< ${statusCode} after ${context.clock.now() - start} ms${request}`);
  };
  trace(context, `> WebSocket ${shown}`);
  socket.on('upgrade', answered);
  socket.on('unexpected-response', (_, response) => answered(response));
}

/** The error that an HTTP answer to the handshake is. */
export async function refusal(response: IncomingMessage): Promise<Error> {
  const { statusCode = 0, headersDistinct } = response;
  // In the words that fetch has for it.
  if (statusCode >= 300 && statusCode < 400) {
    return new APIConnectionError({ cause: new Error('unexpected redirect') });
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const body = errorInBody(await textOf(response));
  return APIError.generate(statusCode, body === undefined ? undefined : { error: body }, undefined, headers);
}

/** The text of an answer, or its beginning; nothing where it breaks off: the status says enough. */
async function textOf(response: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const piece of response) {
      size += piece.length;
      if (size > LONGEST_REFUSAL) break;
      pieces.push(piece);
    }
  } catch {
    return '';
  }
  return Buffer.concat(pieces).toString();
}
