import OpenAI from 'openai';
import type { Batch } from 'openai/resources/batches';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { checkResponse } from '../support/openapi.ts';
import { ask, chat, hello, request, sandbox } from './ask.ts';
import {
  BATCHES,
  begin,
  CHAT,
  checkLines,
  content,
  ended,
  FILES,
  lineOf,
  linesOf,
  look,
  refused,
  results,
  upload,
} from './ask-batches.ts';

const idsOf = (lines: readonly { custom_id: string }[]) => lines.map(({ custom_id }) => custom_id).sort();
const NONE = { total: 0, completed: 0, failed: 0 };

describe('a batch', () => {
  it('is validating, in progress at the first look and completed at the second, and stays so', async () => {
    const of = sandbox();
    const text = linesOf('one', 'two', 'three');
    checkLines(text);
    const made = await begin(text, of, { metadata: { job: 'test' } });
    expect(made).toMatchObject({
      object: 'batch',
      endpoint: CHAT,
      completion_window: '24h',
      status: 'validating',
      metadata: { job: 'test' },
      request_counts: NONE,
    });
    expect(made.expires_at).toBe(made.created_at + 86_400);
    const first = await look(made, of);
    expect(first).toMatchObject({
      id: made.id,
      status: 'in_progress',
      model: 'gpt-6-luna',
      in_progress_at: expect.any(Number),
      request_counts: { total: 3, completed: 0, failed: 0 },
    });
    expect(first.output_file_id).toBeUndefined();
    const second = await look(made, of);
    expect(second).toMatchObject({
      status: 'completed',
      output_file_id: expect.stringMatching(/^file-/),
      finalizing_at: expect.any(Number),
      completed_at: expect.any(Number),
      request_counts: { total: 3, completed: 3, failed: 0 },
    });
    expect(second.error_file_id).toBeUndefined();
    expect(second.usage?.total_tokens).toBe(
      (second.usage?.input_tokens ?? 0) + (second.usage?.output_tokens ?? 0),
    );
    expect(second.usage?.output_tokens).toBeGreaterThan(0);
    expect(await look(made, of)).toEqual(second);
  });

  it('gives the answers that the endpoint gives, in no order', async () => {
    const of = sandbox();
    const words = Array.from({ length: 20 }, (_, at) => `word${at}`);
    const { output_file_id } = await ended(linesOf(...words), of);
    const lines = await results(output_file_id, of);
    const ids = lines.map(({ custom_id }) => custom_id);
    expect(ids).not.toEqual(words.map((_, at) => String(at + 1)));
    expect(new Set(ids).size).toBe(20);
    for (const { id, custom_id, response, error } of lines) {
      const word = words[Number(custom_id) - 1] ?? '';
      const { choices, id: name } = await chat(hello({ messages: [{ role: 'user', content: word }] }), of);
      expect(id).toMatch(/^batch_req_[0-9a-f]{32}$/);
      expect(error).toBeNull();
      expect(response).toMatchObject({
        status_code: 200,
        request_id: expect.stringMatching(/^req_/),
        body: { id: name, choices },
      });
    }
    const { body: file } = await ask<object>('GET', `${FILES}/${output_file_id}`, undefined, { of });
    expect(file).toMatchObject({
      purpose: 'batch_output',
      filename: expect.stringMatching(/_output\.jsonl$/),
    });
  });

  it('is the same in every sandbox, and has another id when it is made again', async () => {
    const one = sandbox();
    const other = sandbox();
    const text = linesOf('a', 'b');
    const [first, same] = [await ended(text, one), await ended(text, other)];
    expect(same).toEqual(first);
    expect(await results(same.output_file_id, other)).toEqual(await results(first.output_file_id, one));
    const body = { input_file_id: first.input_file_id, endpoint: CHAT, completion_window: '24h' };
    const again = await ask<Batch>('POST', BATCHES, body, { of: one });
    expect(again.body.id).toMatch(/^batch_[0-9a-f]{32}$/);
    expect(again.body.id).not.toBe(first.id);
  });

  it('has refused requests in its error file', async () => {
    const of = sandbox();
    const text = [
      lineOf('good'),
      lineOf('hot', {}, { temperature: 9 }),
      lineOf('odd', {}, { messages: 'hello' }),
    ].join('\n');
    const batch = await ended(text, of);
    expect(batch.status).toBe('completed');
    expect(batch.request_counts).toEqual({ total: 3, completed: 1, failed: 2 });
    expect(idsOf(await results(batch.output_file_id, of))).toEqual(['good']);
    const errors = await results(batch.error_file_id, of);
    expect(idsOf(errors)).toEqual(['hot', 'odd']);
    for (const { response, error } of errors) {
      expect(response).toMatchObject({
        status_code: 400,
        body: { error: { type: 'invalid_request_error', message: expect.any(String) } },
      });
      expect(error).toBeNull();
    }
    const bad = await ended(lineOf('hot', {}, { temperature: 9 }), of);
    expect(bad.output_file_id).toBeUndefined();
    expect(bad).toMatchObject({ status: 'completed', request_counts: { total: 1, completed: 0, failed: 1 } });
  });

  it.each([
    ['/v1/embeddings', { model: 'text-embedding-3-small', input: ['a', 'b'] }, { object: 'list' }],
    ['/v1/moderations', { input: 'I love you' }, { model: 'omni-moderation-latest' }],
    ['/v1/completions', { model: 'sandbox-base', prompt: 'a' }, { object: 'text_completion' }],
    [
      '/v1/images/generations',
      { model: 'gpt-image-2.5-sunburst', prompt: 'a cat', size: '1024x1024', quality: 'low' },
      { data: [{ b64_json: expect.any(String) }] },
    ],
  ])('asks %s', async (endpoint, body, answer) => {
    const of = sandbox();
    const text = ['a', 'b'].map((id) => lineOf(id, { url: endpoint, body })).join('\n');
    checkLines(text, endpoint);
    const batch = await ended(text, of, { endpoint });
    const lines = await results(batch.output_file_id, of, endpoint);
    expect(idsOf(lines)).toEqual(['a', 'b']);
    const wire = await ask<object>('POST', endpoint.replace('/v1', ''), body);
    expect(wire.body).toMatchObject(answer);
    for (const { response } of lines) expect(response?.body).toEqual(wire.body);
  });

  it('asks /v1/responses, and counts its tokens', async () => {
    const of = sandbox();
    const body = { model: 'gpt-6-luna', input: 'hello' };
    const line = lineOf('a', { url: '/v1/responses', body });
    checkLines(line, '/v1/responses');
    const batch = await ended(line, of, { endpoint: '/v1/responses' });
    const [result] = await results(batch.output_file_id, of, '/v1/responses');
    expect(result?.response?.body).toMatchObject({ object: 'response', status: 'completed' });
    expect(batch.usage?.input_tokens).toBeGreaterThan(0);
    expect(batch.usage?.output_tokens).toBeGreaterThan(0);
  });

  it('outlives its input file, and its files may be deleted', async () => {
    const of = sandbox();
    const batch = await begin(linesOf('a'), of);
    await ask('DELETE', `${FILES}/${batch.input_file_id}`, undefined, { of });
    await look(batch, of);
    const { output_file_id: id } = await look(batch, of);
    expect(await results(id, of)).toHaveLength(1);
    await ask('DELETE', `${FILES}/${id}`, undefined, { of });
    expect((await content(id ?? '', of)).status).toBe(404);
  });

  it('keeps its files as long as is asked', async () => {
    const of = sandbox();
    const expires = { anchor: 'created_at', seconds: 7200 };
    const { output_file_id } = await ended(linesOf('a'), of, { output_expires_after: expires });
    const { body } = await ask<{ created_at: number; expires_at: number }>(
      'GET',
      `${FILES}/${output_file_id}`,
      undefined,
      { of },
    );
    expect(body.expires_at).toBe(body.created_at + 7200);
  });

  it('is looked at by several at once', async () => {
    const of = sandbox();
    const batch = await begin(linesOf('a', 'b', 'c'), of);
    const looks = await Promise.all([look(batch, of), look(batch, of), look(batch, of)]);
    expect(looks.map(({ status }) => status).at(-1)).toBe('completed');
    expect(await results((await look(batch, of)).output_file_id, of)).toHaveLength(3);
  });

  it('goes on where it was when nobody waited', async () => {
    const of = sandbox();
    const batch = await begin(linesOf(...Array.from({ length: 50 }, (_, at) => `w${at}`)), of);
    await look(batch, of);
    const gone = new AbortController();
    const lost = of.answer(request('GET', `${BATCHES}/${batch.id}`, undefined, { signal: gone.signal }));
    setImmediate(() => setImmediate(() => gone.abort()));
    await expect(lost).rejects.toThrow();
    const last = await look(batch, of);
    expect(last.status).toBe('completed');
    expect(last.request_counts).toEqual({ total: 50, completed: 50, failed: 0 });
    expect(await results(last.output_file_id, of)).toHaveLength(50);
  });

  it('speaks with the SDK', async () => {
    const of = sandbox();
    const client = new OpenAI({
      apiKey: 'sk-any',
      baseURL: 'http://sandbox.invalid/v1',
      fetch: (url, init) => of.answer(new Request(url as string, init as RequestInit)),
    });
    const file = await client.files.create({ file: new File([linesOf('a')], 'in.jsonl'), purpose: 'batch' });
    const { id } = await client.batches.create({
      input_file_id: file.id,
      endpoint: CHAT,
      completion_window: '24h',
    });
    await client.batches.retrieve(id);
    const { output_file_id } = await client.batches.retrieve(id);
    expect(await (await client.files.content(output_file_id ?? '')).text()).toContain('You said: a');
    expect((await client.files.delete(file.id)).deleted).toBe(true);
    const other = await client.batches.create({
      input_file_id: (
        await client.files.create({ file: new File([linesOf('b')], 'in.jsonl'), purpose: 'batch' })
      ).id,
      endpoint: CHAT,
      completion_window: '24h',
    });
    expect((await client.batches.cancel(other.id)).status).toBe('cancelling');
  });
});

