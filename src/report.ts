import type { Context } from './context.ts';
import type { Failure, Stopped } from './errors.ts';
import { INDENT, sayFailure, sayInRed } from './output/failure-line.ts';
import { joined, messageLine, say } from './output/messages.ts';

/** Says that a run was stopped from outside. */
export function reportStop(stopped: Stopped, context: Context): void {
  sayInRed(context, stopped.message);
}

/**
 * Says what went wrong: on one line and a hint, or with `--json` as one line of JSON; with `--verbose` the stacks too.
 * @param argv what was typed, which may be all that is known when the command line could not be read
 */
export function reportFailure(
  failure: Failure,
  exitCode: number,
  argv: readonly string[],
  context: Context,
): void {
  if (wants(argv, '--no-color')) context.stderr.color = false;
  // Where a wrong flag was read is of no use to anybody.
  const stack = wants(argv, '--verbose') && failure.kind !== 'usage' ? stackOf(failure, context) : [];
  if (wants(argv, '--json')) {
    context.stderr.write(`${jsonError(failure, exitCode, stack, context.secrets)}\n`);
  } else {
    sayFailure(failure, context);
    for (const line of stack) say(context, line, INDENT);
  }
}

/** Whether a flag was typed, even where the command line as a whole could not be read. */
function wants(argv: readonly string[], flag: string): boolean {
  const end = argv.indexOf('--');
  return (end === -1 ? argv : argv.slice(0, end)).includes(flag);
}

/** The stack of a failure and of what caused it, line by line. */
function stackOf(failure: Failure, { secrets }: Context): string[] {
  const lines: string[] = [];
  for (let error: unknown = failure; error instanceof Error; error = error.cause) {
    lines.push(...(error.stack ?? '').split('\n').map((line) => messageLine(line, secrets)));
  }
  return lines;
}

function jsonError(
  failure: Failure,
  exitCode: number,
  stack: readonly string[],
  secrets: ReadonlySet<string>,
): string {
  // All of it may be a server's words, and those may hold the key that it was sent.
  const shown = (text: string | undefined) => (text === undefined ? undefined : messageLine(text, secrets));
  const message = failure.hint === undefined ? failure.message : joined(failure.message, failure.hint);
  return JSON.stringify({
    error: {
      message: shown(message),
      code: shown(failure.code) ?? failure.kind,
      exitCode,
      status: failure.status ?? null,
      requestId: shown(failure.requestId) ?? null,
      ...(stack.length > 0 && { stack }),
    },
  });
}
