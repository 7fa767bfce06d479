import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

const COUNT = 300;

/** A folder of 300 files, of which one is broken, and a sandbox that answers each request after a while. */
async function desk(faults = '') {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, 'notes'));
  const numbers = Array.from({ length: COUNT - 1 }, (_, at) => at);
  await Promise.all(
    numbers.map((at) => writeFile(join(cwd, 'notes', `n${at}.md`), `Note ${at} is about subject${at}.`)),
  );
  await writeFile(join(cwd, 'notes', 'broken.pdf'), 'This is no PDF.');
  const server = await start(['sandbox', '--port', '0', '--json'], { env: { OAI_SANDBOX: faults } });
  const { url } = JSON.parse(await server.shows('"}'));
  const home = await temporaryFolder();
  const env = { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any', OAI_HOME: home };
  const { stdout } = await runBin(['vector-store', 'create', '--name', 'docs'], { env });
  return { cwd, env, id: stdout.trim(), server };
}

async function linesOf(
  argv: readonly string[],
  env: Record<string, string>,
): Promise<{ [name: string]: unknown }[]> {
  const { stdout } = await runBin(argv, { env });
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

const add = ['vector-store', 'add', 'docs', 'notes'];

describe('a folder of 300 files, one of them broken', () => {
  it('is in a store, without the broken one, which is named; the store is searched', async () => {
    const { cwd, env } = await desk();
    const { code, stdout, stderr } = await runBin(add, { cwd, env });
    expect(code).toBe(9);
    expect(stdout.split('\n')).toHaveLength(COUNT);
    expect(stderr).toContain(
      'oai: notes/broken.pdf: The file could not be parsed because it is corrupted.\n',
    );
    expect(stderr).toContain('oai: docs: 299 added\noai: 1 of 300 files failed\n');
    const [store] = await linesOf(['vector-store', 'get', 'docs'], env);
    expect(store?.['file_counts']).toMatchObject({ completed: 299, failed: 1, total: 300 });
    const [best] = await linesOf(['vector-store', 'search', 'docs', 'what is about subject217?'], env);
    expect(best).toMatchObject({ file: 'notes/n217.md', text: 'Note 217 is about subject217.' });
    const failed = await linesOf(['vector-store', 'files', 'docs', '--status', 'failed'], env);
    expect(failed.map(({ file }) => file)).toEqual(['notes/broken.pdf']);
    const answer = await runBin(['respond', 'tell of subject42', '--file-search', String(store?.['id'])], {
      env,
    });
    expect(answer.stdout).toContain('In n42.md: “Note 42 is about subject42.”');
  });

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)(
    'is gone on with where %s has cut the run, and nothing is doubled',
    { timeout: 120_000 },
    async (signal) => {
      const { cwd, env } = await desk('delay=25ms');
      const first = await start([...add, '-j', '2'], { cwd, env });
      // A hundred files are in the store, and others are uploaded.
      await onceHaving(100, env);
      first.child.kill(signal);
      const { stderr } = await first.done;
      expect(stderr).toContain('stopped or killed, the same command goes on');
      if (signal !== 'SIGKILL') expect(stderr).toContain('files are gone through; the same command goes on');
      const before = await filesIn(env);
      expect(before).toBeGreaterThan(0);
      expect(before).toBeLessThan(COUNT);
      expect((await runBin([...add, '-j', '16'], { cwd, env })).code).toBe(9);
      const files = await linesOf(['vector-store', 'files', 'docs'], env);
      expect(new Set(files.map(({ file }) => file)).size).toBe(COUNT);
      expect(files).toHaveLength(COUNT);
      // Nor is anything uploaded twice.
      expect(await linesOf(['files', 'list', '--purpose', 'assistants'], env)).toHaveLength(COUNT);
    },
  );

  it('can be left while it is indexed, and waited for again', { timeout: 120_000 }, async () => {
    const { cwd, env } = await desk('slow-index=1000');
    const first = await start(add, { cwd, env });
    await onceHaving(COUNT, env);
    first.child.kill('SIGINT');
    const { code, stderr } = await first.done;
    expect(code).toBe(130);
    expect(stderr).toContain('it goes on by itself: the same command waits for it');
    expect(stderr).toContain('`oai vector-store files docs` shows it');
  });
});

/** Waits until the store has so many files. */
async function onceHaving(count: number, env: Record<string, string>): Promise<void> {
  while ((await filesIn(env)) < count) {
    // Asked again.
  }
}

async function filesIn(env: Record<string, string>): Promise<number> {
  const { stdout } = await runBin(['vector-store', 'list', '--json'], { env });
  const [store]: { file_counts: { total: number } }[] = JSON.parse(stdout);
  return store?.file_counts.total ?? 0;
}

it('deleting asks a person, who has to say yes', async () => {
  const { env, id } = await desk();
  const hasty = await onTerminal(['vector-store', 'delete', 'docs'], { env });
  await hasty.shows('Delete docs?');
  hasty.press('Enter');
  expect(await hasty.done).toBe(0);
  expect((await runBin(['vector-store', 'get', id], { env })).code).toBe(0);
  const sure = await onTerminal(['vector-store', 'delete', 'docs'], { env });
  await sure.shows('Delete docs?');
  sure.type('y');
  sure.press('Enter');
  expect(await sure.done).toBe(0);
  expect((await runBin(['vector-store', 'get', id], { env })).code).toBe(4);
});

it('the way is shown on a terminal, and then what was found', async () => {
  const { cwd, env } = await desk('delay=20ms');
  const screen = await onTerminal(add, { cwd, env });
  await screen.shows('of 300 files');
  await screen.shows('docs: 299 added');
  expect(await screen.done).toBe(9);
  const found = await onTerminal(['vector-store', 'search', 'docs', 'subject7', '-k', '1'], { cwd, env });
  await found.shows('notes/n7.md');
  expect(await found.done).toBe(0);
});
