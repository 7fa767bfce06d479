import { createHash } from 'node:crypto';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freshEnvironment, runBin, runShell, type Started, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';

const MB = 1024 ** 2;

/** The most memory that a process has had, in bytes; told while it lives. */
async function peakOf({ child, done }: Started): Promise<number> {
  let peak = 0;
  let isOver = false;
  void done.then(() => {
    isOver = true;
  });
  while (!isOver) {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? peak / 1024) * 1024;
    } catch {
      // It has just ended.
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return peak;
}

/** The sandbox over HTTP, in a process of its own, and the environment to ask it. */
async function server(faults = '') {
  const env = await freshEnvironment();
  const { shows } = await start(['sandbox', '--port', '0'], { env: { ...env, OAI_SANDBOX: faults } });
  const [url = ''] = /http:\S+/.exec(await shows('/v1')) ?? [];
  const HOME = env['HOME'] ?? '';
  return { ...env, HOME, OPENAI_BASE_URL: url, OPENAI_API_KEY: 'sk-test-0123456789' };
}

/** A file of so many bytes, most of which take no room on the disk; each part of it is another. */
async function sparseFile(path: string, bytes: number): Promise<string> {
  const handle = await open(path, 'wx');
  await handle.truncate(bytes);
  for (let at = 5 * MB; at < bytes; at += 8 * MB) await handle.write(`here is byte ${at}`, at);
  await handle.close();
  const hash = createHash('md5');
  for await (const piece of createReadStream(path, { highWaterMark: MB })) hash.update(piece);
  return hash.digest('hex');
}

/** The parts that are written down as sent. */
async function partsIn(home: string): Promise<number> {
  const folder = join(home, '.cache', 'oai', 'uploads');
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => '')));
  return texts.join('').match(/partId/g)?.length ?? 0;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 10));
}

describe('a large upload', () => {
  it.runIf(existsSync('/proc/self/status'))(
    'of 600 MB is killed and resumed, takes little memory, and arrives as it was',
    async () => {
      const cwd = await temporaryFolder();
      const md5 = await sparseFile(join(cwd, 'big.bin'), 600 * MB);
      const env = await server();
      const argv = ['files', 'upload', 'big.bin', '--json', '--verbose'];
      const killed = await start(argv, { cwd, env });
      const killedPeak = peakOf(killed);
      await until(async () => (await partsIn(env.HOME)) >= 8);
      killed.child.kill('SIGKILL');
      expect(await killed.done).toMatchObject({ code: 'SIGKILL', stdout: '' });
      const before = await partsIn(env.HOME);
      const resumed = await start(argv, { cwd, env });
      const peak = Math.max(await peakOf(resumed), await killedPeak);
      const { code, stdout, stderr } = await resumed.done;
      expect({ code, stderr: stderr.includes(`going on with big.bin: ${before} of 38 parts`) }).toEqual({
        code: 0,
        stderr: true,
      });
      // The server compares this sum with that of the bytes that it has.
      expect(stderr).toContain(`the MD5 checksum of big.bin is ${md5}`);
      expect(stderr.match(/> POST \S+\/parts\n/g) ?? []).toHaveLength(38 - before);
      expect(JSON.parse(stdout)).toMatchObject({ bytes: 600 * MB, filename: 'big.bin' });
      expect(peak).toBeGreaterThan(20 * MB);
      expect(peak).toBeLessThan(150 * MB);
    },
    60_000,
  );

  it('shows how far it is, and tells how to go on after Ctrl-C', async () => {
    const cwd = await temporaryFolder();
    await sparseFile(join(cwd, 'big.bin'), 40 * MB);
    const env = await server('delay=150ms');
    const argv = ['files', 'upload', 'big.bin', '--part-size', '1m'];
    const screen = await onTerminal(argv, { cwd, env });
    await screen.shows(' of 40 MB');
    await until(async () => (await partsIn(env.HOME)) >= 4);
    await screen.shows('█');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    await screen.shows('parts are sent; within 60 min the same command');
    const rest = await runBin(argv, { cwd, env });
    expect(rest).toMatchObject({ code: 0, stdout: expect.stringMatching(/^file-\w+\n$/) });
    expect(rest.stderr).toMatch(/^oai: going on with big\.bin: \d+ of 40 parts were sent before\n$/);
  }, 60_000);
});

describe('files', () => {
  it('come from a pipe of the shell, and go there and back', async () => {
    const cwd = await temporaryFolder();
    const env = await server();
    const row = JSON.stringify({ messages: [{ role: 'assistant', content: 'hi' }] });
    await writeFile(join(cwd, 'a.jsonl'), `${row}\n`);
    const line =
      'mkfifo p.jsonl; cat a.jsonl > p.jsonl & id=$(oai files upload p.jsonl --purpose fine-tune) && oai files content $id | cmp - a.jsonl && oai files get $id | grep -o p.jsonl';
    expect(await runShell(line, { cwd, env })).toEqual({ code: 0, stdout: 'p.jsonl\n', stderr: '' });
    // As `<(…)`, whose name is a number: the API takes rows by their name.
    const rows =
      'mkfifo 63; cat a.jsonl > 63 & oai files upload 63 --purpose fine-tune --json | grep -o "63[.a-z]*.,.purpose"';
    expect(await runShell(rows, { cwd, env })).toMatchObject({ code: 0, stdout: '63.jsonl","purpose\n' });
  });

  it('are deleted when a person says so, and not otherwise', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.txt'), 'hello');
    const env = await server();
    const id = (await runBin(['files', 'upload', 'a.txt'], { cwd, env })).stdout.trim();
    for (const [answer, left] of [
      ['n', 1],
      ['y', 0],
    ] as const) {
      const screen = await onTerminal(['files', 'delete', id], { cwd, env });
      await screen.shows('cannot be had back');
      screen.type(answer);
      screen.press('Enter');
      expect(await screen.done).toBe(0);
      const { stdout } = await runBin(['files', 'list'], { cwd, env });
      expect(stdout.split('\n').filter(Boolean)).toHaveLength(left);
    }
  });

  it('end quietly where the reader of a pipe goes away', async () => {
    const cwd = await temporaryFolder();
    await sparseFile(join(cwd, 'a.bin'), 20 * MB);
    const env = await server();
    const line =
      'id=$(oai files upload a.bin --purpose fine-tune --no-lint) && { oai files content $id; echo "exit $?" >&2; } | head -c 4 | wc -c';
    const { stdout, stderr } = await runShell(line, { cwd, env });
    expect([stdout.trim(), stderr]).toEqual(['4', 'exit 0\n']);
  });
});
