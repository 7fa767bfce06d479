import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';
import { databaseFailure } from './database-failure.ts';
import type { Form } from './form.ts';

/** `draft`: what is written is forgotten; for a run that only shows what it would do. */
export type Access = 'read' | 'write' | 'draft';

/** Only the user reads what the databases hold: they have the user's texts. */
const MODE = 0o600;

/**
 * Opens a database of this program, and makes one where it is to be written and there is none.
 * @param path absolute
 * @param name as the user knows it, for errors
 * @throws Failure (usage)
 */
export async function openDatabase(
  path: string,
  name: string,
  access: Access,
  form: Form,
): Promise<DatabaseSyncInstance> {
  const isThere = await look(path, name);
  if (!isThere && access === 'read') throw form.missing(name);
  if (!isThere && access === 'write') await create(path, name);
  const { DatabaseSync } = await loadSqlite(form);
  try {
    const place = isThere || access === 'write' ? path : ':memory:';
    // Not opened read-only even to be read: what a killed run left half-written is to be rolled back first.
    const database = new DatabaseSync(place, { timeout: form.busy });
    try {
      prepare(database, place, name, place !== path || access === 'write', form);
      if (access !== 'write') database.exec('PRAGMA query_only = ON');
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  } catch (error) {
    throw databaseFailure(error, name, form);
  }
}

/** Loads the package that brings SQLite. @throws Failure (usage) where it is not installed */
async function loadSqlite({ what }: Pick<Form, 'what'>) {
  try {
    return await import('@photostructure/sqlite');
  } catch (error) {
    throw usageError(
      `${what} needs the package @photostructure/sqlite`,
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

/** Gives an empty database its tables, and refuses one that is not of this form. */
function prepare(
  database: DatabaseSyncInstance,
  place: string,
  name: string,
  mayWrite: boolean,
  form: Form,
): void {
  database.exec('PRAGMA foreign_keys = ON');
  const isNew = isEmpty(database);
  if (isNew && mayWrite) {
    form.tune?.(database, place);
    database.exec('BEGIN IMMEDIATE');
    // Another run may have been first. What fails is rolled back when the database is closed.
    if (isEmpty(database)) {
      database.exec(form.schema);
      database.exec(`PRAGMA application_id = ${form.applicationId}`);
      database.exec(`PRAGMA user_version = ${form.version}`);
    }
    database.exec('COMMIT');
  }
  if (isEmpty(database)) throw form.empty(name);
  if (pragma(database, 'application_id') !== form.applicationId) throw form.foreign(name);
  const version = pragma(database, 'user_version');
  if (version > form.version) {
    throw usageError(`${name} was made by a newer oai (form ${version})`, 'an oai as new as that reads it');
  }
  // Not before it is certain that the database is this program's: this changes the file.
  if (!isNew && mayWrite) form.tune?.(database, place);
}

function isEmpty(database: DatabaseSyncInstance): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
}

function pragma(database: DatabaseSyncInstance, name: 'application_id' | 'user_version'): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}
