import { Failure } from '../errors.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import type { RowResult } from './row-result.ts';

/** The code of a failure of a job that was not taken to its end. */
export const ENDED_EARLY = 'ended_early';

/** @param goesOn what the user can do then */
export function endedEarly(message: string, goesOn: string | undefined): Failure {
  return new Failure('partial', message, { hint: goesOn, code: ENDED_EARLY });
}

/** So many rows that fail alike before one succeeds end a job: the next million would, too. */
const HOPELESS_ROWS = 10;

/** How many rows of a job failed, and what is to be said of that. */
export class Failures {
  readonly #most: number | undefined;
  readonly #goesOn: string | undefined;
  #isAnyDone = false;
  #failed = 0;
  #first: { readonly where: string; readonly error: Failure } | undefined;
  /** Of the server. */
  #lastRefusal: string | undefined;
  #alike = 0;

  /**
   * @param most the job ends with more of them
   * @param goesOn what the user can do where a part is missing
   */
  constructor(most: number | undefined, goesOn: string | undefined) {
    this.#most = most;
    this.#goesOn = goesOn;
  }

  /** A row has succeeded. */
  get isAnyDone(): boolean {
    return this.#isAnyDone;
  }

  /**
   * @param rows taken so far
   * @returns why no more rows are to be taken
   * @throws Failure that would meet every other row as well
   */
  count(row: Row | BadRow, { failure }: RowResult, rows: number): Failure | undefined {
    if (failure === undefined) {
      this.#isAnyDone = true;
      return undefined;
    }
    this.#failed += 1;
    this.#first ??= { where: `row ${row.id ?? row.row}`, error: failure };
    // A row that cannot be read says nothing of the server.
    if (failure.kind !== 'usage') this.#countRefusal(failure);
    if (this.#most === undefined || this.#failed <= this.#most) return undefined;
    return endedEarly(this.#summary(rows, `more than --max-failures ${this.#most}: `), this.#goesOn);
  }

  #countRefusal(failure: Failure): void {
    this.#alike = this.#lastRefusal === failure.message ? this.#alike + 1 : 1;
    this.#lastRefusal = failure.message;
    if (!this.#isAnyDone && this.#alike >= HOPELESS_ROWS) throw failure;
  }

  /**
   * @param rows of the job
   * @throws Failure of kind `partial`, where any row failed
   */
  throwAny(rows: number): void {
    if (this.#first === undefined) return;
    const { code, status, requestId } = this.#first.error;
    throw new Failure('partial', this.#summary(rows, ''), {
      hint: this.#goesOn,
      code,
      status,
      requestId,
      cause: this.#first.error,
    });
  }

  #summary(rows: number, before: string): string {
    const { where = '', error } = this.#first ?? {};
    const message = error?.kind === 'usage' ? error.message : `${where}: ${error?.message}`;
    return `${before}${this.#failed} of ${rows} rows failed; the first: ${message}`;
  }
}
