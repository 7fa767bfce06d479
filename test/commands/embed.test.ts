import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

async function embed(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await temporaryFolder());
  const api = stubApi(...answers);
  const run = await oai(['embed', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests };
}

async function sandboxed(argv: readonly string[], { cwd: given, ...options }: FakeContextOptions = {}) {
  const cwd = given ?? (await temporaryFolder());
  return { ...(await oai(['embed', '--sandbox', ...argv], { cwd, ...options })), cwd };
}

async function inputOf(request: Request | undefined): Promise<string[]> {
  const body = (await request?.json()) as { readonly input: string[] } | undefined;
  return body?.input ?? [];
}

const base64 = (vector: number[]) => Buffer.from(new Float32Array(vector).buffer).toString('base64');
/** Vectors whose first number is the place in the request. */
const vectors = async (request: Request) => {
  const { input } = (await request.json()) as { input: string[] };
  const data = input.map((_, index) => ({ object: 'embedding', index, embedding: base64([index, 0.5]) }));
  return jsonAnswer({
    object: 'list',
    data,
    model: 'm',
    usage: { prompt_tokens: input.length, total_tokens: input.length },
  });
};
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the request', () => {
  it.each<[string, string[], FakeContextOptions, object]>([
    ['a text', ['hello', 'there'], {}, { input: ['hello there'] }],
    ['a text from a pipe', [], { stdin: 'hello\n' }, { input: ['hello'] }],
    [
      'dimensions, a user and a model',
      ['-m', 'text-embedding-3-large', '--dimensions', '8', '--user', 'u', 'hi'],
      {},
      { model: 'text-embedding-3-large', dimensions: 8, user: 'u', input: ['hi'] },
    ],
    ['rows, together', ['--each'], { stdin: 'a\nb\nc\n' }, { input: ['a', 'b', 'c'] }],
  ])('holds %s', async (_, argv, options, fields) => {
    const { code, requests } = await embed(argv, [vectors], options);
    expect(code).toBe(0);
    const sent = await requests[0]?.json();
    expect(sent).toEqual({ model: 'text-embedding-3-small', encoding_format: 'base64', ...fields });
    checkRequest('POST', '/embeddings', sent);
  });

  it('holds no more than 2,048 texts and 300,000 tokens', async () => {
    const many = `${'a\n'.repeat(2049)}`;
    const first = await embed(['--each', '-j', '1'], [vectors, vectors], { stdin: many });
    const sizes = await Promise.all(
      first.requests.map(async (request) => ((await request.json()) as { input: string[] }).input.length),
    );
    expect(sizes).toEqual([2048, 1]);
    // Each of them has 4,000 tokens.
    const long = Array.from({ length: 80 }, () => 'word '.repeat(4000).trim()).join('\n');
    const second = await embed(['--each', '-j', '1'], [vectors, vectors], { stdin: long });
    const counts = await Promise.all(
      second.requests.map(async (request) => ((await request.json()) as { input: string[] }).input.length),
    );
    expect(counts).toEqual([75, 5]);
    expect(linesOf(second.stdout)).toHaveLength(80);
  });
});

