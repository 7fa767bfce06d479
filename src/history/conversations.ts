import type { HistoryStore } from './history-store.ts';

/** A conversation, without what was said in it. Times are ms since 1970. */
export interface Conversation {
  /** Of its row: never given twice. */
  readonly number: number;
  /** Ten hexadecimal digits. */
  readonly id: string;
  /** That somebody gave it. */
  readonly name: string | null;
  /** The first words of it. */
  readonly title: string;
  readonly created: number;
  readonly updated: number;
  /** Where it was held last; null where nothing was asked yet. */
  readonly profile: string | null;
  readonly baseUrl: string | null;
  readonly model: string | null;
  /** The id of the conversation that it goes on from. */
  readonly forkedFrom: string | null;
  readonly exchanges: number;
  /** Of those, how many are answered in the background just now. */
  readonly running: number;
}

const COLUMNS = `
  number, id, name, title, created, updated, profile, base_url AS baseUrl, model, forked_from AS forkedFrom,
  (SELECT count(*) FROM threads JOIN exchanges ON exchanges.number = exchange
    WHERE conversation = conversations.number AND state <> 'retried') AS exchanges,
  (SELECT count(*) FROM threads JOIN exchanges ON exchanges.number = exchange
    WHERE conversation = conversations.number AND state = 'asked' AND response_id IS NOT NULL) AS running`;

const NEWEST_FIRST = 'ORDER BY updated DESC, number DESC';

/** The newest first. @param limit how many */
export function listConversations(store: HistoryStore, limit = Number.MAX_SAFE_INTEGER): Conversation[] {
  return store.all(`SELECT ${COLUMNS} FROM conversations ${NEWEST_FIRST} LIMIT ?`, limit);
}

export function countConversations(store: HistoryStore): number {
  return store.get<{ count: number }>('SELECT count(*) AS count FROM conversations')?.count ?? 0;
}

/** The one that was used last, in whatever terminal. */
export function lastConversation(store: HistoryStore): Conversation | undefined {
  return store.get(`SELECT ${COLUMNS} FROM conversations ${NEWEST_FIRST} LIMIT 1`);
}

export function conversationOf(store: HistoryStore, number: number): Conversation | undefined {
  return store.get(`SELECT ${COLUMNS} FROM conversations WHERE number = ?`, number);
}

/** By its whole id, or by its name. */
export function conversationCalled(store: HistoryStore, word: string): Conversation | undefined {
  const sql = `SELECT ${COLUMNS} FROM conversations WHERE name = ? OR id = ? ORDER BY name = ? DESC LIMIT 1`;
  return store.get(sql, word, word.toLowerCase(), word);
}

/** Those whose id begins so. */
export function conversationsBeginning(store: HistoryStore, start: string): Conversation[] {
  // `g` comes after every hexadecimal digit.
  const sql = `SELECT ${COLUMNS} FROM conversations WHERE id >= ? AND id < ? ${NEWEST_FIRST} LIMIT 10`;
  return store.all(sql, start, `${start}g`);
}

/** The names that were given. */
export function conversationNames(store: HistoryStore): string[] {
  const sql = 'SELECT name FROM conversations WHERE name IS NOT NULL ORDER BY updated DESC';
  return store.all<{ name: string }>(sql).map(({ name }) => name);
}

/** What a new conversation begins with. */
export interface Beginning {
  readonly name: string | null;
  readonly title: string;
  readonly time: number;
  readonly forkedFrom: string | null;
}

/** @returns the number of its row @throws Failure (usage) where another has that name */
export function insertConversation(
  store: HistoryStore,
  { name, title, time, forkedFrom }: Beginning,
): number {
  const sql = `INSERT INTO conversations (id, name, title, created, updated, forked_from)
    VALUES (lower(hex(randomblob(5))), ?, ?, ?, ?, ?)`;
  return store.run(sql, name, title, time, time, forkedFrom).inserted;
}

/** @returns false where there is none any more */
export function renameConversation(store: HistoryStore, number: number, name: string): boolean {
  return store.run('UPDATE conversations SET name = ? WHERE number = ?', name, number).changes > 0;
}
