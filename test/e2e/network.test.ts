import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runBin, runShell, start } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { authority, closedPort, connectProxy, greetingServer, testServer } from '../support/server.ts';

const key = 'sk-test-0123456789';
const chat = ['chat', 'hello', '--retries', '0'];

describe('a server over HTTP', () => {
  it('gets the request and the key', async () => {
    const server = await testServer();
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`, OPENAI_API_KEY: key };
    expect(await runBin(chat, { env })).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    expect(server.requests).toMatchObject([
      { method: 'POST', path: '/v1/chat/completions', headers: { authorization: `Bearer ${key}` } },
    ]);
    expect(JSON.parse(server.requests[0]?.body ?? '')).toMatchObject({
      messages: [{ role: 'user', content: 'hello' }],
    });
  });

  it('gets the same request from the curl command of --dry-run', async () => {
    const server = await testServer();
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`, OPENAI_API_KEY: key };
    const words = `"it's \\"quoted\\" \\$HOME \\\\n" --header 'X-Odd: a'\\''b'`;
    expect(await runShell(`oai chat ${words}`, { env })).toMatchObject({ code: 0, stdout: 'ok\n' });
    expect(await runShell(`eval "$(oai chat --dry-run ${words})" > /dev/null`, { env })).toMatchObject({
      code: 0,
    });
    const [direct, replayed] = server.requests;
    expect(JSON.parse(replayed?.body ?? '')).toEqual(JSON.parse(direct?.body ?? ''));
    for (const name of ['authorization', 'content-type', 'x-odd']) {
      expect(replayed?.headers[name]).toBe(direct?.headers[name]);
    }
    expect(direct?.headers['x-odd']).toBe("a'b");
  });

  it('cannot send the key on to another address', async () => {
    const other = await testServer();
    const server = await testServer({
      listener: (_, response) => {
        response.writeHead(307, { location: `http://127.0.0.1:${other.port}/v1/chat/completions` }).end();
      },
    });
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1`, OPENAI_API_KEY: key };
    const { code, stderr } = await runBin(chat, { env });
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('redirects to another address'),
    });
    expect(other.requests).toEqual([]);
  });

  it('gets no key when its address came from .env and the key did not', async () => {
    const server = await testServer();
    const url = `http://127.0.0.1:${server.port}/v1`;
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), `OPENAI_BASE_URL=${url}\n`);
    const { code, stderr } = await runBin(chat, { cwd, env: { OPENAI_API_KEY: key } });
    expect(code).toBe(3);
    expect(stderr).toMatch(/^oai: .*\.env.*\n {5}.*allow_base_urls.*\n$/);
    expect(stderr).not.toContain(key);
    expect(server.requests).toEqual([]);
    await writeFile(join(cwd, '.env'), `OPENAI_BASE_URL=${url}\nOPENAI_API_KEY=sk-of-the-project\n`);
    expect(await runBin(chat, { cwd })).toMatchObject({ code: 0, stdout: 'ok\n' });
    expect(server.requests[0]?.headers.authorization).toBe('Bearer sk-of-the-project');
  });

  it('is not there', async () => {
    const port = await closedPort();
    expect(await runBin([...chat, '--base-url', `http://127.0.0.1:${port}/v1`])).toMatchObject({
      code: 6,
      stderr: `oai: nothing listens at 127.0.0.1:${port}\n`,
    });
  });

  it('does not speak HTTP, or sits at a port that fetch does not connect to', async () => {
    const port = await greetingServer('SSH-2.0-OpenSSH_9.6\r\n');
    expect(await runBin([...chat, '--base-url', `http://127.0.0.1:${port}/v1`])).toMatchObject({
      code: 6,
      stderr: `oai: 127.0.0.1:${port} does not speak HTTP\n`,
    });
    expect(await runBin(['chat', 'hello', '--base-url', 'http://127.0.0.1:6000/v1'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('this port belongs to another protocol'),
    });
  });

  it('hangs up in the middle: what came is printed', async () => {
    const server = await testServer({
      listener: (_, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream', 'content-length': '100000' });
        const chunk = { choices: [{ index: 0, delta: { content: 'so far' }, finish_reason: null }] };
        response.write(`data: ${JSON.stringify(chunk)}\n\n`, () => response.destroy());
      },
    });
    expect(await runBin([...chat, '--base-url', `http://127.0.0.1:${server.port}/v1`])).toMatchObject({
      code: 6,
      stdout: 'so far\n',
      stderr: `oai: the connection to 127.0.0.1:${server.port} was lost\n`,
    });
  });
});

describe('the sandbox over HTTP', () => {
  it('serves other programs until it is stopped', async () => {
    const server = await start(['sandbox', '--port', '0']);
    const url = (await server.shows('\n')).trim();
    expect(await runBin(['chat', '--base-url', url, 'hello'])).toEqual({
      code: 0,
      stdout: 'You said: hello\n',
      stderr: '',
    });
    server.child.kill('SIGINT');
    expect((await server.done).code).toBe(130);
  });
});

