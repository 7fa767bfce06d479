import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import { warn } from '../output/messages.ts';
import type { BatchWay } from './batch.ts';
import { endedEarly, Failures } from './failures.ts';
import type { Governor } from './governor.ts';
import { InOrder } from './in-order.ts';
import type { BulkProgress } from './progress.ts';
import { isProblem, lineOf, missing, type RowResult, rowFailure, type Settled } from './row-result.ts';
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
/** A request that is refused as one too many is asked again so often, beyond its own tries. */
const PATIENCE = 8;

/** A row on its way. */
interface Pending<Asked> {
  readonly row: Row;
  readonly key: string;
  readonly asked: Asked;
}

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
  readonly #ordered: InOrder<() => void>;
  readonly #failures: Failures;
  readonly #underWay = new Set<Promise<void>>();
  #group: Pending<Asked>[] = [];
  /** What the group is, all together. */
  #sizes: number[] = [];
  /** Groups and lines, from 1 on. */
  #number = 0;
  #written = 0;
  #room: (() => void) | undefined;
  readonly #queue: (readonly Settled[])[] = [];
  #isWriting = false;
  #cannotWrite = false;
  #writing: Promise<void> = Promise.resolve();
  #rows = 0;
  #lastRow = 0;
  #fatal: Error | undefined;
  readonly #ending = new AbortController();
  /** No more rows are taken; what is under way is waited for. */
  #enough: Failure | undefined;

  constructor(job: BulkJob<Asked>, run: BulkRun) {
    this.#job = job;
    this.#run = run;
    this.#failures = new Failures(run.limits.failures, run.sink.goesOn);
    this.#ordered = new InOrder((write) => write());
  }

  async takeAll(rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>): Promise<void> {
    const { limits, context } = this.#run;
    // What has come and waits for its turn is not lost where the run is stopped.
    const release = () => this.#ordered.end();
    context.signal.addEventListener('abort', release, { once: true });
    for (;;) {
      if (this.#isOver || this.#enough !== undefined) break;
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
    if (!this.#isOver && this.#enough === undefined) await this.#sendGroup();
    await Promise.all(this.#underWay);
    context.signal.removeEventListener('abort', release);
    this.#ordered.end();
    await this.#writing;
    if (context.signal.aborted) throw context.signal.reason;
    const ended = this.#fatal ?? this.#enough;
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
    this.#settle(number, [{ row, key, outcome: { failure } }]);
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
    while (!this.#isOver && this.#number - this.#written >= this.#window * this.#run.governor.limit) {
      await new Promise<void>((resolve) => {
        this.#room = resolve;
      });
    }
  }

  async #ask(group: readonly Pending<Asked>[], number: number): Promise<void> {
    try {
      const results = await this.#results(group);
      this.#settle(
        number,
        group.map(({ row, key }, index) => ({ row, key, outcome: results[index] ?? missing() })),
      );
    } catch (error) {
      const failure = error instanceof Failure ? error : this.#run.api.failure(error);
      if (failure instanceof Failure && failure.kind === 'refused' && group.length > 1)
        return this.#askApart(group, number);
      // What was under way when the job ended has not failed: it was not waited for.
      if (this.#isOver || !(failure instanceof Failure) || meetsEveryRow(failure)) this.#end(failure);
      else
        this.#settle(
          number,
          group.map(({ row, key }) => ({ row, key, outcome: { failure } })),
        );
    }
  }

  /** One row of a request may be what it was refused for. */
  async #askApart(group: readonly Pending<Asked>[], number: number): Promise<void> {
    const lines: Settled[] = [];
    try {
      for (const pending of group) lines.push(await this.#askAlone(pending));
      this.#settle(number, lines);
    } catch (error) {
      if (lines.length > 0) this.#settle(number, lines);
      this.#end(error);
    }
  }

  /** @throws what would meet every other row as well */
  async #askAlone({ row, key, asked }: Pending<Asked>): Promise<Settled> {
    try {
      const [outcome = missing()] = await this.#results([{ row, key, asked }]);
      return { row, key, outcome };
    } catch (error) {
      const failure = error instanceof Failure ? error : this.#run.api.failure(error);
      if (this.#isOver || !(failure instanceof Failure) || meetsEveryRow(failure)) throw failure;
      return { row, key, outcome: { failure } };
    }
  }

  async #results(group: readonly Pending<Asked>[]): Promise<readonly RowResult[]> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#job.send(
          group.map(({ asked }) => asked),
          this.#ending.signal,
        );
      } catch (error) {
        const isOneTooMany = error instanceof Failure && error.kind === 'limit' && !meetsEveryRow(error);
        if (!isOneTooMany || tries > PATIENCE || this.#isOver) throw error;
      }
    }
  }

  /** Writes lines when their turn has come. */
  #settle(number: number, lines: readonly Settled[]): void {
    const write = () => {
      this.#queue.push(lines);
      if (!this.#isWriting) this.#writing = this.#drain();
    };
    if (this.#run.isOrdered) this.#ordered.put(number, write);
    else write();
  }

  /** What has come while the last lines were written is written together. What came is written although the job ends. */
  async #drain(): Promise<void> {
    this.#isWriting = true;
    // What one turn of the event loop brings belongs together as well.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0 && !this.#cannotWrite) {
      const groups = this.#queue.splice(0);
      await this.#write(groups.flat()).catch((error: unknown) => this.#end(error));
      this.#written += groups.length;
      this.#room?.();
    }
    this.#isWriting = false;
  }

  async #write(lines: readonly Settled[]): Promise<void> {
    const { sink, progress, limits } = this.#run;
    try {
      await sink.write(lines.map(lineOf));
    } catch (error) {
      this.#cannotWrite = true;
      throw error;
    }
    for (const { row, outcome } of lines) {
      progress.settled(outcome.failure !== undefined, outcome.usage);
      const enough = this.#failures.count(row, outcome, this.#rows);
      this.#enough ??= enough;
    }
    if (limits.cost !== undefined) this.#watchCost(limits.cost);
  }

  /** @param most US dollars */
  #watchCost(most: number): void {
    const { cost } = this.#run.progress;
    const { goesOn } = this.#run.sink;
    if (cost === undefined && this.#failures.isAnyDone) {
      this.#enough ??= endedEarly(
        'the server does not say what it counts: --max-cost cannot be kept',
        goesOn,
      );
    } else if (cost !== undefined && cost > most) {
      this.#enough ??= endedEarly(
        `the job has cost $${cost.toFixed(4)}, more than --max-cost ${most}`,
        goesOn,
      );
    }
  }

  throwFailures(): void {
    this.#failures.throwAny(this.#rows);
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
