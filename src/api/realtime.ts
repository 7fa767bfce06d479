import type { ClientRequest, IncomingMessage } from 'node:http';
import { APIConnectionError, APIError } from 'openai/core/error';
import type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import type { Context } from '../context.ts';
import { errno, Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { trace } from '../output/messages.ts';
import type { Api } from './client.ts';
import { errorInEvent, readEvent } from './realtime-events.ts';
import { errorInBody } from './transport/error-body.ts';

/** A conversation over the Realtime WebSocket. */
export interface RealtimeSession {
  send(event: RealtimeClientEvent): void;
  /**
   * The next event. Events of speech hold what they are about.
   * @throws Failure (network, retryable) when the connection ends; the error that the server tells of; the run's own
   *   reason when it is stopped. Close the session then.
   */
  next(): Promise<RealtimeServerEvent>;
  close(): void;
}

/** The longest answer to a refused handshake that is read, in bytes. */
const LONGEST_REFUSAL = 65_536;

/**
 * Opens a session: resolves when the connection is there. This is one try, to be made within `Api.call`.
 * @param signal that of the call
 * @throws what `Api.call` reads: a refusal, a network failure; the signal's reason
 */
export async function openRealtime(
  api: Api,
  model: string,
  context: Context,
  signal: AbortSignal,
): Promise<RealtimeSession> {
  const { WebSocket } = await import('./transport/web-socket.ts');
  const { url, headers, close } = await api.webSocket(`/realtime?model=${encodeURIComponent(model)}`);
  // The key would follow a redirect.
  const socket = new WebSocket(url, { headers, followRedirects: false });
  const limit = api.settings.stallTimeout.between;
  const session = new Session(socket, new URL(url), signal, { context, limit, onClose: close });
  try {
    await session.opened();
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

/** What of `ws` is used here. */
interface Socket {
  on(event: 'open' | 'close', listener: () => void): unknown;
  on(event: 'upgrade', listener: (response: IncomingMessage) => void): unknown;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(
    event: 'unexpected-response',
    listener: (request: ClientRequest, response: IncomingMessage) => void,
  ): unknown;
  send(data: string): void;
  terminate(): void;
}

interface SessionOptions {
  readonly context: Context;
  /** Silence that ends it, in ms. */
  readonly limit: number;
  readonly onClose: () => void;
}

class Session implements RealtimeSession {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #options: SessionOptions;
  readonly #events: RealtimeServerEvent[] = [];
  #waiting: (() => void) | undefined;
  #isOpen = false;
  /** Why no more events come. */
  #ended: unknown;

  constructor(socket: Socket, { host, origin, pathname }: URL, signal: AbortSignal, options: SessionOptions) {
    this.#socket = socket;
    this.#host = host;
    this.#signal = signal;
    this.#options = options;
    this.#traceHandshake(`${origin}${pathname}`);
    const stop = () => this.#end(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    socket.on('open', () => {
      this.#isOpen = true;
      this.#waiting?.();
    });
    socket.on('message', (data, isBinary) => this.#take(data, isBinary));
    socket.on('unexpected-response', (request, response) => {
      void refusal(response).then((error) => {
        this.#end(error);
        request.destroy();
      });
    });
    socket.on('error', (error) => this.#end(this.#inWords(error)));
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      this.#end(new Failure('network', `${host} ended the conversation`, { retryable: true }));
    });
    if (signal.aborted) stop();
  }

  /** @throws whatever kept it from opening */
  async opened(): Promise<void> {
    while (!this.#isOpen) await this.#somethingHappened();
  }

  send(event: RealtimeClientEvent): void {
    trace(this.#options.context, `> ${event.type}`);
    this.#socket.send(JSON.stringify(event));
  }

  async next(): Promise<RealtimeServerEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event?.type === 'error') throw errorInEvent(event.error);
      if (event !== undefined) return event;
      await this.#somethingHappened();
    }
  }

  close(): void {
    // To close politely, the other side would have to be waited for.
    this.#socket.terminate();
    this.#options.onClose();
  }

  #end(reason: unknown): void {
    this.#ended ??= reason;
    this.#waiting?.();
  }

  #take(data: Buffer, isBinary: boolean): void {
    // What follows on garbage is not to be trusted.
    if (this.#ended !== undefined) return;
    const event = isBinary ? undefined : readEvent(data.toString());
    if (event === undefined) {
      this.#end(this.#garbled());
      return;
    }
    // One line for each piece of sound would bury the rest.
    if (!event.type.endsWith('.delta')) trace(this.#options.context, `< ${event.type}`);
    this.#events.push(event);
    this.#waiting?.();
  }

  #garbled(cause?: Error): Failure {
    return new Failure('network', `${this.#host} sent an event that is garbled`, { cause });
  }

  /** What `ws` finds wrong, where it is not the network. */
  #inWords(error: Error): Error {
    const code = errno(error);
    if (code?.startsWith('WS_ERR_') === true) return this.#garbled(error);
    if (code !== undefined) return error;
    const message = `${this.#host} answered, but not with a WebSocket (${error.message})`;
    return new Failure('network', message, { cause: error });
  }

  /** One line for what is asked and one for what is answered, as for requests: without headers, which hold the key. */
  #traceHandshake(address: string): void {
    const { context } = this.#options;
    const start = context.clock.now();
    const answered = ({ statusCode, headers }: IncomingMessage) => {
      const id = headers['x-request-id'];
      const request = id === undefined ? '' : `, request ${id}`;
      trace(context, `< ${statusCode} after ${context.clock.now() - start} ms${request}`);
    };
    trace(context, `> WebSocket ${address}`);
    this.#socket.on('upgrade', answered);
    this.#socket.on('unexpected-response', (_, response) => answered(response));
  }

  async #somethingHappened(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#ended === undefined) {
      const { context, limit } = this.#options;
      const silence = context.clock.timer(limit, () => this.#end(stalled(limit)));
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
      silence.cancel();
    }
    // What came before the end is taken first.
    if (this.#ended !== undefined && this.#events.length === 0) throw this.#ended;
  }
}

function stalled(limit: number): Failure {
  return new Failure('network', `the conversation stalled: nothing came for ${durationText(limit)}`, {
    hint: '--stall-timeout 5m waits longer',
    retryable: true,
  });
}

/** The error that an HTTP answer to the handshake is. */
async function refusal(response: IncomingMessage): Promise<Error> {
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
