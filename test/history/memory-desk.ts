import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';

/** A home with a history of its own, and runs that share it. */
export interface MemoryDesk {
  readonly home: string;
  readonly database: string;
  /** Runs a command line with no terminal, a key, and this home. */
  oai(argv: readonly string[], options?: FakeContextOptions): Promise<Run>;
  /** The same in the sandbox. @returns what it printed; a run that fails throws what it said */
  sandbox(...argv: readonly string[]): Promise<string>;
  /** Rows of the database, as it is. */
  rows(sql: string): Record<string, unknown>[];
}

export async function memoryDesk(): Promise<MemoryDesk> {
  const home = await temporaryFolder();
  const database = join(home, 'data', 'history.db');
  let now = Date.parse('2026-11-21T12:00:00Z');
  const run: MemoryDesk['oai'] = (argv, { env = {}, ...options } = {}) => {
    // Each run is a minute after the one before.
    now += 60_000;
    return oai(argv, {
      env: { OPENAI_API_KEY: 'sk-test-0123456789', OAI_HOME: home, ...env },
      clock: new FakeClock({ now }),
      ...options,
    });
  };
  return {
    home,
    database,
    oai: run,
    async sandbox(...argv) {
      const { code, stdout, stderr } = await run(argv, { env: { OAI_PROFILE: 'sandbox' } });
      if (code !== 0) throw new Error(`exit ${code}: ${stderr}`);
      return stdout;
    },
    rows(sql) {
      const opened = new DatabaseSync(database);
      try {
        return opened
          .prepare(sql)
          .all()
          .map((row) => ({ ...(row as object) }));
      } finally {
        opened.close();
      }
    },
  };
}
