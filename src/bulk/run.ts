import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import { warn } from '../output/messages.ts';
import type { BatchWay } from './batch.ts';
import type { Governor } from './governor.ts';
import type { BulkProgress } from './progress.ts';
import { type Pending, Questions } from './questions.ts';
import { ResultWriter } from './result-writer.ts';
import { isProblem, type RowResult, rowFailure } from './row-result.ts';
import { noteRest, type Sink } from './sink.ts';

/** What is to be done with each row. */
export interface BulkJob<Asked> {
  /** What is asked for a row, or why nothing can be. */
  prepare(row: Row): Asked | { readonly problem: string } | Promise<Asked | { readonly problem: string }>;
  /** A short hash of the row and of what the job asks for. */
  key(row: Row): string;
  /** What several rows of one request may be together, and what each of them is. Without it each row has its own. */
  readonly shared?: { readonly limits: readonly number[]; sizes(asked: Asked): readonly number[] };
  /**
   * @param signal ends what is under way, with its reason
   * @returns one for each, in order
   * @throws Failure or Stopped, for all of them
   */
  send(asked: readonly Asked[], signal: AbortSignal): Promise<readonly RowResult[]>;
  /** The way through the API's Batch service, where there is one. */
  readonly batch?: BatchWay<Asked>;
}

export interface BulkLimits {
  /** Rows to take, those that are done already counted. */
  readonly rows: number | undefined;
  /** The job ends with more of them. */
  readonly failures: number | undefined;
  /** In US dollars. */
  readonly cost: number | undefined;
}

/** What all of a job shares. */
export interface BulkRun {
  readonly api: Api;
  readonly context: Context;
  readonly governor: Governor;
  readonly sink: Sink;
  readonly isOrdered: boolean;
  readonly limits: BulkLimits;
  readonly progress: BulkProgress;
}

/** Rows that are under way or held back for order are at most so many times the requests at once. */
const WINDOW = 4;
/**
 * Works through the rows of a job: requests out, results in, nothing lost, nothing twice. What fails is a line of its
 * own, and the job goes on.
 * @throws Failure: of kind `partial` where rows failed; what ended the job early; Stopped
 */
export async function runBulk<Asked>(
  rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>,
  job: BulkJob<Asked>,
  run: BulkRun,
): Promise<void> {
  const worker = new Worker(job, run);
  try {
    await worker.takeAll(rows);
  } finally {
    run.progress.stop();
    await rows.return({ blank: 0 }).catch(() => {});
  }
  worker.throwFailures();
}

class Worker<Asked> {
  readonly #job: BulkJob<Asked>;
  readonly #run: BulkRun;
  readonly #writer: ResultWriter;
  readonly #questions: Questions<Asked>;
  readonly #underWay = new Set<Promise<void>>();
  #group: Pending<Asked>[] = [];
  /** What the group is, all together. */
  #sizes: number[] = [];
  /** Groups and lines, from 1 on. */
  #number = 0;
  #room: (() => void) | undefined;
  #rows = 0;
  #lastRow = 0;
  #fatal: Error | undefined;
  readonly #ending = new AbortController();

