import type { Api } from '../api/client.ts';
import { Failure } from '../errors.ts';
import type { Row } from '../input/rows/row.ts';
import { missing, type RowResult, type Settled } from './row-result.ts';
import type { BulkJob } from './run.ts';

/** A request that is refused as one too many is asked again so often, beyond its own tries. */
const PATIENCE = 8;

/** A row on its way. */
export interface Pending<Asked> {
  readonly row: Row;
  readonly key: string;
  readonly asked: Asked;
}

/** What came of rows that were asked for together. */
export interface Answered {
  /** What there is to write, in order. */
  readonly lines: readonly Settled[];
  /** What ends the job. */
  readonly fatal?: unknown;
}

/** Asks for rows, one request for a group of them, and finds out which of a group a request was refused for. */
export class Questions<Asked> {
  readonly #job: BulkJob<Asked>;
  readonly #api: Api;
  readonly #isOver: () => boolean;
  readonly #ending: AbortSignal;

  /**
   * @param isOver what is under way is not waited for
   * @param ending ends what is under way, with its reason
   */
  constructor(job: BulkJob<Asked>, api: Api, isOver: () => boolean, ending: AbortSignal) {
    this.#job = job;
    this.#api = api;
    this.#isOver = isOver;
    this.#ending = ending;
  }

  async ask(group: readonly Pending<Asked>[]): Promise<Answered> {
    try {
      const results = await this.#results(group);
      return {
        lines: group.map(({ row, key }, index) => ({ row, key, outcome: results[index] ?? missing() })),
      };
    } catch (error) {
      const failure = this.#ofRows(error);
      if (failure === undefined) return { lines: [], fatal: error };
      if (failure.kind === 'refused' && group.length > 1) return this.#askApart(group);
      return { lines: group.map(({ row, key }) => ({ row, key, outcome: { failure } })) };
    }
  }

  /** One row of a request may be what it was refused for. */
  async #askApart(group: readonly Pending<Asked>[]): Promise<Answered> {
    const lines: Settled[] = [];
    for (const pending of group) {
      const { row, key } = pending;
      try {
        const [outcome = missing()] = await this.#results([pending]);
        lines.push({ row, key, outcome });
      } catch (error) {
        const failure = this.#ofRows(error);
        if (failure === undefined) return { lines, fatal: error };
        lines.push({ row, key, outcome: { failure } });
      }
    }
    return { lines };
  }

  /**
   * What a request failed with.
   * @returns undefined where that ends the job: what was under way then has not failed, it was not waited for
   */
  #ofRows(error: unknown): Failure | undefined {
    const failure = error instanceof Failure ? error : this.#api.failure(error);
    const isOfRows = failure instanceof Failure && !this.#isOver() && !meetsEveryRow(failure);
    return isOfRows ? failure : undefined;
  }

  async #results(group: readonly Pending<Asked>[]): Promise<readonly RowResult[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#job.send(
          group.map(({ asked }) => asked),
          this.#ending,
        );
      } catch (error) {
        const isOneTooMany = error instanceof Failure && error.kind === 'limit' && !meetsEveryRow(error);
        if (!isOneTooMany || tries > PATIENCE || this.#isOver()) throw error;
      }
    }
  }
}

/** What would meet every other row as well: a bad key, no credit, a full disk. */
function meetsEveryRow(error: Failure): boolean {
  if (error.kind === 'auth' || error.kind === 'bug') return true;
  return (
    error.kind === 'limit' &&
    (error.status === 402 ||
      error.code === 'insufficient_quota' ||
      error.code === 'billing_hard_limit_reached')
  );
}
