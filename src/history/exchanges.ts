import type { ChatMessage } from '../api/completions.ts';
import type { HistoryStore, Value } from './history-store.ts';
import { type PackedMessage, type Reference, type Resolve, unpackMessage } from './packed-message.ts';
import { keepTurn, type PaidTurn, turnsOf } from './turns.ts';

export type ExchangeState = 'asked' | 'answered' | 'cut' | 'failed' | 'retried' | 'noted';

/** Tokens, as the API counts them; null where it did not say. */
export interface KeptUsage {
  readonly inputTokens: number | null;
  /** Of those of the input. */
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  /** Of those of the output. */
  readonly reasoningTokens: number | null;
}

/** What was said in an exchange. */
export interface SaidExchange {
  readonly number: number;
  readonly state: ExchangeState;
  readonly messages: readonly KeptMessage[];
  /** Where several answers were asked for: those that follow the first, with which the conversation goes on. */
  readonly others: readonly KeptMessage[];
}

/** The role under which they are kept: it is none of the API's. */
const OTHER = 'other answer';

/** What was asked, and what came of it. Times are ms since 1970, lengths of time are ms. */
export interface Exchange extends SaidExchange, KeptUsage {
  readonly time: number;
  readonly profile: string | null;
  readonly model: string | null;
  /** The model that the answer says it is of. */
  readonly answeredBy: string | null;
  readonly responseId: string | null;
  readonly serviceTier: string | null;
  readonly firstTextAfter: number | null;
  readonly duration: number | null;
  /** Why there is no whole answer. */
  readonly error: string | null;
  /** Its answers, as they are paid. */
  readonly turns: readonly PaidTurn[];
}

export interface KeptMessage {
  readonly isAnswer: boolean;
  readonly role: string;
  /** What it says, for people. */
  readonly text: string;
  /** As the API takes it; with something else in the place of attachments, where `resolve` says so. */
  message(resolve?: Resolve): ChatMessage;
}

const EXCHANGE = `
  exchanges.number, state, time, profile, model, answered_by AS answeredBy, response_id AS responseId,
  service_tier AS serviceTier, input_tokens AS inputTokens, cached_tokens AS cachedTokens,
  output_tokens AS outputTokens, reasoning_tokens AS reasoningTokens, first_text_after AS firstTextAfter, duration,
  error`;

/**
 * What was said in a conversation, in its order, and nothing else of it; without what was asked again later. Of 1,000
 * exchanges this is quick.
 */
export function saidIn(store: HistoryStore, conversation: number): SaidExchange[] {
  const rows = store.lists(
    `SELECT exchanges.number, state, is_answer, role, text, json
      FROM threads JOIN exchanges ON exchanges.number = threads.exchange
      JOIN messages ON messages.exchange = threads.exchange
      WHERE conversation = ? AND state <> 'retried' ORDER BY threads.exchange, messages.number`,
    conversation,
  );
  const said: (SaidExchange & { messages: KeptMessage[]; others: KeptMessage[] })[] = [];
  // By their places: to take a row apart by a pattern is four times as slow, and this code runs once.
  for (const row of rows) {
    const message = new StoredMessage(store, row);
    const last = said.at(-1);
    if (row[3] === OTHER) last?.others.push(message);
    else if (last !== undefined && last.number === row[0]) last.messages.push(message);
    else {
      const [number, state] = row as [number, ExchangeState];
      said.push({ number, state, messages: [message], others: [] });
    }
  }
  return said;
}

/** All that is known of the exchanges of a conversation, in their order; without what was asked again later. */
export function exchangesOf(store: HistoryStore, conversation: number): Exchange[] {
  const turns = turnsOf(store, conversation);
  const facts = store.all<Omit<Exchange, keyof SaidExchange | 'turns'> & { readonly number: number }>(
    `SELECT ${EXCHANGE} FROM threads JOIN exchanges ON exchanges.number = exchange WHERE conversation = ?`,
    conversation,
  );
  const byNumber = new Map(facts.map((row) => [row.number, row]));
  return saidIn(store, conversation).flatMap((said) => {
    const known = byNumber.get(said.number);
    return known === undefined ? [] : { ...known, ...said, turns: turns.get(said.number) ?? [] };
  });
}

/** A row of `saidIn`. */
class StoredMessage implements KeptMessage {
  readonly isAnswer: boolean;
  readonly role: string;
  readonly text: string;
  private readonly json: string | null;
  private readonly store: HistoryStore;

  constructor(store: HistoryStore, row: readonly Value[]) {
    this.store = store;
    this.isAnswer = row[2] === 1;
    this.role = row[3] === OTHER ? 'assistant' : (row[3] as string);
    this.text = row[4] as string;
    this.json = row[5] as string | null;
  }

  message(resolve: Resolve = (reference) => attachedTo(this.store, reference)): ChatMessage {
    if (this.json === null) return { role: this.role, content: this.text } as ChatMessage;
    return unpackMessage(this.json, resolve);
  }
}

/** Whether there is an answer in an exchange, whole or not. */
export function isAnswered(store: HistoryStore, exchange: number): boolean {
  const state = store.get<{ state: ExchangeState }>(
    'SELECT state FROM exchanges WHERE number = ?',
    exchange,
  )?.state;
  return state === 'answered' || state === 'cut';
}

/** Bytes in base64, after their prefix; undefined where they are gone. */
function attachedTo(store: HistoryStore, reference: Reference): string | undefined {
  const sql = 'SELECT bytes FROM attachments WHERE sha256 = ? LIMIT 1';
  const size = store.get<{ bytes: number }>(sql, reference.attachment)?.bytes;
  return size === undefined ? undefined : store.attachments.read(reference, size);
}