  constructor(job: BulkJob<Asked>, run: BulkRun) {
    this.#job = job;
    this.#run = run;
    this.#writer = new ResultWriter(run, {
      rows: () => this.#rows,
      onWritten: () => this.#room?.(),
      onFailed: (error) => this.#end(error),
    });
    this.#questions = new Questions(job, run.api, () => this.#isOver, this.#ending.signal);
  }

  async takeAll(rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>): Promise<void> {
    const { limits, context } = this.#run;
    // What has come and waits for its turn is not lost where the run is stopped.
    const release = () => this.#writer.release();
    context.signal.addEventListener('abort', release, { once: true });
    for (;;) {
      if (this.#isOver || this.#writer.enough !== undefined) break;
      if (limits.rows !== undefined && this.#rows >= limits.rows) break;
      const step = await rows.next();
      if (step.done === true) {
        const { blank } = step.value;
        if (blank > 0) warn(context, `${blank} empty ${blank === 1 ? 'row was' : 'rows were'} left out`);
        noteRest(this.#run.sink, this.#lastRow, context);
        break;
      }
      this.#rows += 1;
      this.#lastRow = step.value.row;
      try {
        await this.#take(step.value);
      } catch (error) {
        this.#end(error);
      }
    }
    if (!this.#isOver && this.#writer.enough === undefined) await this.#sendGroup();
    await Promise.all(this.#underWay);
    context.signal.removeEventListener('abort', release);
    await this.#writer.end();
    if (context.signal.aborted) throw context.signal.reason;
    const ended = this.#fatal ?? this.#writer.enough;
    if (ended !== undefined) throw ended;
  }

  /** Requests of many rows are large: fewer of them are held. */
  get #window(): number {
    return this.#job.shared === undefined ? WINDOW : WINDOW / 2;
  }

  get #isOver(): boolean {
    return this.#fatal !== undefined || this.#run.context.signal.aborted;
  }

  #end(error: unknown): void {
    const isSaid = error instanceof Failure || error instanceof Stopped;
    this.#fatal ??= isSaid ? error : this.#run.api.failure(error);
    this.#ending.abort(this.#fatal);
    this.#room?.();
  }

  /** @returns a promise only where something is waited for: most rows wait for nothing */
  #take(row: Row | BadRow): Promise<void> | undefined {
    const { sink, progress } = this.#run;
    if ('problem' in row) return this.#fail(row, '', rowFailure(row, row.problem));
    const key = sink.isKeyless === true ? '' : this.#job.key(row);
    if (sink.isDone(row, key)) {
      progress.skipped();
      return undefined;
    }
    const asked = this.#job.prepare(row);
    if (asked instanceof Promise) return asked.then((made) => this.#prepared(row, key, made));
    return this.#prepared(row, key, asked);
  }

  #prepared(row: Row, key: string, asked: Asked | { readonly problem: string }): Promise<void> | undefined {
    if (isProblem(asked)) return this.#fail(row, key, rowFailure(row, asked.problem));
    const pending = { row, key, asked };
    const { shared } = this.#job;
    if (shared === undefined) {
      this.#group.push(pending);
      return this.#sendGroup();
    }
    const sizes = shared.sizes(asked);
    const isFull = sizes.some((size, at) => (this.#sizes[at] ?? 0) + size > (shared.limits[at] ?? 0));
    if (isFull) return this.#sendGroup().then(() => this.#join(pending, sizes));
    this.#join(pending, sizes);
    return undefined;
  }

  #join(pending: Pending<Asked>, sizes: readonly number[]): void {
    this.#group.push(pending);
    for (const [at, size] of sizes.entries()) this.#sizes[at] = (this.#sizes[at] ?? 0) + size;
  }

  /** A row for which nothing is asked keeps its place. */
  async #fail(row: Row | BadRow, key: string, failure: Failure): Promise<void> {
    if (this.#run.isOrdered) await this.#sendGroup();
    const number = this.#next();
    this.#writer.settle(number, [{ row, key, outcome: { failure } }]);
  }

  #next(): number {
    this.#number += 1;
    return this.#number;
  }

  async #sendGroup(): Promise<void> {
    const group = this.#group;
    if (group.length === 0) return;
    this.#group = [];
    this.#sizes = [];
    await this.#hasRoom();
    if (this.#isOver) return;
    const { governor } = this.#run;
    await governor.enter();
    const number = this.#next();
    const work = this.#ask(group, number).finally(() => {
      governor.leave();
      this.#underWay.delete(work);
    });
    this.#underWay.add(work);
  }

  /** Waits while too much is under way or held back. */
  async #hasRoom(): Promise<void> {
    while (!this.#isOver && this.#number - this.#writer.written >= this.#window * this.#run.governor.limit) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  async #ask(group: readonly Pending<Asked>[], number: number): Promise<void> {
    const { lines, fatal } = await this.#questions.ask(group);
    if (lines.length > 0) this.#writer.settle(number, lines);
    if (fatal !== undefined) this.#end(fatal);
  }

  throwFailures(): void {
    this.#writer.failures.throwAny(this.#rows);
  }
}
