import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { databaseFailure } from '../database/database-failure.ts';
import { openDatabase } from '../database/open-database.ts';
import { inTransaction } from '../database/transaction.ts';
import { reasonOf, usageError } from '../errors.ts';
import { makeFolders } from '../output/folders.ts';
import { Attachments } from './attachments.ts';
import { HISTORY } from './form.ts';
import type { HistoryPlace } from './place.ts';

/** A value that a statement takes. */
export type Value = string | number | null;

/** The database of conversations. Every method throws a Failure (usage) where it cannot be used. */
export class HistoryStore {
  readonly #database: DatabaseSyncInstance;
  readonly #name: string;
  readonly #statements = new Map<string, ReturnType<DatabaseSyncInstance['prepare']>>();
  readonly attachments: Attachments;

  private constructor(database: DatabaseSyncInstance, place: HistoryPlace) {
    this.#database = database;
    this.#name = place.name;
    this.attachments = new Attachments(place.attachments);
  }

  /** Makes the database where it is to be written and there is none. @throws Failure (usage) */
  static async open(place: HistoryPlace, access: 'read' | 'write'): Promise<HistoryStore> {
    if (access === 'write') await makeFolder(place);
    return new HistoryStore(await openDatabase(place.database, place.name, access, HISTORY), place);
  }

  get<Row>(sql: string, ...values: readonly Value[]): Row | undefined {
    return this.#guard(() => this.#statement(sql).get(...values) as Row | undefined);
  }

  all<Row>(sql: string, ...values: readonly Value[]): Row[] {
    return this.#guard(() => this.#statement(sql).all(...values) as unknown as Row[]);
  }

  /** Rows as lists of their columns: of thousands of rows, half of the time is spent on names. */
  lists(sql: string, ...values: readonly Value[]): Value[][] {
    return this.#guard(() => {
      const statement = this.#statement(sql);
      statement.setReturnArrays(true);
      return statement.all(...values) as unknown as Value[][];
    });
  }

  /** @returns how many rows it changed, and the number of the one that it inserted */
  run(sql: string, ...values: readonly Value[]): { readonly changes: number; readonly inserted: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#statement(sql).run(...values);
      return { changes: Number(changes), inserted: Number(lastInsertRowid) };
    });
  }

  /** Statements without values. */
  exec(sql: string): void {
    this.#guard(() => this.#database.exec(sql));
  }

  /** Keeps all that is written in it, or nothing; nobody else writes meanwhile. */
  together<T>(work: () => T): T {
    return this.#guard(() => inTransaction(this.#database, work));
  }

  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string) {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseFailure(error, this.#name, HISTORY);
    }
  }
}

async function makeFolder({ folder, name }: HistoryPlace): Promise<void> {
  try {
    await makeFolders(folder, 0o700);
  } catch (error) {
    throw usageError(`cannot make the folder of ${name}: ${reasonOf(error)}`, undefined, error);
  }
}
