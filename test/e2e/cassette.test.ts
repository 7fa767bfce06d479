import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { connectProxy, testServer } from '../support/server.ts';

const key = 'sk-test-0123456789';

describe('a cassette', () => {
  it('is recorded from a server, and replayed when that is gone', async () => {
    const cwd = await temporaryFolder();
    const server = await testServer();
    const env = {
      OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`,
      OPENAI_API_KEY: key,
      OAI_RECORD: 'tapes',
    };
    expect(await runBin(['chat', 'hello'], { cwd, env })).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    expect(server.requests).toHaveLength(1);
    // Whatever is sent goes to this proxy, and is noticed.
    const proxy = await connectProxy(server.port);
    const replay = { OAI_REPLAY: 'tapes', HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    for (let run = 0; run < 2; run++) {
      expect(await runBin(['chat', 'hello'], { cwd, env: replay })).toEqual({
        code: 0,
        stdout: 'ok\n',
        stderr: '',
      });
    }
    expect(await runBin(['chat', 'other'], { cwd, env: replay })).toMatchObject({ code: 2, stdout: '' });
    expect({ tunnels: proxy.tunnels, requests: server.requests.length }).toEqual({
      tunnels: [],
      requests: 1,
    });
    const [name = ''] = await readdir(join(cwd, 'tapes'));
    expect(await readFile(join(cwd, 'tapes', name), 'utf8')).not.toContain(key);
  });

  it('is a whole script, its exit codes and all', async () => {
    const cwd = await temporaryFolder();
    const script = `
      oai speak "good morning" -o - --quiet > talk.mp3
      oai transcribe talk.mp3 | oai chat "shout it"
      printf 'a\\nb\\n' | oai chat --each "sum up"
      oai moderate --fail-on-flagged "I will kill you"; echo "exit $?"`;
    const recorded = await runShell(script, { cwd, env: { OAI_RECORD: 'tapes', OAI_PROFILE: 'sandbox' } });
    expect(recorded.stdout).toContain('good morning');
    expect(await runShell(script, { cwd, env: { OAI_REPLAY: 'tapes' } })).toEqual(recorded);
  });

  it('takes what several programs record at once', async () => {
    const cwd = await temporaryFolder();
    const prompts = ['a', 'b', 'c', 'same', 'same', 'same'];
    const runs = prompts.map((prompt) => runBin(['chat', '--sandbox', prompt, '--record', 'tapes'], { cwd }));
    for (const run of await Promise.all(runs)) expect(run).toMatchObject({ code: 0, stderr: '' });
    const names = await readdir(join(cwd, 'tapes'));
    expect(names.filter((name) => /^chat-completions-[0-9a-f]{12}\.json$/.test(name))).toHaveLength(4);
    expect(names).toHaveLength(4);
    for (const prompt of new Set(prompts)) {
      expect(await runBin(['chat', prompt, '--replay', 'tapes'], { cwd })).toMatchObject({
        code: 0,
        stdout: `You said: ${prompt}\n`,
      });
    }
  });

  it('has nothing of what was stopped, and nothing half written', async () => {
    const cwd = await temporaryFolder();
    const server = await testServer({
      listener: (_, response) => {
        response.writeHead(200, { 'content-type': 'audio/mpeg' });
        response.write(Buffer.alloc(50_000, 1));
      },
    });
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`, OPENAI_API_KEY: key };
    const run = await start(['speak', 'hello', '-o', '-', '--record', 'tapes', '--verbose'], { cwd, env });
    await run.complains('< 200');
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
    expect(await readdir(join(cwd, 'tapes')).catch(() => [])).toEqual([]);
  });
});

describe('the cache', () => {
  it('is no failure in a home where nothing can be made', async () => {
    for (const HOME of ['/proc', '/nonexistent/home']) {
      const { code, stdout } = await runBin(['chat', '--sandbox', 'hello', '--cache'], { env: { HOME } });
      expect({ HOME, code, stdout }).toEqual({ HOME, code: 0, stdout: 'You said: hello\n' });
    }
  });

  it('takes what several programs write at once, and leaves nothing half written', async () => {
    const home = await temporaryFolder();
    const ask = () => runBin(['chat', '--sandbox', 'hello', '--cache'], { env: { HOME: home } });
    for (const run of await Promise.all([ask(), ask(), ask(), ask()])) {
      expect(run).toEqual({ code: 0, stdout: 'You said: hello\n', stderr: '' });
    }
    const names = await readdir(join(home, '.cache/oai/answers'));
    expect(names.filter((name) => name !== '.pruned')).toEqual([
      expect.stringMatching(/^[0-9a-f]{64}\.json$/),
    ]);
    // A sandbox that fails shows that it is not asked.
    const env = { HOME: home, OAI_SANDBOX: 'fault=500x9' };
    expect((await runBin(['chat', '--sandbox', 'hello', '--retries', '0'], { env })).code).toBe(6);
    expect(await runBin(['chat', '--sandbox', 'hello', '--cache'], { env })).toMatchObject({
      code: 0,
      stdout: 'You said: hello\n',
    });
  });
});