describe('an input file', () => {
  const missing = (param: string, line: number) => ({
    code: 'missing_required_parameter',
    message: `Missing required parameter: '${param}'.`,
    param,
    line,
  });
  const json = (line: number) => ({
    code: 'invalid_json_line',
    message: 'This line is not parseable as valid JSON.',
    param: null,
    line,
  });
  const empty = { code: 'empty_file', message: expect.any(String), param: 'input_file_id', line: null };
  const wrong = (param: string, message: string, line = 1) => ({
    code: 'invalid_request',
    message,
    param,
    line,
  });

  it.each([
    ['no JSON', `${lineOf('a')}\n{nope\n${lineOf('b')}\n[]`, [json(2), json(4)]],
    ['a byte order mark', `\uFEFF${lineOf('a')}`, [json(1)]],
    ['no custom_id', lineOf('a', { custom_id: undefined }), [missing('custom_id', 1)]],
    ['nothing at all', '{}', ['custom_id', 'method', 'url', 'body'].map((name) => missing(name, 1))],
    [
      'a number for an id',
      lineOf('a', { custom_id: 5 }),
      [wrong('custom_id', 'Custom_id must be a string.')],
    ],
    [
      'an id twice, after a blank line',
      `${lineOf('a')}\n\n${lineOf('a')}`,
      [
        {
          code: 'duplicate_custom_id',
          message:
            "The custom_id 'a' for this request is a duplicate of another request. The custom_id parameter must be unique for each request in a batch.",
          param: 'custom_id',
          line: 3,
        },
      ],
    ],
    [
      'another URL',
      `${lineOf('a', { url: '/v1/embeddings' })}\n${lineOf('b', { url: '/chat/completions' })}`,
      [1, 2].map((line) => ({
        code: 'invalid_url',
        message: 'The URL provided for this request does not match the batch endpoint.',
        param: 'url',
        line,
      })),
    ],
    ['another method', lineOf('a', { method: 'GET' }), [wrong('method', "Method must be 'POST'.")]],
    ['a body that is none', lineOf('a', { body: [] }), [wrong('body', 'Body must be an object.')]],
    [
      'bodies that lack fields',
      `${lineOf('a', {}, { model: undefined })}\n${lineOf('b', {}, { messages: undefined })}`,
      [
        wrong('body.model', 'Model parameter is required.'),
        wrong('body.messages', 'Messages parameter is required.', 2),
      ],
    ],
    [
      'an unknown model',
      lineOf('a', {}, { model: 'no' }),
      [
        {
          code: 'model_not_found',
          message: "The provided model 'no' is not supported by the Batch API.",
          param: 'body.model',
          line: 1,
        },
      ],
    ],
    [
      'two models',
      `${lineOf('a')}\n${lineOf('b', {}, { model: 'gpt-4o' })}`,
      [
        {
          code: 'mismatched_model',
          message:
            "The model 'gpt-4o' for this request does not match the rest of the batch. Each batch must contain requests for a single model.",
          param: 'body.model',
          line: 2,
        },
      ],
    ],
    [
      'a stream',
      lineOf('a', {}, { stream: true }),
      [
        {
          code: 'streaming_unsupported',
          message: 'Chat Completions: Streaming is not supported in the Batch API.',
          param: 'body.stream',
          line: 1,
        },
      ],
    ],
    ['nothing', '', [empty]],
    ['blank lines', '\n \r\n\t\n', [empty]],
  ])('with %s fails', async (_, text, errors) => {
    const of = sandbox();
    const batch = await begin(text, of);
    expect(batch.status).toBe('validating');
    const failed = await look(batch, of);
    expect(failed).toMatchObject({ status: 'failed', failed_at: expect.any(Number), request_counts: NONE });
    expect(failed.errors).toEqual({ object: 'list', data: errors });
    expect(await look(batch, of)).toEqual(failed);
  });

  it('of more than 50,000 requests fails', async () => {
    const of = sandbox();
    const text = Array.from({ length: 50_001 }, (_, at) => lineOf(String(at))).join('\n');
    const batch = await ended(text, of);
    expect(batch).toMatchObject({ status: 'failed', request_counts: NONE });
    expect(batch.errors?.data).toEqual([
      {
        code: 'too_many_tasks',
        message: 'The batch input file contains too many requests: 50001. The maximum is 50000.',
        param: 'input_file_id',
        line: null,
      },
    ]);
  });

  it('of more than 50,000 texts to embed fails', async () => {
    const body = { model: 'text-embedding-3-small', input: Array(2048).fill('a') };
    const url = '/v1/embeddings';
    const text = Array.from({ length: 25 }, (_, at) => lineOf(String(at), { url, body })).join('\n');
    const batch = await ended(text, sandbox(), { endpoint: url });
    expect(batch.errors?.data?.map(({ code }) => code)).toEqual(['too_many_tasks']);
  });

  it('may end lines as Windows does, and the last one not at all', async () => {
    const of = sandbox();
    const batch = await ended(`${lineOf('a')}\r\n${lineOf('b')}`, of);
    expect(batch.request_counts).toEqual({ total: 2, completed: 2, failed: 0 });
  });

  it('that is not there fails', async () => {
    const of = sandbox();
    const body = { input_file_id: 'file-none', endpoint: CHAT, completion_window: '24h' };
    const { body: batch } = await ask<Batch>('POST', BATCHES, body, { of });
    expect((await look(batch, of)).errors?.data).toEqual([
      {
        code: 'invalid_request',
        message: 'Cannot find file file-none, or organization sandbox does not have access to it.',
        param: 'file_id',
        line: null,
      },
    ]);
  });
});