/** What an exchange begins with. */
export interface Asked {
  readonly conversation: number;
  readonly state: 'asked' | 'noted';
  readonly time: number;
  readonly profile: string | null;
  readonly baseUrl: string | null;
  readonly model: string | null;
}

/** Puts an exchange at the end of a conversation. Within a transaction. @returns its number */
export function insertExchange(
  store: HistoryStore,
  { conversation, state, time, profile, baseUrl, model }: Asked,
): number {
  const { inserted } = store.run(
    'INSERT INTO exchanges (state, time, profile, model) VALUES (?, ?, ?, ?)',
    state,
    time,
    profile,
    model,
  );
  store.run('INSERT INTO threads (conversation, exchange) VALUES (?, ?)', conversation, inserted);
  store.run(
    `UPDATE conversations SET updated = max(updated, ?), profile = coalesce(?, profile),
      base_url = coalesce(?, base_url), model = coalesce(?, model) WHERE number = ?`,
    time,
    profile,
    baseUrl,
    model,
    conversation,
  );
  return inserted;
}

/** How messages are put into an exchange. */
export interface Inserting {
  readonly isAnswer: boolean;
  /** It is no part of the conversation: others were asked for at once. */
  readonly isOther?: boolean;
  /** Of this process. */
  readonly pid: number;
}

/** Puts messages at the end of an exchange. Within a transaction. */
export function insertMessages(
  store: HistoryStore,
  exchange: number,
  messages: readonly PackedMessage[],
  { isAnswer, isOther = false, pid }: Inserting,
): void {
  for (const { role, text, json, attachments } of messages) {
    const { inserted } = store.run(
      'INSERT INTO messages (exchange, is_answer, role, text, json) VALUES (?, ?, ?, ?, ?)',
      exchange,
      isAnswer ? 1 : 0,
      isOther ? OTHER : role,
      text,
      json ?? null,
    );
    for (const { sha256, name, mime, bytes } of attachments) {
      // Again, although it may be there: what deletes attachments waits for this transaction, and not for those before.
      store.attachments.put(sha256, bytes, pid);
      store.run(
        'INSERT OR IGNORE INTO attachments (message, sha256, name, mime, bytes) VALUES (?, ?, ?, ?, ?)',
        inserted,
        sha256,
        name ?? null,
        mime ?? null,
        bytes.length,
      );
    }
  }
}

/** What is learnt of an exchange. */
export interface Outcome extends KeptUsage {
  readonly state: ExchangeState;
  readonly answeredBy: string | null;
  readonly responseId: string | null;
  readonly serviceTier: string | null;
  readonly firstTextAfter: number | null;
  readonly duration: number | null;
  readonly error: string | null;
}

/**
 * Adds what is known of an answer; an exchange with tools has several, whose tokens add up. What another run has
 * asked again meanwhile stays so. Within a transaction.
 * @returns false where the exchange was deleted meanwhile
 */
export function settleExchange(store: HistoryStore, exchange: number, outcome: Outcome): boolean {
  const added = (column: string) =>
    `${column} = CASE WHEN ? IS NULL THEN ${column} ELSE coalesce(${column}, 0) + ? END`;
  const twice = (value: number | null) => [value, value];
  const { changes } = store.run(
    `UPDATE exchanges SET state = CASE state WHEN 'retried' THEN state ELSE ? END,
      answered_by = coalesce(?, answered_by), response_id = coalesce(?, response_id),
      service_tier = coalesce(?, service_tier), first_text_after = coalesce(first_text_after, ?), error = ?,
      ${['duration', 'input_tokens', 'cached_tokens', 'output_tokens', 'reasoning_tokens'].map(added).join(', ')}
      WHERE number = ?`,
    outcome.state,
    outcome.answeredBy,
    outcome.responseId,
    outcome.serviceTier,
    outcome.firstTextAfter,
    outcome.error,
    ...twice(outcome.duration),
    ...twice(outcome.inputTokens),
    ...twice(outcome.cachedTokens),
    ...twice(outcome.outputTokens),
    ...twice(outcome.reasoningTokens),
    exchange,
  );
  if (changes > 0) keepTurn(store, exchange, outcome);
  return changes > 0;
}

/** Takes an exchange out of a conversation: it stays kept, and in others that share it. Within a transaction. */
export function takeBack(store: HistoryStore, conversation: number, exchange: number): void {
  const { changes } = store.run(
    `UPDATE exchanges SET state = 'retried' WHERE number = ?1
      AND NOT EXISTS (SELECT 1 FROM threads WHERE exchange = ?1 AND conversation <> ?2)`,
    exchange,
    conversation,
  );
  if (changes === 0) {
    store.run('DELETE FROM threads WHERE conversation = ? AND exchange = ?', conversation, exchange);
  }
}

/** Lets a new conversation begin with what was said in another before an exchange. Within a transaction. */
export function shareExchanges(
  store: HistoryStore,
  from: number,
  to: number,
  { before, without }: { readonly before: number; readonly without: number | null },
): void {
  store.run(
    `INSERT INTO threads (conversation, exchange)
      SELECT ?, exchange FROM threads WHERE conversation = ? AND exchange < ? AND exchange IS NOT ?`,
    to,
    from,
    before,
    without,
  );
  store.run(
    `UPDATE conversations SET (profile, base_url, model) =
      (SELECT profile, base_url, model FROM conversations WHERE number = ?) WHERE number = ?`,
    from,
    to,
  );
}
