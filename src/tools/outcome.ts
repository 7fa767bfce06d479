import { durationText } from '../flags/values.ts';
import { sizeText } from '../output/size.ts';
import type { Told } from './output-kept.ts';
import type { Ran } from './run-program.ts';

/** What came of a call. */
export interface Outcome {
  /** For the model. */
  readonly content: string;
  /** For the person: `345 bytes`, or what went wrong. */
  readonly told: string;
  readonly isFailure: boolean;
  /** Ms; undefined where nothing was run. */
  readonly duration?: number;
  /** The end of what the program said on stderr. */
  readonly complaints?: string;
}

/** A call that is not run. @param problem for the model and the person */
export function notRun(problem: string): Outcome {
  return { content: `The tool was not run: ${problem}.`, told: `not run: ${problem}`, isFailure: true };
}

/** The person said no. */
export function declined(): Outcome {
  const content = 'The tool was not run: the user declined this call. Do not ask for it again as it is.';
  return { content, told: 'declined', isFailure: true };
}

/**
 * What a program gave.
 * @param edited the arguments, where a person changed them: the model knows others
 * @param limit ms that it had
 */
export function outcomeOf(ran: Ran, edited: string | undefined, limit: number): Outcome {
  const failure = failureOf(ran, limit);
  const changed = edited === undefined ? '' : `(The user changed the arguments to ${edited}.)\n\n`;
  const printed = printedText(ran.stdout);
  const content =
    failure === undefined ? printed || '(The tool printed nothing.)' : failed(failure, printed, ran);
  return {
    content: changed + content,
    told: failure === undefined ? sizeText(ran.stdout.size) : withComplaint(failure, ran.stderr),
    isFailure: failure !== undefined,
    duration: ran.duration,
    complaints: ran.stderr.text,
  };
}

function failureOf({ problem, timedOut, code, endedBy }: Ran, limit: number): string | undefined {
  if (problem !== undefined) return `cannot be run: ${problem}`;
  if (timedOut) return `ended, for it took longer than ${durationText(limit)}`;
  if (code === undefined) return `ended by ${endedBy}`;
  return code === 0 ? undefined : `exit code ${code}`;
}

function failed(failure: string, printed: string, { stderr }: Ran): string {
  const said = stderr.text.trim();
  const parts = [
    `The tool failed: ${failure}.`,
    said === '' ? '' : `What it said on stderr${stderr.size > stderr.kept ? ' at last' : ''}:\n${said}`,
    printed === '' ? '' : `What it printed:\n${printed}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** As the model gets it: without the last line break, and with what is not told by the text itself. */
function printedText({ text, size, kept, garbled }: Told): string {
  const notes = [
    size > kept ? `(This is the beginning: ${sizeText(kept)} of ${sizeText(size)}.)` : '',
    garbled ? '(Bytes that are no UTF-8 stand here as U+FFFD.)' : '',
  ].filter((note) => note !== '');
  // No JSON reader has to take a NUL, and no server has to keep it.
  const shown = text.replaceAll('\0', '\u2400').replace(/\r?\n$/, '');
  return [shown, ...notes].filter((part) => part !== '').join('\n\n');
}

function withComplaint(failure: string, { text }: Told): string {
  const last = text.trim().split('\n').at(-1) ?? '';
  return last === '' ? failure : `${failure}: ${last}`;
}