describe('a cancelled batch', () => {
  const cancel = (id: string, of = sandbox()) =>
    ask<Batch>('POST', `${BATCHES}/${id}/cancel`, undefined, { of });

  it('has done half of its requests when it was in progress', async () => {
    const of = sandbox();
    const batch = await begin(linesOf('a', 'b', 'c', 'd', 'e'), of);
    await look(batch, of);
    const { status, body } = await cancel(batch.id, of);
    expect([status, body.status]).toEqual([200, 'cancelling']);
    expect((await cancel(batch.id, of)).body).toEqual(body);
    const last = await look(batch, of);
    expect(last).toMatchObject({
      status: 'cancelled',
      cancelled_at: expect.any(Number),
      request_counts: { total: 5, completed: 2, failed: 0 },
    });
    expect(idsOf(await results(last.output_file_id, of))).toEqual(['1', '2']);
    const left = await results(last.error_file_id, of);
    expect(idsOf(left)).toEqual(['3', '4', '5']);
    for (const { response, error } of left) {
      expect([response, error?.code]).toEqual([null, 'batch_cancelled']);
    }
    expect((await cancel(batch.id, of)).body).toEqual(last);
  });

  it('has done nothing when it was validating', async () => {
    const of = sandbox();
    const batch = await begin(linesOf('a', 'b'), of);
    await cancel(batch.id, of);
    const last = await look(batch, of);
    expect(last).toMatchObject({ status: 'cancelled', request_counts: NONE });
    expect([last.output_file_id, last.error_file_id]).toEqual([undefined, undefined]);
  });

  it('that is cancelled while its requests are answered ends so', async () => {
    const of = sandbox();
    const batch = await begin(linesOf(...Array.from({ length: 50 }, (_, at) => `w${at}`)), of);
    await look(batch, of);
    const working = look(batch, of);
    await new Promise((resolve) => setImmediate(resolve));
    await cancel(batch.id, of);
    expect(['cancelling', 'cancelled']).toContain((await working).status);
    const last = await look(batch, of);
    expect(last.status).toBe('cancelled');
    const all = [...(await results(last.output_file_id, of)), ...(await results(last.error_file_id, of))];
    expect(all).toHaveLength(50);
  });

  it.each([
    ['completed', linesOf('a')],
    ['failed', '{'],
  ])('that has %s cannot be cancelled', async (status, text) => {
    const of = sandbox();
    const { id } = await ended(text, of);
    expect(refused(await cancel(id, of))).toEqual({
      status: 409,
      message: `Cannot cancel a batch with status '${status}'.`,
      type: 'invalid_request_error',
      param: null,
      code: null,
    });
  });

  it('must be there', async () => {
    const refusal = {
      status: 404,
      message: "No batch found with id 'batch_none'.",
      type: 'invalid_request_error',
      param: null,
      code: null,
    };
    expect(refused(await cancel('batch_none'))).toEqual(refusal);
    expect(refused(await ask('GET', `${BATCHES}/batch_none`))).toEqual(refusal);
  });
});

