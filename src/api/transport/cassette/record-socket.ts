import type { Context } from '../../../context.ts';
import { Failure, reasonOf } from '../../../errors.ts';
import { isObject } from '../../../json.ts';
import { afterAnswer } from '../../../output/after-answer.ts';
import { trace, warn } from '../../../output/messages.ts';
import { PerRun } from '../per-run.ts';
import type { Socket } from '../socket.ts';
import { eventsWithoutKeys } from './events-without-keys.ts';
import { VERSION } from './exchange.ts';
import { takeName } from './exchange-name.ts';
import { ExchangeFolder, type NewFile } from './folder.ts';
import type { RecordTape } from './record.ts';
import { type Frame, LOG_END, LogName, tapedEvent } from './socket-frames.ts';
import { withoutKeys } from './without-keys.ts';

/** Where a socket leads. */
export interface SocketPlace {
  /** Below the base URL, with its query. */
  readonly path: string;
  readonly baseUrl: string;
}

/**
 * The same socket, of which each message is kept: a file for each conversation, a line for each message. What cannot be
 * written makes the run fail at its end. A conversation that the server breaks off is replaced by the next try; one that it
 * refuses is none.
 */
export function recordSocket(inner: Socket, tape: RecordTape, place: SocketPlace, context: Context): Socket {
  const takes = takesOfRuns.get(context, tape.folder, () => new Map());
  const log = new FrameRecorder(tape, place, takes, context);
  inner.on('open', () => log.open());
  inner.on('message', (data, isBinary) => log.heard(data, isBinary));
  inner.on('close', () => log.end(true));
  return {
    on: (event: string, listener: never) => inner.on(event as 'open', listener),
    get bufferedAmount() {
      return inner.bufferedAmount;
    },
    send(text, sent) {
      log.said(text);
      inner.send(text, sent);
    },
    pause: () => inner.pause(),
    resume: () => inner.resume(),
    terminate() {
      log.end(false);
      inner.terminate();
    },
  };
}

/** The last take of each name in a run, and whether another try takes its place. */
type Takes = Map<string, { readonly number: number; readonly hasFailed: boolean }>;

/** One for each folder. */
const takesOfRuns = new PerRun<Takes>();

/** Events with which a text that is told in pieces has ended: what is held back can be written. */
const ENDS: readonly string[] = [
  'response.done',
  'conversation.item.input_audio_transcription.completed',
  'conversation.item.input_audio_transcription.failed',
];
/** The most frames that are held back: a transcript that never ends is written all the same. */
const MOST_HELD = 20_000;

class FrameRecorder {
  readonly #folder: ExchangeFolder;
  readonly #tape: RecordTape;
  readonly #takes: Takes;
  readonly #context: Context;
  readonly #name: LogName;
  readonly #start: number;
  readonly #head: string;
  #file: NewFile | undefined;
  #held: Frame[] = [];
  #isOpen = false;
  #isOver = false;

  constructor(tape: RecordTape, { path, baseUrl }: SocketPlace, takes: Takes, context: Context) {
    this.#folder = new ExchangeFolder(tape.folder);
    this.#tape = tape;
    this.#takes = takes;
    this.#context = context;
    this.#name = new LogName(path);
    this.#start = context.clock.now();
    const recorded = new Date(this.#start).toISOString();
    this.#head = JSON.stringify({ oai_cassette: VERSION, recorded, websocket: path, base_url: baseUrl });
    if (context.stderr.isTTY) warn(context, `recording into ${tape.name}`);
  }

  /** The server has agreed to it. */
  open(): void {
    this.#isOpen = true;
  }

  said(text: string): void {
    const client = tapedEvent(text, this.#context.secrets);
    this.#name.add(client);
    this.#hold({ ms: this.#ms, client });
  }

  heard(data: Buffer, isBinary: boolean): void {
    const server = isBinary ? undefined : jsonIn(data.toString());
    if (server === undefined) this.#hold({ ms: this.#ms, text: data.toString() });
    else this.#hold({ ms: this.#ms, server });
    const isEnd = isObject(server) && ENDS.includes(String(server['type']));
    if (isEnd || this.#held.length >= MOST_HELD) this.#write();
  }

  /** @param isByServer it was not this program that ended it */
  end(isByServer: boolean): void {
    this.#isOver ||= !this.#isOpen;
    if (this.#isOver) return;
    if (isByServer) this.#hold({ ms: this.#ms, end: true });
    this.#write();
    if (this.#isOver) return;
    this.#isOver = true;
    this.#attempt(() => this.#finish(isByServer));
  }

  get #ms(): number {
    return this.#context.clock.now() - this.#start;
  }

  #hold(frame: Frame): void {
    if (!this.#isOver) this.#held.push(frame);
  }

  /** Writes what is held back, without keys, which may have come in pieces. */
  #write(): void {
    const { secrets } = this.#context;
    const told = eventsWithoutKeys(
      this.#held.map(({ server }) => ({ data: server })),
      secrets,
    );
    const clean = this.#held.map((frame, index) => {
      const event = told[index];
      if (frame.server === undefined || event === undefined || !('data' in event)) return frame;
      return { ...frame, server: event.data };
    });
    this.#held = [];
    this.#attempt(() => {
      this.#file ??= this.#begun();
      for (const frame of clean) this.#file.write(`${JSON.stringify(withoutKeys(frame, secrets))}\n`);
    });
  }

  #begun(): NewFile {
    const file = this.#folder.begin();
    file.write(`${this.#head}\n`);
    return file;
  }

  #finish(hasFailed: boolean): void {
    const name = this.#name.get();
    const last = this.#takes.get(name);
    const number = last === undefined ? 1 : last.number + (last.hasFailed ? 0 : 1);
    const file = `${takeName(name, number)}${LOG_END}`;
    this.#file?.finish(file);
    if (last === undefined) this.#removeEarlier(name);
    this.#takes.set(name, { number, hasFailed });
    afterAnswer(this.#context, () => trace(this.#context, `recorded in ${this.#tape.name}/${file}`));
  }

  /** Takes that an earlier run recorded beyond the first. */
  #removeEarlier(name: string): void {
    for (let number = 2; this.#folder.has(`${takeName(name, number)}${LOG_END}`); number++)
      this.#folder.remove(`${takeName(name, number)}${LOG_END}`);
  }

  #attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#isOver = true;
      this.#file?.drop();
      const message = `cannot record into ${this.#tape.name}: ${reasonOf(error)}`;
      this.#context.lateFailure ??= new Failure('incomplete', message, { cause: error });
    }
  }
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
