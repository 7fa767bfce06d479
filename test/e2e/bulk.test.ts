import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

/** A chat server that says a prompt back, and counts how often it was asked for each. */
async function parrot(): Promise<{ url: string; asked: Map<string, number> }> {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      const prompt: string = JSON.parse(body).messages.at(-1).content;
      asked.set(prompt, (asked.get(prompt) ?? 0) + 1);
      const message = { role: 'assistant', content: `said ${prompt}`, refusal: null };
      const choices = [{ index: 0, finish_reason: 'stop', logprobs: null, message }];
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ id: 'x', object: 'chat.completion', created: 1, model: 'm', choices }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, asked };
}

const ROWS = 400;
const KILLS = 20;
const CONCURRENCY = 8;

describe('a job that is killed with -9, again and again', () => {
  it('ends with exactly the rows of one that is left alone', async () => {
    const cwd = await temporaryFolder();
    const rows = Array.from({ length: ROWS }, (_, index) => `row ${index + 1}`);
    await writeFile(join(cwd, 'rows.txt'), `${rows.join('\n')}\n`);
    const { url, asked } = await parrot();
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', OPENAI_BASE_URL: url };
    const argv = ['chat', '--each', '--input', 'rows.txt', '-m', 'm', '-j', String(CONCURRENCY)];
    const whole = await runBin([...argv, '-o', 'whole.jsonl'], { cwd, env });
    expect(whole).toMatchObject({ code: 0, stdout: 'whole.jsonl\n', stderr: '' });
    asked.clear();

    const goal = join(cwd, 'killed.jsonl');
    const linesIn = async () => (await readFile(goal, 'utf8').catch(() => '')).split('\n').length - 1;
    for (let kill = 1; kill <= KILLS; kill++) {
      const { child, done } = await start([...argv, '-o', 'killed.jsonl'], { cwd, env });
      // Each time a little later, wherever it is just then.
      const enough = Math.floor((ROWS * 0.8 * kill) / KILLS);
      await expect.poll(linesIn, { interval: 1, timeout: 20_000 }).toBeGreaterThanOrEqual(enough);
      child.kill('SIGKILL');
      await done;
    }
    const last = await runBin([...argv, '-o', 'killed.jsonl'], { cwd, env });
    expect(last).toMatchObject({ code: 0, stderr: '' });
    expect(await readFile(goal, 'utf8')).toBe(await readFile(join(cwd, 'whole.jsonl'), 'utf8'));
    // What was under way, or held back for order, is done again, and no more than that.
    const again = [...asked.values()].reduce((sum, times) => sum + times - 1, 0);
    expect(again).toBeLessThanOrEqual(4 * CONCURRENCY * KILLS);
  }, 120_000);
});

describe('a job that is interrupted', () => {
  it('leaves whole lines, and says that it can be gone on with', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'rows.txt'), 'a\nb\nc\n'.repeat(1000));
    const { url } = await parrot();
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', OPENAI_BASE_URL: url };
    const argv = ['chat', '--each', '--input', 'rows.txt', '-m', 'm', '-o', 'x.jsonl'];
    const { child, done } = await start(argv, { cwd, env });
    const text = () => readFile(join(cwd, 'x.jsonl'), 'utf8').catch(() => '');
    await expect
      .poll(async () => (await text()).length, { interval: 1, timeout: 20_000 })
      .toBeGreaterThan(1000);
    child.kill('SIGINT');
    expect(await done).toMatchObject({ code: 130 });
    const left = await text();
    expect(left.endsWith('\n')).toBe(true);
    const rows = left
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    // What was held back for its order is written, too: rows that were under way are missing before it.
    const ids = rows.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
    expect(rows.map(({ result }) => typeof result)).toEqual(rows.map(() => 'string'));
    expect(
      (
        await runBin(['chat', '--each', '--input', 'rows.txt', '-m', 'm', '-o', 'x.jsonl', '--limit', '1'], {
          cwd,
          env,
        })
      ).code,
    ).toBe(0);
  }, 60_000);
});

describe('a gate', () => {
  it('does not wait for its own output', async () => {
    const line = "printf 'I will kill you\\n' | oai moderate --each --fail-on-flagged -o /dev/stdout | cat";
    const { code, stdout, stderr } = await runShell(line, { env: { OAI_PROFILE: 'sandbox' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'oai: 1 row is flagged\n' });
    expect(JSON.parse(stdout)).toMatchObject({ id: 1, result: { flagged: true } });
  });
});

describe('storms', () => {
  it('of refusals and cut connections lose nothing and double nothing', async () => {
    const cwd = await temporaryFolder();
    const rows = Array.from({ length: 60 }, (_, index) => `row ${index + 1}`);
    await writeFile(join(cwd, 'rows.txt'), rows.join('\n'));
    const env = { OAI_PROFILE: 'sandbox', OAI_SANDBOX: '429x15,retry-after=20ms' };
    const { code } = await runBin(['chat', '--each', '--input', 'rows.txt', '-o', 'x.jsonl'], { cwd, env });
    expect(code).toBe(0);
    const lines = (await readFile(join(cwd, 'x.jsonl'), 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ id }) => id)).toEqual(rows.map((_, index) => index + 1));
    for (const { id, result } of lines) expect(result).toContain(`row ${id}`);
  }, 60_000);
});
