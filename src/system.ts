import { constants, fstatSync, openSync, readFileSync, writeSync } from 'node:fs';
import type { Clock, Context, InputStream, OutputStream, ProcessGroup, Terminal } from './context.ts';
import { builtin, Garbage, spareCompiler } from './engine.ts';
import { errno, Failure, reasonOf, Stopped, usageError } from './errors.ts';
import { disposeAll } from './output/temporary.ts';
import type { TerminalSignals } from './terminal.ts';

type Process = typeof globalThis.process;
/** The numbers of the signals that end a run (POSIX). */
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

function isTerminal(fd: number, process: Process): boolean {
  const streams = () => [process.stdin, process.stdout, process.stderr];
  return builtin(process, 'node:tty')?.isatty(fd) ?? streams()[fd]?.isTTY === true;
}

function descriptorKind(fd: number, process: Process): InputStream['kind'] {
  try {
    const stats = fstatSync(fd);
    if (stats.isCharacterDevice() && isTerminal(fd, process)) return 'terminal';
    // A directory cannot be read, and to say so is better than to pass it over.
    if (stats.isFile() || stats.isDirectory()) return 'file';
    return stats.isFIFO() || stats.isSocket() ? 'pipe' : 'none';
  } catch {
    return 'none';
  }
}

/**
 * stdout or stderr. What can be written at once is written straight to the descriptor, because Node's own stream costs
 * 2 to 3 ms to set up (a tenth of a `--version`). What would have to wait goes through that stream, so that a reader
 * who does not read cannot keep a signal from being heard.
 */
class DescriptorOutput implements OutputStream {
  readonly isTTY: boolean;
  color: boolean;
  readonly #fd: 1 | 2;
  readonly #process: Process;
  readonly #fail: (error: unknown) => void;
  readonly #kind: InputStream['kind'];
  /** Where to write without ever waiting; undefined before the first write. */
  #direct: number | undefined;
  #stream: NodeJS.WriteStream | undefined;

  constructor(process: Process, fd: 1 | 2, fail: (error: unknown) => void) {
    this.#fd = fd;
    this.#process = process;
    this.#fail = fail;
    this.#kind = descriptorKind(fd, process);
    this.isTTY = this.#kind === 'terminal';
    this.color = this.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  }

  get columns(): number {
    // A terminal that was never told its size (that of `script` in a cron job, for one) says 0.
    return (this.isTTY && this.#open().columns) || 80;
  }

  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#stream !== undefined) return this.#writeToStream(data);
    const rest = this.#writeAtOnce(typeof data === 'string' ? Buffer.from(data) : data);
    return rest === undefined ? undefined : this.#writeToStream(rest);
  }

  flush(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined || stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      stream.write('', () => resolve());
    });
  }

  /** Gives the bytes that the descriptor would have made us wait for. */
  #writeAtOnce(bytes: Uint8Array): Uint8Array | undefined {
    let sent = 0;
    try {
      this.#direct ??= this.#kind === 'pipe' ? openWithoutWaiting(this.#fd) : this.#fd;
      if (this.#direct === undefined) return bytes;
      while (sent < bytes.length) sent += writeSync(this.#direct, bytes, sent);
    } catch (error) {
      if (errno(error) === 'EAGAIN') return bytes.subarray(sent);
      this.#fail(error);
    }
    return undefined;
  }

  #writeToStream(data: string | Uint8Array): Promise<void> | undefined {
    const stream = this.#open();
    if (stream.destroyed || stream.write(data)) return undefined;
    return new Promise((resolve) => {
      const done = () => {
        stream.off('drain', done);
        stream.off('close', done);
        resolve();
      };
      stream.once('drain', done);
      stream.once('close', done);
    });
  }

  #open(): NodeJS.WriteStream {
    if (this.#stream === undefined) {
      this.#stream = this.#fd === 1 ? this.#process.stdout : this.#process.stderr;
      this.#stream.on('error', this.#fail);
    }
    return this.#stream;
  }
}

/**
 * A pipe, opened once more so that a write which would have to wait fails with EAGAIN. (To set that on the descriptor
 * itself would set it for every program that shares the pipe.) Linux alone can do this, and not for sockets.
 * @returns undefined where it cannot be done
 */
function openWithoutWaiting(fd: number): number | undefined {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
}

/**
 * How long, in ms, the end of a pipe that gave nothing is doubted: Ctrl-C in `cat | oai …` ends the other program too,
 * and the end of the pipe may be here before the signal is.
 */
const DOUBT_MS = 10;

class ProcessInput implements InputStream {
  readonly #process: Process;

  constructor(process: Process) {
    this.#process = process;
  }

