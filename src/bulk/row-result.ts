import { Failure } from '../errors.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import type { JsonObject } from '../json.ts';
import type { ResultLine } from './sink.ts';

/** What became of a row. */
export interface RowResult {
  readonly result?: unknown;
  /** It failed, although the request did not: it was refused, or is not what was asked for. What came may be beside it. */
  readonly failure?: Failure;
  readonly usage?: JsonObject | undefined;
}

/** A row, and what became of it. */
export interface Settled {
  readonly row: Row | BadRow;
  readonly key: string;
  readonly outcome: RowResult;
}

/** Whether nothing can be asked for a row. */
export function isProblem(asked: unknown): asked is { readonly problem: string } {
  return typeof asked === 'object' && asked !== null && 'problem' in asked;
}

/** What is wrong with a row, by its place in the input. */
export function rowFailure({ line }: Row | BadRow, problem: string): Failure {
  return new Failure('usage', `line ${line} ${problem}`);
}

/** A row of which an answer says nothing. */
export function missing(): RowResult {
  return { failure: new Failure('incomplete', 'the server answered without a result for this row') };
}

/** A row as it is written. */
export function lineOf({ row: { row, id }, key, outcome: { result, failure, usage } }: Settled): ResultLine {
  if (failure === undefined) {
    return usage === undefined ? { row, id, key, result } : { row, id, key, result, usage };
  }
  const { message, code, status, requestId, kind } = failure;
  const error = { message, code: code ?? kind, status: status ?? null, requestId: requestId ?? null };
  return {
    row,
    id,
    key,
    ...(result !== undefined && result !== '' && { result }),
    error,
    ...(usage !== undefined && { usage }),
  };
}
