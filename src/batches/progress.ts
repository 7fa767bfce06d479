import type { Batch } from '../api/batches.ts';
import type { Clock } from '../context.ts';
import { bar } from '../output/progress.ts';
import { timeLeft } from '../output/time.ts';

/** How far a batch is, as it is told while somebody waits: rows, failures, their rate, the time that is left. */
export class BatchProgress {
  readonly #clock: Clock;
  /** The first look that found it in progress: what was done before took nobody knows how long. */
  #first: { readonly settled: number; readonly at: number } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A line that fits a terminal: whoever waits knows the id. */
  told({ status, request_counts: counts }: Batch): string {
    const { completed = 0, failed = 0, total = 0 } = counts ?? {};
    const state = status.replaceAll('_', ' ');
    if (total === 0) return state;
    const settled = completed + failed;
    const now = this.#clock.now();
    this.#first ??= { settled, at: now };
    const seconds = (now - this.#first.at) / 1000;
    const perSecond = seconds > 0 ? (settled - this.#first.settled) / seconds : 0;
    const parts = [
      state,
      `${bar(settled / total)} ${completed} of ${total} rows`,
      ...(failed > 0 ? [`${failed} failed`] : []),
      ...(perSecond > 0 ? [rateText(perSecond), timeLeft((total - settled) / perSecond)] : []),
    ];
    return parts.join(' · ');
  }
}

function rateText(perSecond: number): string {
  return perSecond >= 1 ? `${Math.round(perSecond)}/s` : `${Math.max(1, Math.round(perSecond * 60))}/min`;
}
