import type { Api } from '../api/client.ts';
import { type ResponseAnswer, retrieveResponse } from '../api/responses.ts';
import { type Context, sleep } from '../context.ts';
import { Stopped } from '../errors.ts';
import { say } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';

/** Ms between two looks: the first soon, later ones less often. */
const FIRST_MS = 1000;
const LONGEST_MS = 10_000;

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
export async function waitForResponse(id: string, api: Api, context: Context): Promise<ResponseAnswer> {
  const waiting = startWaiting(context, `waiting for ${id}`, { elapsed: true });
  try {
    for (let pause = FIRST_MS; ; pause = Math.min(pause * 1.5, LONGEST_MS)) {
      const response = await api.each((own) => retrieveResponse(own, id));
      if (!isPending(response)) return response;
      waiting.update(`waiting for ${id}: ${response.status === 'queued' ? 'queued' : 'in progress'}`);
      await sleep(context.clock, pause, context.signal);
    }
  } catch (error) {
    waiting.stop();
    if (error instanceof Stopped) say(context, `it goes on by itself: oai response wait ${id}`);
    throw error;
  } finally {
    waiting.stop();
  }
}
