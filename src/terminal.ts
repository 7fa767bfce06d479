import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';
import type { Clock, Terminal, TerminalListener } from './context.ts';

/** The signals that tell about the terminal. Each gives a function that ends the hearing. */
export interface TerminalSignals {
  onResize(listener: () => void): () => void;
  /** After the process was stopped and goes on. */
  onContinue(listener: () => void): () => void;
  onExit(listener: () => void): () => void;
  /** Stops the process, as Ctrl-Z does. */
  stop(): void;
}

/** The terminal, whatever the streams are: stdin may be a pipe. */
const TERMINAL = '/dev/tty';

/** What is pasted comes between two marks, and does not look as if it had been typed (xterm's bracketed paste). */
const MARK_PASTES = '\u001b[?2004h';
const DO_NOT_MARK_PASTES = '\u001b[?2004l';
const SHOW_CURSOR = '\u001b[?25h';

/** Opened anew each time: a program that shares the descriptor is not to share its mode. */
function openInput(): ReadStream | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(TERMINAL, constants.O_RDWR | constants.O_NOCTTY);
    return new ReadStream(fd);
  } catch {
    if (fd !== undefined) closeSync(fd);
    return undefined;
  }
}

/** The size of the terminal just now; Node keeps that of its own streams only. */
function sizeNow(): { columns: number; rows: number } {
  try {
    const stream = new WriteStream(openSync(TERMINAL, constants.O_WRONLY | constants.O_NOCTTY));
    const { columns, rows } = stream;
    stream.destroy();
    return { columns: columns || 80, rows: rows || 24 };
  } catch {
    return { columns: 80, rows: 24 };
  }
}

/** What a terminal has to do with beside itself. */
export interface Surroundings {
  readonly clock: Clock;
  readonly signals: TerminalSignals;
  /** Closes it when it aborts. */
  readonly signal: AbortSignal;
  /** Is told when it is closed, by whomever. */
  readonly onClose: () => void;
}

/** A process that was told to stop has done so after this many ms. */
const STOPPED_MS = 50;

/**
 * Opens the terminal in raw mode.
 * @returns undefined where there is none
 */
export async function openTerminal(
  listener: TerminalListener,
  around: Surroundings,
): Promise<Terminal | undefined> {
  const input = openInput();
  if (input === undefined) return undefined;
  const output = openSync(TERMINAL, constants.O_WRONLY | constants.O_NOCTTY);
  return new OpenTerminal(input, output, listener, around);
}

class OpenTerminal implements Terminal {
  /** Undefined while the terminal is somebody else's: a stream that is paused would go on taking what is typed. */
  #input: ReadStream | undefined;
  readonly #listener: TerminalListener;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Apart from the input, which never waits: what is drawn is written at once, and whole. */
  readonly #output: number;
  readonly #clock: Clock;
  readonly #signals: TerminalSignals;
  readonly #onClose: () => void;
  readonly #endings: (() => void)[];
  #size = sizeNow();
  #isOpen = true;
  #lent = false;

  constructor(
    input: ReadStream,
    output: number,
    listener: TerminalListener,
    { clock, signals, signal, onClose }: Surroundings,
  ) {
    this.#listener = listener;
    this.#output = output;
    this.#clock = clock;
    this.#signals = signals;
    this.#onClose = onClose;
    const stop = () => {
      // Told first: whoever draws on it leaves it tidy.
      listener.ended();
      this.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    this.#endings = [
      () => signal.removeEventListener('abort', stop),
      signals.onExit(() => this.close()),
      signals.onResize(() => {
        this.#size = sizeNow();
        if (this.#input !== undefined) listener.resized();
      }),
      signals.onContinue(() => {
        this.#size = sizeNow();
        // The shell has set its own modes meanwhile.
        this.#leave();
        if (this.#lent) return;
        this.#enter(openInput());
        listener.continued();
      }),
    ];
    this.#enter(input);
  }

  get columns(): number {
    return this.#size.columns;
  }

  get rows(): number {
    return this.#size.rows;
  }

  write(text: string): void {
    if (text === '' || !this.#isOpen) return;
    try {
      const bytes = Buffer.from(text);
      for (let sent = 0; sent < bytes.length; ) sent += writeSync(this.#output, bytes, sent);
    } catch {
      // A terminal that is gone shows nothing; its end is heard on the input.
    }
  }

  pause(): void {
    this.#lent = true;
    this.#leave();
  }

  resume(): void {
    this.#lent = false;
    if (this.#isOpen && this.#input === undefined) this.#enter(openInput());
  }

  suspend(): void {
    this.#leave();
    this.#signals.stop();
    // Where there is no shell that could say `fg`, the system does not stop it, and it goes on as if nothing were.
    this.#clock.timer(STOPPED_MS, () => {
      if (!this.#lent) this.resume();
    });
  }

  close(): void {
    if (!this.#isOpen) return;
    for (const end of this.#endings) end();
    this.#leave();
    this.#isOpen = false;
    closeSync(this.#output);
    this.#onClose();
  }

  /** @param input undefined where the terminal is gone */
  #enter(input: ReadStream | undefined): void {
    this.#input = input;
    if (input === undefined) {
      this.#end();
      return;
    }
    input.on('data', (bytes: Buffer) => this.#listener.input(this.#decoder.decode(bytes, { stream: true })));
    const end = () => {
      if (input === this.#input) this.#end();
    };
    input.on('end', end).on('error', end);
    setRaw(input, true);
    this.write(MARK_PASTES);
  }

  #leave(): void {
    const input = this.#input;
    if (input === undefined) return;
    this.#input = undefined;
    this.write(DO_NOT_MARK_PASTES + SHOW_CURSOR);
    setRaw(input, false);
    input.destroy();
  }

  #end(): void {
    this.close();
    this.#listener.ended();
  }
}

/** A terminal that is gone has no mode. */
function setRaw(input: ReadStream, raw: boolean): void {
  try {
    input.setRawMode(raw);
  } catch {
    // Its end is heard on the input.
  }
}

/**
 * Puts a question to the terminal in control sequences.
 * @param limit ms
 * @returns what came back by the time that it was answered, the time was over or `signal` aborted
 */
export async function askTerminal(
  clock: Clock,
  signal: AbortSignal,
  query: string,
  isAnswered: (reply: string) => boolean,
  limit: number,
): Promise<string> {
  const input = openInput();
  if (input === undefined) return '';
  let reply = '';
  await new Promise<void>((resolve) => {
    const end = () => {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = clock.timer(limit, end);
    signal.addEventListener('abort', end, { once: true });
    input.on('error', end).on('end', end);
    input.setEncoding('latin1').on('data', (text) => {
      reply += text;
      if (isAnswered(reply)) end();
    });
    try {
      // Without it the reply would be shown, and kept back until a line of it was whole.
      input.setRawMode(true);
      if (!input.isRaw || signal.aborted) end();
      else putOn(query);
    } catch {
      end();
    }
  });
  setRaw(input, false);
  input.destroy();
  return reply;
}

/** @throws where the terminal cannot be written to */
function putOn(query: string): void {
  const fd = openSync(TERMINAL, constants.O_WRONLY | constants.O_NOCTTY);
  try {
    writeSync(fd, query);
  } finally {
    closeSync(fd);
  }
}
