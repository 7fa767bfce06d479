import type { DatabaseSyncInstance } from '@photostructure/sqlite';

/** Keeps all that is written in it, or nothing. Whoever else writes waits meanwhile. */
export function inTransaction<T>(database: DatabaseSyncInstance, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}