describe('TLS', () => {
  it('is refused from an authority that nobody trusts', async () => {
    const server = await testServer({ secure: true });
    const { code, stderr } = await runBin([...chat, '--base-url', `https://localhost:${server.port}/v1`]);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^oai: the TLS certificate of localhost:\d+ is not trusted \(\w+\)\n {5}.*NODE_EXTRA_CA_CERTS/,
    );
    expect(server.requests).toEqual([]);
  });

  it('is taken from the authority of NODE_EXTRA_CA_CERTS', async () => {
    const server = await testServer({ secure: true });
    const env = { NODE_EXTRA_CA_CERTS: authority };
    expect(await runBin([...chat, '--base-url', `https://localhost:${server.port}/v1`], { env })).toEqual({
      code: 0,
      stdout: 'ok\n',
      stderr: '',
    });
  });

  it('is told from its absence', async () => {
    const server = await testServer();
    const { code, stderr } = await runBin([...chat, '--base-url', `https://localhost:${server.port}/v1`]);
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('does not speak TLS'),
    });
  });
});

describe('a proxy', () => {
  /** A name that no name server knows: what arrives came through the proxy. */
  const base = ['--base-url', 'https://api.test/v1'];

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('carries https through CONNECT: %s', async (name) => {
    const server = await testServer({ secure: true });
    const proxy = await connectProxy(server.port);
    const env = {
      [name]: `http://maria:hush@127.0.0.1:${proxy.port}`,
      NODE_EXTRA_CA_CERTS: authority,
      OPENAI_API_KEY: key,
    };
    expect(await runBin([...chat, ...base], { env })).toEqual({ code: 0, stdout: 'ok\n', stderr: '' });
    expect(proxy.tunnels).toEqual([
      { target: 'api.test:443', authorization: `Basic ${Buffer.from('maria:hush').toString('base64')}` },
    ]);
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${key}`);
  });

  it('carries http as well', async () => {
    const server = await testServer();
    const proxy = await connectProxy(server.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, OPENAI_API_KEY: key };
    expect(await runBin([...chat, '--base-url', 'http://api.test/v1'], { env })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
    });
    expect(proxy.tunnels).toMatchObject([{ target: 'api.test:80' }]);
  });

  it('is not used for the hosts of NO_PROXY', async () => {
    const server = await testServer();
    const proxy = await connectProxy(server.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.1' };
    const direct = ['--base-url', `http://127.0.0.1:${server.port}/v1`];
    expect(await runBin([...chat, ...direct], { env })).toMatchObject({ code: 0, stdout: 'ok\n' });
    expect(proxy.tunnels).toEqual([]);
  });

  it('for http is not one for https', async () => {
    const server = await testServer({ secure: true });
    const proxy = await connectProxy(server.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: authority };
    const direct = ['--base-url', `https://localhost:${server.port}/v1`];
    expect(await runBin([...chat, ...direct], { env })).toMatchObject({ code: 0, stdout: 'ok\n' });
    expect(proxy.tunnels).toEqual([]);
  });

  it('that refuses is named, without its password', async () => {
    const proxy = await connectProxy(1, 407);
    const env = { HTTPS_PROXY: `http://maria:hush@127.0.0.1:${proxy.port}`, OPENAI_API_KEY: key };
    const { code, stderr } = await runBin([...chat, ...base, '--verbose'], { env });
    expect(code).toBe(6);
    expect(stderr).toContain(`oai: the proxy 127.0.0.1:${proxy.port} refuses the connection (HTTP 407)\n`);
    expect(stderr).not.toContain('hush');
  });

  it('that hangs up is told at once, and not asked without end', async () => {
    const proxy = await connectProxy(1, 0);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, OPENAI_API_KEY: key };
    expect(await runBin(['chat', 'hello', ...base], { env })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`oai: the connection to the proxy 127.0.0.1:${proxy.port} was lost\n`),
    });
    expect(proxy.tunnels).toHaveLength(1);
  });

  it('that says nothing is named when the time is up', async () => {
    const proxy = await connectProxy(1, -1);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, OPENAI_API_KEY: key };
    expect(await runBin([...chat, ...base, '--timeout', '300ms'], { env })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(
        `oai: api.test did not finish within 300ms through the proxy 127.0.0.1:${proxy.port}\n`,
      ),
    });
  });

  it('that is not there is told apart from the host behind it', async () => {
    const port = await closedPort();
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}`, OPENAI_API_KEY: key };
    expect(await runBin([...chat, ...base], { env })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`oai: nothing listens at the proxy 127.0.0.1:${port}\n`),
    });
  });

  it('that is no URL is refused by name', async () => {
    for (const value of ['nowhere', 'socks5://127.0.0.1:1']) {
      const { code, stderr } = await runBin(chat, { env: { HTTPS_PROXY: value, OPENAI_API_KEY: key } });
      expect({ code, stderr }).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('the proxy in HTTPS_PROXY is no'),
      });
    }
  });
});
