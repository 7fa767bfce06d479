import type { LookupAddress } from 'node:dns';
import type { RequestListener } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Api, connect } from '../../src/api/client.ts';
import { type DownloadOptions, type DownloadSink, download } from '../../src/api/download.ts';
import type { Resolve } from '../../src/api/reach.ts';
import { Stopped } from '../../src/errors.ts';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { connectionError, stubApi } from '../support/api.ts';
import {
  CapturedOutput,
  FakeClock,
  type FakeContext,
  type FakeContextOptions,
  fakeContext,
} from '../support/context.ts';
import { settle } from '../support/oai.ts';
import { closedPort, connectProxy, rawServer, testServer } from '../support/server.ts';

const KEY = 'sk-test-0123456789';
const PUBLIC = '93.184.216.34';
const LINK = 'https://files.test/cat.png?sig=hush-hush-hush';

/** A resolver that knows these names; what it was asked is in `asked`. */
function names(known: Readonly<Record<string, readonly string[]>>): Resolve & { readonly asked: string[] } {
  const asked: string[] = [];
  const resolve = async (name: string): Promise<LookupAddress[]> => {
    asked.push(name);
    const addresses = known[name];
    if (addresses === undefined)
      throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
    return addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  };
  return Object.assign(resolve, { asked });
}

interface Given extends FakeContextOptions {
  readonly base?: string;
  readonly flags?: GlobalOptions;
  readonly resolve?: Resolve;
  readonly options?: Partial<DownloadOptions>;
}

interface Run {
  readonly context: FakeContext;
  readonly api: Api;
  /** The bytes as Latin-1, or how it failed. */
  readonly done: Promise<string | Error>;
}

async function begin(url: string, given: Given): Promise<Run> {
  const { base = 'https://api.test/v1', flags = {}, resolve, options } = given;
  const context = fakeContext({
    ...given,
    env: { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: base, ...given.env },
  });
  if (flags.verbose === true) context.verbosity = 'verbose';
  const api = await connect({ retries: 0, ...flags }, context);
  const done = download(
    url,
    api,
    context,
    { limit: 1000, typed: false, ...options },
    resolve ?? names({ 'files.test': [PUBLIC], 'api.test': [PUBLIC] }),
  ).then(
    ({ bytes }) => Buffer.from(bytes).toString('latin1'),
    (error: Error) => error,
  );
  return { context, api, done };
}

async function fetched(url: string, given: Given): Promise<string | Error> {
  return (await begin(url, given)).done;
}

function image(body: string | ReadableStream, headers: Record<string, string> = {}, status = 200): Response {
  return new Response(body, { status, headers: { 'content-type': 'image/png', ...headers } });
}

function redirect(location: string, status = 302): Response {
  return new Response(null, { status, headers: { location } });
}

/** A body that gives these pieces and then breaks, or stays silent. */
function breaking(pieces: readonly string[], then: 'break' | 'stall' = 'break'): ReadableStream {
  const left = [...pieces];
  return new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece !== undefined) controller.enqueue(Buffer.from(piece));
      else if (then === 'break') controller.error(connectionError('ECONNRESET'));
      else return new Promise(() => {});
      return undefined;
    },
  });
}

/** A server on loopback, and how to download from it through a name. */
async function wire(listener: RequestListener, secure = false) {
  const server = await testServer({ listener, secure });
  const base = `http://127.0.0.1:${server.port}/v1`;
  return { server, base, fetch: globalThis.fetch, origin: `http://127.0.0.1:${server.port}` };
}

