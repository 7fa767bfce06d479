import type { Context } from './context.ts';
import { Failure, type FailureKind, Stopped } from './errors.ts';
import { version } from './version.ts';

export { systemContext } from './system.ts';

/** The exit codes of failures. docs/exit-codes.md says what each is good for. */
const EXIT: Readonly<Record<FailureKind, number>> = {
  bug: 1,
  usage: 2,
  auth: 3,
  refused: 4,
  limit: 5,
  network: 6,
  verdict: 7,
  incomplete: 8,
  partial: 9,
  tools: 10,
  check: 11,
};

/** The exit codes of runs that ended early: 128 + the signal's number, as shells have it. */
const STOPPED_EXIT: Readonly<Record<Stopped['by'], number>> = {
  'closed pipe': 0,
  'dry run': 0,
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
};

/**
 * Runs one command line.
 * @param argv the words after `oai`
 * @returns the exit code; everything written is flushed by then
 */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  let code: number;
  try {
    await perform(argv, context);
    await flushed(context);
    context.signal.throwIfAborted();
    if (context.lateFailure !== undefined) throw context.lateFailure;
    code = 0;
  } catch (error) {
    code = await endedBy(error, argv, context);
  }
  await flushed(context);
  return code;
}

/** How long a reader who does not read can hold up a run that was stopped, in ms. */
const LAST_WRITE_MS = 50;

/** Waits until all that was written has left; for a run that was stopped, no longer than a moment. */
async function flushed(context: Context): Promise<void> {
  const { signal, stdout, stderr } = context;
  const stopped = new Promise<void>((resolve) => {
    const limit = () => void context.clock.timer(LAST_WRITE_MS, resolve);
    if (signal.aborted) limit();
    else signal.addEventListener('abort', limit, { once: true });
  });
  await Promise.race([Promise.all([stdout.flush(), stderr.flush()]), stopped]);
}

/**
 * What needs no command line to be read is answered without loading what reads it. Two words are for programs alone:
 * `__complete` for shells, `__manual` for the build.
 */
async function perform(argv: readonly string[], context: Context): Promise<void> {
  const [word = '--help', ...rest] = argv;
  if (rest.length === 0 && ['--version', '-V'].includes(word)) {
    await context.stdout.write(`${version}\n`);
  } else if (rest.length === 0 && ['--help', '-h', 'help'].includes(word)) {
    const { overview } = await import('./overview.ts');
    await context.stdout.write(overview());
  } else if (word === '__complete') {
    const { completeLine } = await import('./tab.ts');
    await completeLine(rest, context);
  } else if (word === '__manual') {
    const { manual } = await import('./manual.ts');
    await context.stdout.write(await manual());
  } else {
    const { runProgram } = await import('./program.ts');
    await runProgram(argv, context);
  }
}

/** Says why the run ended. @returns the exit code for it */
async function endedBy(error: unknown, argv: readonly string[], context: Context): Promise<number> {
  const { reportFailure, reportStop } = await import('./report.ts');
  const { warn } = await import('./output/messages.ts');
  if (error instanceof Stopped) {
    const code = STOPPED_EXIT[error.by];
    // Who pressed Ctrl-C knows.
    if (code !== 0 && error.by !== 'SIGINT') reportStop(error, context);
    return code;
  }
  const failure = error instanceof Failure ? error : bug(error);
  const { lateFailure } = context;
  if (lateFailure !== undefined && lateFailure !== failure) warn(context, lateFailure.message);
  const exitCode = EXIT[failure.kind];
  reportFailure(failure, exitCode, argv, context);
  return exitCode;
}

function bug(error: unknown): Failure {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure('bug', `unexpected failure: ${message}`, {
    hint: 'this is a bug: please report it with what the same command prints with --verbose',
    cause: error,
  });
}
