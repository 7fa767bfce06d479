import type { Failure, Stopped } from './errors.ts';

/** Where a run writes. Nothing here throws: a stream that can take no more stops the run (`Context.stop`). */
export interface OutputStream {
  readonly isTTY: boolean;
  /** Colour is wanted here. `--no-color` turns it off. */
  color: boolean;
  /** Width of the terminal in columns; 80 where there is none. */
  readonly columns: number;
  /** Hands text or bytes over, in order. Gives a promise only when the reader is slow: wait for it. */
  write(data: string | Uint8Array): Promise<void> | undefined;
  /** Resolves when all of it has reached the operating system. */
  flush(): Promise<void>;
}

/** Where piped input comes from. */
export interface InputStream {
  /** `none`: closed, or a device such as /dev/null. `pipe`: a pipe or a socket. */
  readonly kind: 'terminal' | 'file' | 'pipe' | 'none';
  /**
   * The bytes as they come; nothing is taken before the first step. When `signal` aborts, nothing more is taken
   * and the iteration throws the signal's reason.
   */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A timer that can be wound again. */
export interface Timer {
  /** Starts over, with the same delay. */
  restart(): void;
  cancel(): void;
}

export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `ring` once after `delay` milliseconds. */
  timer(delay: number, ring: () => void): Timer;
}

/** A line on stderr that is drawn over and over: it makes room when something is to be said. */
export interface StatusLine {
  clear(): void;
}

/** A program that leads a process group of its own, and all that it started in turn. */
export interface ProcessGroup {
  /** Told to all of them; nothing where none is left. */
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
  /** What is left of it may outlive this run. */
  release(): void;
}

/**
 * The terminal at which the person sits, whatever the streams are. Each key is heard as it is pressed, and nothing is
 * shown but what is written.
 */
export interface Terminal {
  /** Its size; 80 by 24 where it does not say. */
  readonly columns: number;
  readonly rows: number;
  /** Draws text and control sequences, at once. */
  write(text: string): void;
  /** Lends it to a question or to another program: it behaves as usual, and nothing is heard here. */
  pause(): void;
  /** Takes it back. */
  resume(): void;
  /** Stops the process, as Ctrl-Z does elsewhere. */
  suspend(): void;
  /** Leaves it as it was. */
  close(): void;
}

/** What happens at a terminal. */
export interface TerminalListener {
  /** Keys and answers, as the terminal sends them. */
  input(text: string): void;
  resized(): void;
  /** The process goes on after having been stopped, and what was drawn may be gone. */
  continued(): void;
  /** Nothing more will be heard: the terminal is gone. */
  ended(): void;
}

/** How much is said on stderr beside errors. */
export type Verbosity = 'quiet' | 'normal' | 'verbose';

/** All that a run may touch outside itself. Tests hand in their own. */
export interface Context {
  stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The working directory: an absolute path. */
  readonly cwd: string;
  /** The number of this process. */
  readonly pid: number;
  /** What runs this program: `Node 20.20.2, linux x64`. */
  readonly runtime: string;
  /** Whether there is a process of that number. */
  isRunning(pid: number): boolean;
  /**
   * Takes charge of a process group that this run has started: it is killed with the run, however that ends.
   * @param leader the number of the process that leads it
   */
  processGroup(leader: number): ProcessGroup;
  /** The home directory, or undefined where the user has none. */
  readonly home: string | undefined;
  readonly clock: Clock;
  /** Aborted when the run must end at once; the reason is a `Stopped` or, for a full disk, a `Failure`. */
  readonly signal: AbortSignal;
  /** From here on SIGHUP, SIGINT and SIGTERM abort `signal` in place of ending the process. */
  listen(): void;
  stop(reason: Stopped | Failure): void;
  /**
   * Puts a question to the terminal itself, in control sequences, and gives what came back by the time that it was
   * answered, `limit` milliseconds had passed or `signal` aborted. Meanwhile nothing that is typed is heard but Ctrl-C.
   * @returns an empty text where there is no terminal, or where another program has it
   */
  askTerminal(query: string, isAnswered: (reply: string) => boolean, limit: number): Promise<string>;
  /**
   * Opens the terminal, for one who draws on it himself. It is left as it was when the run ends, however that comes.
   * @returns undefined where there is none
   */
  openTerminal(listener: TerminalListener): Promise<Terminal | undefined>;
  /** Does what needs the terminal for itself: who has it open hears and draws nothing meanwhile. */
  lendTerminal<T>(work: () => Promise<T>): Promise<T>;
  readonly fetch: typeof fetch;
  /** The network may be reached by sockets of our own as well. A test that brings a fetch says no. */
  readonly hasSockets: boolean;
  /** Said once fetch is loaded and before it is used: what follows is short, and not worth optimizing for. */
  spareCompiler(): void;
  /** Said now and then by what goes through much memory and holds little of it: what nobody needs is given up early. */
  spareMemory(): void;
  /** Set once, from `--quiet` and `--verbose`. */
  verbosity: Verbosity;
  /** What is drawn on stderr just now. */
  statusLine: StatusLine | undefined;
  /** What failed beside a result that was given all the same: the run ends as it says. */
  lateFailure: Failure | undefined;
  /** Texts that must never be shown: keys. Whoever learns one adds it. */
  readonly secrets: Set<string>;
}

/** Fields that change in the course of a run. */
const CHANGING = ['stdin', 'verbosity', 'statusLine', 'lateFailure'] as const;

/** The same context but for some of it. What is noted on it of the run is noted on the one that it is made of. */
export function contextWith(context: Context, changes: Partial<Context>): Context {
  const passedOn = CHANGING.map((name) => ({
    [name]: {
      get: () => context[name],
      set(value: never) {
        context[name] = value;
      },
    },
  }));
  const own = Object.entries(changes).map(([name, value]) => ({ [name]: { value, writable: true } }));
  return Object.create(context, Object.assign({}, ...passedOn, ...own));
}

/** A promise that rejects with the reason as soon as `signal` aborts; for a race with work that may not end. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

/**
 * Waits.
 * @param delay milliseconds
 * @throws the signal's reason, as soon as it aborts
 */
export function sleep(clock: Clock, delay: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const stop = () => {
      timer.cancel();
      reject(signal.reason);
    };
    const timer = clock.timer(delay, () => {
      signal.removeEventListener('abort', stop);
      resolve();
    });
    signal.addEventListener('abort', stop, { once: true });
  });
}