describe('a file that an answer names by URL', () => {
  it('comes with its type, and its server is told no more than it must', async () => {
    const { fetch, requests } = stubApi(image('PNG…', { 'content-type': 'Image/PNG; q=1' }));
    const context = fakeContext({ fetch, env: { OPENAI_API_KEY: KEY } });
    const api = await connect({ header: ['X-Mine: 1'] }, context);
    const resolve = names({ 'files.test': [PUBLIC] });
    const { bytes, type } = await download(LINK, api, context, { limit: 9, typed: false }, resolve);
    expect([Buffer.from(bytes).toString(), type]).toEqual(['PNG…', 'image/png']);
    expect(requests.map(({ method, url }) => [method, url])).toEqual([['GET', LINK]]);
    expect([...(requests[0]?.headers.keys() ?? [])].sort()).toEqual([
      'accept',
      'accept-encoding',
      'user-agent',
    ]);
    expect(requests[0]?.headers.get('accept-encoding')).toBe('identity');
  });

  it('comes over the wire, by the one lookup of its name', async () => {
    const { server, base, fetch } = await wire((_, response) => response.end('bytes'));
    const lookups: string[] = [];
    // A name server that gives a good address first and then another: only the first is ever asked for.
    const resolve: Resolve = async (name) => {
      lookups.push(name);
      return [{ address: lookups.length === 1 ? '127.0.0.1' : '169.254.169.254', family: 4 }];
    };
    const url = `http://files.test:${server.port}/cat.png?sig=hush`;
    expect(await fetched(url, { base, fetch, resolve })).toBe('bytes');
    expect(lookups).toEqual(['files.test']);
    expect(server.requests).toMatchObject([
      {
        method: 'GET',
        path: '/cat.png?sig=hush',
        headers: { host: `files.test:${server.port}`, accept: '*/*' },
      },
    ]);
    const { headers } = server.requests[0] ?? {};
    expect(headers?.['user-agent']).toMatch(/^oai\//);
    for (const name of ['authorization', 'cookie', 'openai-organization', 'referer']) {
      expect(headers).not.toHaveProperty(name);
    }
    expect(JSON.stringify(headers)).not.toContain(KEY);
  });

  it('comes from whichever of its addresses answers', async () => {
    const { server, base, fetch } = await wire((_, response) => response.end('bytes'));
    const resolve = names({ 'files.test': ['::1', '127.0.0.1'] });
    expect(await fetched(`http://files.test:${server.port}/`, { base, fetch, resolve })).toBe('bytes');
  });

  it('may be in the URL itself', async () => {
    expect(await fetched('data:image/png;base64,aGVsbG8=', {})).toBe('hello');
    expect(await fetched('data:image/png;base64,aGVsbG8=', { options: { limit: 4 } })).toMatchObject({
      kind: 'network',
      message: expect.stringContaining('5 bytes are more than the 4 bytes'),
    });
  });

  it('comes from the sandbox in the sandbox, whatever its host', async () => {
    const { done, context } = await begin('https://sandbox.invalid/v1/models', {
      env: { OAI_SANDBOX: 'fault=429x1' },
      clock: new FakeClock({ leap: true }),
      flags: { sandbox: true, retries: 1 },
      options: { limit: 100_000 },
    });
    expect(await done).toContain('"object":"list"');
    expect(context.clock.delays).toContain(1000);
  });

  it('is not asked for in a dry run of the sandbox, which has nothing to ask', async () => {
    const flags = { sandbox: true, dryRun: true };
    expect(await fetched('https://sandbox.invalid/v1/models', { flags })).toMatchObject({
      kind: 'usage',
      message: 'a dry run of the sandbox downloads nothing',
    });
  });
});

describe('the URL of an answer', () => {
  it.each([
    ['http://files.test/', 'it is named by a plain http URL, whose answer anybody on the way can change'],
    ['https://maria:hush@files.test/', 'the URL holds a user name or password'],
    ['ftp://files.test/', 'ftp: is neither https: nor http:'],
    ['https://127.0.0.1/', 'it is at a loopback address (127.0.0.1)'],
    ['https://2130706433/', 'it is at a loopback address (127.0.0.1)'],
    ['https://0x7f.1/', 'it is at a loopback address (127.0.0.1)'],
    ['https://0/', 'it is at a loopback address (0.0.0.0)'],
    ['https://[::1]/', 'it is at a loopback address (::1)'],
    ['https://[::ffff:127.0.0.1]/', 'it is at a loopback address (::ffff:7f00:1)'],
    ['https://[64:ff9b::10.1.2.3]/', 'it is at a private address (64:ff9b::a01:203)'],
    ['https://10.1.2.3/', 'it is at a private address (10.1.2.3)'],
    ['https://100.64.0.1/', 'it is at a private address (100.64.0.1)'],
    ['https://[fd00::1]/', 'it is at a private address (fd00::1)'],
    ['https://169.254.169.254/latest/', 'it is at a link-local address (169.254.169.254)'],
    ['https://[fe80::1]/', 'it is at a link-local address (fe80::1)'],
    ['https://224.0.0.1/', 'it is at an address that is reserved (224.0.0.1)'],
    ['https://mixed.test/', 'it is at a private address (192.168.0.9)'],
    ['https://inside.test/', 'it is at a private address (::ffff:10.0.0.1)'],
  ])('is refused: %s', async (url, reason) => {
    const resolve = names({
      'files.test': [PUBLIC],
      'api.test': [PUBLIC],
      'mixed.test': [PUBLIC, '192.168.0.9'],
      'inside.test': ['::ffff:10.0.0.1'],
    });
    // With retries: a refusal is final.
    const flags = { retries: 3 };
    expect(await fetched(url, { resolve, flags })).toMatchObject({
      kind: 'network',
      message: `cannot download from ${new URL(url).host}: ${reason}`,
    });
  });

  it('is none at all', async () => {
    expect(await fetched('cat.png', {})).toMatchObject({
      kind: 'network',
      message: 'the address to download from is no URL',
    });
  });

  it.each<[string, string, readonly string[], string, boolean]>([
    ['this machine', 'http://127.0.0.1:8080/v1', [], 'http://127.0.0.1:9090/', true],
    ['this machine by name', 'http://gateway.test/v1', ['127.0.0.1', '::1'], 'http://[::1]/', true],
    ['this machine, for its network', 'http://127.0.0.1:8080/v1', [], 'http://192.168.0.9/', true],
    ['this machine, for link-local ones', 'http://127.0.0.1/v1', [], 'http://169.254.169.254/', false],
    ['a private network', 'http://gateway.test/v1', ['10.0.0.1'], 'http://192.168.0.9/', true],
    [
      'a private network, for this machine',
      'http://gateway.test/v1',
      ['10.0.0.1'],
      'http://127.0.0.1/',
      false,
    ],
    ['a link-local wire', 'http://169.254.1.1/v1', [], 'http://169.254.1.2/', true],
    [
      'reserved for a proxy that gives names its own',
      'https://api.test/v1',
      ['198.18.0.7'],
      'https://198.18.0.8/',
      true,
    ],
    ['a name that is not known', 'https://lost.test/v1', [], 'https://10.0.0.1/', false],
    ['https, for plain http', 'https://127.0.0.1/v1', [], 'http://127.0.0.1/', false],
  ])('may be where the API itself is: %s', async (_, base, addresses, url, allowed) => {
    const { fetch } = allowed ? stubApi(image('bytes')) : stubApi();
    const host = new URL(base).hostname;
    const resolve = names(addresses.length === 0 ? {} : { [host]: addresses });
    const result = await fetched(url, { base, resolve, fetch });
    if (allowed) expect(result).toBe('bytes');
    else
      expect(result).toMatchObject({
        kind: 'network',
        message: expect.stringContaining('cannot download from'),
      });
  });
});

describe('a URL that the user typed', () => {
  const options = { typed: true };

  it.each([
    'http://files.test/',
    'http://10.0.0.1/',
    'http://127.0.0.1:1234/',
    'https://[fd00::1]/',
    'http://fake.test/',
  ])('may be %s', async (url) => {
    const resolve = names({ 'files.test': [PUBLIC], 'fake.test': ['198.18.0.7'] });
    expect(await fetched(url, { resolve, options, fetch: stubApi(image('bytes')).fetch })).toBe('bytes');
  });

  it.each([
    ['http://169.254.169.254/latest/meta-data', 'it is at a link-local address (169.254.169.254)'],
    ['http://metadata.test/', 'it is at a link-local address (169.254.169.254)'],
    ['https://[fe80::1]/', 'it is at a link-local address (fe80::1)'],
    ['https://maria:hush@files.test/', 'the URL holds a user name or password'],
    ['file:///etc/passwd', 'file: is neither https: nor http:'],
  ])('cannot be %s', async (url, reason) => {
    const resolve = names({ 'metadata.test': [PUBLIC, '169.254.169.254'] });
    const failure = await fetched(url, { resolve, options, base: 'http://169.254.1.1/v1' });
    expect(failure).toMatchObject({ kind: 'usage', message: expect.stringContaining(reason) });
    expect(String(failure)).not.toContain('hush');
  });

  it('is no URL: that is told without showing it', async () => {
    const failure = await fetched('https://[hush/', { options });
    expect(failure).toMatchObject({ kind: 'usage', message: 'the address to download from is no URL' });
  });
});

describe('a server that hangs up', () => {
  const CHUNK = 64 * 1024;
  const body = (size: number) =>
    Buffer.from(Array.from({ length: 251 }, (_, at) => at))
      .toString('latin1')
      .repeat(Math.ceil(size / 251))
      .slice(0, size);
  const chunked = (text: string) => `${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`;

  /** A sink that takes nothing until the server has hung up, and then a piece in each turn. */
  function slowSink(hungUp: Promise<void>) {
    const pieces: Uint8Array[] = [];
    const into: DownloadSink = {
      async restart() {
        pieces.length = 0;
      },
      async write(piece) {
        if (pieces.length === 0) await hungUp;
        await settle(2);
        pieces.push(piece);
      },
    };
    return { into, taken: () => Buffer.concat(pieces).toString('latin1') };
  }

  it.each<[string, number, (text: string) => string]>([
    [
      'HTTP/1.0, with a length',
      300_000,
      (text) => `HTTP/1.0 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ],
    [
      'HTTP/1.0, of exactly one piece',
      CHUNK,
      (text) => `HTTP/1.0 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ],
    ['HTTP/1.0, with no length', 300_000, (text) => `HTTP/1.0 200 OK\r\n\r\n${text}`],
    [
      'HTTP/1.1 that says so',
      300_000,
      (text) => `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ],
    [
      'HTTP/1.1 that does not',
      300_000,
      (text) => `HTTP/1.1 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ],
    [
      'HTTP/1.1, in chunks',
      300_000,
      (text) => `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${chunked(text)}`,
    ],
    [
      'more than there is room for, with a length',
      20_000_000,
      (text) => `HTTP/1.0 200 OK\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
    ],
    ['more than there is room for, with no length', 20_000_000, (text) => `HTTP/1.0 200 OK\r\n\r\n${text}`],
  ])('has sent all of it: %s', async (_, size, answer) => {
    const text = body(size);
    const server = await rawServer((socket) => socket.end(Buffer.from(answer(text), 'latin1')));
    // A file that there is no room for is not all sent before it is taken.
    const { into, taken } = slowSink(size > 1_000_000 ? wait(100) : server.hungUp);
    const { done } = await begin(`http://127.0.0.1:${server.port}/`, {
      fetch: globalThis.fetch,
      options: { typed: true, limit: 1e9, into },
    });
    expect(await done).toBe('');
    expect(taken() === text).toBe(true);
    expect(server.connections()).toBe(1);
  });

  it.each([300_000, 20_000_000])(
    'in the middle of %i bytes is asked once more, and told of',
    async (size) => {
      const server = await rawServer((socket) =>
        socket.end(
          Buffer.concat([
            Buffer.from(`HTTP/1.0 200 OK\r\ncontent-length: ${size + 1}\r\n\r\n`),
            Buffer.alloc(size),
          ]),
        ),
      );
      const { into } = slowSink(wait(100));
      const { done } = await begin(`http://127.0.0.1:${server.port}/`, {
        fetch: globalThis.fetch,
        options: { typed: true, limit: 1e9, into },
      });
      expect(await done).toMatchObject({
        kind: 'network',
        message: expect.stringContaining('broke off after'),
      });
      expect(server.connections()).toBe(2);
    },
  );
});

