import { existsSync } from 'node:fs';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { exchangeWaitingFor } from './background.ts';
import { HistoryStore } from './history-store.ts';
import { HistoryKeeper } from './keeper.ts';
import { historyPlace } from './place.ts';

/** An exchange that is kept, and waits for a response that the API makes by itself. */
export interface WaitingExchange {
  /** Who completes it. Close it. */
  readonly keeper: HistoryKeeper;
  /** When it was asked: ms since 1970. */
  readonly asked: number;
}

/**
 * The exchange that waits for a response. A history that cannot be read is said, and no reason to fail: the answer is
 * what matters.
 * @returns undefined where none waits
 */
export async function waitingExchange(
  response: string,
  context: Context,
): Promise<WaitingExchange | undefined> {
  const place = historyPlace(context);
  if (place === undefined || !existsSync(place.database)) return undefined;
  let store: HistoryStore | undefined;
  try {
    store = await HistoryStore.open(place, 'write');
    const found = exchangeWaitingFor(store, response);
    if (found !== undefined) {
      const { conversation, number, time } = found;
      const thread = { kind: 'old', number: conversation } as const;
      return {
        keeper: new HistoryKeeper({ place, thread, target: null, last: number, store }, context),
        asked: time,
      };
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warn(context, `what is kept is not completed: ${error.message}`);
  }
  store?.close();
  return undefined;
}
