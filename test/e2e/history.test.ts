import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { chatChunk } from '../support/api.ts';
import { runBin, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';
import { testServer } from '../support/server.ts';

/** Rows of a history that is as SQLite wants it. */
function rows(home: string, sql: string): Record<string, unknown>[] {
  const database = new DatabaseSync(join(home, 'data', 'history.db'));
  try {
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    expect(database.prepare('PRAGMA foreign_key_check').all()).toEqual([]);
    return database
      .prepare(sql)
      .all()
      .map((row) => ({ ...(row as object) }));
  } finally {
    database.close();
  }
}

const quick = (home: string) => ({ OAI_HOME: home, OAI_PROFILE: 'sandbox' });
const slow = (home: string) => ({ ...quick(home), OAI_SANDBOX: 'delay=20s' });

/** At the same time. */
const AT_ONCE = 12;

describe('many runs at the same time', () => {
  const many = Array.from({ length: AT_ONCE }, (_, at) => `question ${at}`);

  it('lose nothing, and make one database', async () => {
    const home = await temporaryFolder();
    const runs = await Promise.all(
      many.map((question) => runBin(['chat', '--history', question], { env: quick(home) })),
    );
    expect(runs.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      many.map(() => ({ code: 0, stderr: '' })),
    );
    const kept = rows(home, 'SELECT text FROM messages WHERE is_answer = 0').map(({ text }) => text);
    expect(kept.sort()).toEqual([...many].sort());
    expect(rows(home, "SELECT count(*) AS n FROM exchanges WHERE state = 'answered'")).toEqual([
      { n: AT_ONCE },
    ]);
    expect(rows(home, 'SELECT count(*) AS n FROM conversations')).toEqual([{ n: AT_ONCE }]);
  });

  it('may go into one conversation', async () => {
    const home = await temporaryFolder();
    const runs = await Promise.all(
      many.map((question) =>
        runBin(['chat', '--conversation', 'x', '--create', question], { env: quick(home) }),
      ),
    );
    expect(runs.map(({ code }) => code)).toEqual(many.map(() => 0));
    expect(rows(home, 'SELECT name FROM conversations')).toEqual([{ name: 'x' }]);
    expect(rows(home, 'SELECT count(*) AS n FROM threads')).toEqual([{ n: AT_ONCE }]);
  });
});

describe('a run that is ended in the middle', () => {
  it.each(['SIGKILL', 'SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'by %s: its question is kept, and -c asks it again',
    async (signal) => {
      const home = await temporaryFolder();
      const run = await start(['chat', '--history', '--verbose', 'the question'], { env: slow(home) });
      await run.complains('POST');
      run.child.kill(signal);
      await run.done;
      const state = signal === 'SIGKILL' ? 'asked' : 'failed';
      expect(rows(home, 'SELECT state FROM exchanges')).toEqual([{ state }]);
      const shown = await runBin(['history', 'show'], { env: quick(home) });
      expect(shown.stdout).toContain('## user\n\nthe question\n');
      const again = await runBin(['chat', '-c'], { env: quick(home) });
      expect(again).toMatchObject({ code: 0, stdout: 'You said: the question\n' });
    },
  );

  it('keeps what came of its answer', async () => {
    const home = await temporaryFolder();
    const { port } = await testServer({
      listener: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`data: ${JSON.stringify(chatChunk({ content: 'It was a' }))}\n\n`);
      },
    });
    const words = ['chat', '--history', '--base-url', `http://127.0.0.1:${port}/v1`, 'tell'];
    const run = await start(words, { env: { OAI_HOME: home } });
    await run.shows('It was a');
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    const sql =
      'SELECT state, text FROM messages JOIN exchanges ON exchanges.number = exchange WHERE is_answer = 1';
    expect(rows(home, sql)).toEqual([{ state: 'cut', text: 'It was a' }]);
  });
});

describe('at a terminal', () => {
  it('what is said is kept, and gone on with', async () => {
    const home = await temporaryFolder();
    const first = await onTerminal(['chat', 'hello'], { env: quick(home) });
    expect(await first.done).toBe(0);
    const second = await onTerminal(['chat', '-c', 'and more'], { env: quick(home) });
    expect(await second.done).toBe(0);
    expect(second.lines().join('\n')).toMatch(
      /going on with "hello" \([0-9a-f]{10}\): 1 exchange with sandbox, the last/,
    );
    expect(rows(home, 'SELECT count(*) AS n FROM conversations')).toEqual([{ n: 1 }]);
  });

  it('is asked before anything is deleted; Enter says no', async () => {
    const home = await temporaryFolder();
    await runBin(['chat', '--conversation', 'a', '--create', 'hello'], { env: quick(home) });
    const no = await onTerminal(['history', 'delete', 'a'], { env: quick(home) });
    await no.shows('Delete conversation');
    no.press('Enter');
    expect(await no.done).toBe(0);
    expect(no.lines().join('\n')).toContain('nothing was deleted');
    const yes = await onTerminal(['history', 'delete', 'a'], { env: quick(home) });
    await yes.shows('Delete conversation');
    yes.type('y');
    yes.press('Enter');
    expect(await yes.done).toBe(0);
    expect(rows(home, 'SELECT * FROM conversations')).toEqual([]);
  });
});

describe('with no terminal', () => {
  it('nothing is written where nobody asked for history', async () => {
    const home = await temporaryFolder();
    await runBin(['chat', 'hello'], { env: quick(home) });
    expect(readdirSync(home)).toEqual([]);
  });
});

describe('a home on which nothing can be written', () => {
  it.each(['/proc', '/proc/nope'])('is one warning, and the answer: %s', async (home) => {
    const env = { OAI_HOME: home, OAI_PROFILE: 'sandbox', OAI_HISTORY: '1' };
    const { code, stdout, stderr } = await runBin(['chat', 'hello'], { env });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: hello\n' });
    expect(stderr).toMatch(/^oai: this exchange is not kept: cannot make the folder of .+\n$/);
    expect(stderr).toContain(`${home}/data/history.db: `);
  });
});
