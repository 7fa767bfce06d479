import { execFileSync } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { onTerminal } from '../support/pty.ts';
import { testServer } from '../support/server.ts';

/** A server that lists one model to whoever has the right key. */
function keyedServer(key: string) {
  return testServer({
    listener: (request, response) => {
      const allowed = request.headers.authorization === `Bearer ${key}`;
      const error = {
        message: 'Incorrect API key provided.',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      };
      response.writeHead(allowed ? 200 : 401, { 'content-type': 'application/json' });
      response.end(JSON.stringify(allowed ? { object: 'list', data: [] } : { error }));
    },
  });
}

describe('oai config init', () => {
  it('asks for a key, tries it, keeps it in a file of its own, and never shows it', async () => {
    const server = await keyedServer('sk-right');
    const home = await temporaryFolder();
    const env = { HOME: home, OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1` };
    const screen = await onTerminal(['config', 'init'], { env });
    await screen.shows('? Where does the key');
    screen.press('Down');
    screen.press('Enter');
    await screen.shows('? The key');
    screen.type('sk-wrong');
    screen.press('Enter');
    await screen.shows('Incorrect API key provided');
    screen.press('Enter');
    await screen.shows('? Where does the key');
    screen.press('Down');
    screen.press('Enter');
    await screen.shows('? The key');
    screen.type('sk-right');
    screen.press('Enter');
    expect(await screen.done).toBe(0);

    expect(screen.raw()).not.toMatch(/sk-(right|wrong)/);
    expect(server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/models',
      'GET /v1/models',
    ]);
    const folder = join(home, '.config', 'oai');
    expect(await readFile(join(folder, 'config.toml'), 'utf8')).toBe(
      '[profiles.openai]\nkey_file = "openai.key"\n',
    );
    expect(await readFile(join(folder, 'openai.key'), 'utf8')).toBe('sk-right\n');
    for (const name of ['config.toml', 'openai.key']) {
      expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    }
    expect(await runBin(['chat', 'hello', '--retries', '0'], { env })).toMatchObject({ code: 6 });
    expect(server.requests.at(-1)?.headers.authorization).toBe('Bearer sk-right');
  });

  it('writes nothing after Ctrl-C', async () => {
    const home = await temporaryFolder();
    const screen = await onTerminal(['config', 'init'], { env: { HOME: home } });
    await screen.shows('? Where does the key');
    screen.press('Ctrl-C');
    expect(await screen.done).toBe(130);
    await expect(stat(join(home, '.config'))).rejects.toThrow('ENOENT');
  });

  it('needs a terminal', async () => {
    const { code, stdout, stderr } = await runBin(['config', 'init']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^oai: .*terminal.*\n/);
  });
});

describe('oai config', () => {
  it('does not wait for somebody to write into a pipe in the place of config.toml', async () => {
    const home = await temporaryFolder();
    execFileSync('mkfifo', [join(home, 'config.toml')]);
    const { code, stderr } = await runBin(['config', 'list'], { env: { OAI_HOME: home } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: `oai: cannot read ${join(home, 'config.toml')}: it is a pipe\n`,
    });
  });
});
