import type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import type { Context } from '../context.ts';
import { errno, Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { trace } from '../output/messages.ts';
import type { Api } from './client.ts';
import { readEvent } from './realtime-events.ts';
import { refusal, traceHandshake } from './realtime-handshake.ts';
import type { OpenSocket, Socket } from './transport/socket.ts';

export type { RealtimeClientEvent, RealtimeServerEvent } from 'openai/resources/realtime/realtime';

/** A conversation over the Realtime WebSocket. */
export interface RealtimeSession {
  /** Gives a promise only when the connection is slow: wait for it before more is sent. */
  send(event: RealtimeClientEvent): Promise<void> | undefined;
  /**
   * The next event, errors among them. Events that are looked into hold what they are about.
   * @throws Failure (network, retryable) when the connection ends; the reason of the signal. Close the session then.
   */
  next(listening?: Listening): Promise<RealtimeServerEvent>;
  /** The connection is there, as far as is known. */
  readonly isOpen: boolean;
  close(): void;
}

/** How an event is waited for. */
export interface Listening {
  /** Ends the wait; that of the handshake where there is none. */
  readonly signal?: AbortSignal;
  /** Asked when nothing came for so long that the server would be given up on: there may be nothing to be said. */
  readonly mayBeSilent?: () => boolean;
}

/** What a session is held about. */
export type RealtimeTarget = { readonly model: string } | { readonly intent: 'transcription' };

/** Bytes that may wait to be sent before their sender has to wait. */
const MOST_WAITING = 1024 * 1024;
/** Events that may wait to be looked at before no more are taken. */
const MOST_UNREAD = 1000;

/**
 * Opens a session: resolves when the connection is there. This is one try, to be made within `Api.call`.
 * @param signal that of the call; the session ends with it, unless another is given to `next`
 * @throws what `Api.call` reads: a refusal, a network failure; the signal's reason
 */
export async function openRealtime(
  api: Api,
  target: RealtimeTarget,
  context: Context,
  signal: AbortSignal,
): Promise<RealtimeSession> {
  const [[name, value] = ['', '']] = Object.entries(target);
  const opened = await api.webSocket(`/realtime?${name}=${encodeURIComponent(value)}`, signal);
  const session = new Session(opened, signal, context, api.settings.stallTimeout.between);
  try {
    await session.opened();
    return session;
  } catch (error) {
    session.close();
    throw error;
  }
}

class Session implements RealtimeSession {
  readonly #opened: OpenSocket;
  readonly #socket: Socket;
  readonly #signal: AbortSignal;
  readonly #context: Context;
  /** Silence that ends it, in ms. */
  readonly #limit: number;
  readonly #events: RealtimeServerEvent[] = [];
  #waiting: (() => void) | undefined;
  #isReady = false;
  #isPaused = false;
  /** Why no more events come. */
  #ended: unknown;
  readonly #unsent = new Set<() => void>();

  constructor(opened: OpenSocket, signal: AbortSignal, context: Context, limit: number) {
    const { socket, host } = opened;
    this.#opened = opened;
    this.#socket = socket;
    this.#signal = signal;
    this.#context = context;
    this.#limit = limit;
    traceHandshake(opened, context);
    socket.on('open', () => {
      this.#isReady = true;
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
    socket.on('close', (_, reason) => {
      const why = reason === undefined ? '' : Buffer.from(reason).toString().trim();
      const message = `${host} ended the conversation${why === '' ? '' : `: ${why}`}`;
      this.#end(new Failure('network', message, { retryable: true }));
    });
  }

  /** @throws whatever kept it from opening */
  async opened(): Promise<void> {
    while (!this.#isReady) await this.#somethingHappened({});
  }

  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  send(event: RealtimeClientEvent): Promise<void> | undefined {
    // One line for each piece of sound would bury the rest.
    if (event.type !== 'input_audio_buffer.append') trace(this.#context, `> ${event.type}`);
    let isSent = false;
    let done = () => {
      isSent = true;
    };
    this.#socket.send(JSON.stringify(event), () => done());
    if (isSent || this.#ended !== undefined || this.#socket.bufferedAmount < MOST_WAITING) return undefined;
    return new Promise((resolve) => {
      done = () => {
        this.#unsent.delete(done);
        resolve();
      };
      this.#unsent.add(done);
    });
  }

  async next(listening: Listening = {}): Promise<RealtimeServerEvent> {
    for (;;) {
      const event = this.#events.shift();
      if (this.#isPaused && this.#events.length < MOST_UNREAD / 2) {
        this.#isPaused = false;
        this.#socket.resume();
      }
      if (event !== undefined) return event;
      await this.#somethingHappened(listening);
    }
  }

  close(): void {
    this.#end(new Failure('network', 'the session is closed'));
    this.#socket.terminate();
    this.#opened.close();
  }

  #end(reason: unknown): void {
    this.#ended ??= reason;
    this.#waiting?.();
    for (const done of this.#unsent) done();
  }

  #take(data: Buffer, isBinary: boolean): void {
    // What follows on garbage is not to be trusted.
    if (this.#ended !== undefined) return;
    const event = isBinary ? undefined : readEvent(data.toString());
    if (event === undefined) {
      this.#end(this.#garbled());
      return;
    }
    if (!event.type.endsWith('.delta')) trace(this.#context, `< ${event.type}`);
    this.#events.push(event);
    if (!this.#isPaused && this.#events.length >= MOST_UNREAD) {
      this.#isPaused = true;
      this.#socket.pause();
    }
    this.#waiting?.();
  }

  #garbled(cause?: Error): Failure {
    return new Failure('network', `${this.#opened.host} sent an event that is garbled`, { cause });
  }

  /** What `ws` finds wrong, where it is not the network. */
  #inWords(error: Error): Error {
    const code = errno(error);
    if (code?.startsWith('WS_ERR_') === true) return this.#garbled(error);
    if (code !== undefined || error instanceof Failure) return error;
    const message = `${this.#opened.host} answered, but not with a WebSocket (${error.message})`;
    return new Failure('network', message, { cause: error });
  }

  async #somethingHappened({ signal = this.#signal, mayBeSilent }: Listening): Promise<void> {
    signal.throwIfAborted();
    if (this.#ended === undefined) await this.#waitFor(signal, mayBeSilent);
    signal.throwIfAborted();
    // What came before the end is taken first.
    if (this.#ended !== undefined && this.#events.length === 0) throw this.#ended;
  }

  async #waitFor(signal: AbortSignal, mayBeSilent: Listening['mayBeSilent']): Promise<void> {
    const silence = this.#context.clock.timer(this.#limit, () => {
      if (mayBeSilent?.() === true) silence.restart();
      else this.#end(stalled(this.#limit));
    });
    const stop = () => this.#waiting?.();
    signal.addEventListener('abort', stop, { once: true });
    await new Promise<void>((resolve) => {
      this.#waiting = resolve;
    });
    signal.removeEventListener('abort', stop);
    silence.cancel();
  }
}

function stalled(limit: number): Failure {
  return new Failure('network', `the conversation stalled: nothing came for ${durationText(limit)}`, {
    hint: '--stall-timeout 5m waits longer',
    retryable: true,
  });
}