describe('a request for a batch', () => {
  const good = { input_file_id: 'file-x', endpoint: CHAT, completion_window: '24h' };

  it.each([
    [
      'no file',
      { input_file_id: undefined },
      "Missing required parameter: 'input_file_id'.",
      'input_file_id',
    ],
    ['no endpoint', { endpoint: undefined }, "Missing required parameter: 'endpoint'.", 'endpoint'],
    [
      'no window',
      { completion_window: undefined },
      "Missing required parameter: 'completion_window'.",
      'completion_window',
    ],
    [
      'another endpoint',
      { endpoint: '/v1/nothing' },
      "Invalid value: '/v1/nothing'. Supported values are: '/v1/responses', '/v1/chat/completions', '/v1/embeddings', '/v1/completions', '/v1/moderations', and '/v1/images/generations'.",
      'endpoint',
    ],
    [
      'another window',
      { completion_window: '1h' },
      "Invalid value: '1h'. Supported values are: '24h'.",
      'completion_window',
    ],
    [
      'metadata that is no text',
      { metadata: { tags: ['a'] } },
      "Invalid type for 'metadata.tags': expected a string, but got an array instead.",
      'metadata.tags',
    ],
    ['a field that there is not', { priority: 1 }, "Unknown parameter: 'priority'.", 'priority'],
  ])('with %s is refused', async (_, fields, message, param) => {
    const answer = await ask('POST', BATCHES, { ...good, ...fields });
    expect(refused(answer)).toMatchObject({ status: 400, message, param, type: 'invalid_request_error' });
  });

  it('with a file for something else is refused', async () => {
    const of = sandbox();
    const { id } = await upload(linesOf('a'), of, { purpose: 'user_data' });
    const answer = await ask('POST', BATCHES, { ...good, input_file_id: id }, { of });
    expect(refused(answer)).toMatchObject({ status: 400, param: 'input_file_id' });
  });

  it('is a POST', async () => {
    expect((await ask('DELETE', BATCHES)).headers.get('allow')).toBe('POST, GET');
    expect((await ask('DELETE', `${BATCHES}/x`)).headers.get('allow')).toBe('GET');
    expect((await ask('GET', `${BATCHES}/x/cancel`)).headers.get('allow')).toBe('POST');
    expect((await ask('PUT', `${FILES}/x`)).headers.get('allow')).toBe('GET, DELETE');
  });
});