describe('a redirect', () => {
  it('is followed, each hop without a key, and relative ones too', async () => {
    const { fetch, requests } = stubApi(
      redirect('https://cdn.test/a/b'),
      redirect('../c?x=1', 301),
      redirect('/d', 307),
      redirect('e', 308),
      redirect('//files.test/f', 303),
      image('bytes'),
    );
    const resolve = names({ 'files.test': [PUBLIC], 'cdn.test': [PUBLIC] });
    expect(await fetched(LINK, { fetch, resolve })).toBe('bytes');
    expect(requests.map(({ url }) => url)).toEqual([
      LINK,
      'https://cdn.test/a/b',
      'https://cdn.test/c?x=1',
      'https://cdn.test/d',
      'https://cdn.test/e',
      'https://files.test/f',
    ]);
    expect(requests.some(({ headers }) => headers.has('authorization'))).toBe(false);
  });

  it('too many lead nowhere', async () => {
    const { fetch } = stubApi(...Array.from({ length: 6 }, () => redirect(LINK)));
    expect(await fetched(LINK, { fetch })).toMatchObject({
      kind: 'network',
      message: 'cannot download from files.test: it redirects more than 5 times',
    });
  });

  it.each([
    ['https://192.168.0.9/', false, 'it is at a private address (192.168.0.9)'],
    ['https://169.254.169.254/', false, 'it is at a link-local address (169.254.169.254)'],
    [
      'http://files.test/',
      false,
      'it is named by a plain http URL, whose answer anybody on the way can change',
    ],
    ['file:///etc/passwd', false, 'file: is neither https: nor http:'],
    ['data:image/png;base64,aGk=', false, 'data: is neither https: nor http:'],
    ['https://192.168.0.9/', true, 'it is at a private address (192.168.0.9)'],
    ['http://127.0.0.1:6379/', true, 'it is at a loopback address (127.0.0.1)'],
    ['https://169.254.169.254/', true, 'it is at a link-local address (169.254.169.254)'],
  ])('to %s (typed: %s) is judged as the first URL', async (location, typed, reason) => {
    const { fetch } = stubApi(redirect(location));
    expect(await fetched(LINK, { fetch, options: { typed } })).toMatchObject({
      kind: 'network',
      message: expect.stringContaining(reason),
      hint: 'files.test redirects there',
    });
  });

  it('to what is no URL is refused', async () => {
    const { fetch } = stubApi(redirect('https://[/'));
    expect(await fetched(LINK, { fetch })).toMatchObject({
      message: 'cannot download from files.test: it redirects to what is no URL',
    });
  });

  it('within the network of a typed URL is followed', async () => {
    const { fetch } = stubApi(redirect('http://10.0.0.2/'), image('bytes'));
    expect(await fetched('http://10.0.0.1/', { fetch, options: { typed: true } })).toBe('bytes');
  });

  it('from a typed URL of a network to the internet and back is not', async () => {
    const { fetch } = stubApi(redirect('https://files.test/'), redirect('http://10.0.0.1/'));
    expect(await fetched('http://10.0.0.1/', { fetch, options: { typed: true } })).toMatchObject({
      message: 'cannot download from 10.0.0.1: it is at a private address (10.0.0.1)',
    });
  });

  it('is judged on the wire too', async () => {
    const inside = await testServer();
    const { origin, base, fetch, server } = await wire((_, response) => {
      response.writeHead(302, { location: `http://inside.test:${inside.port}/` }).end();
    });
    const resolve = names({ 'inside.test': ['169.254.169.254'] });
    expect(await fetched(`${origin}/`, { base, fetch, resolve })).toMatchObject({
      message: expect.stringContaining('link-local'),
    });
    expect([server.requests.length, inside.requests.length]).toEqual([1, 0]);
  });
});

