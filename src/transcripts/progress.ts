import type { Context } from '../context.ts';
import { bar, startWaiting, type Waiting } from '../output/progress.ts';

/** What is seen of a run while it goes on: files, minutes of sound, and how much faster than they were spoken. */
export class TranscriptProgress {
  readonly #what: string;
  readonly #files: number;
  readonly #context: Context;
  readonly #started: number;
  readonly #waiting: Waiting;
  #done = 0;
  /** Of sound. */
  #seconds = 0;
  #parts = 0;
  /** Parts that there are in all, of a single file. */
  #expected = 1;

  /** @param what is being done: `transcribing with gpt-transcribe` */
  constructor(what: string, files: number, context: Context) {
    this.#what = what;
    this.#files = files;
    this.#context = context;
    this.#started = context.clock.now();
    this.#waiting = startWaiting(context, what, { elapsed: true });
  }

  /** A recording goes into so many requests. */
  expect(parts: number): void {
    // Of the last way to split it: an earlier one was refused.
    this.#expected = parts;
    this.#show();
  }

  /** @param seconds how long what was heard is; undefined where that is not known */
  heard(seconds: number | undefined): void {
    this.#parts += 1;
    this.#seconds += seconds ?? 0;
    this.#show();
  }

  fileDone(): void {
    this.#done += 1;
    this.#show();
  }

  /** Call it before anything is written to stdout. */
  stop(): void {
    this.#waiting.stop();
  }

  #show(): void {
    if (this.#files === 1 && this.#expected <= 1) return;
    const files =
      this.#files === 1
        ? `${this.#parts} of ${this.#expected} parts`
        : `${bar(this.#done / this.#files)} ${this.#done} of ${this.#files} files`;
    this.#waiting.update([this.#what, files, ...this.#pace()].join(' · '));
  }

  #pace(): string[] {
    if (this.#seconds === 0) return [];
    const elapsed = (this.#context.clock.now() - this.#started) / 1000;
    const minutes = `${(this.#seconds / 60).toFixed(1)} min heard`;
    return elapsed > 0 ? [minutes, `${(this.#seconds / elapsed).toFixed(1)} × real time`] : [minutes];
  }
}
