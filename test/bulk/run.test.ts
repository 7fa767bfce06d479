import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, settle } from '../support/oai.ts';

/** The lines of a text as JSON. */
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function sandboxed(argv: readonly string[], { cwd: given, ...options }: FakeContextOptions = {}) {
  const cwd = given ?? (await temporaryFolder());
  return { ...(await oai(['chat', '--sandbox', ...argv], { cwd, ...options })), cwd };
}

async function stubbed(
  argv: readonly string[],
  answers: Parameters<typeof stubApi>,
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await temporaryFolder());
  const api = stubApi(...answers);
  const run = await oai(['chat', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests };
}

const message = (content: string, fields: object = {}) =>
  jsonAnswer({
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 1,
    model: 'stub',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        logprobs: null,
        message: { role: 'assistant', content, refusal: null },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    ...fields,
  });

interface ChatBody {
  readonly messages: readonly { readonly content: string }[];
}

async function promptOf(request: Request | undefined): Promise<string | undefined> {
  const body = (await request?.json()) as ChatBody | undefined;
  return body?.messages.at(-1)?.content;
}

describe('rows', () => {
  it('are asked each by itself, and answered in order', async () => {
    const first = async () => {
      await settle(50);
      return message('one');
    };
    const { code, stdout, requests } = await stubbed(['--each', 'double it'], [first, message('two')], {
      stdin: 'a\nb\n',
    });
    expect(code).toBe(0);
    expect(linesOf(stdout)).toEqual([
      {
        id: 1,
        key: expect.stringMatching(/^[0-9a-f]{12}$/),
        result: 'one',
        usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
      },
      { id: 2, key: expect.any(String), result: 'two', usage: expect.any(Object) },
    ]);
    expect(await promptOf(requests[0])).toBe('a\n\ndouble it');
  });

  it('come as they are answered with --unordered', async () => {
    const first = async () => {
      await settle(50);
      return message('one');
    };
    const { stdout } = await stubbed(['--each', '--unordered'], [first, message('two')], { stdin: 'a\nb\n' });
    expect(linesOf(stdout).map(({ id }) => id)).toEqual([2, 1]);
  });

  it.each<[string, string[], string, string[], (string | number)[]]>([
    ['lines', ['--rows', 'lines'], 'a\r\nb', ['a', 'b'], [1, 2]],
    ['texts that end in NUL', ['--rows', 'nul'], 'a\nb\0c\0', ['a\nb', 'c'], [1, 2]],
    [
      'JSON Lines, with a template',
      ['--rows', 'jsonl', '--id', 'n', 'Say {{t}}!'],
      '{"n":"x","t":"a"}\n{"n":7,"t":"b"}\n',
      ['Say a!', 'Say b!'],
      ['x', 7],
    ],
    [
      'CSV',
      ['--rows', 'csv', '--field', 'word', '--id', 'no'],
      'no,word\nq,"a, b"\nr,c\n',
      ['a, b', 'c'],
      ['q', 'r'],
    ],
  ])('may be %s', async (_, flags, stdin, prompts, ids) => {
    const { code, stdout, requests } = await stubbed([...flags, '-j', '1'], [message('x'), message('y')], {
      stdin,
    });
    expect(code).toBe(0);
    expect(await Promise.all(requests.map(promptOf))).toEqual(prompts);
    expect(linesOf(stdout).map(({ id }) => id)).toEqual(ids);
  });

  it('may come from a file, and no more than --limit are taken', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'rows.txt'), 'a\nb\nc\n');
    const { stdout, requests } = await stubbed(
      ['--each', '--input', 'rows.txt', '--limit', '2', '-j', '1'],
      [message('x'), message('y')],
      { cwd },
    );
    expect(linesOf(stdout)).toHaveLength(2);
    expect(await promptOf(requests[0])).toBe('a');
  });

  it('that are empty are left out, and counted', async () => {
    const { stderr, stdout } = await sandboxed(['--each'], { stdin: 'a\n\n\nb\n' });
    expect(stderr).toBe('oai: 2 empty rows were left out\n');
    expect(linesOf(stdout).map(({ id }) => id)).toEqual([1, 4]);
  });

  it('give the whole answer with --json', async () => {
    const { stdout } = await sandboxed(['--each', '--json'], { stdin: 'a\n' });
    expect(linesOf(stdout)[0].result).toMatchObject({ object: 'chat.completion' });
  });

  it('are shown as one request with --dry-run', async () => {
    const { code, stdout } = await stubbed(['--each', '--dry-run', '-o', 'x.jsonl'], [], { stdin: 'a\nb\n' });
    expect(code).toBe(0);
    expect(stdout.match(/^curl /gm)).toHaveLength(1);
  });
});