describe('an answer', () => {
  it.each([
    [403, 'the link has expired or is wrong (HTTP 403)'],
    [404, 'the link has expired or is wrong (HTTP 404)'],
    [410, 'the link has expired or is wrong (HTTP 410)'],
    [401, 'it answered HTTP 401'],
    [418, 'it answered HTTP 418'],
    [304, 'it answered HTTP 304'],
    [302, 'it answered HTTP 302'],
    [204, 'it answered HTTP 204'],
  ])('with status %d is none', async (status, reason) => {
    const { fetch } = stubApi(new Response(null, { status }));
    expect(await fetched(LINK, { fetch, flags: { retries: 2 } })).toMatchObject({
      kind: 'network',
      message: `cannot download from files.test: ${reason}`,
    });
  });

  it('that gives a part without being asked for one is none', async () => {
    const { fetch } = stubApi(image('bytes', { 'content-range': 'bytes 0-4/9' }, 206));
    expect(await fetched(LINK, { fetch })).toMatchObject({ message: expect.stringContaining('HTTP 206') });
  });

  it('that is a web page is none', async () => {
    const { fetch } = stubApi(image('<html>', { 'content-type': 'text/html; charset=utf-8' }));
    expect(await fetched(LINK, { fetch })).toMatchObject({
      kind: 'network',
      message: 'cannot download from files.test: it sent a web page, not the file',
    });
  });

  it.each([
    ['body', () => image('')],
    ['stream', () => new Response(null, { headers: { 'content-type': 'image/png' } })],
  ])('with no %s is none', async (_, answer) => {
    expect(await fetched(LINK, { fetch: stubApi(answer()).fetch })).toMatchObject({
      message: 'cannot download from files.test: it sent an empty file',
    });
  });

  it.each<[number, string]>([
    [408, 'network'],
    [429, 'limit'],
    [500, 'network'],
    [503, 'network'],
  ])('with status %d is asked for again', async (status, kind) => {
    const busy = () => new Response('busy', { status });
    const leaping = () => ({ clock: new FakeClock({ leap: true }), flags: { retries: 1 } });
    expect(await fetched(LINK, { ...leaping(), fetch: stubApi(busy(), image('bytes')).fetch })).toBe('bytes');
    expect(await fetched(LINK, { ...leaping(), fetch: stubApi(busy(), busy()).fetch })).toMatchObject({
      kind,
      status,
      message: `cannot download from files.test: it answered HTTP ${status}`,
      hint: 'given up after 2 tries',
    });
  });

  it('is waited for as long as its server asks', async () => {
    const clock = new FakeClock({ leap: true });
    const busy = new Response(null, { status: 503, headers: { 'retry-after': '7' } });
    const fetch = stubApi(busy, image('bytes')).fetch;
    expect(await fetched(LINK, { clock, fetch, flags: { retries: 1 } })).toBe('bytes');
    expect(clock.delays).toContain(7000);
  });

  it('that does not come is asked for again', async () => {
    const clock = new FakeClock({ leap: true });
    const { fetch } = stubApi(connectionError('ECONNREFUSED'), image('bytes'));
    expect(await fetched(LINK, { clock, fetch, flags: { retries: 1 } })).toBe('bytes');
  });
});

