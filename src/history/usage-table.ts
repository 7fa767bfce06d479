import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import { writeRows } from '../output/table.ts';
import { costOfExchange, type Priced } from './conversation-json.ts';
import type { Exchange } from './exchanges.ts';
import type { HistoryStore } from './history-store.ts';
import { type HistoryOptions, withHistory } from './reading.ts';
import { dayText } from './times.ts';
import { turnsBetween } from './turns.ts';

type Used = Priced & Pick<Exchange, 'time' | 'reasoningTokens'>;

/** What was used on a day, or of a model. */
interface Sum {
  exchanges: number;
  inputTokens: number;
  cachedTokens: number;
  outputTokens: number;
  reasoningTokens: number;
  /** US dollars, at the prices of today; null where no price is known. */
  cost: number | null;
  /** Exchanges whose price or tokens are not known. */
  unpriced: number;
}

type Row = Sum & { readonly day?: string; readonly model?: string };

/** Sums up what was used, by day or by model. @throws Failure (usage) */
export async function showUsage({ by = 'day', json }: HistoryOptions, context: Context): Promise<void> {
  const sums = await withHistory(
    context,
    'read',
    (store) => summed(store, by),
    () => new Map<string, Sum>(),
  );
  const rows: Row[] = [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sum]) => ({ [by]: name, ...shown(sum) }));
  const count = (name: keyof Sum) => (row: Row) => Number(row[name]).toLocaleString('en');
  const columns = {
    [by]: (row: Row) => row[by],
    exchanges: count('exchanges'),
    input: count('inputTokens'),
    cached: count('cachedTokens'),
    output: count('outputTokens'),
    reasoning: count('reasoningTokens'),
    cost: (row: Row) => (row.cost === null ? 'unknown' : `$${row.cost.toFixed(4)}`),
    unpriced: count('unpriced'),
  };
  if (rows.length > 0 || json === true) await writeRows(context, rows, columns, json === true);
  if (rows.length === 0) warn(context, 'nothing is kept yet');
}

/** Exchanges that are read at a time. */
const PAGE = 1000;

function summed(store: HistoryStore, by: 'day' | 'model'): Map<string, Sum> {
  const sums = new Map<string, Sum>();
  for (let after = 0; ; ) {
    const page = store.all<Omit<Used, 'turns'> & { readonly number: number }>(
      `SELECT number, time, profile, model, answered_by AS answeredBy, service_tier AS serviceTier,
        input_tokens AS inputTokens,
        cached_tokens AS cachedTokens, output_tokens AS outputTokens, reasoning_tokens AS reasoningTokens
        FROM exchanges WHERE number > ? AND state <> 'noted' ORDER BY number LIMIT ${PAGE}`,
      after,
    );
    const turns = turnsBetween(store, after + 1, page.at(-1)?.number ?? after);
    for (const used of page) {
      after = used.number;
      const name = by === 'day' ? dayText(used.time) : (used.model ?? 'unknown');
      add(sums, name, { ...used, turns: turns.get(used.number) ?? [] });
    }
    if (page.length < PAGE) return sums;
  }
}

function add(sums: Map<string, Sum>, name: string, used: Used): void {
  let sum = sums.get(name);
  if (sum === undefined) {
    sum = {
      exchanges: 0,
      inputTokens: 0,
      cachedTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      cost: null,
      unpriced: 0,
    };
    sums.set(name, sum);
  }
  sum.exchanges += 1;
  sum.inputTokens += used.inputTokens ?? 0;
  sum.cachedTokens += used.cachedTokens ?? 0;
  sum.outputTokens += used.outputTokens ?? 0;
  sum.reasoningTokens += used.reasoningTokens ?? 0;
  const cost = costOfExchange(used);
  if (cost === undefined) sum.unpriced += 1;
  else sum.cost = (sum.cost ?? 0) + cost;
}

/** Without what the arithmetic of floats leaves at the end. */
function shown(sum: Sum): Sum {
  return { ...sum, cost: sum.cost === null ? null : Number(sum.cost.toPrecision(6)) };
}
