import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/errors.ts';
import { faultWords, readFaults } from '../../src/sandbox/faults.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { checkResponse } from '../support/openapi.ts';
import { ask, chat, hello, request, sandbox, stream } from './ask.ts';

const CHAT = '/chat/completions';
const once = (of: Sandbox) => ask('POST', CHAT, hello(), { of });
const rejection = (of: Sandbox) => of.answer(request('POST', CHAT, hello())).catch((error: unknown) => error);

describe('a failing status', () => {
  it.each([
    ['400', 400, null],
    ['401', 401, 'invalid_api_key'],
    ['403', 403, 'unsupported_country_region_territory'],
    ['404', 404, null],
    ['429', 429, 'rate_limit_exceeded'],
    ['500', 500, null],
    ['503', 503, null],
    ['529', 529, null],
    ['quota', 429, 'insufficient_quota'],
  ])('%s is answered with the error of the API', async (faults, status, code) => {
    const answer = await once(sandbox(faults));
    expect(answer.status).toBe(status);
    expect(answer.body.error.code).toBe(code);
    expect(answer.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('comes as often as asked, in the order of the text, and then no more', async () => {
    const of = sandbox('429x2,500');
    const all = [await once(of), await once(of), await once(of), await once(of)];
    expect(all.map(({ status }) => status)).toEqual([429, 429, 500, 500]);
    const spent = sandbox('fault=503x1');
    expect((await once(spent)).status).toBe(503);
    expect((await chat(hello(), spent)).choices[0]?.message.content).toBe('You said: hello');
    expect((await once(sandbox('503x1'))).status).toBe(503);
  });

  it.each([
    ['429', '1', null],
    ['429,retry-after=20s', '20', null],
    ['503,retry-after=1500ms', '2', '1500'],
    ['503', null, null],
    ['quota', null, null],
  ])('%s asks for a wait of %s', async (faults, seconds, ms) => {
    const { headers } = await once(sandbox(faults));
    expect([headers.get('retry-after'), headers.get('retry-after-ms')]).toEqual([seconds, ms]);
  });

  it('can come with no body', async () => {
    const response = await sandbox('500-empty').answer(request('POST', CHAT, hello()));
    expect(response.status).toBe(500);
    expect(response.headers.get('content-type')).toBeNull();
    expect(await response.text()).toBe('');
  });

  it('strikes every endpoint', async () => {
    expect((await ask('GET', '/models', undefined, { of: sandbox('500') })).status).toBe(500);
  });
});

describe('an answer that is not the API’s', () => {
  it('is a page', async () => {
    const of = sandbox('htmlx1');
    const response = await of.answer(request('POST', CHAT, hello()));
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(response.headers.get('x-request-id')).toBeNull();
    expect(await response.text()).toContain('Sign in');
    expect((await once(of)).status).toBe(200);
  });

  it('is an error with status 200', async () => {
    const response = await sandbox('json-error').answer(request('POST', CHAT, hello()));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ error: { type: 'server_error' } });
  });

  it('is a lost connection', async () => {
    const of = sandbox('dropx1');
    const error = await rejection(of);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause: { code: 'ECONNRESET' } });
    expect((await once(of)).status).toBe(200);
  });
});

