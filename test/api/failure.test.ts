import { describe, expect, it } from 'vitest';
import { retryAfter } from '../../src/api/failure.ts';
import {
  chatChunk,
  chatChunks,
  connectionError,
  errorAnswer,
  eventStream,
  jsonAnswer,
  stubApi,
} from '../support/api.ts';
import { CapturedOutput, FakeClock } from '../support/context.ts';
import { oai, settle } from '../support/oai.ts';

/** One try, no retries. */
async function chat(answer: Response | Error, flags: readonly string[] = []) {
  return oai(['chat', 'hi', '--retries', '0', ...flags], { fetch: stubApi(answer).fetch });
}

describe('an error of the API', () => {
  it.each<[number, { message: string; code?: string; type?: string }, number]>([
    [400, { message: 'bad field' }, 4],
    [401, { message: 'wrong key', code: 'invalid_api_key' }, 3],
    [402, { message: 'pay first' }, 5],
    [403, { message: 'not in your country' }, 3],
    [404, { message: 'no such model', code: 'model_not_found' }, 4],
    [408, { message: 'too slow' }, 6],
    [409, { message: 'locked' }, 4],
    [413, { message: 'too large' }, 4],
    [418, { message: 'teapot' }, 4],
    [422, { message: 'unprocessable' }, 4],
    [429, { message: 'slow down', code: 'rate_limit_exceeded' }, 5],
    [429, { message: 'no credit', code: 'insufficient_quota' }, 5],
    [400, { message: 'filtered', code: 'content_filter' }, 7],
    [400, { message: 'not allowed', code: 'content_policy_violation' }, 7],
    [500, { message: 'oops', type: 'server_error' }, 6],
    [503, { message: 'overloaded' }, 6],
  ])('%d %o is exit %d', async (status, error, code) => {
    const result = await chat(errorAnswer(status, error));
    expect(result.code).toBe(code);
    expect(result.stdout).toBe('');
    expect(result.stderr.split('\n')[0]).toBe(`oai: ${error.message} (request req_stub)`);
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3);
  });

  it('is JSON with --json', async () => {
    const { stderr } = await chat(errorAnswer(404, { message: 'no such model', code: 'model_not_found' }), [
      '--json',
    ]);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        message: 'no such model; -m chooses another model',
        code: 'model_not_found',
        exitCode: 4,
        status: 404,
        requestId: 'req_stub',
      },
    });
    expect(stderr.endsWith('}\n')).toBe(true);
  });

  it('does not show a key, wherever in its answer the server puts it', async () => {
    const key = 'sk-test-0123456789';
    const answer = errorAnswer(
      400,
      { message: key, code: `Bearer ${key}`, type: key },
      { 'x-request-id': key },
    );
    for (const flags of [[], ['--json'], ['--verbose']]) {
      expect((await chat(answer.clone(), flags)).stderr).not.toContain(key);
    }
  });

  it('does not show a credential that came with --header', async () => {
    const answer = errorAnswer(401, { message: 'wrong: hush-hush-hush' });
    const flags = ['--header', 'Authorization: Bearer hush-hush-hush'];
    const { stderr } = await oai(['chat', 'hi', ...flags], { fetch: stubApi(answer).fetch, env: {} });
    expect(stderr).toBe('oai: wrong: [key] (request req_stub)\n     the key came from --header\n');
  });

  it('names where a refused key came from, and never the key, not even when the server says it', async () => {
    const key = 'sk-test-0123456789';
    const answer = errorAnswer(401, { message: `Incorrect API key provided: ${key}.` });
    const { stderr } = await chat(answer, ['--verbose']);
    expect(stderr).not.toContain(key);
    expect(stderr).toContain('oai: Incorrect API key provided: [key].');
    expect(stderr).toContain('the key came from OPENAI_API_KEY');
  });

  it.each([
    ['no body', new Response(null, { status: 404 }), 4, 'oai: api.openai.com answered HTTP 404 (no details)'],
    [
      'a page',
      new Response('<html><title>Bad gateway</title>…</html>', {
        status: 502,
        headers: { 'x-request-id': 'r' },
      }),
      6,
      'oai: Bad gateway (request',
    ],
    ['a bare text', jsonAnswer({ error: 'model is loading' }, 503), 6, 'oai: model is loading'],
    [
      'an object without a message',
      jsonAnswer({ error: { code: 'odd' } }, 400),
      4,
      'HTTP 400 ({"code":"odd"})',
    ],
    [
      'control characters and line breaks',
      errorAnswer(400, { message: 'a\u001b[31m\nb' }),
      4,
      'oai: a␛[31m b',
    ],
    ['a list', jsonAnswer([], 400), 4, 'answered HTTP 400 (no details)'],
    [
      'the form of Gemini',
      jsonAnswer([{ error: { message: 'API key not valid', code: 400 } }], 400),
      4,
      'oai: API key not valid',
    ],
    ['the form of FastAPI', jsonAnswer({ detail: 'Not good' }, 422), 4, 'oai: Not good'],
    ['a list of details', jsonAnswer({ detail: [{ msg: 'odd' }] }, 422), 4, 'oai: [{"msg":"odd"}]'],
    ['a message alone', jsonAnswer({ message: 'no route' }, 404), 4, 'oai: no route'],
    ['plain text', new Response('you did bad', { status: 400 }), 4, 'oai: you did bad'],
    [
      'a page without a title',
      new Response('<p>hm</p>', { status: 500 }),
      6,
      'answered HTTP 500 (no details)',
    ],
  ])('is one clear line: %s', async (_, answer, code, line) => {
    const result = await chat(answer);
    expect(result.code).toBe(code);
    expect(result.stderr).toContain(line);
  });
});

