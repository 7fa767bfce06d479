import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import {
  cannotListen,
  MAX_BYTES,
  type SandboxServer,
  type ServeOptions,
  serve,
} from '../../src/sandbox/http.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { checkResponse } from '../support/openapi.ts';
import { hello, readStream, sandbox } from './ask.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };

/** A server for one test, on a port of its own. */
async function served(
  of: Sandbox = sandbox(),
  options: Partial<ServeOptions> = {},
): Promise<SandboxServer & { stop(): void }> {
  const controller = new AbortController();
  onTestFinished(() => controller.abort());
  const server = await serve(of, { port: 0, host: '127.0.0.1', signal: controller.signal, ...options });
  return { ...server, stop: () => controller.abort() };
}

function post(server: SandboxServer, body: unknown, init: RequestInit = {}): Promise<Response> {
  const payload = JSON.stringify(body);
  return fetch(`${server.url}/chat/completions`, {
    method: 'POST',
    body: payload,
    headers: JSON_HEADERS,
    ...init,
  });
}

/** The sandbox, and a promise of the signal of its first request. */
function watched(of: Sandbox): { of: Sandbox; signal: Promise<AbortSignal> } {
  const { promise, resolve } = deferred<AbortSignal>();
  const answer = (request: Request) => {
    resolve(request.signal);
    return of.answer(request);
  };
  return { of: { answer }, signal: promise };
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('the server', () => {
  it('gives what the sandbox gives', async () => {
    const server = await served();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    const response = await post(server, hello());
    expect(response.status).toBe(200);
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'You said: hello' } }] });
    const missing = await fetch(`${server.url}/nothing`);
    expect([missing.status, await missing.json()]).toMatchObject([
      404,
      { error: { type: 'invalid_request_error' } },
    ]);
    const models = await fetch(`${server.url}/models`);
    expect(await models.json()).toMatchObject({ object: 'list' });
    const head = await fetch(`${server.url}/models`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([405, '']);
    const empty = await fetch(server.url.replace(/\/v1$/, '/'));
    expect(empty.status).toBe(404);
  });

  it('gives vectors and verdicts', async () => {
    const server = await served();
    const to = (path: string, body: object) =>
      fetch(`${server.url}${path}`, { method: 'POST', body: JSON.stringify(body), headers: JSON_HEADERS });
    const embeddings = await to('/embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] });
    expect(embeddings.headers.get('content-type')).toBe('application/json');
    const { data } = JSON.parse(await embeddings.text());
    expect([data.length, data[1].index, data[1].embedding.length]).toEqual([2, 1, 1536]);
    const moderation = await to('/moderations', { input: ['I will kill you', 'hello'] });
    expect(await moderation.json()).toMatchObject({ results: [{ flagged: true }, { flagged: false }] });
    expect((await to('/moderations', {})).status).toBe(400);
  });

  it('streams', async () => {
    const { text, isDone } = await readStream(await post(await served(), hello({ stream: true })));
    expect([text, isDone]).toEqual(['You said: hello', true]);
  });

  it('sends events as they are made', async () => {
    const clock = new FakeClock();
    const server = await served(sandbox('delay=1h', { clock }));
    const answer = post(server, hello({ stream: true }));
    while (clock.delays.length < 1) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(3_600_000);
    const reader = (await answer).body?.getReader();
    const role = await reader?.read();
    expect(Buffer.from(role?.value ?? []).toString()).toContain('"role":"assistant"');
    while (clock.delays.length < 2) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(3_600_000);
    const delta = await reader?.read();
    expect(Buffer.from(delta?.value ?? []).toString()).toContain('You said:');
    await reader?.cancel();
  });

  it('takes 10 MB', async () => {
    const body = hello({ messages: [{ role: 'user', content: 'x'.repeat(10 * 1024 * 1024) }] });
    const response = await post(await served(), body);
    expect(JSON.stringify(await response.json())).toContain('You said (10485760 characters): xxx');
  });

  it('tells a client that asks first to go on', async () => {
    const { url } = await served();
    const headers = { ...JSON_HEADERS, expect: '100-continue' };
    const request = httpRequest(`${url}/chat/completions`, { method: 'POST', headers });
    request.flushHeaders();
    await once(request, 'continue');
    request.end(JSON.stringify(hello()));
    const [response] = await once(request, 'response');
    expect(response.statusCode).toBe(200);
    response.resume();
  });

  it('streams 100,000 deltas in good time, without keeping them', async () => {
    const server = await served(sandbox('deltas=100000'));
    const started = performance.now();
    const response = await post(server, hello({ stream: true }));
    let events = 0;
    let largest = 0;
    let end = '';
    for await (const piece of response.body ?? []) {
      const text = Buffer.from(piece).toString('latin1');
      events += (end.slice(-1) + text).split('\n\n').length - 1;
      largest = Math.max(largest, text.length);
      end = (end + text).slice(-14);
    }
    expect(end).toBe('data: [DONE]\n\n');
    // The role, the finish and the end are events as well.
    expect(events).toBe(100_003);
    expect(largest).toBeLessThan(1_000_000);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('tells of each request when its answer begins', async () => {
    const told: unknown[] = [];
    const onAnswer = (...what: unknown[]) => void told.push(what);
    const server = await served(sandbox('429x1,dropx1'), { onAnswer });
    await post(server, hello());
    await post(server, hello()).catch(() => {});
    await fetch(`${server.url}/models?limit=1`);
    expect(told).toEqual([
      ['POST', '/v1/chat/completions', 429],
      ['POST', '/v1/chat/completions', undefined],
      ['GET', '/v1/models?limit=1', 200],
    ]);
  });
});

/** What a server says to a request line, as it stands on the wire. */
async function raw(server: SandboxServer, line: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  socket.end(`${line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
  let text = '';
  for await (const piece of socket) text += String(piece);
  return { status: Number(text.split(' ')[1]), body: text.slice(text.indexOf('\r\n\r\n') + 4) };
}

describe('a request line', () => {
  it.each([
    ['GET /v1/models', 200, '"object":"list"'],
    ['GET http://elsewhere.example/v1/models', 200, '"object":"list"'],
    ['GET //evil/v1/models', 404, 'Invalid URL (GET /v1//evil/v1/models)'],
    ['GET //', 404, 'Invalid URL'],
    ['GET /\\evil/v1/models', 404, 'Invalid URL'],
    ['GET http://[', 400, 'Invalid URL (GET http://[)'],
    ['OPTIONS *', 400, 'Invalid URL (OPTIONS *)'],
    ['TRACE /v1/models', 405, 'Not allowed to TRACE on /v1/models'],
    ['OPTIONS /v1/models', 405, 'Not allowed to OPTIONS on /v1/models'],
  ])('%s is answered %i, and told', async (line, status, text) => {
    const told: unknown[] = [];
    const server = await served(sandbox(), { onAnswer: (...what) => void told.push(what) });
    const answer = await raw(server, line);
    expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(text)]);
    if (status >= 400) {
      const error = JSON.parse(answer.body.slice(answer.body.indexOf('{'), answer.body.lastIndexOf('}') + 1));
      checkResponse('GET', '/models', status, error);
    }
    expect(told).toEqual([[...line.split(' '), status]]);
  });
});

describe('a body', () => {
  it('of more bytes than are taken is answered 413', async () => {
    const told: unknown[] = [];
    const of = { answer: () => Promise.reject(new Error('never asked')) };
    const server = await served(of, { maxBytes: 10, onAnswer: (...what) => void told.push(what) });
    const response = await fetch(`${server.url}/chat/completions`, { method: 'POST', body: '12345678901' });
    expect(response.status).toBe(413);
    const answer = await response.json();
    checkResponse('POST', '/chat/completions', 413, answer);
    expect(answer).toMatchObject({
      error: { message: 'Maximum content size limit (10) exceeded (11 bytes read)', type: 'server_error' },
    });
    expect(told).toEqual([['POST', '/v1/chat/completions', 413]]);
  });

  it('of as many bytes as are taken is read', async () => {
    const body = JSON.stringify(hello());
    const server = await served(sandbox(), { maxBytes: body.length });
    expect((await post(server, hello())).status).toBe(200);
  });

  it('may have 16 images of 50 MB and a mask', () => {
    expect(MAX_BYTES).toBe(847_249_408);
  });
});

describe('a connection', () => {
  it('that is to be lost before the answer is lost', async () => {
    const error = await post(await served(sandbox('drop')), hello()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
  });

  it('that is to be lost in the answer is lost', async () => {
    const response = await post(await served(sandbox('reset@1')), hello({ stream: true }));
    const { text, isDone, failure } = await readStream(response);
    expect(failure).toBeInstanceOf(TypeError);
    expect(isDone).toBe(false);
    expect('You said:').toContain(text);
  });

  it('that the client leaves ends the work, in a stream and before it', async () => {
    const clock = new FakeClock();
    for (const faults of ['stall@1', 'delay=1h']) {
      const { of, signal } = watched(sandbox(faults, { clock }));
      const client = new AbortController();
      const answer = post(await served(of), hello({ stream: true }), { signal: client.signal });
      answer.catch(() => {});
      const seen = await signal;
      if (faults === 'stall@1') await answer;
      expect(seen.aborted).toBe(false);
      const ended = once(seen, 'abort');
      client.abort();
      await ended;
    }
  });

  it('that the client leaves in the middle of a body harms nobody', async () => {
    const server = await served();
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.write('POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{"model":');
    await once(socket, 'connect');
    socket.destroy();
    await once(socket, 'close');
    expect((await fetch(`${server.url}/models`)).status).toBe(200);
  });

  it('of a slow reader does not fill the memory', async () => {
    const made = { pieces: 0 };
    const of: Sandbox = {
      answer: async () => {
        const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
          made.pieces += 1;
          controller.enqueue(new Uint8Array(65_536));
          if (made.pieces === 2000) controller.close();
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
      },
    };
    const server = await served(of);
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    socket.pause();
    socket.write('GET /v1/models HTTP/1.1\r\nhost: x\r\n\r\n');
    let before = -1;
    // Until nothing more is made for many turns of the event loop.
    for (let still = 0; still < 500; still = made.pieces === before && made.pieces > 0 ? still + 1 : 0) {
      before = made.pieces;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(made.pieces * 65_536).toBeLessThan(64 * 1024 * 1024);
    socket.destroy();
  });
});

describe('serving', () => {
  it('ends with its signal, and so do the answers under way', async () => {
    const server = await served(sandbox('stall@0'));
    const response = await post(server, hello({ stream: true }));
    server.stop();
    await server.closed;
    expect((await readStream(response)).failure).toBeInstanceOf(Error);
    await expect(fetch(`${server.url}/models`)).rejects.toThrow();
  });

  it('does not begin when its signal is aborted', async () => {
    const signal = AbortSignal.abort(new Error('too late'));
    await expect(serve(sandbox(), { port: 0, host: '127.0.0.1', signal })).rejects.toThrow('too late');
  });

  it('refuses a port in use and a host that is not here, by name', async () => {
    const server = await served();
    const port = Number(new URL(server.url).port);
    const { signal } = new AbortController();
    const taken = serve(sandbox(), { port, host: '127.0.0.1', signal });
    await expect(taken).rejects.toMatchObject({ kind: 'usage', message: `--port ${port} is in use` });
    const elsewhere = serve(sandbox(), { port: 0, host: '192.0.2.1', signal });
    await expect(elsewhere).rejects.toMatchObject({
      kind: 'usage',
      message: '--host 192.0.2.1 is not an address of this machine',
      hint: '127.0.0.1 is this machine alone, 0.0.0.0 all its addresses',
    });
  });

  it.each([
    ['EACCES', '--port 80 may not be used', 'try one above 1023, or --port 0 for any free one'],
    ['ENOTFOUND', '--host here is not known: no name server has it', undefined],
    ['EAI_AGAIN', '--host here is not known: no name server has it', undefined],
    ['EMFILE', '--host here cannot be served: too many open files', undefined],
  ])('puts %s in words', (code, message, hint) => {
    const error = Object.assign(new Error('listen'), { code });
    expect(cannotListen(error, { port: 80, host: 'here' })).toMatchObject({
      kind: 'usage',
      message,
      hint,
      cause: error,
    });
  });

  it('does not begin when its signal is aborted while it begins', async () => {
    const controller = new AbortController();
    const starting = serve(sandbox(), { port: 0, host: '127.0.0.1', signal: controller.signal });
    controller.abort(new Error('no more'));
    await expect(starting).rejects.toThrow('no more');
  });

  it('puts an IPv6 address in brackets', async () => {
    const server = await served(sandbox(), { host: '::1' });
    expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+\/v1$/);
    expect((await fetch(`${server.url}/models`)).status).toBe(200);
  });

  it('sends the head of an answer before its body', async () => {
    const of = { answer: async () => new Response(new ReadableStream(), { headers: { 'x-early': 'yes' } }) };
    const response = await post(await served(of), hello());
    expect(response.headers.get('x-early')).toBe('yes');
    await response.body?.cancel();
  });

  it('gives up a body whose reader has gone', async () => {
    const gone = deferred<void>();
    const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
      await new Promise((resolve) => setImmediate(resolve));
      controller.enqueue(new Uint8Array(1024));
    };
    const of = {
      answer: async () => new Response(new ReadableStream({ pull, cancel: () => gone.resolve() })),
    };
    const response = await post(await served(of), hello());
    await response.body?.cancel();
    await gone.promise;
  });

  it('breaks an answer off when the sandbox fails in the middle of it', async () => {
    const told: unknown[] = [];
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      controller.enqueue(new TextEncoder().encode('{"a":'));
      controller.error(new Error('a bug'));
    };
    const of = { answer: async () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })) };
    const server = await served(of, { onAnswer: (...what) => void told.push(what[2]) });
    const whole = post(server, hello()).then((response) => response.text());
    await expect(whole).rejects.toThrow(TypeError);
    expect(told).toEqual([200]);
  });

  it('says what failed when the sandbox itself fails', async () => {
    const told: unknown[] = [];
    const of = { answer: () => Promise.reject(new Error('a bug')) };
    const server = await served(of, { onAnswer: (...what) => void told.push(what[2]) });
    const response = await post(server, hello());
    expect(response.status).toBe(500);
    expect(await response.json()).toMatchObject({
      error: { message: 'the sandbox failed: a bug', type: 'sandbox_error' },
    });
    expect(told).toEqual([500]);
  });
});
