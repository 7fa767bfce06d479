import { type ChildProcess, spawn } from 'node:child_process';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf } from '../errors.ts';
import { durationText } from '../flags/values.ts';

/** The longest that a command may take to give the key, in ms: a person may have to touch a token or type a PIN. */
const LIMIT_MS = 60_000;

/** More output than any key has, in bytes. */
const LONGEST_OUTPUT = 64 * 1024;

/** What a word list alone cannot say: quotes, variables, pipes, patterns, `~`, or a variable set for the command. */
const SHELL_SYNTAX = /[\\'"`$&|;<>(){}*?[\]#~!\n]|^\s*\w+=/;

/** The program and its arguments: a list is taken as it is, a line goes to the shell only if it must. */
export function programAndArguments(command: string | readonly string[]): readonly [string, ...string[]] {
  if (typeof command === 'string' && SHELL_SYNTAX.test(command)) return ['/bin/sh', '-c', command];
  const [program = '', ...words] = typeof command === 'string' ? command.trim().split(/\s+/) : command;
  return [program, ...words];
}

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
}

/**
 * Runs the user's own command that prints a key. It may ask on the terminal, if there is one, and what it says on
 * stderr goes there and nowhere else: `set -x` or `curl -v` would put the key into an error.
 * @param place its line or words, and what to call it in errors; never its output
 * @param cwd where it runs
 * @param limit how long it may take, in ms; a minute at most
 * @returns its stdout
 * @throws Failure (auth) when it fails or takes too long; the signal's reason when that aborts
 */
export async function runKeyCommand(
  { command, name }: { readonly command: string | readonly string[]; readonly name: string },
  cwd: string,
  limit: number,
  context: Context,
): Promise<string> {
  const spoken = context.stderr.isTTY;
  const [program, ...words] = programAndArguments(command);
  let child: ChildProcess;
  try {
    child = spawn(program, words, {
      cwd,
      env: context.env,
      stdio: [
        context.stdin.kind === 'terminal' ? 'inherit' : 'ignore',
        'pipe',
        spoken ? 'inherit' : 'ignore',
      ],
    });
  } catch (error) {
    throw cannotRun(name, error);
  }
  const ended = await untilEnded(child, name, Math.min(limit, LIMIT_MS), context);
  if (ended.code === 0) return ended.stdout;
  const how = ended.code === null ? `was ended by ${ended.signal}` : `ended with exit code ${ended.code}`;
  const hint = spoken
    ? undefined
    : 'run it by hand to see what it says: that may hold the key and is not shown';
  throw new Failure('auth', `${name} ${how}`, { hint });
}

/** Without its cause: that names what was to be run, which may not be what it should be. */
function cannotRun(name: string, error: unknown): Failure {
  const reason = errno(error) === 'ENOENT' ? 'there is no such program' : reasonOf(error);
  return new Failure('auth', `cannot run ${name}: ${reason}`);
}

function untilEnded(child: ChildProcess, name: string, limit: number, context: Context): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const { signal } = context;
    const give = (error: unknown) => {
      // It alone, not what it started: a process group of its own would have no terminal to ask on.
      child.kill();
      // What it started may hold its output open.
      child.stdout?.destroy();
      // It may be deaf to the signal.
      child.unref();
      reject(error);
    };
    const stop = () => give(signal.reason);
    const timer = context.clock.timer(limit, () =>
      give(new Failure('auth', `${name} gave no key within ${durationText(limit)}`)),
    );
    if (signal.aborted) stop();
    signal.addEventListener('abort', stop, { once: true });

    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (stdout.length > LONGEST_OUTPUT) give(new Failure('auth', `${name} prints more than a key`));
    });
    const settled = () => {
      timer.cancel();
      signal.removeEventListener('abort', stop);
    };
    child.once('error', (error) => {
      settled();
      reject(cannotRun(name, error));
    });
    child.once('close', (code, endedBy) => {
      settled();
      resolve({ code, signal: endedBy, stdout });
    });
  });
}