describe('an error with status 200', () => {
  it.each<[string, object, number]>([
    ['of OpenAI’s kind', { error: { message: 'm', type: 'invalid_request_error', code: null } }, 4],
    ['a status as its code', { error: { message: 'm', code: 429 } }, 5],
    ['a key that is wrong', { error: { message: 'm', code: 'invalid_api_key' } }, 3],
    ['no kind at all', { error: { message: 'm' } }, 6],
    ['a bare text', { error: 'm' }, 6],
    ['a word that every object knows', { error: { message: 'm', code: 'constructor' } }, 6],
  ])('is an error: %s', async (_, body, code) => {
    for (const flags of [[], ['--json']]) {
      const result = await chat(jsonAnswer(body), flags);
      expect(result).toMatchObject({ code, stdout: '', stderr: expect.stringContaining('m') });
    }
  });

  it('is an error when it comes as an event of the stream', async () => {
    const body = { error: { message: 'the engine died', type: 'server_error', code: null } };
    const first = await chat(eventStream([body]));
    expect(first).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('oai: the engine died'),
    });
    const later = await chat(eventStream([chatChunk({ content: 'so far' }), body]));
    expect(later).toMatchObject({
      code: 6,
      stdout: 'so far\n',
      stderr: expect.stringContaining('oai: the engine died'),
    });
  });

  it('is a web page: a captive portal or a wrong base URL', async () => {
    const page = new Response('<html>Sign in</html>', {
      headers: { 'content-type': 'text/html; charset=utf-8' },
    });
    const { code, stdout, stderr } = await chat(page);
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toMatch(
      /^oai: api.openai.com answered with a web page, not with the API's JSON\n {5}.*\n$/,
    );
  });

  it.each([
    ['JSON that breaks off', new Response('{"id":', { headers: { 'content-type': 'application/json' } })],
    ['an event that is no JSON', eventStream(['{"id":'])],
  ])('is garbled: %s', async (_, answer) => {
    const result = await chat(answer);
    expect(result.code).toBe(6);
    expect(result.stderr).toMatch(/^oai: .*garbled\n/);
  });
});

describe('an answer that is none', () => {
  const json = (text: string) => () =>
    new Response(text, { headers: { 'content-type': 'application/json' } });
  it.each<[string, () => Response]>([
    ['an empty object', json('{}')],
    ['a list', json('[1,2]')],
    ['a number', json('5')],
    ['null', json('null')],
    ['choices that are none', json('{"choices":[null]}')],
    ['choices without a message', json('{"choices":[{"text":"x"}]}')],
    ['no body', () => new Response(null, { status: 204 })],
    [
      'a page that does not say so',
      () => new Response('<html>hello</html>', { headers: { 'content-type': '' } }),
    ],
  ])('is no bug of ours, and prints nothing: %s', async (_, answer) => {
    for (const flags of [[], ['--json']]) {
      const result = await chat(answer(), flags);
      expect(result).toMatchObject({ code: 6, stdout: '' });
      expect(result.stderr).toMatch(
        /api\.openai\.com (answered, but not with a chat completion|ended the answer before it began)/,
      );
    }
  });

  it('is a stream that nobody asked for', async () => {
    const result = await chat(eventStream(chatChunks('ok')), ['--json']);
    expect(result).toMatchObject({
      code: 6,
      stdout: '',
      stderr: expect.stringContaining('not with a chat completion'),
    });
  });
});

