import { Chalk } from 'chalk';
import type { Context } from '../context.ts';
import type { Failure } from '../errors.ts';
import { say } from './messages.ts';

/** In front of what belongs to the line above. */
export const INDENT = '    ';

/** A failure on one line, and what can be done about it on another. */
export function sayFailure(failure: Failure, context: Context): void {
  sayInRed(context, failureText(failure));
  if (failure.hint !== undefined) say(context, failure.hint, INDENT);
}

/** What went wrong, with the API's name for the request, if it has one. */
export function failureText({ message, requestId }: Failure): string {
  return requestId === undefined ? message : `${message} (request ${requestId})`;
}

export function sayInRed(context: Context, text: string): void {
  const { red } = new Chalk({ level: context.stderr.color ? 1 : 0 });
  say(context, text, red('oai:'));
}