describe('a list', () => {
  /** The path without its query is what the document knows. */
  const list = async (of: Sandbox, query = '') => {
    const { status, body } = await asked(of, query);
    expect(status).toBe(200);
    return { ids: body.data.map(({ id }) => id), more: body.has_more };
  };

  const asked = async (of: Sandbox, query: string) => {
    const response = await of.answer(request('GET', `${BATCHES}${query}`));
    const body = (await response.json()) as { data: Batch[]; has_more: boolean };
    checkResponse('GET', BATCHES, response.status, body);
    return { status: response.status, body };
  };

  it('has the newest first, and takes none of them on', async () => {
    const of = sandbox();
    const ids = [];
    for (const word of ['a', 'b', 'c']) ids.unshift((await begin(linesOf(word), of)).id);
    expect(await list(of)).toEqual({ ids, more: false });
    expect(await list(of, '?limit=2')).toEqual({ ids: ids.slice(0, 2), more: true });
    expect(await list(of, `?limit=2&after=${ids[1]}`)).toEqual({ ids: ids.slice(2), more: false });
    expect((await look({ id: ids[0] ?? '' }, of)).status).toBe('in_progress');
    expect(await list(sandbox())).toEqual({ ids: [], more: false });
  });

  it.each([['?limit=0'], ['?limit=101'], ['?after=batch_no'], ['?status=failed']])(
    'refuses %s',
    async (query) => {
      expect(await asked(sandbox(), query)).toMatchObject({ status: 400 });
    },
  );
});

