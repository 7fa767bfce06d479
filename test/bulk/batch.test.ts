import { access, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connectionError, errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { type FakeContextOptions, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type FormFile, formOf } from '../support/forms.ts';
import { oai } from '../support/oai.ts';

async function run(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await temporaryFolder());
  const api = stubApi(...answers);
  const result = await oai([...argv], { cwd, fetch: api.fetch, clock: new HurriedClock(), ...options });
  return { ...result, cwd, requests: api.requests };
}

const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const file = () =>
  jsonAnswer({
    id: 'file-in',
    object: 'file',
    bytes: 1,
    created_at: 1,
    filename: 'x',
    purpose: 'batch',
    status: 'processed',
  });
const batch = (status: string, fields: object = {}) =>
  jsonAnswer({
    id: 'batch_1',
    object: 'batch',
    endpoint: '/v1/chat/completions',
    input_file_id: 'file-in',
    completion_window: '24h',
    status,
    created_at: 1,
    ...fields,
  });
const message = (content: string) => ({
  id: 'c',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [
    {
      index: 0,
      finish_reason: 'stop',
      logprobs: null,
      message: { role: 'assistant', content, refusal: null },
    },
  ],
  usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
});

/** The requests of a batch, as they were uploaded. */
async function requestsIn(request: Request | undefined) {
  const form = (await formOf(request)) as { purpose: string; file: FormFile };
  return { purpose: form.purpose, lines: linesOf(form.file.bytes.toString()) };
}

/** The answers to them, in the order that is given. */
function resultsFor(
  lines: readonly { custom_id: string }[],
  order: readonly number[],
  refused: readonly number[] = [],
): Response {
  const results = order.map((index) => {
    const { custom_id } = lines[index] ?? { custom_id: '' };
    const response = refused.includes(index)
      ? {
          status_code: 400,
          request_id: 'req_2',
          body: { error: { message: 'too long', code: 'context_length_exceeded' } },
        }
      : { status_code: 200, request_id: 'req_1', body: message(`answer ${index + 1}`) };
    return JSON.stringify({ id: `r${index}`, custom_id, response, error: null });
  });
  return new Response(`${results.join('\n')}\n`, { headers: { 'content-type': 'application/octet-stream' } });
}

const ARGV = ['chat', '--each', '--batch', '-o', 'x.jsonl', 'double it'];