describe('what fails', () => {
  it('is a line of its own, and the job goes on; exit 9', async () => {
    const stdin = '{"t":"a"}\nnope\n{"x":1,"y":2}\n{"t":"b"}\n';
    const refused = errorAnswer(400, { message: 'too long', code: 'context_length_exceeded' });
    const { code, stdout, stderr } = await stubbed(
      ['--rows', 'jsonl', '-j', '1', '{{t}}'],
      [message('x'), refused],
      { stdin },
    );
    expect(code).toBe(9);
    expect(linesOf(stdout).map(({ id, result, error }) => [id, result, error?.message, error?.code])).toEqual(
      [
        [1, 'x', undefined, undefined],
        [2, undefined, expect.stringMatching(/^line 2 is no JSON/), 'usage'],
        [3, undefined, 'line 3 has no field "t" (it has x, y)', 'usage'],
        [4, undefined, 'too long', 'context_length_exceeded'],
      ],
    );
    expect(stderr).toMatch(/^oai: 3 of 4 rows failed; the first: line 2 is no JSON/);
  });

  it.each([
    [
      'refused',
      { message: { role: 'assistant', content: null, refusal: 'No.' }, finish_reason: 'stop' },
      'the model refused: No.',
      undefined,
    ],
    [
      'cut',
      { message: { role: 'assistant', content: 'Half', refusal: null }, finish_reason: 'length' },
      expect.stringMatching(/^the answer is cut/),
      'Half',
    ],
  ])('may be an answer that is %s: what came is beside the error', async (_, choice, words, result) => {
    const answer = message('', { choices: [{ index: 0, logprobs: null, ...choice }] });
    const { code, stdout } = await stubbed(['--each'], [answer], { stdin: 'a\n' });
    expect(code).toBe(9);
    expect(linesOf(stdout)[0]).toMatchObject({ id: 1, error: { message: words } });
    expect(linesOf(stdout)[0].result).toBe(result);
  });

  it.each<[string, Response, number]>([
    ['a bad key', errorAnswer(401, { message: 'Incorrect API key', code: 'invalid_api_key' }), 3],
    ['no credit', errorAnswer(429, { message: 'You exceeded your quota', code: 'insufficient_quota' }), 5],
  ])('like %s ends the job', async (_, answer, exitCode) => {
    const silent = ({ signal }: Request) =>
      new Promise<Response>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    const stdin = 'a\nb\nc\n';
    const { code, stdout, requests } = await stubbed(['--each', '-j', '1'], [answer, silent], { stdin });
    expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' });
    expect(requests).toHaveLength(2);
  });

  it('ends the job when ten rows fail alike and none succeeds', async () => {
    const gone = () => errorAnswer(404, { message: 'no such model', code: 'model_not_found' });
    const stdin = Array.from({ length: 100 }, (_, index) => index).join('\n');
    const api = stubApi();
    const fetch: typeof globalThis.fetch = async () => gone();
    void api;
    const run = await oai(['chat', '--each', '-j', '1', '-m', 'x'], {
      fetch,
      stdin,
      cwd: await temporaryFolder(),
    });
    expect(run.code).toBe(4);
    expect(linesOf(run.stdout).length).toBeLessThan(20);
  });

  it('ends the job beyond --max-failures', async () => {
    const stdin = 'nope\nnope\nnope\n';
    const { code, stderr } = await stubbed(['--rows', 'jsonl', '--max-failures', '1'], [], { stdin });
    expect(code).toBe(9);
    expect(stderr).toContain('more than --max-failures 1');
  });

  it('for too many requests is asked again, however often that takes', async () => {
    const busy = () => errorAnswer(429, { message: 'slow down', code: 'rate_limit_exceeded' });
    const answers = [...Array.from({ length: 6 }, busy), message('x')];
    const { code, stdout } = await stubbed(['--each', '-j', '1'], answers, {
      stdin: 'a\n',
      clock: new FakeClock({ leap: true }),
    });
    expect(code).toBe(0);
    expect(linesOf(stdout)[0].result).toBe('x');
  });

  it.each([
    ['a turn later', [], false],
    ['no sooner than any other call where -j says how many', ['-j', '4'], true],
  ])('is asked again, refused as one too many, %s', async (_, flags, isLong) => {
    const busy = errorAnswer(429, { message: 'slow down', code: 'rate_limit_exceeded' });
    const round = Array.from({ length: 4 }, () => message('x'));
    const clock = new FakeClock({ leap: true });
    const { code } = await stubbed(['--each', ...flags], [...round, busy, message('y')], {
      stdin: 'a\nb\nc\nd\ne\n',
      clock,
    });
    expect(code).toBe(0);
    expect(clock.delays.some((delay) => delay >= 375 && delay <= 500)).toBe(isLong);
  });

  it('costs too much beyond --max-cost', async () => {
    const usage = { prompt_tokens: 1_000_000, completion_tokens: 0, total_tokens: 1_000_000 };
    // What is under way by then is paid for, and written.
    const { code, stderr, stdout } = await stubbed(
      ['--each', '-j', '1', '--max-cost', '0.1'],
      [message('x', { usage }), message('y', { usage })],
      { stdin: 'a\nb\n' },
    );
    expect(code).toBe(9);
    expect(linesOf(stdout)).toHaveLength(2);
    expect(stderr).toMatch(/^oai: the job has cost \$0\.\d+, more than --max-cost 0\.1\n/);
  });

  it('cannot be limited by --max-cost where the server counts nothing, which is said', async () => {
    const { code, stderr } = await stubbed(
      ['--each', '-j', '1', '--max-cost', '0.1'],
      [message('x', { usage: undefined }), message('y', { usage: undefined })],
      { stdin: 'a\nb\n' },
    );
    expect(code).toBe(9);
    expect(stderr).toMatch(/^oai: the server does not say what it counts: --max-cost cannot be kept\n/);
  });

  it('alike ends the job after a row that cannot be read, too', async () => {
    const stdin = ['{bad', ...Array.from({ length: 100 }, (_, index) => `{"text":"${index}"}`)].join('\n');
    const fetch = async () => errorAnswer(404, { message: 'no such model', code: 'model_not_found' });
    const cwd = await temporaryFolder();
    const run = await oai(['chat', '--rows', 'jsonl', '-j', '1', '-m', 'x'], { fetch, stdin, cwd });
    expect(run.code).toBe(4);
    expect(linesOf(run.stdout).length).toBeLessThan(20);
  });

  it('by a row without the id that it should have has no id', async () => {
    const stdin = '{bad\n{"text":"c","no":1}\n';
    const { stdout } = await stubbed(['--rows', 'jsonl', '--id', 'no'], [message('x')], { stdin });
    expect(linesOf(stdout).map(({ id, row }) => [id, row])).toEqual([
      [null, 1],
      [1, 2],
    ]);
  });
});

