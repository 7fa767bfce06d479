import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';
import { APPLICATION_ID, SCHEMA, SCHEMA_VERSION } from './schema.ts';

/** `draft`: what is written is forgotten; for a run that only shows what it would do. */
export type Access = 'read' | 'write' | 'draft';

/** How long another program may hold the database, in ms. Nothing else happens meanwhile, Ctrl-C included. */
const BUSY_MS = 2000;

/** Only the user reads what the index holds: it has the texts. */
const MODE = 0o600;

/**
 * Opens the database of an index, and makes one where it is to be written and there is none. One file with a rollback
 * journal and no write-ahead log: it can be copied, lie on a network drive or on one that is read-only.
 * @param path absolute
 * @param name as it was typed, for errors
 * @throws Failure (usage)
 */
export async function openDatabase(
  path: string,
  name: string,
  access: Access,
): Promise<DatabaseSyncInstance> {
  const isThere = await look(path, name);
  if (!isThere && access === 'read') {
    throw usageError(`there is no index ${name}`, '`oai index add PATH` makes one; --db names another');
  }
  if (!isThere && access === 'write') await create(path, name);
  const { DatabaseSync } = await loadSqlite();
  try {
    const place = isThere || access === 'write' ? path : ':memory:';
    // Not opened read-only even to be read: what a killed run left half-written is to be rolled back first.
    const database = new DatabaseSync(place, { timeout: BUSY_MS });
    try {
      prepare(database, name, place !== path || access === 'write');
      if (access !== 'write') database.exec('PRAGMA query_only = ON');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw databaseFailure(error, name);
  }
}

async function loadSqlite() {
  try {
    return await import('@photostructure/sqlite');
  } catch (error) {
    throw usageError(
      'an index needs the package @photostructure/sqlite',
      'npm install -g @photostructure/sqlite',
      error,
    );
  }
}

/** @returns whether there is a file */
async function look(path: string, name: string): Promise<boolean> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw usageError(`${name} is ${found.isDirectory() ? 'a directory' : 'no file'}`);
    return true;
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error instanceof Failure
      ? error
      : usageError(`cannot open ${name}: ${reasonOf(error)}`, undefined, error);
  }
}

async function create(path: string, name: string): Promise<void> {
  try {
    await (await open(path, 'wx', MODE)).close();
  } catch (error) {
    // Another run may have made it meanwhile.
    if (errno(error) === 'EEXIST') return;
    const lacksFolder = errno(error) === 'ENOENT';
    throw usageError(
      `cannot write ${name}: ${lacksFolder ? `there is no directory ${dirname(path)}` : reasonOf(error)}`,
      undefined,
      error,
    );
  }
}

/** Gives an empty database its tables, and refuses one that is not an index of this program. */
function prepare(database: DatabaseSyncInstance, name: string, mayWrite: boolean): void {
  database.exec('PRAGMA foreign_keys = ON');
  if (isEmpty(database) && mayWrite) {
    database.exec('BEGIN IMMEDIATE');
    // Another run may have been first. What fails is rolled back when the database is closed.
    if (isEmpty(database)) database.exec(SCHEMA);
    database.exec('COMMIT');
  }
  if (isEmpty(database)) throw usageError(`${name} is empty`, '`oai index add PATH` fills it');
  if (pragma(database, 'application_id') !== APPLICATION_ID) {
    throw usageError(
      `${name} is a database of another program`,
      'another --db keeps the index apart from it',
    );
  }
  const version = pragma(database, 'user_version');
  if (version > SCHEMA_VERSION) {
    throw usageError(`${name} was made by a newer oai (form ${version})`, 'update: npm install -g oai');
  }
}

function isEmpty(database: DatabaseSyncInstance): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function pragma(database: DatabaseSyncInstance, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

/** What SQLite's primary result codes (sqlite.org/rescode.html) mean to a user, and what to do. */
const REASONS: Readonly<Record<number, (name: string) => Failure>> = {
  5: inUse,
  6: inUse,
  8: (name) => usageError(`cannot write ${name}: it is read-only`, 'copy it to where you can write'),
  10: (name) => usageError(`cannot read or write ${name}: input/output error`),
  11: damaged,
  13: (name) => usageError(`cannot write ${name}: no space left on the device`),
  14: (name) => usageError(`cannot open ${name}: the file or its folder is not to be read or written`),
  26: (name) => usageError(`${name} is no database of SQLite`, 'another --db makes a new index'),
};

function inUse(name: string): Failure {
  return usageError(`${name} is in use by another program`, 'the same command works when that is done');
}

/** What of an index is not as this program writes it. */
export function damaged(name: string): Failure {
  return usageError(`${name} is damaged`, 'delete it, and `oai index add` the texts again');
}

/** An error of SQLite in words; every other error as it is. */
export function databaseFailure(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error instanceof Failure || !('errcode' in error)) return error;
  // The low byte is the primary code, those above it say more of it.
  const failure = REASONS[Number(error.errcode) & 0xff]?.(name) ?? usageError(`${name}: ${error.message}`);
  return new Failure(failure.kind, failure.message, { hint: failure.hint, cause: error });
}