describe('a vector', () => {
  it('is a list of numbers', async () => {
    const { stdout } = await embed(['hi'], [vectors]);
    expect(stdout).toBe('[0,0.5]\n');
  });

  it("is the API's own object with --json", async () => {
    const { stdout } = await embed(['hi', '--json'], [vectors]);
    expect(JSON.parse(stdout)).toEqual({
      object: 'list',
      data: [{ object: 'embedding', index: 0, embedding: [0, 0.5] }],
      model: 'm',
      usage: { prompt_tokens: 1, total_tokens: 1 },
    });
  });

  it('is taken as numbers from servers that know no base64', async () => {
    const plain = jsonAnswer({ data: [{ embedding: [1, 2], index: 0 }], model: 'm' });
    expect((await embed(['hi'], [plain])).stdout).toBe('[1,2]\n');
  });

  it.each<[string, string[], Buffer | string]>([
    ['f32', ['-f', 'f32'], Buffer.from(new Float32Array([0, 0.5]).buffer)],
    ['csv', ['-f', 'csv'], 'id,v1,v2\n1,0,0.5\n'],
    ['jsonl', ['-f', 'jsonl'], '{"id":1,"result":[0,0.5],"usage":{"prompt_tokens":1,"total_tokens":1}}\n'],
  ])('may be %s', async (_, flags, expected) => {
    const { context } = await embed(['hi', ...flags], [vectors]);
    expect(context.stdout.bytes).toEqual(Buffer.from(expected));
  });

  it('is no text for a terminal as bytes', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const { code, stderr } = await embed(['hi', '-f', 'f32'], [], { stdout });
    expect(code).toBe(2);
    expect(stderr).toContain('a vector is no text for a terminal');
  });

  it('of a text that is too long is refused, cut, or the mean of its chunks', async () => {
    const stdin = 'word '.repeat(10_000);
    const refused = await embed([], [], { stdin });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /^oai: the text has 1\d{4} tokens; the API takes 8192 of a text: --truncate or --chunk\n/,
    );
    const cut = await embed(['--truncate'], [vectors], { stdin });
    expect(await inputOf(cut.requests[0])).toHaveLength(1);
    const chunked = await embed(['--chunk'], [vectors], { stdin });
    const input = await inputOf(chunked.requests[0]);
    expect(input.join('').trim()).toBe(stdin.trim());
    expect(input).toHaveLength(2);
    // (8192 × [0, 0.5] + the rest × [1, 0.5]), made of length 1.
    const [x = 0, y = 0] = JSON.parse(chunked.stdout);
    expect(Math.hypot(x, y)).toBeCloseTo(1, 6);
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(y);
  });
});

