/** Marks a SQLite file as an index of this program: `oaix` in ASCII (SQLite's file format, bytes 68 to 71). */
export const APPLICATION_ID = 0x6f616978;
/** The form of the tables below: `PRAGMA user_version`. A higher number is of a newer program. */
export const SCHEMA_VERSION = 1;

/**
 * Vectors have a table of their own, so that a search reads nothing else. They are 32-bit floats, little-endian, of
 * length 1: their dot product is their cosine. A path is as seen from the folder of the database, with `/`: both can
 * move together. SHA-256 of a file is of its bytes, of a chunk of its text. Times are ms since 1970.
 */
export const SCHEMA = `
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
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${SCHEMA_VERSION};
`;
