import type { Form } from '../database/form.ts';
import { usageError } from '../errors.ts';

/**
 * Vectors have a table of their own, so that a search reads nothing else. They are 32-bit floats, little-endian, of
 * length 1: their dot product is their cosine. A path is as seen from the folder of the database, with `/`: both can
 * move together. SHA-256 of a file is of its bytes, of a chunk of its text. Times are ms since 1970.
 */
const SCHEMA = `
  CREATE TABLE kind (model TEXT NOT NULL, dimensions INTEGER NOT NULL, asked INTEGER);
  CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    source TEXT NOT NULL CHECK (source IN ('file', 'stdin')),
    path TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime INTEGER,
    sha256 BLOB NOT NULL,
    chunk_tokens INTEGER NOT NULL,
    overlap INTEGER NOT NULL,
    UNIQUE (source, path)
  );
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    file INTEGER NOT NULL REFERENCES files (id) ON DELETE CASCADE,
    sha256 BLOB NOT NULL,
    first_line INTEGER NOT NULL,
    last_line INTEGER NOT NULL,
    text TEXT NOT NULL
  );
  CREATE INDEX chunks_by_file ON chunks (file);
  CREATE INDEX chunks_by_text ON chunks (sha256);
  CREATE TABLE vectors (
    chunk INTEGER PRIMARY KEY REFERENCES chunks (id) ON DELETE CASCADE,
    vector BLOB NOT NULL
  );
`;

/**
 * An index is one file with a rollback journal and no write-ahead log: it can be copied, lie on a network drive or on
 * one that is read-only.
 */
export const INDEX: Form = {
  what: 'an index',
  // `oaix` in ASCII.
  applicationId: 0x6f616978,
  version: 1,
  schema: SCHEMA,
  busy: 2000,
  missing: (name) =>
    usageError(`there is no index ${name}`, '`oai index add PATH` makes one; --db names another'),
  empty: (name) => usageError(`${name} is empty`, '`oai index add PATH` fills it'),
  foreign: (name) =>
    usageError(`${name} is a database of another program`, 'another --db keeps the index apart from it'),
  other: (name) => usageError(`${name} is no database of SQLite`, 'another --db makes a new index'),
  damaged: (name) => usageError(`${name} is damaged`, 'delete it, and `oai index add` the texts again'),
};