describe('rows', () => {
  it('are JSON Lines, and gone on with', async () => {
    const cwd = await temporaryFolder();
    const argv = ['--each', '-o', 'x.jsonl'];
    await sandboxed([...argv, '--dimensions', '2'], { cwd, stdin: 'a\nb\n' });
    const { code, requests } = await embed([...argv, '--dimensions', '2'], [vectors], {
      cwd,
      stdin: 'a\nb\nc\n',
    });
    expect(code).toBe(0);
    expect(await requests[0]?.json()).toMatchObject({ input: ['c'] });
    expect(linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8')).map(({ id }) => id)).toEqual([1, 2, 3]);
  });

  it('may be a file for NumPy', async () => {
    const { code, stdout, cwd } = await embed(['--each', '-o', 'x.npy'], [vectors], { stdin: 'a\nb\nc\n' });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x.npy\n' });
    const bytes = await readFile(join(cwd, 'x.npy'));
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x93NUMPY\x01\x00');
    const length = 10 + bytes.readUInt16LE(8);
    expect(length % 64).toBe(0);
    expect(bytes.subarray(10, length).toString()).toMatch(
      /^\{'descr': '<f4', 'fortran_order': False, 'shape': \(3, 2\), \} *\n$/,
    );
    expect(bytes.subarray(length)).toEqual(Buffer.from(new Float32Array([0, 0.5, 1, 0.5, 2, 0.5]).buffer));
  });

  it('that fail keep their places, as what is no number', async () => {
    const stdin = '{"t":1}\n{"text":"b"}\n{"x":1,"y":2}\n';
    const { code, context } = await embed(
      ['--rows', 'jsonl', '--field', 'text', '-f', 'f32', '-j', '1'],
      [vectors],
      { stdin },
    );
    expect(code).toBe(9);
    const bytes = context.stdout.bytes;
    const numbers = Array.from({ length: bytes.length / 4 }, (_, at) => bytes.readFloatLE(4 * at));
    expect(numbers).toEqual([Number.NaN, Number.NaN, 0, 0.5, Number.NaN, Number.NaN]);
    const csv = await embed(['--rows', 'jsonl', '-f', 'csv', '--field', 'text'], [vectors], { stdin });
    expect(csv.stdout).toBe('id,v1,v2\n1,,\n2,0,0.5\n3,,\n');
    const json = await embed(['--rows', 'jsonl', '-f', 'json', '--field', 'text'], [vectors], { stdin });
    expect(JSON.parse(json.stdout)).toEqual([null, [0, 0.5], null]);
  });

  it('leave no file behind where the job is ended', async () => {
    const denied = jsonAnswer({ error: { message: 'bad key', code: 'invalid_api_key' } }, 401);
    const { code, cwd } = await embed(['--each', '-o', 'x.f32'], [denied], { stdin: 'a\n' });
    expect({ code, left: await readdir(cwd) }).toEqual({ code: 3, left: [] });
  });

  it('are not mixed up where nothing says which is whose', async () => {
    const { code, stderr } = await embed(['--each', '--unordered', '-o', 'x.f32'], [], { stdin: 'a\n' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/-f f32 does not say which vector is whose: no --unordered/);
  });

  it('of a job that is ended early are no whole file', async () => {
    const stdin = `nope\nnope\n{"text":"a"}\n`;
    const argv = ['--rows', 'jsonl', '-o', 'x.npy', '--max-failures', '1', '-j', '1'];
    const { code, stdout, cwd } = await sandboxed(argv, { stdin });
    expect({ code, stdout }).toEqual({ code: 9, stdout: '' });
    expect(await readdir(cwd)).not.toContain('x.npy');
  });

  it('of NumPy need a file', async () => {
    const { code, stderr } = await embed(['--each', '-f', 'npy'], [], { stdin: 'a\n' });
    expect(code).toBe(2);
    expect(stderr).toBe(
      'oai: -f npy of rows needs a file: its header tells how many there are\n     -o vectors.npy\n',
    );
  });
});

describe('--compare', () => {
  it.each([
    ['a cat sat', 'the cat sat', 0.9, 1],
    ['a cat sat', 'stock market', -1, 0.3],
    ['고양이가 앉았다', '고양이가 앉아 있다', 0.3, 1],
  ])('says how alike %j and %j are', async (a, b, least, most) => {
    const { code, stdout } = await sandboxed(['--compare', a, b]);
    expect(code).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(least);
    expect(Number(stdout)).toBeLessThan(most);
  });
});

describe('bad input', () => {
  it.each<[string, string[], FakeContextOptions, RegExp]>([
    ['no text', [], {}, /^oai: no text/],
    ['one text to compare', ['--compare', 'a'], {}, /--compare takes two texts, not 1/],
    ['rows and a text', ['--each', 'a'], { stdin: 'b\n' }, /with --rows the rows are what is embedded/],
    ['two ways to treat what is too long', ['--truncate', '--chunk', 'a'], {}, /choose one/],
    ['0 dimensions', ['--dimensions', '0', 'a'], {}, /--dimensions 0 is not a whole number of 1 or more/],
    ['a format and a name', ['-f', 'csv', '-o', 'x.npy', 'a'], {}, /--format csv and -o x\.npy contradict/],
    [
      'a field that the command decides',
      ['--param', 'encoding_format=float', 'a'],
      {},
      /--param encoding_format/,
    ],
  ])('%s is exit 2', async (_, argv, options, expected) => {
    const { code, stdout, stderr } = await embed(argv, [], options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it.each<[string, object]>([
    ['no data', { object: 'list' }],
    ['too few vectors', { data: [] }],
    ['a vector that is none', { data: [{ index: 0, embedding: 'x' }] }],
    ['a place that is not there', { data: [{ index: 7, embedding: base64([1]) }] }],
  ])('of a server is exit 6: %s', async (_, body) => {
    const { code, stderr } = await embed(['hi', '--retries', '0'], [jsonAnswer(body)]);
    expect(code).toBe(6);
    expect(stderr).toContain('answered, but not with embeddings');
  });

  it('is a row that is too long: the job goes on', async () => {
    const stdin = `a\n${'word '.repeat(9000)}\nb\n`;
    const { code, stdout } = await embed(['--each', '-j', '1'], [vectors, vectors], { stdin });
    expect(code).toBe(9);
    expect(linesOf(stdout).map(({ id, error }) => [id, error?.message])).toEqual([
      [1, undefined],
      [2, expect.stringMatching(/^line 2 has \d+ tokens; the API takes 8192/)],
      [3, undefined],
    ]);
  });
});

describe('a file of rows', () => {
  it('may be CSV, with ids of its own', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'in.csv'), 'no,text\nq,hello\n"r,s",there\n');
    const { stdout } = await sandboxed(
      ['--rows', 'csv', '--id', 'no', '--input', 'in.csv', '--dimensions', '2', '-f', 'csv'],
      { cwd },
    );
    expect(stdout.split('\n').map((line) => line.replace(/,[-\d.e]+,[-\d.e]+$/, ''))).toEqual([
      'id,v1,v2',
      'q',
      '"r,s"',
      '',
    ]);
  });
});