describe('faults', () => {
  it('let a batch fail before it begins', async () => {
    const batch = await ended(linesOf('a'), sandbox('batch=failed'));
    expect(batch).toMatchObject({
      status: 'failed',
      errors: { data: [{ code: 'token_limit_exceeded', line: null }] },
    });
  });

  it('let requests fail and expire', async () => {
    const of = sandbox('batch-failed=2,batch-expired=3');
    const batch = await ended(linesOf(...'abcdefg'), of);
    expect(batch).toMatchObject({
      status: 'expired',
      expired_at: expect.any(Number),
      request_counts: { total: 7, completed: 2, failed: 2 },
    });
    expect(idsOf(await results(batch.output_file_id, of))).toEqual(['3', '4']);
    const errors = await results(batch.error_file_id, of);
    expect(idsOf(errors)).toEqual(['1', '2', '5', '6', '7']);
    const told = Object.fromEntries(
      errors.map(({ custom_id, response, error }) => [custom_id, { response, error }]),
    );
    expect(told['1']).toMatchObject({ response: { status_code: 500 }, error: null });
    expect(told['7']).toMatchObject({ response: null, error: { code: 'batch_expired' } });
    expect(refused(await ask('POST', `${BATCHES}/${batch.id}/cancel`, undefined, { of }))).toMatchObject({
      status: 409,
    });
  });

  it('let all requests expire', async () => {
    const of = sandbox('batch-expired=9');
    const batch = await ended(linesOf('a', 'b'), of);
    expect(batch.output_file_id).toBeUndefined();
    expect(await results(batch.error_file_id, of)).toHaveLength(2);
  });

  it('let a batch take its time', async () => {
    const of = sandbox('batch-looks=3');
    const batch = await begin(linesOf(...'abcdef'), of);
    const counts = [];
    for (let looks = 1; looks <= 4; looks++) {
      const { status, request_counts } = await look(batch, of);
      counts.push([status, request_counts?.completed]);
    }
    expect(counts).toEqual([
      ['in_progress', 0],
      ['in_progress', 2],
      ['in_progress', 4],
      ['completed', 6],
    ]);
  });

  it('strike requests on the wire, none in a batch, and leave it where it was', async () => {
    const of = sandbox('429x1,500x1');
    expect((await ask('POST', BATCHES, {}, { of })).status).toBe(429);
    expect((await ask('GET', `${BATCHES}/x`, undefined, { of })).status).toBe(500);
    const batch = await ended(linesOf('a', 'b'), of);
    expect(batch.request_counts).toEqual({ total: 2, completed: 2, failed: 0 });
  });

  it('take a model away from a batch', async () => {
    const batch = await ended(linesOf('a'), sandbox('gone=gpt-6-luna'));
    expect(batch.errors?.data?.map(({ code }) => code)).toEqual(['model_not_found']);
  });

  it('change what is answered in a batch', async () => {
    const of = sandbox('finish=length');
    const { output_file_id } = await ended(linesOf('a'), of);
    const [line] = await results(output_file_id, of);
    expect(line?.response?.body).toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });

  it('cut a file of results', async () => {
    const of = sandbox('cut@1');
    const { output_file_id } = await ended(linesOf('a', 'b', 'c'), of);
    expect(await results(output_file_id, of)).toHaveLength(1);
  });
});
