import { describe, expect, it } from 'vitest';
import { runBin } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { realtimeServer, spokenTurn } from '../support/realtime-server.ts';
import { authority, closedPort, connectProxy } from '../support/server.ts';

const key = 'sk-test-0123456789';
const hello = ['speak', '--via', 'realtime', 'hello there', '-o', 'x.pcm', '--retries', '0'];

async function spoken(argv: readonly string[], env: Record<string, string>) {
  return runBin([...hello, ...argv], { env: { OPENAI_API_KEY: key, ...env }, cwd: await temporaryFolder() });
}

const turn = spokenTurn('ab', 'hello there');

describe('a WebSocket over TLS', () => {
  it('trusts the authority of NODE_EXTRA_CA_CERTS', async () => {
    const server = await realtimeServer([turn], { secure: true });
    const env = { NODE_EXTRA_CA_CERTS: authority };
    expect(await spoken(['--base-url', server.baseUrl], env)).toMatchObject({ code: 0, stderr: '' });
    expect(server.handshakes[0]?.headers.authorization).toBe(`Bearer ${key}`);
  });

  it('trusts no other: the key is not sent', async () => {
    const server = await realtimeServer([turn], { secure: true });
    const { code, stderr } = await spoken(['--base-url', server.baseUrl], {});
    expect(code).toBe(6);
    expect(stderr).toContain('the TLS certificate of localhost:');
    expect(server.handshakes).toEqual([]);
  });
});

describe('a WebSocket through a proxy', () => {
  const base = ['--base-url', 'https://api.test/v1'];

  it.each(['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY'])('is carried by CONNECT: %s', async (name) => {
    const server = await realtimeServer([turn], { secure: true });
    const proxy = await connectProxy(server.port);
    const env = { [name]: `http://maria:hu%20sh@127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: authority };
    expect(await spoken(base, env)).toMatchObject({ code: 0, stderr: '' });
    const authorization = `Basic ${Buffer.from('maria:hu sh').toString('base64')}`;
    expect(proxy.tunnels).toEqual([{ target: 'api.test:443', authorization }]);
    expect(server.handshakes[0]?.headers.authorization).toBe(`Bearer ${key}`);
    expect(server.handshakes[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  it('is carried to an address, too, whose certificate is looked at', async () => {
    const server = await realtimeServer([turn], { secure: true });
    const proxy = await connectProxy(server.port);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: authority };
    expect(await spoken(['--base-url', 'https://127.0.0.1/v1'], env)).toMatchObject({ code: 0, stderr: '' });
    const { code, stderr } = await spoken(['--base-url', 'https://127.0.0.2/v1'], env);
    expect(code).toBe(6);
    expect(stderr).toContain('the TLS certificate of 127.0.0.2');
    expect(server.handshakes).toHaveLength(1);
  });

  it('goes by HTTP_PROXY where it is not over TLS', async () => {
    const server = await realtimeServer([turn]);
    const proxy = await connectProxy(server.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await spoken(['--base-url', 'http://api.test/v1'], env)).toMatchObject({ code: 0, stderr: '' });
    expect(proxy.tunnels).toMatchObject([{ target: 'api.test:80', authorization: undefined }]);
  });

  it('goes past it for the hosts of NO_PROXY', async () => {
    const server = await realtimeServer([turn]);
    const proxy = await connectProxy(server.port);
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}`, NO_PROXY: '127.0.0.1' };
    expect(await spoken(['--base-url', server.baseUrl], env)).toMatchObject({ code: 0 });
    expect(proxy.tunnels).toEqual([]);
  });

  it.each([
    [407, 'refuses the connection (HTTP 407)'],
    [403, 'refuses the connection (HTTP 403)'],
  ])('tells of one that answers %i, without its password', async (status, words) => {
    const proxy = await connectProxy(1, status);
    const env = { HTTPS_PROXY: `http://maria:hush@127.0.0.1:${proxy.port}` };
    const { code, stderr } = await spoken([...base, '--verbose'], env);
    expect(code).toBe(6);
    expect(stderr).toContain(`oai: the proxy 127.0.0.1:${proxy.port} ${words}\n`);
    expect(stderr).not.toContain('hush');
  });

  it('tells of one that hangs up, says nothing or is not there', async () => {
    const hangsUp = await connectProxy(1, 0);
    const lost = await spoken(base, { HTTPS_PROXY: `http://127.0.0.1:${hangsUp.port}` });
    expect(lost).toMatchObject({ code: 6, stderr: expect.stringContaining('to the proxy 127.0.0.1:') });
    const silent = await connectProxy(1, -1);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${silent.port}` };
    expect(await spoken([...base, '--timeout', '300ms'], env)).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`within 300ms through the proxy 127.0.0.1:${silent.port}\n`),
    });
    const port = await closedPort();
    expect(await spoken(base, { HTTPS_PROXY: `http://127.0.0.1:${port}` })).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`oai: nothing listens at the proxy 127.0.0.1:${port}\n`),
    });
  });
});