describe('a network that fails', () => {
  it.each([
    ['ENOTFOUND', 'there is no host named api.openai.com'],
    ['ECONNREFUSED', 'nothing listens at api.openai.com'],
    ['ECONNRESET', 'the connection to api.openai.com was lost'],
    ['UND_ERR_SOCKET', 'the connection to api.openai.com was lost'],
    ['UND_ERR_CONNECT_TIMEOUT', 'api.openai.com does not answer'],
    [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'the TLS certificate of api.openai.com is not trusted (SELF_SIGNED_CERT_IN_CHAIN)',
    ],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'the TLS certificate of api.openai.com is not trusted'],
    ['Z_DATA_ERROR', 'api.openai.com sent an answer that is garbled'],
    ['EWHATEVER', 'cannot reach api.openai.com: '],
  ])('%s', async (name, words) => {
    const { code, stderr } = await chat(connectionError(name));
    expect(code).toBe(6);
    expect(stderr).toContain(`oai: ${words}`);
  });

  it('redirects', async () => {
    const { code, stderr } = await chat(
      new TypeError('fetch failed', { cause: new Error('unexpected redirect') }),
    );
    expect(code).toBe(6);
    expect(stderr).toContain(
      'oai: api.openai.com redirects to another address\n     a key is not carried there',
    );
  });

  it('loses the connection in the middle: what came is printed', async () => {
    const result = await oai(['chat', '--sandbox', 'one two three four five six'], {
      env: { OAI_SANDBOX: 'reset@2' },
    });
    expect(result.code).toBe(6);
    expect(result.stdout).toMatch(/^You said: .*\n$/s);
    expect(result.stderr).toMatch(/^oai: the connection to \S+ was lost\n/);
  });
});

describe('retries', () => {
  /** A run on a clock that jumps to whatever is waited for. */
  async function patient(answers: Parameters<typeof stubApi>, flags: readonly string[] = []) {
    const api = stubApi(...answers);
    const clock = new FakeClock({ leap: true });
    const result = await oai(['chat', 'hi', ...flags], { fetch: api.fetch, clock });
    return {
      ...result,
      requests: api.requests.length,
      delays: clock.delays.filter((ms) => ms < 600_000 && ms !== 60_000 && ms !== 300 && ms !== 1000),
    };
  }
  const ok = () => eventStream(chatChunks('ok'));
  const limited = (headers = {}) => errorAnswer(429, { message: 'slow down' }, headers);

  it.each([
    ['429', () => limited()],
    ['408', () => errorAnswer(408, { message: 'x' })],
    ['409', () => errorAnswer(409, { message: 'x' })],
    ['500', () => errorAnswer(500, { message: 'x' })],
    ['a refused connection', () => connectionError('ECONNREFUSED')],
    ['x-should-retry on a 400', () => errorAnswer(400, { message: 'x' }, { 'x-should-retry': 'true' })],
    [
      'a stream that fails before its first piece',
      () => eventStream([{ error: { message: 'x', type: 'server_error' } }]),
    ],
  ])('help after %s', async (_, failed) => {
    expect(await patient([failed(), ok()])).toMatchObject({ code: 0, stdout: 'ok\n', requests: 2 });
  });

  it.each([
    ['400', errorAnswer(400, { message: 'x' })],
    ['401', errorAnswer(401, { message: 'x' })],
    ['insufficient_quota', errorAnswer(429, { message: 'x', code: 'insufficient_quota' })],
    ['x-should-retry: false on a 500', errorAnswer(500, { message: 'x' }, { 'x-should-retry': 'false' })],
    ['a certificate that is not trusted', connectionError('CERT_HAS_EXPIRED')],
  ])('do not help after %s', async (_, failed) => {
    expect(await patient([failed])).toMatchObject({ requests: 1, stdout: '' });
  });

  it('never repeat what was already printed', async () => {
    const cut = eventStream([
      chatChunk({ content: 'so far' }),
      { error: { message: 'x', type: 'server_error' } },
    ]);
    expect(await patient([cut])).toMatchObject({ code: 6, stdout: 'so far\n', requests: 1 });
  });

  it('wait longer each time, with jitter, and give up', async () => {
    const result = await patient([limited(), limited(), limited(), limited()]);
    expect(result).toMatchObject({ code: 5, requests: 4 });
    expect(result.stderr).toContain('oai: slow down (request req_stub)\n     given up after 4 tries\n');
    expect(result.delays.map((ms, index) => ms <= 500 * 2 ** index && ms >= 375 * 2 ** index)).toEqual([
      true,
      true,
      true,
    ]);
  });

  it.each([
    ['seconds', { 'retry-after': '90' }, 90_000],
    ['milliseconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1500],
    ['a fraction', { 'retry-after': '0.5' }, 500],
  ])('wait as long as the server asks: %s', async (_, headers, ms) => {
    const result = await patient([limited(headers), ok()]);
    expect(result).toMatchObject({ code: 0, delays: [ms] });
  });

  it('say when they wait for long', async () => {
    const { stderr } = await patient([limited({ 'retry-after': '90' }), ok()]);
    expect(stderr).toBe('oai: slow down; trying again in 90s (1 of 3)\n');
  });

  it('fail at once when the server asks for more time than there is', async () => {
    const result = await patient([limited({ 'retry-after': '7200' })]);
    expect(result).toMatchObject({ code: 5, requests: 1, delays: [] });
    expect(result.stderr).toContain('the next try is due in 2h, later than --timeout allows');
    expect(await patient([limited({ 'retry-after': '7200' }), ok()], ['--timeout', '3h'])).toMatchObject({
      code: 0,
    });
  });

  it('are as many as --retries says', async () => {
    expect(await patient([limited()], ['--retries', '0'])).toMatchObject({ code: 5, requests: 1 });
    expect(await patient([limited(), limited(), ok()], ['--retries', '2'])).toMatchObject({
      code: 0,
      requests: 3,
    });
  });
});

describe('Retry-After', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');
  it.each([
    ['7', 7000],
    ['0', 0],
    ['Sat, 21 Nov 2026 12:01:00 GMT', 60_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 0],
    ['soon', undefined],
    ['', undefined],
    ['-5', 0],
  ])('%j is %s ms', (text, ms) => {
    expect(retryAfter(new Headers({ 'retry-after': text }), now)).toBe(ms);
  });
});

