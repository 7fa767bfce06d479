import { describe, expect, it } from 'vitest';
import { runBin, start } from '../support/bin.ts';
import { authority, closedPort, connectProxy, testServer } from '../support/server.ts';

const KEY = 'sk-test-0123456789';

/** A server over TLS that has a model, and answers each question with `ok`. */
async function secureServer() {
  const server = await testServer({
    secure: true,
    listener: (request, response) => {
      if (request.method === 'GET') {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ object: 'list', data: [{ id: 'luna' }] }));
        return;
      }
      const event = { choices: [{ index: 0, delta: { content: 'ok' }, finish_reason: 'stop' }] };
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`);
    },
  });
  const env = {
    OPENAI_BASE_URL: `https://localhost:${server.port}/v1`,
    OPENAI_API_KEY: KEY,
    OAI_MODEL: 'luna',
  };
  return { ...server, env };
}

async function doctor(env: Record<string, string>) {
  const { code, stdout, stderr } = await runBin(['doctor', '--json'], { env });
  expect(stdout + stderr).not.toContain(KEY);
  const report = JSON.parse(stdout);
  const of = (check: string) => report.checks.filter((one: { check: string }) => one.check === check);
  return { code, report, of };
}

describe('oai doctor on a network', () => {
  it('says whose certificate it met, and how quick the first token is', async () => {
    const { env, requests } = await secureServer();
    const { code, of } = await doctor({ ...env, NODE_EXTRA_CA_CERTS: authority });
    expect(code).toBe(0);
    expect(of('tls')).toMatchObject([
      {
        status: expect.stringMatching(/ok|warning/),
        details: { protocol: 'TLSv1.3', issuer: expect.any(String) },
      },
    ]);
    expect(of('clock')).toMatchObject([{ status: 'ok' }]);
    expect(of('latency')[0].details.first_token_ms).toBeGreaterThanOrEqual(0);
    expect(requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/models',
      'POST /v1/chat/completions',
    ]);
  });

  it('says that a certificate is not trusted, and by whom it is issued', async () => {
    const { env, requests } = await secureServer();
    const { code, report, of } = await doctor(env);
    expect(code).toBe(11);
    expect(report.broken).toEqual(['tls']);
    expect(of('tls')[0].message).toMatch(/is not trusted .*: it is issued by /);
    expect(of('tls')[0].advice).toContain('NODE_EXTRA_CA_CERTS');
    // The key went nowhere.
    expect(requests).toEqual([]);
  });

  it('goes through a proxy, and says what one wants that answers 407', async () => {
    const { env, port } = await secureServer();
    const open = await connectProxy(port);
    const trusted = { ...env, NODE_EXTRA_CA_CERTS: authority };
    const through = await doctor({ ...trusted, HTTPS_PROXY: `http://127.0.0.1:${open.port}` });
    expect(through.code).toBe(0);
    expect(through.of('proxy')[0].details.proxy).toBe(`127.0.0.1:${open.port}`);
    expect(open.tunnels.length).toBeGreaterThan(0);
    const closed = await connectProxy(port, 407);
    const { code, report, of } = await doctor({
      ...trusted,
      HTTPS_PROXY: `http://me:secret@127.0.0.1:${closed.port}`,
    });
    expect(code).toBe(11);
    expect(report.broken).toEqual(['proxy']);
    expect(of('proxy').at(-1).message).toBe(
      `the proxy 127.0.0.1:${closed.port} refuses the connection (HTTP 407)`,
    );
    expect(of('proxy').at(-1).advice).toContain('user name and password');
    expect(JSON.stringify(report)).not.toContain('secret');
  });

  it('says that nothing listens at the base URL', async () => {
    const { report } = await doctor({ OPENAI_BASE_URL: `http://127.0.0.1:${await closedPort()}/v1` });
    expect(report.broken).toEqual(['server']);
  });

  it('gives up a server that says nothing, and can be interrupted', async () => {
    const { port } = await testServer({ listener: () => {} });
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1` };
    const limited = await runBin(['doctor', '--timeout', '300ms'], { env });
    expect(limited.code).toBe(11);
    expect(limited.stdout).toMatch(/^broken {2}server .*did not finish within 300ms$/m);
    const run = await start(['doctor'], { env });
    await run.shows('proxy');
    run.child.kill('SIGINT');
    expect((await run.done).code).toBe(130);
  });
});