describe('a file of results', () => {
  it('is gone on with: what is done is not asked for again', async () => {
    const { cwd } = await sandboxed(['--each', '-o', 'x.jsonl', '--limit', '2'], { stdin: 'a\nb\nc\n' });
    const { code, requests, stdout } = await stubbed(['--each', '-o', 'x.jsonl'], [message('new')], {
      cwd,
      stdin: 'a\nb\nc\n',
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x.jsonl\n' });
    expect(await promptOf(requests[0])).toBe('c');
    expect(
      linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8')).map(({ id, result }) => [id, result]),
    ).toEqual([
      [1, expect.stringContaining('You said: a')],
      [2, expect.stringContaining('You said: b')],
      [3, 'new'],
    ]);
  });

  it('has what failed asked for again, and each row once, in order, in the end', async () => {
    const failing = () => errorAnswer(400, { message: 'oops' });
    const stdin = 'a\nb\nc\n';
    const first = await stubbed(
      ['--each', '-o', 'x.jsonl', '-j', '1'],
      [message('1'), failing(), message('3')],
      { stdin },
    );
    expect(first.code).toBe(9);
    expect(first.stderr).toContain('the same command does what is missing');
    const { code } = await stubbed(['--each', '-o', 'x.jsonl', '-j', '1'], [message('2')], {
      cwd: first.cwd,
      stdin,
    });
    expect(code).toBe(0);
    const lines = linesOf(await readFile(join(first.cwd, 'x.jsonl'), 'utf8'));
    expect(lines.map(({ id, result }) => [id, result])).toEqual([
      [1, '1'],
      [2, '2'],
      [3, '3'],
    ]);
  });

  it('of which the last line was cut is mended', async () => {
    const { cwd } = await sandboxed(['--each', '-o', 'x.jsonl'], { stdin: 'a\nb\n' });
    const path = join(cwd, 'x.jsonl');
    const whole = await readFile(path, 'utf8');
    await writeFile(path, whole.slice(0, -10));
    const { code } = await sandboxed(['--each', '-o', 'x.jsonl'], { cwd, stdin: 'a\nb\n' });
    expect(code).toBe(0);
    expect(await readFile(path, 'utf8')).toBe(whole);
  });

  it.each<[string, string[], string]>([
    ['another question', ['--each', 'Say it.'], 'a\n'],
    ['another model', ['--each', '-m', 'gpt-6.1-sol'], 'a\n'],
    ['another row', ['--each'], 'z\n'],
  ])('of %s is refused, and left as it is', async (_, flags, stdin) => {
    const { cwd } = await sandboxed(['--each', '-o', 'x.jsonl'], { stdin: 'a\n' });
    const before = await readFile(join(cwd, 'x.jsonl'), 'utf8');
    const { code, stderr } = await stubbed([...flags, '-o', 'x.jsonl'], [], { cwd, stdin });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^oai: x\.jsonl holds the results of another job: that of line 1 was asked for something else\n/,
    );
    expect(await readFile(join(cwd, 'x.jsonl'), 'utf8')).toBe(before);
    expect(
      await stubbed([...flags, '-o', 'x.jsonl', '--force'], [message('new')], { cwd, stdin }),
    ).toMatchObject({ code: 0 });
  });

  it('that is something else is refused', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.jsonl'), 'my notes\nand more\n');
    const { code, stderr } = await stubbed(['--each', '-o', 'x.jsonl'], [], { cwd, stdin: 'a\n' });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'oai: x.jsonl is there, and its line 1 is no result of a job\n     another name, or --force to begin anew\n',
    });
    expect(await readFile(join(cwd, 'x.jsonl'), 'utf8')).toBe('my notes\nand more\n');
  });

  it('is not begun where the job cannot be: neither it nor its lock is left', async () => {
    const argv = ['--each', '-o', 'x.jsonl', '-m', 'nobody', '--max-cost', '1'];
    const { code, cwd } = await stubbed(argv, [], { stdin: 'a\n' });
    expect(code).toBe(2);
    expect(await readdir(cwd)).toEqual([]);
  });

  it('that has more rows than the input has them still, and that is said', async () => {
    const { cwd } = await sandboxed(['--each', '-o', 'x.jsonl'], { stdin: 'a\nb\nc\n' });
    const { code, stderr } = await stubbed(['--each', '-o', 'x.jsonl'], [], { cwd, stdin: 'a\n' });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'oai: the results have 2 rows more than the input\n',
    });
    expect(linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8'))).toHaveLength(3);
  });

  it('that the rows come from is refused, and kept', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.jsonl'), '{"text":"a"}\n');
    const argv = ['--rows', 'jsonl', '--input', 'x.jsonl', '-o', 'x.jsonl', '--force'];
    const { code, stderr } = await stubbed(argv, [], { cwd });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: -o x.jsonl is the file that the rows come from\n     another name for the results\n',
    });
    expect(await readFile(join(cwd, 'x.jsonl'), 'utf8')).toBe('{"text":"a"}\n');
  });

  it('that another run is writing is refused', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.jsonl.lock'), '77\n');
    const argv = ['--each', '-o', 'x.jsonl'];
    const { code, stderr } = await stubbed(argv, [], { cwd, stdin: 'a\n', running: [77] });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^oai: another run is writing x\.jsonl\n/);
    expect(await stubbed(argv, [message('x')], { cwd, stdin: 'a\n' })).toMatchObject({ code: 0 });
  });
});

