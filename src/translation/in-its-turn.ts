import type { Slots } from '../bulk/slots.ts';
import { Stopped } from '../errors.ts';
import type { Turns } from '../transcripts/part.ts';

/**
 * Makes one of several requests once there is a place for it. Those after one that failed are given up: they would be
 * paid for and never shown.
 * @param index of the request, from 0 on
 * @throws what the request throws; it may be looked at late
 */
export function inItsTurn<T>(
  index: number,
  turns: Turns,
  slots: Slots,
  request: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const signal = turns.signal(index);
  const answer = slots.run(async () => {
    signal.throwIfAborted();
    return request(signal);
  });
  const watched = answer.catch((error: unknown) => {
    turns.giveUp(index + 1);
    throw error;
  });
  watched.catch(() => {});
  return watched;
}

/** In a dry run each request ends the run: here, once all of them are shown. @throws Stopped */
export async function showAll(requests: readonly (() => Promise<unknown>)[]): Promise<void> {
  let shown: unknown;
  for (const request of requests) {
    shown = await request().catch((error: unknown) => error);
    if (!(shown instanceof Stopped) || shown.by !== 'dry run') break;
  }
  if (shown !== undefined) throw shown;
}