describe('time', () => {
  /** A run that stalls after two pieces; resolves to it once those are written. */
  async function stalled(flags: readonly string[]) {
    const clock = new FakeClock();
    const stdout = new CapturedOutput();
    const env = { OAI_SANDBOX: 'stall@2' };
    const run = oai(['chat', '--sandbox', ...flags, 'one two three four five six'], { clock, stdout, env });
    await stdout.shows('You said: one');
    return { clock, run };
  }

  it('is up in all after --timeout: what came is printed', async () => {
    const { clock, run } = await stalled(['--timeout', '30s']);
    clock.advance(29_999);
    await settle();
    clock.advance(1);
    const { code, stdout, stderr } = await run;
    expect(code).toBe(6);
    expect(stdout).toMatch(/^You said: .*\n$/s);
    expect(stderr).toMatch(/^oai: \S+ did not finish within 30s\n {5}--timeout 30m gives it longer\n$/);
  });

  it('is up between two pieces after --stall-timeout', async () => {
    const { clock, run } = await stalled(['--stall-timeout', '5s']);
    clock.advance(5000);
    const { code, stdout, stderr } = await run;
    expect(code).toBe(6);
    expect(stdout).toMatch(/^You said: .*\n$/s);
    expect(stderr).toContain('oai: the answer stalled: nothing came for 5s\n');
  });

  it('is up between two pieces after 60 s when nobody says otherwise', async () => {
    const { clock, run } = await stalled([]);
    clock.advance(60_000);
    expect(await run).toMatchObject({ code: 6, stderr: expect.stringContaining('nothing came for 1m') });
  });

  it.each<[string, (request: Request) => Response | Promise<Response>]>([
    ['the headers do not come', (request) => untilAborted(request)],
    [
      'the first piece does not come',
      () => new Response(new ReadableStream({}), { headers: { 'content-type': 'text/event-stream' } }),
    ],
  ])('is up when --stall-timeout was given and %s', async (_, answer) => {
    const clock = new FakeClock();
    let arrived: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const api = stubApi((request) => {
      arrived();
      return answer(request);
    });
    const run = oai(['chat', 'hi', '--retries', '0', '--stall-timeout', '5s'], { clock, fetch: api.fetch });
    await asked;
    await settle();
    clock.advance(5000);
    expect(await run).toMatchObject({ code: 6, stderr: expect.stringContaining('nothing came for 5s') });
  });

  it('ends a wait for a retry', async () => {
    const clock = new FakeClock();
    const answer = errorAnswer(500, { message: 'x' }, { 'retry-after': '20' });
    let arrived: () => void = () => {};
    const second = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const hanging = () => {
      arrived();
      return new Response(new ReadableStream({}));
    };
    const run = oai(['chat', 'hi', '--timeout', '30s'], { clock, fetch: stubApi(answer, hanging).fetch });
    await clock.asked(20_000);
    clock.advance(20_000);
    await second;
    clock.advance(10_000);
    expect(await run).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('did not finish within 30s'),
    });
  });
});

describe('a word that would lead elsewhere in an address', () => {
  it.each([
    ['models', 'get', '..'],
    ['response', 'get', '..'],
    ['response', 'delete', '.'],
  ])('is wrong usage: %s %s %s', async (...argv) => {
    const { code, stderr } = await oai(argv, { fetch: stubApi().fetch });
    expect({ code, stderr }).toEqual({ code: 2, stderr: `oai: ${argv[2]} is neither an id nor a name\n` });
  });
});

/** A server that does not answer: the request ends when nobody waits for it any more. */
function untilAborted({ signal }: Request): Promise<Response> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
}