describe('flags', () => {
  it.each<[string, string[], RegExp]>([
    [
      '--field without rows',
      ['--field', 'x', 'hi'],
      /^oai: --field is for rows\n {5}add --rows lines, jsonl, csv or nul\n$/,
    ],
    [
      '--each and --rows',
      ['--each', '--rows', 'csv'],
      /--each is --rows lines, and there is --rows csv beside it/,
    ],
    ['no rows', ['--each'], /^oai: no rows\n {5}pipe them in, or name a file with --input\n$/],
    ['a file that is not there', ['--each', '--input', 'nope'], /^oai: cannot read nope: no such file/],
    ['-j without rows', ['-j', '2', 'hi'], /^oai: -j is for rows here/],
    [
      '--max-cost of a model without a price',
      ['--each', '--input', 'rows', '-m', 'nobody', '--max-cost', '1'],
      /^oai: --max-cost: no price is known for nobody/,
    ],
    [
      '--id of lines',
      ['--each', '--input', 'rows', '--id', 'x'],
      /--id x names a field, and rows of lines have none/,
    ],
  ])('%s: exit 2', async (_, argv, expected) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'rows'), 'a\n');
    const { code, stderr } = await stubbed(argv, [], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(expected);
  });
});

describe('a terminal', () => {
  it('sees no control characters of what a model writes', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await stubbed(['--each'], [message('a\u001b[2Jb')], { stdin: 'a\n', stdout });
    expect(stdout.text).not.toContain('\u001b[2J');
  });
});
