import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BinResult, node, startCommand } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';
import { authority, connectProxy, testServer } from '../support/server.ts';

/**
 * Downloads the URL that is its first word, as an answer of the API may name it. All names are at its second word.
 * Each Node brings a fetch of its own, to which the connections of a download are handed in.
 */
const PROGRAM = `
import { connect } from './src/api/client.ts';
import { download } from './src/api/download.ts';
import { systemContext } from './src/system.ts';
const [url, address] = process.argv.slice(2);
const context = systemContext(process);
connect({ retries: 0 }, context)
  .then((api) => download(url, api, context, { limit: 100000, typed: false }, async () => [{ address, family: 4 }]))
  .then(
    ({ bytes, type }) => [type, Buffer.from(bytes)].join(' '),
    (error) => [error.kind, error.message].join(' '),
  )
  // As the program itself does: a call's deadline would be waited for.
  .then((text) => process.stdout.write(text + '\\n', () => process.exit()));
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oai-download-'));
  await build({
    stdin: { contents: PROGRAM, resolveDir: join(import.meta.dirname, '..', '..'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    outfile: join(folder, 'download.cjs'),
    logLevel: 'error',
  });
});

afterAll(() => rm(folder, { recursive: true, force: true }));

async function downloads(
  url: string,
  env: Record<string, string>,
  address = '127.0.0.1',
): Promise<BinResult> {
  const cwd = await temporaryFolder();
  const run = await startCommand(node, [join(folder, 'download.cjs'), url, address], {
    cwd,
    env: { OPENAI_API_KEY: 'sk-test-0123456789', ...env },
  });
  return run.done;
}

const all = 'x'.repeat(300) + 'y'.repeat(300);

describe('a download', () => {
  it('goes to the address that was judged, and TLS to the name', async () => {
    const server = await testServer({
      secure: true,
      listener: (_, response) => response.setHeader('content-type', 'image/png').end('bytes'),
    });
    const env = { OPENAI_BASE_URL: `https://127.0.0.1:${server.port}/v1`, NODE_EXTRA_CA_CERTS: authority };
    expect(await downloads(`https://api.test:${server.port}/cat.png`, env)).toEqual({
      code: 0,
      stdout: 'image/png bytes\n',
      stderr: '',
    });
    expect(server.requests[0]?.headers).toMatchObject({ host: `api.test:${server.port}` });
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
    const { stdout } = await downloads(`https://other.test:${server.port}/cat.png`, env);
    expect(stdout).toMatch(/^network the TLS certificate of other\.test:\d+ is not trusted/);
  });

  it('goes through a proxy', async () => {
    const server = await testServer({ secure: true, listener: (_, response) => response.end('bytes') });
    const proxy = await connectProxy(server.port);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, NODE_EXTRA_CA_CERTS: authority };
    expect((await downloads('https://api.test/cat.png', env)).stdout).toBe(' bytes\n');
    expect(proxy.tunnels).toMatchObject([{ target: 'api.test:443' }]);
  });

  it('follows a redirect no further than it may', async () => {
    const server = await testServer({
      listener: (request, response) => {
        const [, to] = request.url?.split('?') ?? [];
        if (to === undefined) response.end('bytes');
        else response.writeHead(302, { location: to }).end();
      },
    });
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1` };
    const url = `http://127.0.0.1:${server.port}/`;
    expect((await downloads(`${url}?/cat.png`, env)).stdout).toBe(' bytes\n');
    expect((await downloads(`${url}?http://metadata.test/`, env, '169.254.169.254')).stdout).toBe(
      'network cannot download from metadata.test: it is at a link-local address (169.254.169.254)\n',
    );
  });

  it('is taken up again where its connection was lost', async () => {
    const server = await testServer({
      listener: (request, response) => {
        const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
        if (from === undefined) {
          response.writeHead(200, { 'content-length': all.length, 'content-type': 'image/png' });
          response.write(all.slice(0, 250), () => setImmediate(() => response.destroy()));
          return;
        }
        response.writeHead(206, { 'content-range': `bytes ${from}-599/600` });
        response.end(all.slice(Number(from)));
      },
    });
    const env = { OPENAI_BASE_URL: `http://127.0.0.1:${server.port}/v1` };
    expect((await downloads(`http://127.0.0.1:${server.port}/`, env)).stdout).toBe(`image/png ${all}\n`);
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([undefined, 'bytes=250-']);
  });
});
