import { EventEmitter } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Context, sleep } from '../../../context.ts';
import { errno, type Failure, reasonOf, usageError } from '../../../errors.ts';
import { decodeUtf8 } from '../../../input/text.ts';
import { isObject } from '../../../json.ts';
import { trace, warn } from '../../../output/messages.ts';
import { PerRun } from '../per-run.ts';
import type { Socket } from '../socket.ts';
import type { ReplayTape } from './replay.ts';
import { type Frame, type FrameLog, LOG_END, readLog, tapedEvent } from './socket-frames.ts';

/**
 * Stands in the place of a WebSocket: says what the server said in a conversation that was recorded, as far as the client
 * says what it said then. What it did not say ends the run.
 * @param path below the base URL, with its query
 * @throws Failure (usage) where there is no such folder, or it holds no such conversation
 */
export function replaySocket(tape: ReplayTape, path: string, context: Context): Socket {
  const shelf = shelves.get(context, tape.folder, () => {
    if (context.stderr.isTTY) warn(context, `answers are replayed from ${tape.name}, and nothing is sent`);
    return new LogShelf(logsIn(tape));
  });
  const logs = shelf.logs.filter((log) => log.path === path);
  if (logs.length === 0) {
    const failure = usageError(`${tape.name} holds no conversation with ${path}`);
    context.stop(failure);
    throw failure;
  }
  return new ReplayedSocket(shelf, logs, tape, context);
}

/** The logs of a folder. What was replayed to its end is not what the next conversation begins with, if there is another. */
class LogShelf {
  readonly logs: readonly FrameLog[];
  readonly used = new Set<FrameLog>();

  constructor(logs: readonly FrameLog[]) {
    this.logs = logs;
  }
}

/** One for each folder. */
const shelves = new PerRun<LogShelf>();

function logsIn({ folder, name }: ReplayTape): FrameLog[] {
  try {
    const files = readdirSync(folder).filter((file) => file.endsWith(LOG_END) && !file.startsWith('.'));
    return files.sort().map((file) => {
      const shown = `${name}/${file}`;
      return readLog(decodeUtf8(readFileSync(join(folder, file)), shown), file, shown);
    });
  } catch (error) {
    if (errno(error) === undefined) throw error;
    const reason = errno(error) === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
    throw usageError(`cannot replay ${name}: ${reason}`, undefined, error);
  }
}

class ReplayedSocket extends EventEmitter implements Socket {
  readonly bufferedAmount = 0;
  readonly #shelf: LogShelf;
  readonly #tape: ReplayTape;
  readonly #context: Context;
  readonly #start: number;
  /** How many events the client has said. */
  #said = 0;
  /** Those that go on as the client does. The first is what the server says. */
  #logs: readonly FrameLog[];
  /** The frame that is next in the first of them. */
  #at = 0;
  /** What stands before this one the client has said. */
  #until = 0;
  /** How many frames the server has said. */
  #told = 0;
  #isTelling = false;
  #isOver = false;

  constructor(shelf: LogShelf, logs: readonly FrameLog[], tape: ReplayTape, context: Context) {
    super();
    this.#shelf = shelf;
    this.#logs = [...logs].sort((a, b) => Number(shelf.used.has(a)) - Number(shelf.used.has(b)));
    this.#tape = tape;
    this.#context = context;
    this.#start = context.clock.now();
    setImmediate(() => {
      this.emit('open');
      void this.#tell();
    });
  }

  send(text: string, sent: () => void): void {
    const event = tapedEvent(text, this.#context.secrets);
    const [first] = this.#logs;
    const said = JSON.stringify(event);
    this.#logs = this.#logs.filter((log) => log.said[this.#said] === said);
    this.#said += 1;
    if (this.#logs.length === 0) {
      const failure = this.#unknown(event, first);
      this.#context.stop(failure);
      throw failure;
    }
    const { frames } = this.#logs[0] ?? { frames: [] };
    // As much of it was said already, by another log.
    if (this.#logs[0] !== first)
      this.#at = placeOf(frames, this.#told, (frame) => frame.client === undefined);
    this.#until = placeOf(frames, this.#said, ({ client }) => client !== undefined);
    sent();
    void this.#tell();
  }

  pause(): void {}
  resume(): void {}

  terminate(): void {
    const [log] = this.#logs;
    if (log !== undefined) this.#shelf.used.add(log);
    this.#isOver = true;
  }

  /** The server says what it said up to the next word of the client. */
  async #tell(): Promise<void> {
    if (this.#isTelling) return;
    this.#isTelling = true;
    // The client sends what it has to send first.
    await new Promise((resolve) => setImmediate(resolve));
    for (;;) {
      const frame = this.#logs[0]?.frames[this.#at];
      if (frame === undefined || this.#isOver) break;
      const isOfClient = frame.client !== undefined;
      if (isOfClient && this.#at >= this.#until) break;
      this.#at += 1;
      if (isOfClient) continue;
      this.#told += 1;
      await this.#wait(frame.ms);
      this.#say(frame);
    }
    this.#isTelling = false;
  }

  #say({ server, text, end }: Frame): void {
    if (this.#isOver) return;
    if (end === true) {
      this.#isOver = true;
      this.emit('close');
    } else this.emit('message', Buffer.from(text ?? JSON.stringify(server)), false);
  }

  async #wait(ms: number): Promise<void> {
    const { clock, signal } = this.#context;
    const wait = this.#start + ms - clock.now();
    if (this.#tape.timed && wait > 0) await sleep(clock, wait, signal).catch(() => {});
  }

  /** @param nearest the log that went on as the client did up to here */
  #unknown(event: unknown, nearest: FrameLog | undefined): Failure {
    trace(this.#context, `the client says ${JSON.stringify(event)}`);
    const expected = nearest?.said[this.#said - 1];
    const other = expected === undefined ? 'its end' : `another ${typeOf(JSON.parse(expected))}`;
    return usageError(
      `${this.#tape.name} holds no conversation that goes on with this ${typeOf(event)}`,
      `in the nearest, ${nearest?.file}, event ${this.#said} is ${other}`,
    );
  }
}

function typeOf(event: unknown): string {
  return isObject(event) ? String(event['type']) : 'event';
}

/** The place behind so many frames of a kind. */
function placeOf(frames: readonly Frame[], count: number, isOfKind: (frame: Frame) => boolean): number {
  let left = count;
  if (left === 0) return 0;
  return 1 + frames.findIndex((frame) => isOfKind(frame) && --left === 0);
}
