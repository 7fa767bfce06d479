import type { ClientRequest, IncomingMessage } from 'node:http';
import { APIError } from 'openai/core/error';
import type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import type { Clock } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { errorInBody } from './transport/error-body.ts';

/** A conversation over the Realtime WebSocket. */
export interface RealtimeSession {
  send(event: RealtimeClientEvent): void;
  /**
   * The next event.
   * @throws Failure (network) when the connection ends; the run's own reason when it is stopped
   */
  next(): Promise<RealtimeServerEvent>;
  close(): void;
}

/** The longest answer to a refused handshake that is read, in bytes. */
const LONGEST_REFUSAL = 65_536;

/** Opens a session: resolves when the connection is there. @throws Failure or Stopped */
export function openRealtime(api: Api, model: string, clock: Clock): Promise<RealtimeSession> {
  return api.call(async (_, { signal }) => {
    const { WebSocket } = await import('./transport/web-socket.ts');
    const { url, headers, close } = await api.webSocket(`/realtime?model=${encodeURIComponent(model)}`);
    const socket = new WebSocket(url, { headers, followRedirects: false });
    const limit = api.settings.stallTimeout.between;
    const session = new Session(socket, new URL(url).host, signal, { clock, limit, onClose: close });
    try {
      await session.opened();
      return session;
    } catch (error) {
      session.close();
      throw error;
    }
  });
}

/** What of `ws` is used here. */
interface Socket {
  on(event: 'open' | 'close', listener: () => void): unknown;
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(
    event: 'unexpected-response',
    listener: (request: ClientRequest, response: IncomingMessage) => void,
  ): unknown;
  send(data: string): void;
  terminate(): void;
}

class Session implements RealtimeSession {
  readonly #socket: Socket;
  readonly #host: string;
  readonly #signal: AbortSignal;
  readonly #onClose: () => void;
  readonly #clock: Clock;
  /** Silence that ends it, in ms. */
  readonly #limit: number;
  readonly #events: RealtimeServerEvent[] = [];
  #waiting: (() => void) | undefined;
  #isOpen = false;
  /** Why no more events come. */
  #ended: unknown;

  constructor(
    socket: Socket,
    host: string,
    signal: AbortSignal,
    {
      clock,
      limit,
      onClose,
    }: { readonly clock: Clock; readonly limit: number; readonly onClose: () => void },
  ) {
    this.#onClose = onClose;
    this.#clock = clock;
    this.#limit = limit;
    this.#socket = socket;
    this.#host = host;
    this.#signal = signal;
    const end = (reason: unknown) => {
      this.#ended ??= reason;
      this.#waiting?.();
    };
    const stop = () => {
      end(signal.reason);
      socket.terminate();
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.on('open', () => {
      this.#isOpen = true;
      this.#waiting?.();
    });
    socket.on('message', (data, isBinary) => this.#take(data, isBinary, end));
    socket.on('unexpected-response', (request, response) => {
      void refusal(response).then((error) => {
        end(error);
        request.destroy();
      });
    });
    socket.on('error', end);
    socket.on('close', () => {
      signal.removeEventListener('abort', stop);
      end(new Failure('network', `${host} ended the conversation`, { retryable: !this.#isOpen }));
    });
    if (signal.aborted) stop();
  }

  /** @throws whatever kept it from opening */
  async opened(): Promise<void> {
    while (!this.#isOpen) await this.#somethingHappened();
  }

  send(event: RealtimeClientEvent): void {
    this.#socket.send(JSON.stringify(event));
  }

  async next(): Promise<RealtimeServerEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (event !== undefined) return event;
      await this.#somethingHappened();
    }
  }

  close(): void {
    // To close politely, the other side would have to be waited for.
    this.#socket.terminate();
    this.#onClose();
  }

  #take(data: Buffer, isBinary: boolean, end: (reason: unknown) => void): void {
    const event = isBinary ? undefined : parsed(data.toString());
    if (event === undefined) {
      end(new Failure('network', `${this.#host} sent an event that is garbled`));
      this.#socket.terminate();
      return;
    }
    this.#events.push(event);
    this.#waiting?.();
  }

  async #somethingHappened(): Promise<void> {
    this.#signal.throwIfAborted();
    if (this.#ended === undefined) {
      const silence = this.#clock.timer(this.#limit, () => {
        this.#ended ??= stalled(this.#limit);
        this.#waiting?.();
        this.#socket.terminate();
      });
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
  });
}

function parsed(text: string): RealtimeServerEvent | undefined {
  try {
    const event: unknown = JSON.parse(text);
    // What is not one of the events that are looked for is passed over.
    return isObject(event) && typeof event['type'] === 'string'
      ? (event as unknown as RealtimeServerEvent)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The error that an HTTP answer to the handshake is. */
async function refusal(response: IncomingMessage): Promise<Error> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of response) {
    size += piece.length;
    if (size > LONGEST_REFUSAL) break;
    pieces.push(piece);
  }
  const headers = new Headers();
  for (const [name, values] of Object.entries(response.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const body = errorInBody(Buffer.concat(pieces).toString());
  return APIError.generate(
    response.statusCode,
    body === undefined ? undefined : { error: body },
    undefined,
    headers,
  );
}