describe('a stream with', () => {
  it.each([
    ['cut@1', 'You said:'],
    ['cut@0', ''],
    ['cut@100', 'You said: hello'],
  ])('%s ends cleanly and unfinished', async (faults, text) => {
    const streamed = await stream(hello(), sandbox(faults));
    expect(streamed).toMatchObject({ text, isDone: false, failure: undefined, others: [] });
    expect(streamed.chunks.every(({ choices: [choice] }) => choice?.finish_reason === null)).toBe(true);
  });

  it('reset@1 loses the connection', async () => {
    const { text, isDone, failure } = await stream(hello(), sandbox('reset@1'));
    expect([text, isDone]).toEqual(['You said:', false]);
    expect(failure).toMatchObject({ message: 'terminated', cause: { code: 'ECONNRESET' } });
  });

  it('error@1 tells of an error and ends', async () => {
    const { text, isDone, others } = await stream(hello(), sandbox('error@1'));
    expect([text, isDone]).toEqual(['You said:', false]);
    expect(JSON.parse(others[0] ?? '')).toMatchObject({ error: { type: 'server_error' } });
  });

  it('garbled@1 has an event that is not JSON, and goes on', async () => {
    const { text, isDone, others } = await stream(hello(), sandbox('garbled@1'));
    expect([text, isDone]).toEqual(['You said: hello', true]);
    expect(others).toEqual(['{"id":"chatcmpl-']);
  });

  it('stall@1 goes silent until it is stopped', async () => {
    const stopped = new AbortController();
    const of = sandbox('stall@1', { signal: stopped.signal });
    const response = await of.answer(request('POST', CHAT, { ...hello(), stream: true }));
    const reader = response.body?.getReader();
    const role = await reader?.read();
    const delta = await reader?.read();
    expect(Buffer.from(delta?.value ?? []).toString()).toContain('You said:');
    expect(role?.done).toBe(false);
    let silent = true;
    const next = reader?.read().finally(() => {
      silent = false;
    });
    next?.catch(() => {});
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(silent).toBe(true);
    stopped.abort(new Error('stopped'));
    await expect(next).rejects.toThrow('stopped');
  });

  it('plain comes as one JSON document', async () => {
    const response = await sandbox('plain').answer(request('POST', CHAT, { ...hello(), stream: true }));
    expect(response.headers.get('content-type')).toBe('application/json');
    const answer = await response.json();
    checkResponse('POST', CHAT, 200, answer);
    expect(answer).toMatchObject({ choices: [{ message: { content: 'You said: hello' } }] });
  });

  it('refusal refuses delta by delta', async () => {
    const { chunks, text } = await stream(hello(), sandbox('refusal'));
    const deltas = chunks.flatMap(({ choices: [choice] }) => choice?.delta.refusal ?? []);
    expect(deltas.join('')).toBe("I'm sorry, but I can't help with that.");
    expect(text).toBe(deltas.join(''));
  });

  it.each([
    ['finish=length', 'You said: hello', 'length'],
    ['finish=content_filter', 'You said: hello', 'content_filter'],
    ['empty', '', 'stop'],
  ])('%s finishes so', async (faults, text, finish) => {
    const streamed = await stream(hello(), sandbox(faults));
    expect(streamed.text).toBe(text);
    expect(streamed.chunks.at(-1)?.choices[0]?.finish_reason).toBe(finish);
    expect(streamed.isDone).toBe(true);
  });

  it('deltas=1000 has that many, and the whole answer has the same text', async () => {
    const { chunks, text, isDone } = await stream(hello(), sandbox('deltas=1000'));
    expect(chunks.filter(({ choices: [choice] }) => choice?.delta.content)).toHaveLength(1000);
    expect(isDone).toBe(true);
    const whole = await chat(hello(), sandbox('deltas=1000'));
    expect(whole.choices[0]?.message.content).toBe(text);
    expect(whole.usage?.completion_tokens_details?.reasoning_tokens).toBe(16);
    expect(whole.usage?.completion_tokens).toBe(1016);
  });
});

describe('a delay', () => {
  it('comes before the answer and before every delta', async () => {
    const clock = new FakeClock({ leap: true });
    await stream(hello(), sandbox('delay=50ms', { clock }));
    expect(clock.delays).toEqual([50, 50, 50]);
  });

  it('holds the answer back until the clock says so', async () => {
    const clock = new FakeClock();
    let answered = false;
    const answer = once(sandbox('delay=2s', { clock })).then(() => {
      answered = true;
    });
    while (clock.delays.length === 0) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1999);
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(answered).toBe(false);
    clock.advance(1);
    await answer;
  });

  it('ends at once when the request is aborted', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const asked = request('POST', CHAT, hello(), { signal: controller.signal });
    const answer = sandbox('delay=1h', { clock }).answer(new Request(asked));
    while (clock.delays.length === 0) await new Promise((resolve) => setImmediate(resolve));
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('is never waited for by a request that is aborted already', async () => {
    const asked = request('POST', CHAT, hello(), { signal: AbortSignal.abort(new Error('too late')) });
    await expect(sandbox('delay=1h', { clock: new FakeClock() }).answer(asked)).rejects.toThrow('too late');
  });
});

