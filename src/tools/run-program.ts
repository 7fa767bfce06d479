import { type ChildProcess, spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { errno, reasonOf } from '../errors.ts';
import { Head, Tail, type Told } from './output-kept.ts';

/** How long a program and its children may take to end by themselves once their time is up, in ms. */
const LAST_ACT_MS = 1000;
/** The same where the run is stopped, which itself ends a moment later. */
const LAST_ACT_OF_RUN_MS = 30;
/** How long what comes from a program that has ended is waited for, in ms: what it left behind may hold its output open. */
const LATE_OUTPUT_MS = 100;
/** As much of its complaints as is kept, in bytes: the last. */
const COMPLAINTS = 4 * 1024;

/** A program that is to be run. */
export interface Start {
  /** Its path and its arguments. */
  readonly words: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What it reads from stdin. */
  readonly input: string;
  /** Ms; then it is ended, with its process group. */
  readonly timeout: number;
  /** As much of its output as is kept, in bytes; what is above is read all the same, so that it can go on. */
  readonly outputLimit: number;
}

/** How a program ended. */
export interface Ran {
  /** Undefined where it was ended by a signal, or could not be started. */
  readonly code: number | undefined;
  /** Name of the signal that ended it. */
  readonly endedBy: string | undefined;
  /** It was ended because its time was up. */
  readonly timedOut: boolean;
  /** Why it could not be started. */
  readonly problem: string | undefined;
  readonly stdout: Told;
  /** The end of what it said on stderr. */
  readonly stderr: Told;
  /** Ms. */
  readonly duration: number;
}

/**
 * Runs a program to its end, in a process group and a session of its own: it has no terminal, hears no Ctrl-C, and can
 * be ended with all that it started, but for what has made itself a session of its own (`setsid`, a daemon). No shell has
 * a part in it.
 * @param signal ends it
 * @throws the signal's reason, once it is dead
 */
export function runProgram(start: Start, signal: AbortSignal, context: Context): Promise<Ran> {
  return new Running(start, signal, context).ended;
}

class Running {
  readonly ended: Promise<Ran>;
  readonly #start: Start;
  readonly #signal: AbortSignal;
  readonly #context: Context;
  readonly #begun: number;
  readonly #stdout: Head;
  readonly #stderr = new Tail(COMPLAINTS);
  #timedOut = false;

  constructor(start: Start, signal: AbortSignal, context: Context) {
    this.#start = start;
    this.#signal = signal;
    this.#context = context;
    this.#begun = context.clock.now();
    this.#stdout = new Head(start.outputLimit);
    this.ended = this.#run();
  }

  async #run(): Promise<Ran> {
    this.#signal.throwIfAborted();
    try {
      return await this.#untilClosed(this.#spawn());
    } catch (error) {
      if (this.#signal.aborted) throw this.#signal.reason;
      if (errno(error) === undefined) throw error;
      return this.#ran({ problem: startProblem(error) });
    }
  }

  #spawn(): ChildProcess {
    const [program, ...words] = this.#start.words;
    const { cwd, env } = this.#start;
    return spawn(program, words, { cwd, env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  #untilClosed(child: ChildProcess): Promise<Ran> {
    const { clock } = this.#context;
    const group = child.pid === undefined ? undefined : this.#context.processGroup(child.pid);
    const timers: { cancel(): void }[] = [];
    let isEnding = false;
    const end = (patience: number) => {
      isEnding = true;
      group?.signal('SIGTERM');
      timers.push(clock.timer(patience, () => group?.signal('SIGKILL')));
    };
    const stop = () => end(LAST_ACT_OF_RUN_MS);
    timers.push(
      clock.timer(this.#start.timeout, () => {
        this.#timedOut = true;
        end(LAST_ACT_MS);
      }),
    );
    this.#signal.addEventListener('abort', stop, { once: true });
    this.#connect(child);
    child.once('exit', () => {
      // Whoever of them is deaf to the first signal has lost its leader.
      if (isEnding) group?.signal('SIGKILL');
      timers.push(
        clock.timer(LATE_OUTPUT_MS, () => {
          child.stdout?.destroy();
          child.stderr?.destroy();
        }),
      );
    });
    return new Promise<Ran>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code, endedBy) => {
        if (this.#signal.aborted) reject(this.#signal.reason);
        else resolve(this.#ran({ code: code ?? undefined, endedBy: endedBy ?? undefined }));
      });
    }).finally(() => {
      for (const timer of timers) timer.cancel();
      this.#signal.removeEventListener('abort', stop);
      group?.release();
    });
  }

  #connect({ stdin, stdout, stderr }: ChildProcess): void {
    // Who reads none of it closes it, or ends.
    stdin?.on('error', () => {});
    stdin?.end(this.#start.input);
    stdout?.on('data', (bytes: Uint8Array) => this.#stdout.add(bytes));
    stderr?.on('data', (bytes: Uint8Array) => this.#stderr.add(bytes));
  }

  #ran(how: Pick<Partial<Ran>, 'code' | 'endedBy' | 'problem'>): Ran {
    return {
      code: how.code,
      endedBy: how.endedBy,
      problem: how.problem,
      timedOut: this.#timedOut,
      stdout: this.#stdout.told(),
      stderr: this.#stderr.told(),
      duration: this.#context.clock.now() - this.#begun,
    };
  }
}

function startProblem(error: unknown): string {
  switch (errno(error)) {
    case 'ENOENT':
      // Of a script, the program that its first line names.
      return 'there is no such program, or none that its first line names';
    case 'E2BIG':
      return 'its arguments and the environment are too long';
    case 'ENOEXEC':
      return 'it is no program: a script begins with a line such as #!/bin/sh';
    default:
      return reasonOf(error);
  }
}
