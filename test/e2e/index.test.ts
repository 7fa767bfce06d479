import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { runBin, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

const COUNT = 1000;

/** A folder with so many short texts that they need four requests. */
async function desk(): Promise<string> {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 't'));
  const texts = Array.from({ length: COUNT }, (_, at) => at);
  await Promise.all(texts.map((at) => writeFile(join(cwd, 't', `${at}.txt`), `text number ${at}`)));
  return cwd;
}

const slow = { OAI_PROFILE: 'sandbox', OAI_SANDBOX: 'delay=300ms' };
const quick = { OAI_PROFILE: 'sandbox' };
const add = ['index', 'add', 't', '--db', 'n.db', '--dimensions', '32'];

/** The texts of an index that is as SQLite wants it, each with its vector. */
function texts(cwd: string): number {
  const database = new DatabaseSync(join(cwd, 'n.db'));
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    const sql =
      'SELECT count(*) AS n FROM files JOIN chunks ON file = files.id JOIN vectors ON chunk = chunks.id';
    const count = Number(database.prepare(sql).get()?.n);
    expect(database.prepare('SELECT count(*) AS n FROM files').get()).toEqual({ n: count });
    return count;
  } finally {
    database.close();
  }
}

describe('a run that adds', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'leaves a good index when %s ends it, and goes on',
    async (signal) => {
      const cwd = await desk();
      const first = await start([...add, '-j', '1'], { cwd, env: slow });
      await first.shows('t/0.txt');
      first.child.kill(signal);
      const { code, stdout } = await first.done;
      expect(code).toBe(signal === 'SIGINT' ? 130 : signal);
      const done = texts(cwd);
      expect(done).toBeGreaterThan(0);
      expect(done).toBeLessThan(COUNT);
      // What was told was done.
      expect(stdout.trimEnd().split('\n').length).toBeLessThanOrEqual(done);
      const search = await runBin(['index', 'search', 'text number 0', '--db', 'n.db', '-k', '1'], {
        cwd,
        env: quick,
      });
      expect(JSON.parse(search.stdout)).toMatchObject({ path: 't/0.txt', from: 1, to: 1 });
      const again = await runBin(add, { cwd, env: quick });
      expect(again.stderr).toContain(`${COUNT - done} texts indexed, ${done} unchanged`);
      expect(texts(cwd)).toBe(COUNT);
    },
  );

  it('may run beside another on the same index', async () => {
    const cwd = await desk();
    const runs = await Promise.all([1, 2, 3].map(() => runBin(add, { cwd, env: quick })));
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      runs.map(() => ({ code: 0, stderr: expect.stringContaining('indexed') })),
    );
    expect(texts(cwd)).toBe(COUNT);
  });
});
