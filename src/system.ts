import { fstatSync, writeSync } from 'node:fs';
import type { Clock, Context, InputStream, OutputStream } from './context.ts';
import { errno, Failure, reasonOf, Stopped, usageError } from './errors.ts';

type Process = typeof globalThis.process;
type StopSignal = 'SIGHUP' | 'SIGINT' | 'SIGTERM';

/** Exit codes of runs that a signal ended: 128 + its number (POSIX shells). */
const SECOND_SIGNAL_EXIT: Readonly<Record<StopSignal, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

/** Up to this many bytes go out at once: an empty pipe always takes them whole (PIPE_BUF of Linux). */
const AT_ONCE_BYTES = 4096;

/**
 * A module of Node's that is not loaded with this file: `node:tty` alone takes 2 ms, with net and stream.
 * @returns undefined before Node 20.16, which has no way to load one later and at once
 */
function builtin<Name extends 'node:tty' | 'node:v8'>(process: Process, name: Name) {
  const load: Process['getBuiltinModule'] | undefined = process.getBuiltinModule;
  return load?.(name);
}

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
 * stdout or stderr. Terminals, files and the first few bytes for a pipe are written straight to the descriptor,
 * because Node's own stream costs 2 to 3 ms to set up (a tenth of a `--version`). All else for a pipe goes
 * through that stream, so that a reader who does not read cannot keep a signal from being seen.
 */
class DescriptorOutput implements OutputStream {
  readonly isTTY: boolean;
  color: boolean;
  readonly #fd: 1 | 2;
  readonly #process: Process;
  readonly #fail: (error: unknown) => void;
  readonly #direct: boolean;
  #stream: NodeJS.WriteStream | undefined;
  /** Bytes written straight to the descriptor of a pipe. */
  #sent = 0;

  constructor(process: Process, fd: 1 | 2, fail: (error: unknown) => void) {
    this.#fd = fd;
    this.#process = process;
    this.#fail = fail;
    const kind = descriptorKind(fd, process);
    this.#direct = kind !== 'pipe';
    this.isTTY = kind === 'terminal';
    this.color = this.isTTY && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  }

  get columns(): number {
    return this.isTTY ? (this.#open().columns ?? 80) : 80;
  }

  write(data: string | Uint8Array): Promise<void> | undefined {
    if (this.#stream === undefined && (this.#direct || this.#sent < AT_ONCE_BYTES)) {
      const bytes = typeof data === 'string' ? Buffer.from(data) : data;
      if (this.#direct || this.#sent + bytes.length <= AT_ONCE_BYTES) {
        this.#sent += bytes.length;
        const rest = this.#writeAtOnce(bytes);
        return rest === undefined ? undefined : this.#writeToStream(rest);
      }
    }
    return this.#writeToStream(data);
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
      while (sent < bytes.length) sent += writeSync(this.#fd, bytes, sent);
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
      for await (const chunk of stream) yield chunk;
    } finally {
      signal.removeEventListener('abort', stop);
      stream.destroy();
    }
  }
}

const systemClock: Clock = {
  now: () => Date.now(),
  timer(delay, ring) {
    // setTimeout counts in 32 bits: longer waits are cut to 24.8 days.
    const timer = setTimeout(ring, Math.min(delay, 2 ** 31 - 1));
    return {
      restart: () => void timer.refresh(),
      cancel: () => clearTimeout(timer),
    };
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

/** The majors of V8 that are known to have the flag below: Node 20 has 11, Node 26 has 14. */
const V8_MAJORS = [11, 12, 13, 14];

/**
 * Keeps V8 from optimizing the HTTP parser, which is WebAssembly: after some 100 bytes it sets out on 60 ms of work
 * that a short run waits for at its end (measured by `npm run bench`; long streams are no slower without it). V8
 * complains on stderr about a flag that it does not know.
 */
function spareCompiler(process: Process): void {
  if (!V8_MAJORS.includes(Number.parseInt(process.versions.v8, 10))) return;
  builtin(process, 'node:v8')?.setFlagsFromString('--wasm-tiering-budget=2000000000');
}

/** What a run may touch in a real process. */
export function systemContext(process: Process): Context {
  const controller = new AbortController();
  const stop = (reason: Stopped | Failure) => controller.abort(reason);

  const listen = () => {
    for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
      process.on(name, () => {
        if (controller.signal.aborted) process.exit(SECOND_SIGNAL_EXIT[name]);
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

  return {
    stdin: new ProcessInput(process),
    stdout: new DescriptorOutput(process, 1, stdoutFailed),
    // What cannot be said on stderr cannot be said at all; the result is not harmed by it.
    stderr: new DescriptorOutput(process, 2, () => {}),
    env: process.env,
    get cwd() {
      return workingDirectory(process);
    },
    home: process.env['HOME'] ?? process.env['USERPROFILE'],
    clock: systemClock,
    signal: controller.signal,
    listen,
    stop,
    fetch: (input, init) => fetch(input, init),
    spareCompiler: () => spareCompiler(process),
    verbosity: 'normal',
    statusLine: undefined,
    secrets: new Set(),
  };
}
