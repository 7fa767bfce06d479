import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import type { Failure } from '../errors.ts';

/** What the databases of one kind have in common. Failures are of the kind usage. */
export interface Form {
  /** What needs it, for the error where SQLite is missing: `an index`. */
  readonly what: string;
  /** Marks the file as this program's: four letters (SQLite's file format, bytes 68 to 71). */
  readonly applicationId: number;
  /** Of the tables below: `PRAGMA user_version`. A higher number is of a newer program. */
  readonly version: number;
  /** SQL that makes the tables. */
  readonly schema: string;
  /** How long another program may hold the database, in ms. Nothing else happens meanwhile, Ctrl-C included. */
  readonly busy: number;
  /** Settings of a connection that writes. @param path absolute */
  tune?(database: DatabaseSyncInstance, path: string): void;
  missing(name: string): Failure;
  empty(name: string): Failure;
  /** It is a database of another program. */
  foreign(name: string): Failure;
  /** It is no database. */
  other(name: string): Failure;
  damaged(name: string): Failure;
}
