import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

const ROWS = 1000;

const line = (at: number) =>
  JSON.stringify({
    custom_id: `row-${at}`,
    method: 'POST',
    url: '/v1/chat/completions',
    body: { model: 'gpt-6-luna', messages: [{ role: 'user', content: `word ${at}` }] },
  });

const ids = Array.from({ length: ROWS }, (_, at) => `row-${at + 1}`);

/** A folder with requests, and a sandbox that remembers. @param faults of the sandbox */
async function desk(faults = '') {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'in.jsonl'), ids.map((_, at) => `${line(at + 1)}\n`).join(''));
  const server = await start(['sandbox', '--port', '0', '--json'], { env: { OAI_SANDBOX: faults } });
  const { url } = JSON.parse(await server.shows('"}'));
  const env = { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  const read = async (name: string) => (await readFile(join(cwd, name), 'utf8')).trimEnd().split('\n');
  return {
    cwd,
    env,
    run: (argv: readonly string[]) => runBin(['batch', ...argv], { cwd, env }),
    ids: async (name: string) => (await read(name)).map((text) => JSON.parse(text).custom_id),
    batches: async () => (await runBin(['batch', 'list'], { cwd, env })).stdout.split('\n').length - 1,
  };
}

const WAIT = ['create', 'in.jsonl', '--wait', '-o', 'out.jsonl'];
const QUICK = [...WAIT, '--poll', '20ms'];

/** The stages of a run, by what `--verbose` says when each has begun. */
const STAGES = [
  ['the upload', '/v1/files\n', QUICK],
  ['the beginning', '/v1/batches\n', QUICK],
  ['the wait', '/v1/batches/batch_', [...WAIT, '--poll', '1h']],
  ['the download', '/content\n', QUICK],
] as const;

describe('a batch of 1,000 rows', () => {
  it('goes through file, batch and results, those that failed and expired among them: exit 9', async () => {
    const { run, ids: idsIn, cwd } = await desk('batch-failed=7,batch-expired=5,batch-looks=3');
    const { code, stdout, stderr } = await run(QUICK);
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'out.jsonl\n' });
    expect(stderr).toContain('988 of 1000 rows are done; 7 failed');
    expect(stderr).toContain('5 expired (row-996, row-997, row-998, row-999, row-1000)');
    expect(await idsIn('out.jsonl')).toEqual(ids);
    expect((await readdir(cwd)).sort()).toEqual(['in.jsonl', 'out.jsonl']);
  });

  it.each(STAGES)(
    'is interrupted during %s, and the same command goes on: one batch, all rows',
    async (_, sign, argv) => {
      const { cwd, env, run, ids: idsIn, batches } = await desk('delay=150ms');
      const { child, done, complains } = await start(['batch', ...argv, '--verbose'], { cwd, env });
      await complains(sign);
      child.kill('SIGINT');
      expect(await done).toMatchObject({ code: 130, stdout: '' });
      const left = await readdir(cwd);
      expect(left.filter((name) => !['in.jsonl', 'out.jsonl.batch'].includes(name))).toEqual([]);
      expect(await run(QUICK)).toMatchObject({ code: 0, stdout: 'out.jsonl\n' });
      expect(await idsIn('out.jsonl')).toEqual(ids);
      expect(await batches()).toBe(1);
    },
  );

  it('is killed with -9 in each of its stages, one after the other, and nothing is begun twice', async () => {
    const { cwd, env, run, ids: idsIn, batches } = await desk('delay=100ms');
    for (const [, sign, argv] of STAGES) {
      const { child, done, complains } = await start(['batch', ...argv, '--verbose'], { cwd, env });
      await complains(sign);
      child.kill('SIGKILL');
      await done;
    }
    expect(await run(QUICK)).toMatchObject({ code: 0, stdout: 'out.jsonl\n' });
    expect(await idsIn('out.jsonl')).toEqual(ids);
    expect(await batches()).toBe(1);
    expect((await readdir(cwd)).sort()).toEqual(['in.jsonl', 'out.jsonl']);
  });

  it('is terminated, and collected by the command that was told', async () => {
    const { cwd, env, run, ids: idsIn } = await desk();
    const { child, done, complains } = await start(['batch', ...WAIT, '--poll', '1h'], { cwd, env });
    await complains('Ctrl-C leaves it running');
    child.kill('SIGTERM');
    const { code, stderr } = await done;
    expect(code).toBe(143);
    const [, command = ''] = /it goes on by itself: oai batch (.+)/.exec(stderr) ?? [];
    expect(await run([...command.split(' '), '--poll', '20ms'])).toMatchObject({ code: 0 });
    expect(await idsIn('out.jsonl')).toEqual(ids);
  });
});

it('a wait on a terminal shows the rows, and Ctrl-C leaves the batch running', async () => {
  const { cwd, env, run } = await desk('batch-looks=1000');
  const created = await run(['create', 'in.jsonl']);
  const id = created.stdout.trim();
  const wait = await onTerminal(['batch', 'wait', id, '--poll', '100ms'], { cwd, env });
  await wait.shows('in progress · ░░░░░░░░░░░░ ');
  wait.press('Ctrl-C');
  expect(await wait.done).toBe(130);
  expect(wait.lines().join('')).toContain(`oai: it goes on by itself: oai batch wait ${id}`);
  expect((await run(['get', id])).stdout).toContain('"in_progress"');
});
