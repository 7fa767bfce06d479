import type { Failure } from '../errors.ts';
import { endedEarly, Failures } from './failures.ts';
import { InOrder } from './in-order.ts';
import { lineOf, type Settled } from './row-result.ts';
import type { BulkRun } from './run.ts';

/** What the writer asks and tells of the job. */
export interface WriterEvents {
  /** How many rows were taken so far. */
  rows(): number;
  /** There is room for more. */
  onWritten(): void;
  onFailed(error: unknown): void;
}

/** Lines of results on their way out: in their order where that was asked for, and those of one moment together. */
export class ResultWriter {
  readonly failures: Failures;
  readonly #run: BulkRun;
  readonly #events: WriterEvents;
  readonly #ordered = new InOrder<() => void>((write) => write());
  readonly #queue: (readonly Settled[])[] = [];
  #isWriting = false;
  #cannotWrite = false;
  #writing: Promise<void> = Promise.resolve();
  #written = 0;
  #enough: Failure | undefined;

  constructor(run: BulkRun, events: WriterEvents) {
    this.#run = run;
    this.#events = events;
    this.failures = new Failures(run.limits.failures, run.sink.goesOn);
  }

  /** How many numbers were written. */
  get written(): number {
    return this.#written;
  }

  /** Why no more rows are to be taken, while what is under way is waited for. */
  get enough(): Failure | undefined {
    return this.#enough;
  }

  /**
   * Writes lines when their turn has come.
   * @param number their turn, from 1 on, each only once
   */
  settle(number: number, lines: readonly Settled[]): void {
    const write = () => {
      this.#queue.push(lines);
      if (!this.#isWriting) this.#writing = this.#drain();
    };
    if (this.#run.isOrdered) this.#ordered.put(number, write);
    else write();
  }

  /** Writes what waits for its turn: what is before it will not come. */
  release(): void {
    this.#ordered.end();
  }

  /** All that came is written. */
  async end(): Promise<void> {
    this.release();
    await this.#writing;
  }

  /** What has come while the last lines were written is written together. What came is written although the job ends. */
  async #drain(): Promise<void> {
    this.#isWriting = true;
    // What one turn of the event loop brings belongs together as well.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#queue.length > 0 && !this.#cannotWrite) {
      const groups = this.#queue.splice(0);
      await this.#write(groups.flat()).catch((error: unknown) => this.#events.onFailed(error));
      this.#written += groups.length;
      this.#events.onWritten();
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
      const enough = this.failures.count(row, outcome, this.#events.rows());
      this.#enough ??= enough;
    }
    if (limits.cost !== undefined) this.#watchCost(limits.cost);
  }

  /** @param most US dollars */
  #watchCost(most: number): void {
    const { cost } = this.#run.progress;
    const { goesOn } = this.#run.sink;
    if (cost === undefined && this.failures.isAnyDone) {
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
}
