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

/** SQLite's own words for those codes: where rows are read, the package gives the words alone (1.2.1). */
const WORDS: Readonly<Record<string, number>> = {
  'database is locked': 5,
  'database table is locked': 6,
  'attempt to write a readonly database': 8,
  'disk I/O error': 10,
  'database disk image is malformed': 11,
  'database or disk is full': 13,
  'unable to open database file': 14,
  'file is not a database': 26,
};

/** An error of SQLite in words; every other error as it is. */
export function databaseFailure(error: unknown, name: string, words: Words): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  const code = 'errcode' in error ? Number(error.errcode) : WORDS[error.message];
  if (code === undefined) return error;
  // The low byte is the primary code, those above it say more of it.
  const failure = REASONS[code & 0xff]?.(name, words) ?? usageError(`${name}: ${error.message}`);
  return new Failure(failure.kind, failure.message, { hint: failure.hint, cause: error });
}
