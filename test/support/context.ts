import type { Clock, Context, InputStream, OutputStream, Timer } from '../../src/context.ts';
import type { Failure, Stopped } from '../../src/errors.ts';

/** An output stream that keeps what is written. Every TTY is off unless a test turns it on. */
export class CapturedOutput implements OutputStream {
  readonly isTTY: boolean;
  color: boolean;
  readonly columns = 80;
  /** Each write by itself, in order. */
  readonly writes: string[] = [];
  readonly #bytes: Uint8Array[] = [];
  /** Called after each write: a test may abort, close the pipe, … */
  onWrite: (() => void) | undefined;

  constructor({ isTTY = false, color = false }: { isTTY?: boolean; color?: boolean } = {}) {
    this.isTTY = isTTY;
    this.color = color;
  }

  write(data: string | Uint8Array): undefined {
    const bytes = Buffer.from(data);
    this.#bytes.push(bytes);
    this.writes.push(bytes.toString());
    this.onWrite?.();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  /** Resolves when this has been written. */
  shows(text: string): Promise<void> {
    return new Promise((resolve) => {
      this.onWrite = () => {
        if (this.text.includes(text)) resolve();
      };
      this.onWrite();
    });
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#bytes);
  }

  get text(): string {
    return this.bytes.toString();
  }
}

/** What stdin holds: `undefined` is no input (/dev/null), a list is a pipe that gives these pieces and ends. */
export type StdinScript = undefined | string | Uint8Array | readonly (string | Uint8Array)[];

function piped(script: StdinScript, isTTY: boolean): InputStream {
  if (script === undefined) {
    return { kind: isTTY ? 'terminal' : 'none', async *read() {} };
  }
  const pieces = typeof script === 'string' || script instanceof Uint8Array ? [script] : script;
  return {
    kind: 'pipe',
    async *read(signal) {
      for (const piece of pieces) {
        signal.throwIfAborted();
        yield Buffer.from(piece);
      }
    },
  };
}

/** A clock that stands still until `advance` is called, or jumps to the next timer by itself with `leap`. */
export class FakeClock implements Clock {
  #now: number;
  #timers = new Set<{ at: number; delay: number; ring: () => void }>();
  readonly #leap: boolean;
  #onTimer: () => void = () => {};
  /** Every delay that was asked for, in milliseconds, in order. */
  readonly delays: number[] = [];

  constructor({
    now = Date.parse('2026-11-21T12:00:00Z'),
    leap = false,
  }: { now?: number; leap?: boolean } = {}) {
    this.#now = now;
    this.#leap = leap;
  }

  now(): number {
    return this.#now;
  }

  /** Resolves when a timer of this many milliseconds has been asked for. */
  asked(delay: number): Promise<void> {
    return new Promise((resolve) => {
      this.#onTimer = () => {
        if (this.delays.includes(delay)) resolve();
      };
      this.#onTimer();
    });
  }

  timer(delay: number, ring: () => void): Timer {
    this.delays.push(delay);
    this.#onTimer();
    const entry = { at: this.#now + delay, delay, ring };
    this.#timers.add(entry);
    if (this.#leap) setImmediate(() => this.#leapTo(entry));
    return {
      restart: () => {
        entry.at = this.#now + entry.delay;
        this.#timers.add(entry);
      },
      cancel: () => void this.#timers.delete(entry),
    };
  }

  /** Lets `ms` milliseconds pass; timers that are due ring in their order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
    this.#now = end;
  }

  /** A leaping clock jumps only to the nearest timer, so that a deadline never rings before a shorter wait. */
  #leapTo(entry: { at: number }): void {
    const nearest = Math.min(...[...this.#timers].map((timer) => timer.at));
    if ([...this.#timers].some((timer) => timer === entry) && entry.at === nearest) {
      this.advance(entry.at - this.#now);
    }
  }
}

/** A clock on which waits are over at once; limits of time, a minute and more, are far away. */
export class HurriedClock extends FakeClock {
  override timer(delay: number, ring: () => void): Timer {
    const timer = super.timer(delay, ring);
    if (delay < 60_000) setImmediate(() => this.advance(delay));
    return timer;
  }
}

export interface FakeContext extends Context {
  readonly stdout: CapturedOutput;
  readonly stderr: CapturedOutput;
  readonly clock: FakeClock;
}

export interface FakeContextOptions {
  stdin?: StdinScript | InputStream;
  stdinTTY?: boolean;
  stdout?: CapturedOutput;
  stderr?: CapturedOutput;
  env?: Record<string, string | undefined>;
  cwd?: string;
  home?: string | undefined;
  /** Processes that there are. */
  running?: readonly number[];
  clock?: FakeClock;
  /** The terminal that is asked; one that says nothing unless a test answers. */
  askTerminal?: Context['askTerminal'];
  /** The terminal that is drawn on; none unless a test has one. */
  openTerminal?: Context['openTerminal'];
  fetch?: typeof fetch;
}

function isInputStream(stdin: FakeContextOptions['stdin']): stdin is InputStream {
  return typeof stdin === 'object' && 'kind' in stdin;
}

/** Programs that tests start are real ones. */
function killGroup(leader: number, name: NodeJS.Signals): void {
  try {
    process.kill(-leader, name);
  } catch {
    // None of them is left.
  }
}

/** A context with no terminal, no environment, no home, a clock that stands still and no network. */
export function fakeContext(options: FakeContextOptions = {}): FakeContext {
  const controller = new AbortController();
  const refuse: typeof fetch = (input) => Promise.reject(new Error(`unexpected request: ${String(input)}`));
  return {
    stdin: isInputStream(options.stdin) ? options.stdin : piped(options.stdin, options.stdinTTY ?? false),
    stdout: options.stdout ?? new CapturedOutput(),
    stderr: options.stderr ?? new CapturedOutput(),
    env: options.env ?? {},
    cwd: options.cwd ?? '/nowhere',
    home: options.home,
    pid: 1234,
    runtime: 'Node 20.0.0, linux x64',
    isRunning: (pid) => options.running?.includes(pid) ?? false,
    processGroup: (leader) => ({ signal: (name) => void killGroup(leader, name), release() {} }),
    clock: options.clock ?? new FakeClock(),
    signal: controller.signal,
    listen() {},
    stop: (reason: Stopped | Failure) => controller.abort(reason),
    askTerminal: options.askTerminal ?? (() => Promise.resolve('')),
    openTerminal: options.openTerminal ?? (() => Promise.resolve(undefined)),
    lendTerminal: (work) => work(),
    fetch: options.fetch ?? refuse,
    hasSockets: false,
    spareMemory() {},
    spareCompiler() {},
    verbosity: 'normal',
    statusLine: undefined,
    lateFailure: undefined,
    secrets: new Set(),
  };
}
