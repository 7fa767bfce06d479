import { isObject, type JsonObject } from '../json.ts';

/** What became of a row of a batch: `missing` ones have no line in any file of results. */
export type RowFate = 'done' | 'failed' | 'expired' | 'cancelled' | 'missing';

export interface RowOutcome {
  readonly fate: RowFate;
  /** Why it failed. */
  readonly message?: string;
}

/** Codes of rows that were not reached (OpenAI's guide to batches). */
const FATES: Readonly<Record<string, RowFate>> = {
  batch_expired: 'expired',
  batch_cancelled: 'cancelled',
};

/** What a line of a file of results says of its row. */
export function outcomeOf({ response, error }: JsonObject): RowOutcome {
  const { status_code: status, body } = isObject(response) ? response : {};
  if (!isObject(error) && typeof status === 'number' && status < 400) return { fate: 'done' };
  const told = isObject(error) ? error : isObject(body) && isObject(body['error']) ? body['error'] : {};
  const { code, message } = told;
  const fate = typeof code === 'string' && Object.hasOwn(FATES, code) ? FATES[code] : undefined;
  const why = typeof message === 'string' ? message : `HTTP ${String(status ?? 'status unknown')}`;
  return { fate: fate ?? 'failed', message: why };
}

/** The line of a row of which the API says nothing. */
export function missingLine(customId: string): string {
  const error = { code: 'no_result', message: 'The batch ended without a result for this request.' };
  return JSON.stringify({ id: null, custom_id: customId, response: null, error });
}

/** Rows of a kind that errors name. */
const MOST_NAMED = 10;

/** What became of the rows of a batch, counted, and some of them by name. */
export class Tally {
  readonly #counts = new Map<RowFate, number>();
  readonly #named = new Map<RowFate, string[]>();

  add(customId: string, { fate, message }: RowOutcome): void {
    this.#counts.set(fate, this.count(fate) + 1);
    if (fate === 'done') return;
    const name = fate === 'failed' ? `${customId}: ${message}` : customId;
    const names = this.#named.get(fate) ?? [];
    if (names.length < MOST_NAMED) this.#named.set(fate, [...names, name]);
  }

  count(fate: RowFate): number {
    return this.#counts.get(fate) ?? 0;
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The rows without an answer, in words: `2 expired (c-5, c-9), 1 failed (c-7: too long)`; undefined: there is none. */
  get problems(): string | undefined {
    const parts = (['failed', 'expired', 'cancelled', 'missing'] as const)
      .filter((fate) => this.count(fate) > 0)
      .map((fate) => `${this.count(fate)} ${WORDS[fate]} (${this.#examples(fate)})`);
    return parts.length === 0 ? undefined : parts.join(', ');
  }

  #examples(fate: RowFate): string {
    const names = this.#named.get(fate) ?? [];
    if (fate === 'failed') return `${this.count(fate) > 1 ? 'the first: ' : ''}${names[0]}`;
    const more = this.count(fate) - names.length;
    return `${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  }
}

const WORDS: Readonly<Record<Exclude<RowFate, 'done'>, string>> = {
  failed: 'failed',
  expired: 'expired',
  cancelled: 'were not reached',
  missing: 'have no result',
};
