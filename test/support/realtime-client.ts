import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { RealtimeServerEvent } from 'openai/resources/realtime/realtime';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import { lifecycleOf } from '../../src/api/models.ts';
import { type ServeOptions, serve } from '../../src/sandbox/http.ts';
import { createSandbox } from '../../src/sandbox/sandbox.ts';
import { SpeechListener } from '../../src/sandbox/speech-listener.ts';
import { FakeClock } from './context.ts';
import { checkSchema } from './openapi.ts';

export const MODEL = 'gpt-realtime-2.1-mini';

export interface Setup {
  readonly faults?: string;
  readonly model?: string;
  readonly path?: string;
  readonly key?: string;
  readonly clock?: FakeClock;
  readonly sandboxSignal?: AbortSignal;
  readonly onAnswer?: NonNullable<ServeOptions['onAnswer']>;
}

export async function served({
  faults,
  clock = new FakeClock({ leap: true }),
  sandboxSignal,
  onAnswer,
}: Setup) {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const of = createSandbox({
    clock,
    lifecycleOf,
    faults,
    ...(sandboxSignal !== undefined && { signal: sandboxSignal }),
  });
  const { signal } = controller;
  const server = await serve(of, {
    port: 0,
    host: '127.0.0.1',
    signal,
    ...(onAnswer !== undefined && { onAnswer }),
  });
  return { ...server, stop: () => controller.abort() };
}

/** A client that reads event after event; each obeys the OpenAPI document. */
export class Client {
  readonly socket: WebSocket;
  readonly #read: (RealtimeServerEvent | string)[] = [];
  #closed: number | undefined;
  #wake: () => void = () => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('message', (data) => this.#heard(String(data)));
    socket.on('close', (code) => {
      this.#closed = code;
      this.#wake();
    });
  }

  #heard(text: string): void {
    this.#read.push(isJson(text) ? JSON.parse(text) : text);
    this.#wake();
  }

  /** How many events wait to be read. */
  get unread(): number {
    return this.#read.length;
  }

  /** The next event; undefined once the connection has ended. */
  async next(): Promise<RealtimeServerEvent | string | undefined> {
    while (this.#read.length === 0) {
      if (this.#closed !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const event = this.#read.shift();
    if (typeof event === 'object') checkSchema('RealtimeServerEvent', event);
    return event;
  }

  /** All events up to one of this type, or to the end of the connection. */
  async until(type: string): Promise<(RealtimeServerEvent | string)[]> {
    const events: (RealtimeServerEvent | string)[] = [];
    for (;;) {
      const event = await this.next();
      if (event === undefined) return events;
      events.push(event);
      if (typeof event === 'object' && event.type === type) return events;
    }
  }

  /** Sends an event that the sandbox accepts. */
  send(event: object): void {
    checkSchema('RealtimeClientEvent', event);
    this.sendRaw(JSON.stringify(event));
  }

  sendRaw(text: string | Buffer): void {
    this.socket.send(text);
  }

  /** What comes next. */
  async told(event: object): Promise<RealtimeServerEvent | string | undefined> {
    this.sendRaw(JSON.stringify(event));
    return this.next();
  }

  /** The code that the connection ended with. */
  async ended(): Promise<number | undefined> {
    await this.until('no such event');
    return this.#closed;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

export function socketOf(url: string, { model = MODEL, path, key = 'sk-test' }: Setup): WebSocket {
  const address = `${url.replace(/^http/, 'ws')}${path ?? `/realtime?model=${model}`}`;
  return new WebSocket(address, { headers: { authorization: `Bearer ${key}` } });
}

/** A session whose `session.created` has been read. */
export async function session(setup: Setup = {}) {
  const server = await served(setup);
  const client = new Client(socketOf(server.url, setup));
  onTestFinished(() => client.socket.terminate());
  const created = await client.next();
  return { server, client, created };
}

export async function refused(setup: Setup) {
  const { url } = await served(setup);
  const socket = socketOf(url, setup);
  socket.on('error', () => {});
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text };
}

export function userText(text: string, fields: object = {}): object {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }], ...fields };
}

/** Asks for one response to a text, and reads it to its end. */
export async function respond(client: Client, text: string, response?: object) {
  client.send({ type: 'conversation.item.create', item: userText(text) });
  await client.until('conversation.item.done');
  client.send({ type: 'response.create', ...(response !== undefined && { response }) });
  return summary(await client.until('response.done'));
}

export function summary(events: readonly (RealtimeServerEvent | string)[]) {
  const known = events.filter((event) => typeof event === 'object');
  const types = events.map((event) => (typeof event === 'object' ? event.type : event));
  const pcm = known.flatMap((event) =>
    event.type === 'response.output_audio.delta' ? [Buffer.from(event.delta, 'base64')] : [],
  );
  const joined = (type: string) =>
    known.map((event) => (event.type === type && 'delta' in event ? event.delta : '')).join('');
  const last = known.at(-1);
  return {
    types,
    events: known,
    deltas: pcm.length,
    heard: heard(Buffer.concat(pcm)),
    pcm: Buffer.concat(pcm),
    transcript: joined('response.output_audio_transcript.delta'),
    text: joined('response.output_text.delta'),
    done: last?.type === 'response.done' ? last.response : undefined,
  };
}

/** What the sandbox's own listener hears. */
export function heard(pcm: Buffer): string {
  const listener = new SpeechListener(24_000);
  const length = pcm.length / 2;
  listener.hear(Float32Array.from({ length }, (_, index) => pcm.readInt16LE(index * 2) / 0x8000));
  return listener
    .end()
    .pieces.map(({ text }) => text)
    .join('');
}
