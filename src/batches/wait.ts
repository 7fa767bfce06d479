import { type Batch, hasEndedBatch, readBatch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { steadyPace, waitForJob } from '../api/job.ts';
import type { Context } from '../context.ts';
import { BatchProgress } from './progress.ts';

/** Ms between two looks: a batch takes minutes at least, and up to a day. */
const PACE = { first: 2000, factor: 1.5, longest: 60_000 };

/** How a batch is waited for. */
export interface BatchWait {
  /** Ms between two looks, where the user says. */
  readonly poll: number | undefined;
  /** What goes on waiting, in the user's words. */
  readonly comeBack: string;
  /** The API has said just now that it is there. */
  readonly isBegun: boolean;
}

/** Waits until a batch has ended, however it does. @throws Failure or Stopped, once it is said how to come back */
export function waitForBatch(
  id: string,
  { poll, comeBack, isBegun }: BatchWait,
  api: Api,
  context: Context,
): Promise<Batch> {
  const progress = new BatchProgress(context.clock);
  const job = {
    name: id,
    isBegun,
    look: (own: Api) => readBatch(own, id),
    hasEnded: hasEndedBatch,
    told: (batch: Batch) => progress.told(batch),
    comeBack,
    pace: poll === undefined ? PACE : steadyPace(poll),
  };
  return waitForJob(job, api, context);
}
