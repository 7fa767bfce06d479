import { describe, expect, it } from 'vitest';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { oai } from '../support/oai.ts';

/** No key, no home, and a network that refuses everything. */
async function tokens(argv: readonly string[], options: FakeContextOptions = {}) {
  const { code, stdout, stderr } = await oai(['tokens', ...argv], { env: {}, ...options });
  return { code, stdout, stderr };
}

describe('the count', () => {
  it.each<[string, string[], FakeContextOptions, string]>([
    ['words', ['a cat sat on the mat'], {}, '6\n'],
    ['several words', ['a', 'cat', 'sat'], {}, '3\n'],
    ['a pipe, without its last line break', [], { stdin: 'hello world\n' }, '2\n'],
    ['a pipe by name', ['-'], { stdin: 'hello world\n' }, '2\n'],
    ['nothing in a pipe', [], { stdin: '' }, '0\n'],
    ['what looks like a special token', ['<|endoftext|>'], {}, '7\n'],
    ['Korean, by o200k', ['안녕하세요'], {}, '2\n'],
    ['Korean, by cl100k', ['안녕하세요', '-m', 'gpt-4'], {}, '5\n'],
    ['the model of the settings', ['안녕하세요'], { env: { OAI_MODEL: 'gpt-4' } }, '5\n'],
    ['an embedding model', ['안녕하세요', '-m', 'text-embedding-3-small'], {}, '5\n'],
  ])('is of %s', async (_, argv, options, stdout) => {
    expect(await tokens(argv, options)).toEqual({ code: 0, stdout, stderr: '' });
  });

  it('is told with what it means on a terminal', async () => {
    const { stdout } = await tokens(['hello', '-m', 'gpt-4o'], {
      stdout: new CapturedOutput({ isTTY: true }),
    });
    expect(stdout).toBe("1 token (o200k_base) · 0.00078 % of gpt-4o's 128,000 · $0.0000025\n");
  });

  it('is all of it with --json', async () => {
    const { stdout } = await tokens(['hello world', '-m', 'gpt-4o', '--json']);
    expect(JSON.parse(stdout)).toEqual({
      tokens: 2,
      encoding: 'o200k_base',
      model: 'gpt-4o',
      contextWindow: 128_000,
      share: 0.000015625,
      cost: 0.000005,
    });
  });

  it('of a model that is not known is a good guess, and says so', async () => {
    const { code, stdout, stderr } = await tokens(['hello', '-m', 'llama3', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tokens: 1, contextWindow: null, share: null, cost: null });
    expect(stderr).toBe('oai: how llama3 counts is not known here; this is o200k_base\n');
    const { stdout: shown } = await tokens(['hello', '-m', 'llama3'], {
      stdout: new CapturedOutput({ isTTY: true }),
    });
    expect(shown).toBe('1 token (o200k_base)\n');
  });

  it('of a run of a million characters takes no time to speak of', async () => {
    const { code, stdout } = await tokens([], { stdin: 'x'.repeat(1_000_000) });
    expect(code).toBe(0);
    expect(Number(stdout)).toBeGreaterThan(10_000);
  });
});

describe('--each', () => {
  it('counts line by line', async () => {
    const stdin = 'a b c\n\nhello world\nlast';
    expect(await tokens(['--each'], { stdin })).toEqual({ code: 0, stdout: '3\n0\n2\n1\n', stderr: '' });
    const { stdout } = await tokens(['--each', '--json'], { stdin });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual([
      { line: 1, tokens: 3 },
      { line: 2, tokens: 0 },
      { line: 3, tokens: 2 },
      { line: 4, tokens: 1 },
    ]);
  });

  it('says which line has too many', async () => {
    expect(await tokens(['--each', '--limit', '2'], { stdin: 'a\na b c\na b c d\n' })).toEqual({
      code: 11,
      stdout: '1\n3\n4\n',
      stderr: 'oai: 2 lines have more tokens than --limit 2; the first: line 2 has 3\n',
    });
  });
});

describe('--limit', () => {
  it.each([
    [2, 0],
    [1, 11],
    [0, 11],
  ])('of %i ends with %i for two tokens', async (limit, code) => {
    const run = await tokens(['hello world', '--limit', String(limit)]);
    expect(run).toMatchObject({ code, stdout: '2\n' });
    expect(run.stderr).toBe(code === 0 ? '' : `oai: the text has 2 tokens, more than --limit ${limit}\n`);
  });

  it('is an error in JSON, too', async () => {
    const { stderr } = await tokens(['hello world', '--limit', '1', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'check', exitCode: 11 } });
  });
});

describe('a mistake', () => {
  it.each<[string, string[], FakeContextOptions, string]>([
    ['no text', [], {}, 'no text\n     give it as words'],
    ['bytes', [], { stdin: Uint8Array.of(0xff) }, 'stdin is not UTF-8 text: byte 1 is 0xff'],
    ['bytes line by line', ['--each'], { stdin: Uint8Array.of(0xff) }, 'stdin is not UTF-8 text'],
    ['--each with a text', ['--each', 'hello'], {}, '--each counts the lines of stdin'],
    [
      '--each at a terminal',
      ['--each'],
      { stdinTTY: true },
      'the text is to come from stdin, which is a terminal',
    ],
    ['a limit below zero', ['--limit', '-1', 'x'], {}, '--limit -1 is not a whole number of 0 or more'],
    ['an empty model', ['-m', '', 'x'], {}, '--model is empty'],
    ['stdin forbidden', ['-', '--no-stdin'], {}, 'stdin is asked for, and --no-stdin forbids it'],
  ])('is answered: %s', async (_, argv, options, message) => {
    const { code, stdout, stderr } = await tokens(argv, options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: ${message}`);
  });
});