describe('a host', () => {
  it('is named when nothing listens there', async () => {
    const port = await closedPort();
    const base = 'http://127.0.0.1:1/v1';
    expect(
      await fetched(`http://127.0.0.1:${port}/?sig=hush`, { base, fetch: globalThis.fetch }),
    ).toMatchObject({
      kind: 'network',
      message: `nothing listens at 127.0.0.1:${port}`,
    });
  });

  it('is named when nobody knows it, and asked for again', async () => {
    const clock = new FakeClock({ leap: true });
    const resolve = names({});
    expect(await fetched(LINK, { clock, resolve, flags: { retries: 2 } })).toMatchObject({
      kind: 'network',
      message: 'there is no host named files.test',
      hint: 'given up after 3 tries',
    });
    expect(resolve.asked).toHaveLength(3);
  });

  it('is named when its certificate is not trusted', async () => {
    const server = await testServer({ secure: true });
    const base = `https://127.0.0.1:${server.port}/v1`;
    expect(
      await fetched(`https://127.0.0.1:${server.port}/`, { base, fetch: globalThis.fetch }),
    ).toMatchObject({
      message: expect.stringContaining(`the TLS certificate of 127.0.0.1:${server.port} is not trusted`),
    });
  });
});

describe('the size', () => {
  it.each<[string, () => Response, string]>([
    [
      'is told by the server',
      () => image(breaking([], 'stall'), { 'content-length': '2000000' }),
      '2 MB are more than the 1000 bytes that are taken',
    ],
    [
      'shows as it comes',
      () => image(breaking(['x'.repeat(600), 'x'.repeat(600)], 'stall')),
      'it sends more than the 1000 bytes that are taken',
    ],
    [
      'is not what the server tells',
      () => image(breaking(['x'.repeat(600), 'x'.repeat(600)], 'stall'), { 'content-length': '700' }),
      'it sends more than the 1000 bytes that are taken',
    ],
  ])('is too large, and %s', async (_, answer, reason) => {
    expect(await fetched(LINK, { fetch: stubApi(answer()).fetch })).toMatchObject({
      kind: 'network',
      message: `cannot download from files.test: ${reason}`,
    });
  });

  it('may be just the limit', async () => {
    const { fetch } = stubApi(image('x'.repeat(1000), { 'content-length': '1000' }));
    expect(await fetched(LINK, { fetch })).toHaveLength(1000);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['a body that goes on and on', 200, {}, 'more than'],
    ['one that is announced as too large', 200, { 'content-length': '2000000' }, '2 MB are more than'],
    ['a refusal', 404, {}, 'HTTP 404'],
    ['a redirect that may not be followed', 302, { location: 'http://169.254.169.254/' }, 'link-local'],
  ])('of %s is not waited for: the server is hung up on', async (_, status, headers, reason) => {
    let closed: () => void = () => {};
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { origin, base, fetch } = await wire((_, response) => {
      const more = () => response.write('x'.repeat(2000), more);
      response.on('close', closed);
      response.writeHead(status, { 'content-type': 'image/png', ...headers });
      more();
    });
    expect(await fetched(`${origin}/`, { base, fetch })).toMatchObject({
      message: expect.stringContaining(reason),
    });
    await hungUp;
  });
});

