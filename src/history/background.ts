import type { Exchange } from './exchanges.ts';
import type { HistoryStore } from './history-store.ts';

/** What the API called the answer of an exchange. */
export function responseIdOf(store: HistoryStore, exchange: number): string | undefined {
  const sql = 'SELECT response_id AS id FROM exchanges WHERE number = ?';
  return store.get<{ id: string | null }>(sql, exchange)?.id ?? undefined;
}

/** Notes by which response an exchange is answered in the background. */
export function beginResponse(store: HistoryStore, exchange: number, response: string): void {
  store.run('UPDATE exchanges SET response_id = ? WHERE number = ?', response, exchange);
}

/** Whether an exchange is answered in the background, as far as is known here. */
export function isRunning({ state, responseId }: Pick<Exchange, 'state' | 'responseId'>): boolean {
  return state === 'asked' && responseId !== null;
}

/** An exchange that is answered in the background. */
export interface RunningExchange {
  readonly number: number;
  /** Of a conversation that it is in. */
  readonly conversation: number;
  /** When it was asked: ms since 1970. */
  readonly time: number;
}

/** The exchange that waits for a response; undefined where none does. */
export function exchangeWaitingFor(store: HistoryStore, response: string): RunningExchange | undefined {
  return store.get(
    `SELECT exchanges.number, conversation, time FROM exchanges JOIN threads ON threads.exchange = exchanges.number
      WHERE response_id = ? AND state = 'asked' ORDER BY conversation LIMIT 1`,
    response,
  );
}
