import type { Context } from './context.ts';
import { Failure, type FailureKind, Stopped } from './errors.ts';
import { messageLine } from './output/messages.ts';
import { version } from './version.ts';

export { systemContext } from './system.ts';

/** The exit codes of failures. The README's table says what each is good for. */
const EXIT: Readonly<Record<FailureKind, number>> = {
  bug: 1,
  usage: 2,
  auth: 3,
  refused: 4,
  limit: 5,
  network: 6,
  verdict: 7,
  incomplete: 8,
  tools: 10,
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
    if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
      context.stdout.write(`${version}\n`);
    } else {
      const { runProgram } = await import('./program.ts');
      await runProgram(argv, context);
    }
    await context.stdout.flush();
    context.signal.throwIfAborted();
    code = 0;
  } catch (error) {
    code = report(error, argv, context);
  }
  await context.stdout.flush();
  await context.stderr.flush();
  return code;
}

function report(error: unknown, argv: readonly string[], context: Context): number {
  if (error instanceof Stopped) {
    const code = STOPPED_EXIT[error.by];
    // Who pressed Ctrl-C knows.
    if (code !== 0 && error.by !== 'SIGINT') say(context, error.message);
    return code;
  }
  const failure = error instanceof Failure ? error : bug(error);
  const exitCode = EXIT[failure.kind];
  if (wants(argv, '--json')) context.stderr.write(`${jsonError(failure, exitCode, context.secrets)}\n`);
  else sayFailure(failure, context);
  // A wrong flag is no matter of the code.
  if (wants(argv, '--verbose') && failure.kind !== 'usage') sayStack(failure, context);
  return exitCode;
}

/** Whether a flag was typed, even where the command line as a whole could not be read. */
function wants(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes(flag);
}

function bug(error: unknown): Failure {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return new Failure('bug', `unexpected failure: ${message}`, {
    hint: 'this is a bug: please report it with what the same command prints with --verbose',
    cause: error,
  });
}

function sayFailure(failure: Failure, context: Context): void {
  const id = failure.requestId === undefined ? '' : ` (request ${failure.requestId})`;
  say(context, `${failure.message}${id}`);
  if (failure.hint !== undefined)
    context.stderr.write(`     ${messageLine(failure.hint, context.secrets)}\n`);
}

function say(context: Context, text: string): void {
  const name = context.stderr.color ? '\u001b[31moai:\u001b[39m' : 'oai:';
  context.stderr.write(`${name} ${messageLine(text, context.secrets)}\n`);
}

function sayStack(failure: Failure, context: Context): void {
  for (let error: unknown = failure; error instanceof Error; error = error.cause) {
    for (const line of (error.stack ?? '').split('\n')) {
      context.stderr.write(`     ${messageLine(line, context.secrets)}\n`);
    }
  }
}

function jsonError(failure: Failure, exitCode: number, secrets: ReadonlySet<string>): string {
  const hint = failure.hint === undefined ? '' : `; ${failure.hint}`;
  return JSON.stringify({
    error: {
      message: messageLine(`${failure.message}${hint}`, secrets),
      code: failure.code ?? failure.kind,
      exitCode,
      status: failure.status ?? null,
      requestId: failure.requestId ?? null,
    },
  });
}
