import { Failure, usageError } from '../errors.ts';
import type { Form } from './form.ts';

type Words = Pick<Form, 'damaged' | 'other'>;

/** What SQLite's primary result codes (sqlite.org/rescode.html) mean to a user, and what to do. */
const REASONS: Readonly<Record<number, (name: string, words: Words) => Failure>> = {
  5: inUse,
  6: inUse,
  8: (name) => usageError(`cannot write ${name}: it is read-only`, 'copy it to where you can write'),
  10: (name) => usageError(`cannot read or write ${name}: input/output error`),
  11: (name, { damaged }) => damaged(name),
  13: (name) => usageError(`cannot write ${name}: no space left on the device`),
  14: (name) => usageError(`cannot open ${name}: the file or its folder is not to be read or written`),
  26: (name, { other }) => other(name),
};

function inUse(name: string): Failure {
  return usageError(`${name} is in use by another program`, 'the same command works when that is done');
}

/** An error of SQLite in words; every other error as it is. */
export function databaseFailure(error: unknown, name: string, words: Words): unknown {
  if (!(error instanceof Error) || error instanceof Failure || !('errcode' in error)) return error;
  // The low byte is the primary code, those above it say more of it.
  const code = Number(error.errcode) & 0xff;
  const failure = REASONS[code]?.(name, words) ?? usageError(`${name}: ${error.message}`);
  return new Failure(failure.kind, failure.message, { hint: failure.hint, cause: error });
}