describe('the text of faults', () => {
  it.each([
    '429x0',
    '429xtwo',
    '200',
    '399',
    '600',
    'cut',
    'cut@',
    'cut@-1',
    'reset@five',
    'explode',
    'finish=stop',
    'gone=',
    'deltas=many',
    'plain=1',
    'urls=1',
    'broken-image',
    'batch=expired',
    'batch-failed=0',
    'batch-looks',
    'broken-image=0',
    'broken-image=second',
    'quota@2',
  ])('refuses %s by name', (part) => {
    const make = () => sandbox(`500x1,${part}`);
    expect(make).toThrow(Failure);
    expect(make).toThrow(`OAI_SANDBOX: '${part}' is not a fault of the sandbox`);
  });

  it.each([
    ['cut@1,reset@2', 'cut@1', 'reset@2'],
    ['cut@1,delay=1s,cut@2', 'cut@1', 'cut@2'],
    ['deltas=5,refusal', 'deltas=5', 'refusal'],
    ['empty,deltas=5', 'empty', 'deltas=5'],
    ['refusal,empty', 'refusal', 'empty'],
    ['finish=length,finish=content_filter', 'finish=length', 'finish=content_filter'],
    ['plain,cut@1', 'plain', 'cut@1'],
    ['broken-image=1,broken-image=2', 'broken-image=1', 'broken-image=2'],
    ['stall@1,plain', 'stall@1', 'plain'],
    ['delay=1s,delay=2s', 'delay=1s', 'delay=2s'],
    ['429,500', '429', '500'],
    ['drop,fault=html', 'drop', 'html'],
  ])('refuses %s, of which one part undoes the other', (text, one, other) => {
    expect(() => sandbox(text)).toThrow(
      expect.objectContaining({
        kind: 'usage',
        message: `OAI_SANDBOX: ${one} and ${other} cannot both be had`,
      }),
    );
  });

  it.each<[string, object]>([
    ['cut@1,cut@1', { stream: { kind: 'cut', after: 1 } }],
    ['gone=a,gone=b', { gone: new Set(['a', 'b']) }],
    ['plain,empty,429x1', { plain: true, say: 'empty' }],
    ['urls,broken-image=12,plain', { urls: true, brokenImage: 12, plain: true }],
    ['deltas=5,finish=length', { deltas: 5, finish: 'length' }],
  ])('takes %s', (text, faults) => {
    expect(readFaults(text)).toMatchObject(faults);
  });

  it('spends the faults of requests one after the other', () => {
    const faults = readFaults('429x2,500');
    const taken = Array.from({ length: 4 }, () => faults.takeRequestFault());
    expect(taken).toMatchObject([{ status: 429 }, { status: 429 }, { status: 500 }, { status: 500 }]);
  });

  it('names what it knows when it refuses', () => {
    const hint = `It knows ${faultWords.map(({ form }) => form).join(', ')}.`;
    expect(() => sandbox('explode')).toThrow(expect.objectContaining({ kind: 'usage', hint }));
  });

  it.each([
    ['delay=soon', 'OAI_SANDBOX: delay soon is not a duration'],
    ['retry-after=-1s', 'OAI_SANDBOX: retry-after -1s is not a duration'],
  ])('refuses %s as no duration', (part, message) => {
    expect(() => sandbox(part)).toThrow(message);
  });

  it.each(faultWords.map(({ form }) => form))('reads its own example %s', (form) => {
    const nothing = JSON.stringify(readFaults(''));
    const faults = readFaults(form);
    const asked = faults.gone.size > 0 || faults.takeRequestFault() !== undefined;
    expect(asked || JSON.stringify(faults) !== nothing).toBe(true);
  });

  it('allows spaces and nothing at all', async () => {
    expect((await once(sandbox(' 500x1 , '))).status).toBe(500);
    expect((await once(sandbox(''))).status).toBe(200);
  });
});