  get kind(): InputStream['kind'] {
    return descriptorKind(0, this.#process);
  }

  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array> {
    // Node's own stdin takes a directory for an empty file.
    if (fstatSync(0).isDirectory()) throw usageError('cannot read stdin: it is a directory');
    const stream = this.#process.stdin;
    const stop = () => stream.destroy(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    try {
      signal.throwIfAborted();
      let isEmpty = true;
      for await (const chunk of stream) {
        isEmpty = false;
        yield chunk;
      }
      if (this.kind === 'pipe') await new Promise((resolve) => setTimeout(resolve, isEmpty ? DOUBT_MS : 0));
      signal.throwIfAborted();
    } finally {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  }
}

/** A timer that is this late, in ms, has slept with the process (Ctrl-Z) or the machine: what was waited for may be there. */
const SLEPT_MS = 1000;

const systemClock: Clock = {
  now: () => Date.now(),
  timer(delay, ring) {
    // setTimeout counts in 32 bits: longer waits are cut to 24.8 days.
    const wait = Math.min(delay, 2 ** 31 - 1);
    let due = Date.now() + wait;
    const restart = () => {
      due = Date.now() + wait;
      timer.refresh();
    };
    const timer = setTimeout(() => (Date.now() > due + SLEPT_MS ? restart() : ring()), wait);
    return { restart, cancel: () => clearTimeout(timer) };
  },
};

/** The working directory; where it has been deleted, the path that it had. */
function workingDirectory(process: Process): string {
  try {
    return process.cwd();
  } catch {
    return process.env['PWD'] ?? '/';
  }
}

/**
 * Whether the terminal is ours just now. A program in the background that reads from it or sets its mode is stopped
 * until somebody says `fg`.
 */
async function isInForeground(process: Process): Promise<boolean> {
  try {
    // proc_pid_stat(5): after the name in parentheses the third field is our process group, the sixth the terminal's.
    const stat = readFileSync('/proc/self/stat', 'latin1');
    const [, , ours, , , terminals] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return ours === terminals;
  } catch {
    const { spawnSync } = await import('node:child_process');
    const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(process.pid)], { encoding: 'utf8' });
    // ps(1): a plus is for the group in the foreground. (No plus, or no ps: it is not asked.)
    return stdout?.includes('+') ?? false;
  }
}

/** What Ctrl-C sends while the terminal is in raw mode, in place of a signal. */
const CTRL_C = '\u0003';

/** The signals that tell about the terminal. */
function signalsOf(process: Process): TerminalSignals {
  const hear = (name: NodeJS.Signals, listener: () => void) => {
    process.on(name, listener);
    return () => void process.off(name, listener);
  };
  return {
    onResize: (listener) => hear('SIGWINCH', listener),
    onContinue: (listener) => hear('SIGCONT', listener),
    onExit: (listener) => {
      process.on('exit', listener);
      return () => void process.off('exit', listener);
    },
    // 0 is the whole group: what stands in one pipeline with this program stops with it, as with Ctrl-Z elsewhere.
    stop: () => void process.kill(0, 'SIGTSTP'),
  };
}

/** What a run may touch in a real process. */
export function systemContext(process: Process): Context {
  const controller = new AbortController();
  const garbage = new Garbage(process);
  const stop = (reason: Stopped | Failure) => controller.abort(reason);
  const groups = new Set<number>();

  const listen = () => {
    // Also where a signal leaves no time to tidy up, and after a crash.
    process.on('exit', () => {
      for (const leader of groups) signalGroup(process, leader, 'SIGKILL');
      disposeAll();
    });
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        // Asked twice: at once, with the exit code that shells give to the signal.
        if (controller.signal.aborted) process.exit(128 + SIGNALS[name]);
        stop(new Stopped(name));
      });
    }
  };

  const stdoutFailed = (error: unknown) =>
    stop(
      errno(error) === 'EPIPE'
        ? new Stopped('closed pipe')
        : new Failure('incomplete', `cannot write the result to stdout: ${reasonOf(error)}`, {
            cause: error,
          }),
    );

  /** The terminal while one draws on it himself. */
  let open: Terminal | undefined;
  /** How many have it on loan. */
  let lent = 0;
  const lendTerminal = async <T>(work: () => Promise<T>): Promise<T> => {
    lent++;
    open?.pause();
    try {
      return await work();
    } finally {
      lent--;
      if (lent === 0) open?.resume();
    }
  };

  return {
    stdin: new ProcessInput(process),
    stdout: new DescriptorOutput(process, 1, stdoutFailed),
    // What cannot be said on stderr cannot be said at all; the result is not harmed by it.
    stderr: new DescriptorOutput(process, 2, () => {}),
    env: process.env,
    get cwd() {
      return workingDirectory(process);
    },
    pid: process.pid,
    runtime: `Node ${process.versions.node}, ${process.platform} ${process.arch}`,
    isRunning: (pid) => isRunning(process, pid),
    processGroup(leader) {
      groups.add(leader);
      return {
        signal: (name) => signalGroup(process, leader, name),
        release: () => void groups.delete(leader),
      };
    },
    home: process.env['HOME'] ?? process.env['USERPROFILE'],
    clock: systemClock,
    signal: controller.signal,
    listen,
    stop,
    askTerminal: async (query, isAnswered, limit) => {
      if (controller.signal.aborted || !(await isInForeground(process))) return '';
      const ended = (reply: string) => reply.includes(CTRL_C) || isAnswered(reply);
      const { askTerminal } = await import('./terminal.ts');
      const reply = await lendTerminal(() =>
        askTerminal(systemClock, controller.signal, query, ended, limit),
      );
      if (reply.includes(CTRL_C)) stop(new Stopped('SIGINT'));
      return reply;
    },
    openTerminal: async (listener) => {
      const { openTerminal } = await import('./terminal.ts');
      open = await openTerminal(listener, {
        clock: systemClock,
        signals: signalsOf(process),
        signal: controller.signal,
        onClose: () => {
          open = undefined;
        },
      });
      return open;
    },
    lendTerminal,
    fetch: (input, init) => fetch(input, init),
    hasSockets: true,
    spareCompiler: () => spareCompiler(process),
    spareMemory: () => garbage.collectEarly(),
    verbosity: 'normal',
    statusLine: undefined,
    lateFailure: undefined,
    secrets: new Set(),
  };
}

function isRunning(process: NodeJS.Process, pid: number): boolean {
  try {
    // Signal 0 is none: it only asks.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's.
    return errno(error) === 'EPERM';
  }
}

function signalGroup(process: Process, leader: number, name: Parameters<ProcessGroup['signal']>[0]): void {
  try {
    process.kill(-leader, name);
  } catch {
    // None of them is left.
  }
}
