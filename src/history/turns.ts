import type { PaidAnswer } from '../tokens/cost.ts';
import type { Outcome } from './exchanges.ts';
import { TURNS } from './form.ts';
import type { HistoryStore, Value } from './history-store.ts';

/** Keeps what an answer is paid by. Within a transaction. */
export function keepTurn(store: HistoryStore, exchange: number, outcome: Outcome): void {
  const { answeredBy, serviceTier, inputTokens, cachedTokens, outputTokens } = outcome;
  if (inputTokens === null || outputTokens === null) return;
  store.exec(TURNS);
  store.run(
    'INSERT INTO turns VALUES (?, ?, ?, ?, ?, ?)',
    exchange,
    answeredBy,
    serviceTier,
    inputTokens,
    cachedTokens,
    outputTokens,
  );
}

/** An answer of an exchange, as it is paid. */
export type PaidTurn = Omit<PaidAnswer, 'model'>;

/** The answers of each exchange, those with tools having several, by the number of the exchange. */
export type PaidTurns = ReadonlyMap<number, readonly PaidTurn[]>;

/** The answers of the exchanges from one number up to another, both included. */
export function turnsBetween(store: HistoryStore, first: number, last: number): PaidTurns {
  return turnsWhere(store, 'exchange BETWEEN ? AND ?', first, last);
}

/** The answers in a conversation. */
export function turnsOf(store: HistoryStore, conversation: number): PaidTurns {
  return turnsWhere(store, 'exchange IN (SELECT exchange FROM threads WHERE conversation = ?)', conversation);
}

function turnsWhere(store: HistoryStore, which: string, ...values: readonly Value[]): PaidTurns {
  const turns = new Map<number, PaidTurn[]>();
  // An earlier version of this program did not keep them.
  if (store.get("SELECT 1 FROM sqlite_schema WHERE name = 'turns'") === undefined) return turns;
  const rows = store.all<Row>(
    `SELECT exchange, answered_by AS answeredBy, service_tier AS serviceTier, input_tokens AS inputTokens,
      cached_tokens AS cachedTokens, output_tokens AS outputTokens FROM turns WHERE ${which}`,
    ...values,
  );
  for (const { exchange, answeredBy, ...tokens } of rows) {
    const turn = { answeredBy, tokens };
    const earlier = turns.get(exchange);
    if (earlier === undefined) turns.set(exchange, [turn]);
    else earlier.push(turn);
  }
  return turns;
}

interface Row {
  readonly exchange: number;
  readonly answeredBy: string | null;
  readonly serviceTier: string | null;
  readonly inputTokens: number;
  readonly cachedTokens: number | null;
  readonly outputTokens: number;
}
