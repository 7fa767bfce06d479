import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Form } from '../database/form.ts';
import { usageError } from '../errors.ts';

/**
 * What each answer of an exchange is paid by: a price may depend on the tokens of a request, and tools make several of
 * an exchange. A database that was made before gets the table when it is next written.
 */
export const TURNS = `
  CREATE TABLE IF NOT EXISTS turns (
    exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
    answered_by TEXT,
    service_tier TEXT,
    input_tokens INTEGER NOT NULL,
    cached_tokens INTEGER,
    output_tokens INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS turns_by_exchange ON turns (exchange);
`;

/**
 * A conversation is a row of exchanges, in the order of their numbers; one that was forked shares those before the
 * fork with the conversation that it comes from. Numbers are never given twice: a run that is still at work never
 * writes into what came after its own was deleted.
 *
 * An exchange is what was asked and what came of it. Its state:
 * - `asked`: sent, and nothing came yet; or the run was killed. With a response id: it is answered in the background
 * - `answered`: whole
 * - `cut`: a part of the answer is here
 * - `failed`: nothing came
 * - `retried`: asked again in a later exchange
 * - `noted`: put into the conversation without being asked
 *
 * Where several answers were asked for, those after the first have a role of their own: nobody goes on with them.
 *
 * A message has its words in `text`; `json` has the message as the API takes it where it is more than role and words,
 * with a reference in the place of each attachment. Times are ms since 1970, lengths of time are ms.
 */
const SCHEMA = `
  CREATE TABLE conversations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    name TEXT UNIQUE,
    title TEXT NOT NULL,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    profile TEXT,
    base_url TEXT,
    model TEXT,
    forked_from TEXT
  );
  CREATE INDEX conversations_by_time ON conversations (updated);
  CREATE TABLE exchanges (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    state TEXT NOT NULL CHECK (state IN ('asked', 'answered', 'cut', 'failed', 'retried', 'noted')),
    time INTEGER NOT NULL,
    profile TEXT,
    model TEXT,
    answered_by TEXT,
    response_id TEXT,
    service_tier TEXT,
    input_tokens INTEGER,
    cached_tokens INTEGER,
    output_tokens INTEGER,
    reasoning_tokens INTEGER,
    first_text_after INTEGER,
    duration INTEGER,
    error TEXT
  );
  CREATE INDEX exchanges_by_time ON exchanges (time);
  CREATE TABLE threads (
    conversation INTEGER NOT NULL REFERENCES conversations (number) ON DELETE CASCADE,
    exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
    PRIMARY KEY (conversation, exchange)
  ) WITHOUT ROWID;
  CREATE INDEX threads_by_exchange ON threads (exchange);
  CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    exchange INTEGER NOT NULL REFERENCES exchanges (number) ON DELETE CASCADE,
    is_answer INTEGER NOT NULL CHECK (is_answer IN (0, 1)),
    role TEXT NOT NULL,
    text TEXT NOT NULL,
    json TEXT
  );
  CREATE INDEX messages_by_exchange ON messages (exchange);
  CREATE TABLE attachments (
    message INTEGER NOT NULL REFERENCES messages (number) ON DELETE CASCADE,
    sha256 TEXT NOT NULL,
    name TEXT,
    mime TEXT,
    bytes INTEGER NOT NULL,
    PRIMARY KEY (message, sha256)
  ) WITHOUT ROWID;
  CREATE INDEX attachments_by_content ON attachments (sha256);
  ${TURNS}
`;

export const HISTORY: Form = {
  what: 'history',
  // `oaih` in ASCII.
  applicationId: 0x6f616968,
  version: 1,
  schema: SCHEMA,
  busy: 5000,
  tune,
  missing: (name) =>
    usageError(`nothing is kept yet: there is no ${name}`, '`oai chat --history "…"` keeps a conversation'),
  empty: (name) => usageError(`nothing is kept yet: ${name} is empty`),
  foreign: (name) => usageError(`${name} is a database of another program`, 'move it out of the way'),
  other: (name) =>
    usageError(`${name} is no database of SQLite`, 'move it out of the way; a new one is made'),
  damaged: (name) =>
    usageError(
      `${name} is damaged`,
      `\`sqlite3 ${name} .recover\` saves what is left; a new one is made when it is moved away`,
    ),
};

/**
 * A write-ahead log lets others read and wait shortly while one writes, and needs no wait for the disk (fsync) at each
 * commit: a killed process loses nothing, a power cut at most the last exchanges. It needs memory that processes
 * share, which no network has (sqlite.org/wal.html).
 */
function tune(database: DatabaseSyncInstance, path: string): void {
  if (isOnNetwork(path)) return;
  try {
    const mode = database.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
    if (mode === 'wal') database.exec('PRAGMA synchronous = NORMAL');
  } catch {
    // Somebody else is just doing it, or it cannot be done: a rollback journal does as well.
  }
}

/** File systems of a network: NFS, SMB, CIFS, SMB2, AFS, Ceph, 9P, FUSE (statfs(2)). */
const ON_NETWORK: readonly number[] = [
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x5346414f, 0x00c36400, 0x01021997, 0x65735546,
];

function isOnNetwork(path: string): boolean {
  try {
    return ON_NETWORK.includes(statfsSync(dirname(path)).type >>> 0);
  } catch {
    return false;
  }
}