describe('a connection that is lost in the middle', () => {
  const FIRST = { 'content-length': '10', etag: '"one"', 'last-modified': 'Sat, 21 Nov 2026 12:00:00 GMT' };
  const cut = (headers: Record<string, string> = FIRST) => image(breaking(['01', '23']), headers);
  const rest = (range: string, headers: Record<string, string> = {}) =>
    image('456789', { 'content-range': range, ...headers }, 206);

  it('is taken up again where it broke', async () => {
    const { fetch, requests } = stubApi(cut(), rest('bytes 4-9/10', { etag: '"one"' }));
    expect(await fetched(LINK, { fetch })).toBe('0123456789');
    expect(requests[1]?.headers.get('range')).toBe('bytes=4-');
    expect(requests[1]?.headers.get('if-range')).toBe('"one"');
    expect(requests[1]?.headers.has('authorization')).toBe(false);
  });

  it.each<[string, Record<string, string>, string | null]>([
    ['a strong tag', { etag: '"one"' }, '"one"'],
    ['a date, where the tag is a weak one', { ...FIRST, etag: 'W/"one"' }, FIRST['last-modified']],
    ['nothing, where there is nothing', {}, null],
  ])('names the state of the file by %s', async (_, headers, expected) => {
    const { fetch, requests } = stubApi(cut(headers), rest('bytes 4-9/*'));
    expect(await fetched(LINK, { fetch })).toBe('0123456789');
    expect(requests[1]?.headers.get('if-range')).toBe(expected);
  });

  it('may look like the end, but for its length', async () => {
    const { fetch } = stubApi(image('0123', FIRST), rest('bytes 4-9/10'));
    expect(await fetched(LINK, { fetch })).toBe('0123456789');
  });

  it('begins anew where the server gives all of it', async () => {
    const { fetch } = stubApi(cut(), image('abc', { etag: '"two"', 'content-length': '3' }));
    expect(await fetched(LINK, { fetch })).toBe('abc');
  });

  it('begins anew where nothing had come, or where the bytes were encoded', async () => {
    for (const broken of [image(breaking([]), FIRST), cut({ ...FIRST, 'content-encoding': 'gzip' })]) {
      const { fetch, requests } = stubApi(broken, image('abc'));
      expect(await fetched(LINK, { fetch })).toBe('abc');
      expect(requests[1]?.headers.has('range')).toBe(false);
    }
  });

  it.each([
    ['another part', rest('bytes 5-9/10'), 'it sent another part than the one asked for'],
    ['an unknown part', rest(''), 'it sent another part than the one asked for'],
    ['a part of a longer file', rest('bytes 4-10/11'), 'the file changed on the way'],
    ['a part of a changed file', rest('bytes 4-9/10', { etag: '"two"' }), 'the file changed on the way'],
    ['a status', new Response(null, { status: 416 }), 'it answered HTTP 416'],
    ['an expired link', new Response(null, { status: 403 }), 'the link has expired or is wrong (HTTP 403)'],
    ['a web page', image('<html>', { 'content-type': 'text/html' }), 'it sent a web page, not the file'],
  ])('fails with %s', async (_, answer, reason) => {
    const { fetch } = stubApi(cut(), answer);
    expect(await fetched(LINK, { fetch })).toMatchObject({
      kind: 'network',
      message: `cannot download from files.test: ${reason}`,
    });
  });

  it.each<[string, Response, string]>([
    ['in the rest', image(breaking(['45']), { 'content-range': 'bytes 4-9/10' }, 206), '6 bytes of 10 bytes'],
    ['anew', image(breaking(['a']), {}), '1 byte'],
    ['anew, short', image('a', { 'content-length': '7' }), '1 byte of 7 bytes'],
  ])('fails when it is lost again: %s', async (_, answer, much) => {
    const { fetch } = stubApi(cut(), answer);
    expect(await fetched(LINK, { fetch, flags: { retries: 3 } })).toMatchObject({
      kind: 'network',
      message: `the download from files.test broke off after ${much}`,
    });
  });

  it('fails where the rest grows above the limit', async () => {
    const { fetch } = stubApi(cut({}), image('456789', { 'content-range': 'bytes 4-9/10' }, 206));
    expect(await fetched(LINK, { fetch, options: { limit: 9 } })).toMatchObject({
      message: expect.stringContaining('10 bytes are more than the 9 bytes'),
    });
  });

  it('asks where the redirects led, and judges that again', async () => {
    let asked = 0;
    const resolve: Resolve = async (name) => {
      const isGood = name === 'api.test' || ++asked < 3;
      return [{ address: isGood ? PUBLIC : '127.0.0.1', family: 4 }];
    };
    for (const typed of [true, false]) {
      asked = 0;
      const { fetch } = stubApi(redirect('https://cdn.test/x'), cut());
      expect(await fetched(LINK, { fetch, resolve, options: { typed } })).toMatchObject({
        message: 'cannot download from cdn.test: it is at a loopback address (127.0.0.1)',
      });
    }
  });

  it('is taken up again over the wire', async () => {
    const all = 'x'.repeat(300) + 'y'.repeat(300);
    const { server, origin, base, fetch } = await wire((request, response) => {
      const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
      if (from === undefined) {
        response.writeHead(200, { 'content-length': '600', etag: '"one"' });
        response.write(all.slice(0, 250), () => setImmediate(() => response.destroy()));
        return;
      }
      response.writeHead(206, { 'content-range': `bytes ${from}-599/600`, etag: '"one"' });
      response.end(all.slice(Number(from)));
    });
    expect(await fetched(`${origin}/cat.png`, { base, fetch })).toBe(all);
    expect(server.requests.map(({ headers }) => [headers.range, headers['if-range']])).toEqual([
      [undefined, undefined],
      ['bytes=250-', '"one"'],
    ]);
  });
});

