import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, settle } from '../support/oai.ts';
import { done, realtimeServer, sound, spokenTurn, type Turn } from '../support/realtime-server.ts';

const KEY = 'sk-test-0123456789';

async function speak(
  turns: readonly Turn[],
  handshakes: readonly (((socket: Duplex) => void) | undefined)[] = [],
) {
  const server = await realtimeServer(turns, { handshakes });
  const argv = ['speak', '--via', 'realtime', 'hello there', '-o', 'x.pcm', '--retries', '0'];
  const cwd = await temporaryFolder();
  const run = await oai([...argv, '--base-url', server.baseUrl], { cwd });
  await server.allClosed();
  return { ...run, server, stderr: run.stderr.replaceAll(new URL(server.baseUrl).host, 'HOST') };
}

/** An HTTP answer in place of a WebSocket. */
function answer(status: string, body: string, headers: readonly string[] = []): (socket: Duplex) => void {
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return (socket) =>
    void socket.write(`HTTP/1.1 ${[status, length, ...headers].join('\r\n')}\r\n\r\n${body}`);
}

const refused = (message: string) => JSON.stringify({ error: { message, type: 'x', code: null } });

describe('a handshake that is refused', () => {
  it('is an answer as any other: key, status, request', async () => {
    const json = refused('Incorrect API key provided.');
    const { code, stderr, server } = await speak(
      [],
      [answer('401 Unauthorized', json, ['x-request-id: req_1'])],
    );
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr:
        'oai: Incorrect API key provided. (request req_1)\n     the key came from OPENAI_API_KEY; `oai config init` sets up another\n',
    });
    expect(server.handshakes[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  it.each([
    ['401 Unauthorized', 3],
    ['500 Oops', 6],
  ])('%s tells its status where its body breaks off', async (status, exitCode) => {
    const brokenOff = (socket: Duplex) => {
      socket.write(`HTTP/1.1 ${status}\r\ncontent-length: 100\r\n\r\n{"e`, () => socket.destroy());
    };
    const { code, stderr } = await speak([], [brokenOff]);
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(`oai: HOST answered HTTP ${status.slice(0, 3)} (no details)\n`);
  });

  it('tells its status where its body has no end', async () => {
    const endless = (socket: Duplex) => {
      socket.write('HTTP/1.1 403 Forbidden\r\ncontent-length: 999999999\r\n\r\n');
      const more = () => {
        if (socket.writable) socket.write('x'.repeat(16_384), () => setImmediate(more));
      };
      more();
    };
    const { code } = await speak([], [endless]);
    expect(code).toBe(3);
  });

  it('is not followed elsewhere: the key would go along', async () => {
    const elsewhere = await realtimeServer([spokenTurn('ab', 'hello there')]);
    const location = `location: ${elsewhere.baseUrl.replace('http', 'ws')}/realtime`;
    const { code, stderr } = await speak([], [answer('302 Found', '', [location])]);
    expect({ code, stderr, followed: elsewhere.handshakes.length }).toEqual({
      code: 6,
      stderr:
        'oai: HOST redirects to another address\n     a key is not carried there: give the final address with --base-url\n',
      followed: 0,
    });
  });

  it('is no WebSocket', async () => {
    const upgrade = ['upgrade: websocket', 'connection: upgrade', 'sec-websocket-accept: wrong'];
    const wrong = (socket: Duplex) => {
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${upgrade.join('\r\n')}\r\n\r\n`);
    };
    const { code, stderr } = await speak([], [wrong]);
    expect(code).toBe(6);
    expect(stderr).toMatch(
      /^oai: HOST answered, but not with a WebSocket \(Invalid Sec-WebSocket-Accept header\)\n$/,
    );
  });
});

describe('an event that is garbled', () => {
  /** Bytes of a frame as they go over the wire. */
  const wire =
    (...bytes: number[]): Turn =>
    (_, raw) =>
      void raw.write(Buffer.from(bytes));
  it.each<[string, Turn]>([
    ['no JSON', ['{"type":']],
    ['no event', ['[1]']],
    ['no type', ['{"event":"x"}']],
    ['bytes', [Buffer.from('{"type":"x"}')]],
    ['the end of what', [{ type: 'response.done' }]],
    ['an error without one', [{ type: 'error' }]],
    ['sound that is missing', [{ type: 'response.output_audio.delta' }, done()]],
    ['sound that is a number', [{ type: 'response.output_audio.delta', delta: 5 }, done()]],
    ['sound that is no base64', [{ type: 'response.output_audio.delta', delta: 'not sound!' }, done()]],
    ['words that are missing', [{ type: 'response.output_audio_transcript.done' }, sound('ab'), done()]],
    ['a frame of a reserved kind', wire(0x83, 0)],
    ['text that is no UTF-8', wire(0x81, 1, 0xff)],
    ['an event without measure', wire(0x81, 127, 0, 0, 0, 1, 0, 0, 0, 0)],
  ])('%s', async (_, turn) => {
    const { code, stdout, stderr } = await speak([turn]);
    expect({ code, stdout, stderr }).toEqual({
      code: 6,
      stdout: '',
      stderr: 'oai: HOST sent an event that is garbled\n',
    });
  });

  it('is the last that is looked at', async () => {
    const { code } = await speak([['{', sound('ab'), done()]]);
    expect(code).toBe(6);
  });

  it('is none where nobody knows it', async () => {
    const { code, stderr } = await speak([
      [{ type: 'constructor' }, { type: 'rate_limits.updated' }, sound('ab'), done()],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});

describe('an error that the server tells of', () => {
  const error = (fields: object) => [{ type: 'error', error: { type: 'invalid_request_error', ...fields } }];
  it.each<[string, object, number, string]>([
    ['a refusal', { message: 'No such voice.' }, 4, 'No such voice.\n'],
    [
      'no credit',
      { message: 'No credit.', code: 'insufficient_quota' },
      5,
      'No credit.\n     the account is out of credit or at its spending limit; trying again does not help\n',
    ],
    [
      'a key',
      { message: 'Bad key.', code: 'invalid_api_key' },
      3,
      'Bad key.\n     the key came from OPENAI_API_KEY; `oai config init` sets up another\n',
    ],
    ['a failure of its own', { message: 'Oops.', type: 'server_error' }, 6, 'Oops.\n'],
  ])('%s', async (_, fields, exitCode, message) => {
    const { code, stderr } = await speak([error(fields)]);
    expect({ code, stderr }).toEqual({ code: exitCode, stderr: `oai: ${message}` });
  });
});

describe('a server that goes silent', () => {
  it.each<[string, readonly Turn[], readonly ((socket: Duplex) => void)[]]>([
    ['at the handshake', [], [() => {}]],
    ['in the conversation', [() => {}], []],
  ])('is given up on, and hung up on: %s', async (_, turns, handshakes) => {
    const clock = new FakeClock();
    const server = await realtimeServer(turns, { handshakes });
    const argv = ['speak', '--via', 'realtime', 'hello there', '--retries', '0', '--stall-timeout', '7s'];
    const run = oai([...argv, '--base-url', server.baseUrl], {
      cwd: await temporaryFolder(),
      clock,
    });
    const isReached = () => (turns.length > 0 ? server.events.length : 2 * server.handshakes.length);
    await expect.poll(isReached, { timeout: 5000 }).toBe(2);
    await settle();
    clock.advance(7000);
    expect(await run).toMatchObject({
      code: 6,
      stderr: 'oai: the conversation stalled: nothing came for 7s\n     --stall-timeout 5m waits longer\n',
    });
    await server.allClosed();
  });
});

describe('--verbose', () => {
  it('tells what goes where, and no key, text or sound', async () => {
    const server = await realtimeServer([spokenTurn('ab', 'hello there')]);
    const argv = ['speak', '--via', 'realtime', 'hello there', '--verbose', '--base-url', server.baseUrl];
    const { code, stderr } = await oai(argv, { cwd: await temporaryFolder() });
    expect(code).toBe(0);
    expect(stderr.replaceAll(new URL(server.baseUrl).host, 'HOST').split('\n')).toEqual([
      'oai: > WebSocket ws://HOST/v1/realtime',
      'oai: < 101 after 0 ms',
      'oai: > session.update',
      'oai: > response.create',
      'oai: < response.created',
      'oai: < response.output_audio_transcript.done',
      'oai: < response.done',
      '',
    ]);
  });

  it('tells of a refusal, and what the request is called', async () => {
    const server = await realtimeServer([], { handshakes: [answer('403 No', '', ['x-request-id: req_9'])] });
    const argv = ['speak', '--via', 'realtime', 'hi', '--verbose', '--base-url', server.baseUrl];
    const { stderr } = await oai(argv, { cwd: await temporaryFolder() });
    expect(stderr).toContain('oai: < 403 after 0 ms, request req_9\n');
  });
});