describe('a batch', () => {
  it('is uploaded, waited for, and its results put in order', async () => {
    let lines: { custom_id: string; body: object }[] = [];
    const upload = async (request: Request) => {
      const read = await requestsIn(request);
      lines = read.lines;
      expect(read.purpose).toBe('batch');
      return file();
    };
    const answers: Parameters<typeof stubApi> = [
      upload,
      batch('validating'),
      batch('in_progress'),
      batch('completed', { output_file_id: 'file-out', error_file_id: null }),
      () => resultsFor(lines, [2, 0, 1]),
    ];
    const { code, stdout, stderr, cwd, requests } = await run(ARGV, answers, { stdin: 'a\nb\nc\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x.jsonl\n' });
    expect(stderr).toBe(
      'oai: batch_1: 3 rows, done within a day; Ctrl-C leaves it running, and the same command collects it\n',
    );
    expect(lines.map(({ body }) => body)).toMatchObject([
      { model: 'gpt-6-luna', messages: [{ content: 'a\n\ndouble it' }] },
      { messages: [{ content: 'b\n\ndouble it' }] },
      { messages: [{ content: 'c\n\ndouble it' }] },
    ]);
    expect(await requests[1]?.json()).toEqual({
      input_file_id: 'file-in',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    expect(linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8'))).toMatchObject([
      { id: 1, result: 'answer 1', usage: { total_tokens: 2 } },
      { id: 2, result: 'answer 2' },
      { id: 3, result: 'answer 3' },
    ]);
    await expect(access(join(cwd, 'x.jsonl.batch'))).rejects.toThrow();
    // An input that has become shorter leaves results behind.
    expect(await run(ARGV, [], { cwd, stdin: 'a\n' })).toMatchObject({
      code: 0,
      stderr: 'oai: the results have 2 rows more than the input\n',
    });
  });

  it('that is under way is collected by the same command, and nothing is asked twice', async () => {
    let lines: { custom_id: string }[] = [];
    const upload = async (request: Request) => {
      ({ lines } = await requestsIn(request));
      return file();
    };
    // The run ends while it waits.
    const first = await run(
      ARGV,
      [upload, batch('validating'), errorAnswer(401, { message: 'bad key', code: 'invalid_api_key' })],
      { stdin: 'a\nb\n' },
    );
    expect(first.code).toBe(3);
    expect(JSON.parse(await readFile(join(first.cwd, 'x.jsonl.batch'), 'utf8'))).toEqual(['batch_1']);
    const done = batch('completed', { output_file_id: 'file-out' });
    const { code, requests } = await run(ARGV, [done, () => resultsFor(lines, [0, 1])], {
      cwd: first.cwd,
      stdin: 'a\nb\n',
    });
    expect(code).toBe(0);
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'GET']);
    expect(linesOf(await readFile(join(first.cwd, 'x.jsonl'), 'utf8'))).toHaveLength(2);
  });

  it('that may have begun when the run was cut is found again by its requests', async () => {
    let lines: { custom_id: string }[] = [];
    const upload = async (request: Request) => {
      ({ lines } = await requestsIn(request));
      return file();
    };
    const cut = () => Promise.reject(connectionError('ECONNRESET'));
    const argv = [...ARGV, '--retries', '0'];
    const first = await run(argv, [upload, cut], { stdin: 'a\nb\n' });
    expect(first.code).toBe(6);
    const begun = await batch('in_progress').json();
    const found = jsonAnswer({ object: 'list', data: [begun], has_more: false });
    const done = batch('completed', { output_file_id: 'file-out' });
    const again = await run(argv, [found, done, () => resultsFor(lines, [0, 1])], {
      cwd: first.cwd,
      stdin: 'a\nb\n',
    });
    expect(again.code).toBe(0);
    expect(again.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    expect(linesOf(await readFile(join(first.cwd, 'x.jsonl'), 'utf8'))).toHaveLength(2);
  });

  it('that never began when the run was cut is begun anew', async () => {
    const cut = () => Promise.reject(connectionError('ECONNRESET'));
    const argv = [...ARGV, '--retries', '0'];
    const { cwd } = await run(argv, [file(), cut], { stdin: 'a\n' });
    const none = jsonAnswer({ object: 'list', data: [], has_more: false });
    const answers = [none, file(), batch('validating'), errorAnswer(401, { message: 'no' })];
    const { requests } = await run(argv, answers, { cwd, stdin: 'a\n' });
    expect(requests.map(({ method }) => method)).toEqual(['GET', 'POST', 'POST', 'GET']);
    expect(JSON.parse(await readFile(join(cwd, 'x.jsonl.batch'), 'utf8'))).toEqual(['batch_1']);
  });

  it('whose results are garbled is a failure of the server, and is collected again', async () => {
    const garbled = new Response('{"custom_id": \n', { headers: { 'content-type': 'text/plain' } });
    const done = batch('completed', { output_file_id: 'file-out' });
    const { code, stderr, cwd } = await run(ARGV, [file(), batch('validating'), done, garbled], {
      stdin: 'a\n',
    });
    expect({ code, stderr }).toEqual({
      code: 6,
      stderr: expect.stringContaining(
        'oai: line 1 of the results of batch_1 is no result: it was cut, or garbled',
      ),
    });
    expect(JSON.parse(await readFile(join(cwd, 'x.jsonl.batch'), 'utf8'))).toEqual(['batch_1']);
  });

  it('asks for what failed, and for that alone, when it is run again', async () => {
    let lines: { custom_id: string }[] = [];
    const upload = async (request: Request) => {
      ({ lines } = await requestsIn(request));
      return file();
    };
    const done = () => batch('completed', { output_file_id: 'file-out', error_file_id: 'file-err' });
    const answers = [
      upload,
      batch('validating'),
      done,
      () => resultsFor(lines, [0]),
      () => resultsFor(lines, [1], [1]),
    ];
    const first = await run(ARGV, answers, { stdin: 'a\nb\n' });
    expect(first.code).toBe(9);
    expect(first.stderr).toContain('oai: 1 of 2 rows failed\n     the same command does what is missing\n');
    expect(linesOf(await readFile(join(first.cwd, 'x.jsonl'), 'utf8'))[1]).toMatchObject({
      id: 2,
      error: { message: 'too long', code: 'context_length_exceeded', status: 400, requestId: 'req_2' },
    });
    const again = await run(
      ARGV,
      [upload, batch('validating'), done, () => resultsFor(lines, [0]), () => new Response('')],
      { cwd: first.cwd, stdin: 'a\nb\n' },
    );
    expect(again.code).toBe(0);
    expect(lines).toHaveLength(1);
    expect(linesOf(await readFile(join(first.cwd, 'x.jsonl'), 'utf8')).map(({ id }) => id)).toEqual([1, 2]);
  });

  it('that the API refuses says why', async () => {
    const failed = batch('failed', {
      errors: {
        object: 'list',
        data: [{ code: 'invalid_json_line', message: 'This line is not parseable as valid JSON.', line: 1 }],
      },
    });
    const { code, stderr } = await run(ARGV, [file(), batch('validating'), failed], { stdin: 'a\n' });
    expect(code).toBe(4);
    expect(stderr).toContain('oai: batch_1 failed: This line is not parseable as valid JSON.');
  });

  it('is not begun where the upload is answered with something else', async () => {
    const argv = ['chat', '--each', '--batch', '-o', 'out.jsonl'];
    const { code, stderr, requests } = await run(argv, [jsonAnswer({ ok: true })], {
      stdin: 'one\n',
    });
    expect({ code, stderr }).toEqual({ code: 6, stderr: expect.stringContaining('but not with a file') });
    expect(requests).toHaveLength(1);
  });

  it('is not begun where nothing is missing', async () => {
    const cwd = await temporaryFolder();
    await oai(['chat', '--sandbox', '--each', '-o', 'x.jsonl', 'double it'], { cwd, stdin: 'a\n' });
    expect(await run(ARGV, [], { cwd, stdin: 'a\n' })).toMatchObject({ code: 0, requests: [] });
  });

  it.each<[string, string[], RegExp]>([
    ['no file', ['chat', '--each', '--batch'], /--batch needs a file for its results\n {5}-o results\.jsonl/],
    ['no rows', ['chat', '--batch', 'hi'], /--batch is for rows/],
    ['-j', ['chat', '--each', '--batch', '-o', 'x', '-j', '2'], /-j does not go with --batch/],
    ['vectors for NumPy', ['embed', '--each', '--batch', '-o', 'x.npy'], /-f npy does not go with --batch/],
    ['chunks', ['embed', '--each', '--batch', '--chunk', '-o', 'x.jsonl'], /--batch does not go with this/],
  ])('with %s is exit 2', async (_, argv, expected) => {
    const { code, stderr } = await run(argv, [], { stdin: 'a\n' });
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });

  it('whose state is something else is refused', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.jsonl.batch'), 'notes');
    const { code, stderr } = await run(ARGV, [], { cwd, stdin: 'a\n' });
    expect(code).toBe(2);
    expect(stderr).toContain('does not tell which batches are under way');
  });
});

describe('the sandbox', () => {
  it.each([
    ['chat', ['chat', '--each', 'say it'], 'You said: one\n\nsay it'],
    ['embed', ['embed', '--each', '--dimensions', '2'], [expect.any(Number), expect.any(Number)]],
    ['moderate', ['moderate', '--each'], expect.objectContaining({ flagged: false })],
    ['structured', ['structured', '--each', '--fields', 'ok bool'], { ok: true }],
  ])('does a batch of %s', async (_, argv, first) => {
    const cwd = await temporaryFolder();
    const clock = new HurriedClock();
    const { code, stdout, stderr } = await oai([...argv, '--sandbox', '--batch', '-o', 'x.jsonl'], {
      cwd,
      clock,
      stdin: 'one\ntwo\n',
    });
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: 'x.jsonl\n',
      stderr: expect.stringContaining('done within a day'),
    });
    const lines = linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8'));
    expect(lines.map(({ id }) => id)).toEqual([1, 2]);
    expect(lines[0].result).toEqual(first);
  });
});
