import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { writeJsonLine } from '../output/json.ts';
import { joined, say, warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';

/** What became of one of many inputs. */
export interface Outcome {
  /** What the input is called. */
  readonly name: string;
  /** Its file. */
  readonly path?: string;
  /** The file was there already. */
  readonly skipped?: boolean;
  /** What goes to stdout: with an error, what came before it. */
  readonly text?: string;
  /** The same as JSON. */
  readonly document?: object;
  readonly error?: Error;
}

/**
 * Tells what became of an input, as soon as it is its turn.
 * @param asJson in JSON Lines, of failures as well
 * @returns a promise where stdout is slow: wait for it
 */
export function tell(outcome: Outcome, asJson: boolean, context: Context): Promise<void> | undefined {
  const { stdout, statusLine } = context;
  const { name, path, text, skipped = false, error } = outcome;
  statusLine?.clear();
  if (asJson) return writeJsonLine(stdout, lineOf(outcome));
  if (skipped) warn(context, `${path} exists: ${name} is left out (--force makes it anew)`);
  else if (text !== undefined && text !== '') return stdout.write(shown(withEnd(text), context));
  else if (path !== undefined && error === undefined) return stdout.write(shown(`${path}\n`, context));
  return undefined;
}

function shown(text: string, { stdout }: Context): string {
  return stdout.isTTY ? inertText(text) : text;
}

/** The next text begins on a line of its own. */
function withEnd(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

function lineOf({ name, path, skipped = false, document, error }: Outcome): object {
  const made = document ?? (error === undefined ? { path, skipped } : {});
  return { input: name, ...made, ...(error !== undefined && { error: errorOf(error) }) };
}

/** A failure, as it is told of one of many. */
function errorOf(error: Error): JsonObject {
  const { kind, code = kind, status = null, requestId = null } = error instanceof Failure ? error : BUG;
  return { message: error.message, code, status, requestId };
}

const BUG = new Failure('bug', '');

/** Another run may do better. */
function isPassing(error: Error): boolean {
  return !(error instanceof Failure) || !['usage', 'refused', 'verdict'].includes(error.kind);
}

/**
 * Says what failed, each on a line, and sums it up.
 * @param outcomes in order; of inputs that were not tried, none
 * @param count of all inputs
 * @param goesOn the same command does what is missing
 * @throws Failure where some failed: of kind `partial`, or where all did, of the first; Stopped
 */
export function throwFailures(
  outcomes: readonly Outcome[],
  count: number,
  { asJson, goesOn }: { readonly asJson: boolean; readonly goesOn: boolean },
  context: Context,
): void {
  const failed = outcomes.flatMap(({ name, error }) => (error === undefined ? [] : [{ name, error }]));
  const [first] = failed;
  if (first === undefined) return;
  if (!(first.error instanceof Failure)) throw first.error;
  // With --json a line on stdout has told each.
  if (!asJson) for (const { name, error } of failed) say(context, naming(name, error));
  const untried = count - outcomes.length;
  const isAll = failed.length + untried === count;
  const { code, status, kind } = first.error;
  const total = `${failed.length} of ${count} failed`;
  throw new Failure(
    isAll ? kind : 'partial',
    untried === 0 ? total : `${total}, ${untried} not tried after that`,
    {
      hint: hintOf(
        failed.map(({ error }) => error),
        goesOn && (untried > 0 || failed.some(({ error }) => isPassing(error))),
      ),
      ...(isAll && { code, status }),
      cause: first.error,
    },
  );
}

/** The way out that all failures have in common. */
function hintOf(errors: readonly Error[], goesOn: boolean): string | undefined {
  const hints = new Set(errors.map((error) => (error instanceof Failure ? error.hint : undefined)));
  const [hint] = hints.size === 1 ? hints : [];
  const again = 'the same command does what is missing';
  if (!goesOn) return hint;
  return hint === undefined ? again : joined(hint, again);
}

/** A failure with the input in front, unless it begins with that itself. */
function naming(name: string, error: Error): string {
  const { message } = error;
  const id = error instanceof Failure && error.requestId !== undefined ? ` (request ${error.requestId})` : '';
  const isNamed =
    [`${name} `, `${name}: `, `cannot read ${name}: `].some((start) => message.startsWith(start)) ||
    (/^part \d+ of \d+ of /.test(message) && message.includes(` of ${name}: `));
  return `${isNamed ? message : `${name}: ${message}`}${id}`;
}