describe('a silence', () => {
  it('between two pieces ends it', async () => {
    const clock = new FakeClock();
    const { fetch } = stubApi(image(breaking(['01'], 'stall'), { 'content-length': '10' }));
    const { done } = await begin(LINK, { fetch, clock, flags: { retries: 3 } });
    await clock.asked(60_000);
    await settle();
    clock.advance(59_999);
    await settle();
    clock.advance(1);
    expect(await done).toMatchObject({
      kind: 'network',
      message: 'the download from files.test stalled: nothing came for 1m',
      hint: '--stall-timeout 5m waits longer',
    });
  });

  it('is counted anew after each piece', async () => {
    const clock = new FakeClock();
    let push: (text: string) => void = () => {};
    let end: () => void = () => {};
    const body = new ReadableStream({
      start(controller) {
        push = (text) => controller.enqueue(Buffer.from(text));
        end = () => controller.close();
      },
    });
    const { done } = await begin(LINK, { fetch: stubApi(image(body)).fetch, clock });
    await clock.asked(60_000);
    for (const text of ['a', 'b', 'c']) {
      push(text);
      await settle();
      clock.advance(50_000);
    }
    end();
    expect(await done).toBe('abc');
  });

  it('before the answer ends it only where the user says so, and is tried again', async () => {
    const clock = new FakeClock();
    const silent = () => new Promise<Response>(() => {});
    const { fetch } = stubApi(silent, image('bytes'));
    const { done } = await begin(LINK, { fetch, clock, flags: { stallTimeout: 5000, retries: 1 } });
    await clock.asked(5000);
    await settle();
    clock.advance(5000);
    await settle();
    clock.advance(1000);
    expect(await done).toBe('bytes');
  });

  it('on the wire ends it, and the server is hung up on', async () => {
    const clock = new FakeClock();
    let closed: () => void = () => {};
    const hungUp = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { origin, base, fetch } = await wire((_, response) => {
      response.on('close', closed);
      response.writeHead(200, { 'content-type': 'image/png' });
      response.write('some');
    });
    const { done } = await begin(`${origin}/`, { base, fetch, clock });
    await clock.asked(60_000);
    clock.advance(60_000);
    expect(await done).toMatchObject({ message: expect.stringContaining('stalled') });
    await hungUp;
  });
});

