import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { rowsOf } from '../sandbox/ask-finetune.ts';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

/** A folder with examples, and a sandbox that remembers. */
async function place(faults = '') {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'train.jsonl'), rowsOf(12));
  const server = await start(['sandbox', '--port', '0', '--json'], { env: { OAI_SANDBOX: faults } });
  const { url } = JSON.parse(await server.shows('"}'));
  return { cwd, env: { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' } };
}

const CREATE = ['finetune', 'create', 'train.jsonl', '-m', 'gpt-4o-mini'];

describe('a job that is followed by a process', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)(
    'is left with %s, and gone on with: every event once, and the model answers',
    async (signal) => {
      const where = await place();
      const following = await start([...CREATE, '--follow'], where);
      await following.shows('Fine-tuning job started');
      following.child.kill(signal);
      const { code, stdout, stderr } = await following.done;
      expect(code).toBe(signal === 'SIGINT' ? 130 : 143);
      const way = /it goes on by itself: oai (finetune events .*)\n/.exec(stderr)?.[1]?.split(' ') ?? [];
      const id = way[2] ?? '';
      const rest = await runBin(way, where);
      expect(rest.code).toBe(0);
      const whole = await runBin(['finetune', 'events', id], where);
      expect(stdout + rest.stdout).toBe(whole.stdout);
      const model = /oai chat -m (\S+)/.exec(rest.stderr)?.[1] ?? '';
      expect(await runBin(['chat', '-m', model, 'hello'], where)).toMatchObject({
        code: 0,
        stdout: 'You said: hello\n',
      });
    },
  );

  it('ends with the reader of its events', async () => {
    const where = await place();
    const line = 'oai finetune create train.jsonl -m gpt-4o-mini --follow | head -2 | wc -l';
    expect(await runShell(line, where)).toMatchObject({ code: 0, stdout: '2\n' });
  });

  it('that fails ends with its error and exit 4', async () => {
    const where = await place('finetune=fail');
    const { code, stdout, stderr } = await runBin([...CREATE, '--wait'], where);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/oai: ftjob-\w+ failed: The job failed due to an internal error/);
  });

  it('is replayed from what was recorded, with no server and no waiting', async () => {
    const where = await place();
    const recorded = await runBin([...CREATE, '--follow', '--record', 'tape'], where);
    expect(recorded.code).toBe(0);
    const { code, stdout } = await runBin([...CREATE, '--follow', '--replay', 'tape'], { cwd: where.cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: recorded.stdout });
  });

  it('is watched on a terminal: what happens, and the curve', async () => {
    const where = await place();
    const screen = await onTerminal([...CREATE, '--follow'], where);
    expect(await screen.done).toBe(0);
    const text = screen.lines().join('\n');
    expect(text).toContain('The job has successfully completed');
    expect(text.match(/━ loss by step/g)).toHaveLength(1);
    expect(text).toMatch(/oai: the model is ft:gpt-4o-mini-2024-07-18:sandbox::/);
  });
});

it('does not change the examples', async () => {
  const where = await place();
  await runBin([...CREATE], where);
  expect(await readFile(join(where.cwd, 'train.jsonl'), 'utf8')).toBe(rowsOf(12));
});
