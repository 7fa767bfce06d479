import type { RequestListener } from 'node:http';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { wholeAnswersFetch } from '../../../src/api/transport/whole-answers.ts';
import { fakeContext } from '../../support/context.ts';
import { closedPort, connectProxy, rawServer, testServer } from '../../support/server.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

/** A server of these answers, and a fetch to it. */
async function reach(listener: RequestListener) {
  const { port, requests } = await testServer({ listener });
  const url = `http://127.0.0.1:${port}/v1`;
  const send = await wholeAnswersFetch(fakeContext({}), url);
  const post = (init: RequestInit = {}) =>
    send(`${url}/chat?a=1`, { method: 'POST', body: '{"ä":1}', ...init });
  return { post, requests, url };
}

/** The error of a fetch, with what it came of. */
async function failureOf(sent: Promise<unknown>): Promise<{ message: string; cause: unknown }> {
  const error = await sent.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(Error);
  const { message, cause } = error as Error;
  return { message, cause };
}

describe('a fetch for whole answers', () => {
  it('sends what it is given, and gives what comes', async () => {
    const { post, requests } = await reach((_, response) =>
      response
        .writeHead(201, 'Made', { ...JSON_TYPE, 'x-request-id': 'req_1', 'set-cookie': ['a=1', 'b=2'] })
        .end('{"ü":2}'),
    );
    const response = await post({ headers: new Headers({ authorization: 'Bearer x', 'X-Own': 'y' }) });
    expect(response).toMatchObject({ status: 201, statusText: 'Made', ok: true });
    expect(response.headers.get('x-request-id')).toBe('req_1');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.json()).toEqual({ ü: 2 });
    expect(await response.text()).toBe('{"ü":2}');
    expect(requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/chat?a=1',
        body: '{"ä":1}',
        headers: { authorization: 'Bearer x', 'x-own': 'y', 'content-length': '8' },
      },
    ]);
  });

  it('gives an answer as a stream as well, where it is asked for', async () => {
    const { post } = await reach((_, response) => response.writeHead(200, JSON_TYPE).end('{"a":1}'));
    const response = await post();
    const copy = response.clone();
    expect(await new Response(response.body).text()).toBe('{"a":1}');
    expect(response.bodyUsed).toBe(true);
    expect(copy.bodyUsed).toBe(false);
    expect(Buffer.from(await copy.arrayBuffer()).toString()).toBe('{"a":1}');
  });

  it.each([
    ['gzip', gzipSync('{"a":"é"}')],
    ['x-gzip', gzipSync('{"a":"é"}')],
    ['br', brotliCompressSync('{"a":"é"}')],
    ['gzip, br', brotliCompressSync(gzipSync('{"a":"é"}'))],
    ['identity', Buffer.from('\ufeff{"a":"é"}')],
  ])('reads an answer in %s', async (encoding, bytes) => {
    const { post, requests } = await reach((_, response) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': encoding }).end(bytes),
    );
    expect(await (await post()).json()).toEqual({ a: 'é' });
    expect(requests[0]?.headers['accept-encoding']).toBe('gzip, br');
  });

  it('puts the pieces of an answer together, and the bytes of a character that they cut', async () => {
    const { post } = await reach((_, response) => {
      const bytes = Buffer.from(JSON.stringify('é'.repeat(100_000)));
      response.writeHead(200, JSON_TYPE).write(bytes.subarray(0, 65_536));
      setImmediate(() => response.end(bytes.subarray(65_536)));
    });
    expect(await (await post()).json()).toBe('é'.repeat(100_000));
  });

  it.each([
    ['audio/mpeg', Buffer.from([0xff, 0xfb, 0, 0x80])],
    ['text/event-stream', Buffer.from('data: [DONE]\n\n')],
    ['text/html', Buffer.from('<title>x</title>')],
  ])('gives bytes of %s as they are', async (type, bytes) => {
    const { post } = await reach((_, response) =>
      response.writeHead(200, { 'content-type': type }).end(bytes),
    );
    expect(Buffer.from(await (await post()).arrayBuffer())).toEqual(bytes);
  });

  it('gives the vectors of /embeddings as numbers, answer after answer in the same memory', async () => {
    const base64 = (value: number) => Buffer.from(Float32Array.of(value).buffer).toString('base64');
    const { url, requests } = await reach((_, response) =>
      response.writeHead(200, JSON_TYPE).end(`{"data":[{"embedding":"${base64(requests.length)}"}]}`),
    );
    const send = await wholeAnswersFetch(fakeContext({}), url);
    const ask = () => send(`${url}/embeddings`, { method: 'POST', body: '{}' });
    const first = await ask();
    expect(await first.clone().text()).toBe(`{"data":[{"embedding":"${base64(1)}"}]}`);
    const read = [await first.json(), await (await ask()).json(), await (await ask()).json()];
    expect(read).toEqual([1, 2, 3].map((value) => ({ data: [{ embedding: Float32Array.of(value) }] })));
  });

  it('takes an answer without a body', async () => {
    const { post } = await reach((_, response) => response.writeHead(204).end());
    expect(await (await post()).text()).toBe('');
  });

  it('has no header that fetch would not have', async () => {
    const { port } = await rawServer((socket) =>
      socket.end(
        Buffer.from(
          'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-name: caf\u00e9 \u20ac\r\ncontent-length: 2\r\n\r\n{}',
        ),
      ),
    );
    const url = `http://127.0.0.1:${port}/`;
    const response = await (await wholeAnswersFetch(fakeContext({}), url))(url, {
      method: 'POST',
      body: '{}',
    });
    expect(Buffer.from(response.headers.get('x-name') ?? '', 'latin1').toString()).toBe('café €');
    expect(await response.json()).toEqual({});
  });

  it.each([301, 302, 303, 307, 308])('follows no redirect: %i', async (status) => {
    const { post, requests } = await reach((_, response) =>
      response.writeHead(status, { location: 'http://127.0.0.1:9/other' }).end(),
    );
    const { message, cause } = await failureOf(post());
    expect([message, String(cause)]).toEqual(['fetch failed', 'Error: unexpected redirect']);
    expect(requests).toHaveLength(1);
  });

  it('names a status that is none', async () => {
    const { post } = await reach((_, response) => response.writeHead(999).end());
    expect((await failureOf(post())).message).toMatch(/^127\.0\.0\.1:\d+ answered with status 999$/);
  });

  it('fails as fetch does where an answer breaks off', async () => {
    const { post } = await reach((_, response) => {
      response.writeHead(200, { ...JSON_TYPE, 'content-length': '100' }).write('{"a":');
      setImmediate(() => response.destroy());
    });
    const { message, cause } = await failureOf(post());
    expect(message).toBe('fetch failed');
    expect(cause).toMatchObject({ code: 'UND_ERR_SOCKET' });
  });

  it('fails with what zlib says of an answer that is garbled', async () => {
    const { post } = await reach((_, response) =>
      response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end('no gzip'),
    );
    await expect(post()).rejects.toMatchObject({ code: 'Z_DATA_ERROR' });
  });

  it('fails as fetch does where nothing listens', async () => {
    const url = `http://127.0.0.1:${await closedPort()}/`;
    const send = await wholeAnswersFetch(fakeContext({}), url);
    const { message, cause } = await failureOf(send(url, { method: 'POST', body: '{}' }));
    expect(message).toBe('fetch failed');
    expect(cause).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('sends nothing once its signal has aborted', async () => {
    const { post, requests } = await reach((_, response) => response.end());
    const reason = new Error('enough');
    await expect(post({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await post();
    expect(requests).toHaveLength(1);
  });

  it('hangs up when its signal aborts, before the answer and within it', async () => {
    for (const part of ['', '{"a":']) {
      const controller = new AbortController();
      const reason = new Error('enough');
      let closed: Promise<unknown> = Promise.resolve();
      const { post } = await reach((request, response) => {
        closed = new Promise((resolve) => request.socket.once('close', resolve));
        if (part !== '') response.writeHead(200, JSON_TYPE).write(part);
        setImmediate(() => controller.abort(reason));
      });
      await expect(post({ signal: controller.signal })).rejects.toBe(reason);
      await closed;
    }
  });

  it('tunnels through the proxy of the environment', async () => {
    const { port, requests } = await testServer({
      listener: (_, response) => response.writeHead(200, JSON_TYPE).end('{"a":1}'),
    });
    const proxy = await connectProxy(port);
    const url = 'http://api.test/v1';
    const context = fakeContext({ env: { http_proxy: `http://127.0.0.1:${proxy.port}` } });
    const send = await wholeAnswersFetch(context, url);
    expect(await (await send(`${url}/chat`, { method: 'POST', body: '{}' })).json()).toEqual({ a: 1 });
    expect(proxy.tunnels).toMatchObject([{ target: 'api.test:80' }]);
    expect(requests).toMatchObject([{ path: '/v1/chat' }]);
  });

  it('leaves to the built-in one what has no text as its body', async () => {
    const asked: string[] = [];
    const context = fakeContext({
      fetch: async (input) => {
        asked.push(String(input));
        return new Response();
      },
    });
    const send = await wholeAnswersFetch(context, 'https://api.test/v1');
    await send('https://api.test/v1/files', { method: 'POST', body: new FormData() });
    await send('https://api.test/v1/models');
    expect(asked).toEqual(['https://api.test/v1/files', 'https://api.test/v1/models']);
  });
});
