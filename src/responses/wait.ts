import type { Api } from '../api/client.ts';
import { waitForJob } from '../api/job.ts';
import { type ResponseAnswer, retrieveResponse } from '../api/responses.ts';
import type { Context } from '../context.ts';

/** Ms between two looks: the first soon, later ones less often. */
const PACE = { first: 1000, factor: 1.5, longest: 10_000 };

/** States in which a response is not done yet. */
const PENDING: readonly unknown[] = ['queued', 'in_progress'];

/** Whether a response is still being made. */
export function isPending({ status }: ResponseAnswer): boolean {
  return PENDING.includes(status);
}

/**
 * Waits for a response that is made in the background; says how to come back when it is stopped. `--timeout` counts for
 * each look.
 * @throws Failure or Stopped
 */
export function waitForResponse(id: string, api: Api, context: Context): Promise<ResponseAnswer> {
  const job = {
    name: id,
    look: (own: Api) => retrieveResponse(own, id),
    hasEnded: (response: ResponseAnswer) => !isPending(response),
    told: ({ status }: ResponseAnswer) =>
      `waiting for ${id}: ${status === 'queued' ? 'queued' : 'in progress'}`,
    comeBack: `oai response wait ${id}`,
    pace: PACE,
  };
  return waitForJob(job, api, context);
}