describe('the time of the whole call', () => {
  it.each<[string, () => Response | Promise<Response>]>([
    ['before the answer', () => new Promise<Response>(() => {})],
    ['in its body', () => image(breaking(['01'], 'stall'))],
  ])('ends it %s', async (_, answer) => {
    const clock = new FakeClock();
    const { done } = await begin(LINK, {
      fetch: stubApi(answer).fetch,
      clock,
      flags: { timeout: 30_000, retries: 3 },
    });
    await clock.asked(30_000);
    await settle();
    clock.advance(30_000);
    expect(await done).toMatchObject({
      kind: 'network',
      message: 'the download from files.test did not finish within 30s',
      hint: '--timeout 30m gives it longer',
    });
  });

  it('ends a lookup that nobody answers', async () => {
    const clock = new FakeClock();
    const resolve: Resolve = () => new Promise(() => {});
    const { done } = await begin(LINK, { clock, resolve, flags: { timeout: 30_000 } });
    await clock.asked(30_000);
    clock.advance(30_000);
    expect(await done).toMatchObject({ message: expect.stringContaining('did not finish within 30s') });
  });

  it('goes on from the call that came before', async () => {
    const clock = new FakeClock();
    const { fetch } = stubApi(image(breaking([], 'stall')));
    const context = fakeContext({ fetch, clock, env: { OPENAI_API_KEY: KEY } });
    const api = await connect({ timeout: 30_000 }, context);
    await api.call(async () => 'an answer');
    clock.advance(20_000);
    const resolve = names({ 'files.test': [PUBLIC] });
    const done = download(LINK, api, context, { limit: 9, typed: false }, resolve).catch(
      (error: Error) => error,
    );
    await clock.asked(60_000);
    clock.advance(10_000);
    expect(await done).toMatchObject({ message: expect.stringContaining('did not finish within 30s') });
  });

  it('is cut short by Ctrl-C', async () => {
    const { fetch } = stubApi(image(breaking(['01'], 'stall')));
    const { done, context } = await begin(LINK, { fetch });
    await context.clock.asked(60_000);
    context.stop(new Stopped('SIGINT'));
    expect(await done).toMatchObject({ name: 'Stopped', by: 'SIGINT' });
  });
});

describe('the query of a link', () => {
  it('is never shown, nor those of the links that it leads to', async () => {
    const stderr = new CapturedOutput();
    const { fetch } = stubApi(
      redirect('https://files.test/next?token=also-hush-hush'),
      new Response(null, { status: 500 }),
      redirect('https://files.test/next?token=also-hush-hush'),
      new Response(null, { status: 403 }),
    );
    const { done, context } = await begin(LINK, {
      fetch,
      stderr,
      clock: new FakeClock({ leap: true }),
      flags: { verbose: true, retries: 1 },
    });
    const failure = await done;
    expect(String(failure)).not.toContain('hush');
    expect(stderr.text).toContain('> GET https://files.test/next\n');
    expect(stderr.text).not.toContain('hush');
    expect(context.secrets).toContain('sig=hush-hush-hush');
    expect(context.secrets).toContain('token=also-hush-hush');
  });
});

describe('a proxy', () => {
  it('carries a download, looks the name up, and gets no key', async () => {
    const { server, base, fetch } = await wire((_, response) => response.end('bytes'));
    const proxy = await connectProxy(server.port);
    const resolve = names({});
    const env = { HTTP_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await fetched('http://files.test/cat.png', { base, fetch, resolve, env })).toBe('bytes');
    expect(proxy.tunnels).toEqual([{ target: 'files.test:80', authorization: undefined }]);
    expect(server.requests).toMatchObject([{ path: '/cat.png', headers: { host: 'files.test' } }]);
    expect(resolve.asked).toEqual([]);
  });

  it.each([
    ['https://10.0.0.1/', 'it is at a private address (10.0.0.1)'],
    ['https://[::ffff:127.0.0.1]/', 'it is at a loopback address (::ffff:7f00:1)'],
    ['https://localhost/', 'it is at a loopback address (127.0.0.1)'],
  ])('is not asked for %s', async (url, reason) => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    expect(await fetched(url, { env })).toMatchObject({ message: expect.stringContaining(reason) });
  });

  it('is not asked for the hosts of NO_PROXY, which are looked up and judged here', async () => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '.inside.test' };
    const resolve = names({ 'files.inside.test': ['10.0.0.1'] });
    expect(await fetched('https://files.inside.test/', { env, resolve })).toMatchObject({
      message: 'cannot download from files.inside.test: it is at a private address (10.0.0.1)',
    });
    // The API is reached through the proxy: what its name would be here is not asked.
    expect(resolve.asked).toEqual(['files.inside.test']);
  });

  it('is asked for each hop by itself, and a public one may not lead into the network of a typed URL', async () => {
    const env = { HTTPS_PROXY: 'http://127.0.0.1:9' };
    const { fetch } = stubApi(redirect('http://10.0.0.1/'));
    expect(await fetched(LINK, { fetch, env, options: { typed: true } })).toMatchObject({
      message: 'cannot download from 10.0.0.1: it is at a private address (10.0.0.1)',
    });
  });

  it('that refuses is named', async () => {
    const proxy = await connectProxy(1, 403);
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` };
    expect(await fetched(LINK, { env, fetch: globalThis.fetch })).toMatchObject({
      message: `the proxy 127.0.0.1:${proxy.port} refuses the connection (HTTP 403)`,
    });
  });
});
