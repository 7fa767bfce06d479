import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

async function moderate(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await temporaryFolder());
  const api = stubApi(...answers);
  const run = await oai(['moderate', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests };
}

const sandboxed = (argv: readonly string[], options: FakeContextOptions = {}) =>
  oai(['moderate', '--sandbox', ...argv], { cwd: '/nowhere', ...options });

const result = (scores: Record<string, number>) => ({
  flagged: Object.values(scores).some((score) => score > 0.5),
  categories: Object.fromEntries(Object.entries(scores).map(([name, score]) => [name, score > 0.5])),
  category_scores: scores,
  category_applied_input_types: Object.fromEntries(Object.keys(scores).map((name) => [name, ['text']])),
});
const answer = (...results: object[]) =>
  jsonAnswer({ id: 'modr-1', model: 'omni-moderation-latest', results });
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

describe('the request', () => {
  it.each<[string, string[], FakeContextOptions, object]>([
    ['a text', ['hello', 'there'], {}, { model: 'omni-moderation-latest', input: 'hello there' }],
    ['a text from a pipe', [], { stdin: 'hello\n' }, { model: 'omni-moderation-latest', input: 'hello' }],
    ['a model', ['-m', 'my-model', 'hi'], {}, { model: 'my-model', input: 'hi' }],
    [
      'an image by its URL',
      ['--image', 'https://x.test/a.png'],
      {},
      {
        model: 'omni-moderation-latest',
        input: [{ type: 'image_url', image_url: { url: 'https://x.test/a.png' } }],
      },
    ],
    [
      'a text and an image',
      ['--image', 'https://x.test/a.png', 'look'],
      {},
      {
        model: 'omni-moderation-latest',
        input: [
          { type: 'text', text: 'look' },
          { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
        ],
      },
    ],
  ])('holds %s', async (_, argv, options, body) => {
    const { code, requests } = await moderate(argv, [answer(result({ hate: 0.1 }))], options);
    expect(code).toBe(0);
    const sent = await requests[0]?.json();
    expect(sent).toEqual(body);
    checkRequest('POST', '/moderations', sent);
  });

  it('holds the bytes of an image file; several images are several requests', async () => {
    const cwd = await temporaryFolder();
    const bytes = png(8, 8);
    await writeFile(join(cwd, 'a.png'), bytes);
    const both = [answer(result({ hate: 0.1 })), answer(result({ hate: 0.9 }))];
    const { stdout, requests } = await moderate(['--image', 'a.png', '--image', 'a.png'], both, { cwd });
    const url = `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`;
    expect(await requests[1]?.json()).toMatchObject({ input: [{ type: 'image_url', image_url: { url } }] });
    expect(linesOf(stdout).map(({ input, flagged }) => [input, flagged])).toEqual([
      [1, false],
      [2, true],
    ]);
  });
});

describe('the verdict', () => {
  it('is a row for each category, the highest score first', async () => {
    const { stdout } = await moderate(['hi'], [answer(result({ hate: 0.1, violence: 0.9 }))]);
    expect(linesOf(stdout)).toEqual([
      { category: 'violence', flagged: true, score: 0.9 },
      { category: 'hate', flagged: false, score: 0.1 },
    ]);
  });

  it('is a table on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await moderate(['hi'], [answer(result({ hate: 0.1, violence: 0.9 }))], { stdout });
    expect(stdout.text).toBe('flagged  score   category\nyes      0.9000  violence\nno       0.1000  hate\n');
  });

  it("is the API's own answer with --json", async () => {
    const { stdout } = await moderate(['--json', 'hi'], [answer(result({ hate: 0.1 }))]);
    expect(JSON.parse(stdout)).toEqual({
      id: 'modr-1',
      model: 'omni-moderation-latest',
      results: [result({ hate: 0.1 })],
    });
  });

  it.each<[string, string[], number, string]>([
    ['what the API flags', [], 7, 'oai: flagged: violence 0.90\n'],
    ['nothing of what counts', ['--categories', 'hate'], 0, ''],
    [
      'what is above a threshold',
      ['--categories', 'hate', '--threshold', 'hate=0.1'],
      7,
      'oai: flagged: hate 0.10\n',
    ],
    ['nothing above a threshold', ['--threshold', 'violence=0.95'], 0, ''],
  ])('fails for %s with --fail-on-flagged', async (_, flags, exitCode, stderr) => {
    const run = await moderate(
      ['--fail-on-flagged', ...flags, 'hi'],
      [answer(result({ hate: 0.1, violence: 0.9 }))],
    );
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: exitCode, stderr });
  });

  it('goes by the thresholds of the settings, and the flags before them', async () => {
    const home = await temporaryFolder();
    await writeFile(join(home, 'config.toml'), '[thresholds]\nhate = 0.05\n"violence/graphic" = 0.5\n');
    const env = { OPENAI_API_KEY: 'sk-test-0123456789', OAI_HOME: home };
    const asked = () => [answer(result({ hate: 0.1 }))];
    expect((await moderate(['--fail-on-flagged', 'hi'], asked(), { env })).code).toBe(7);
    expect(
      (await moderate(['--fail-on-flagged', '--threshold', 'hate=0.2', 'hi'], asked(), { env })).code,
    ).toBe(0);
  });
});

describe('rows', () => {
  it('are judged together, and told one by one', async () => {
    const both = answer(result({ hate: 0.1 }), result({ hate: 0.9 }));
    const { code, stdout, requests } = await moderate(['--each'], [both], { stdin: 'a\nb\n' });
    expect(code).toBe(0);
    expect(await requests[0]?.json()).toEqual({ model: 'omni-moderation-latest', input: ['a', 'b'] });
    expect(linesOf(stdout).map(({ id, result }) => [id, result.flagged, result.flagged_categories])).toEqual([
      [1, false, []],
      [2, true, ['hate']],
    ]);
  });

  it('fail as a gate when one is flagged', async () => {
    const { code, stdout, stderr } = await sandboxed(
      ['--rows', 'csv', '--field', 'comment', '--id', 'no', '--fail-on-flagged'],
      {
        stdin: 'no,comment\nx,hello\ny,I will kill you\n',
      },
    );
    expect({ code, stderr }).toEqual({ code: 7, stderr: 'oai: 1 row is flagged\n' });
    expect(linesOf(stdout).map(({ id }) => id)).toEqual(['x', 'y']);
  });

  it('that were flagged by an earlier run count, too', async () => {
    const cwd = await temporaryFolder();
    const argv = ['moderate', '--sandbox', '--each', '--fail-on-flagged', '-o', 'x.jsonl'];
    const stdin = 'I will kill you\nhello\n';
    expect((await oai(argv, { cwd, stdin })).code).toBe(7);
    expect(await oai(argv, { cwd, stdin })).toMatchObject({ code: 7, stderr: 'oai: 1 row is flagged\n' });
    expect(linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8'))).toHaveLength(2);
  });

  it('of which one is refused are judged apart', async () => {
    const refused = errorAnswer(400, { message: 'bad' });
    const { code, stdout } = await moderate(
      ['--each', '-j', '1'],
      [refused, answer(result({ hate: 0.1 })), errorAnswer(400, { message: 'bad' })],
      { stdin: 'a\nb\n' },
    );
    expect(code).toBe(9);
    expect(linesOf(stdout).map(({ id, error }) => [id, error?.message])).toEqual([
      [1, undefined],
      [2, 'bad'],
    ]);
  });
});

describe('the sandbox', () => {
  it.each([
    ['I will hug you', 0],
    ['I will kill you', 7],
  ])('judges %j', async (text, exitCode) => {
    expect((await sandboxed(['--fail-on-flagged', text])).code).toBe(exitCode);
  });
});

describe('bad input', () => {
  it.each<[string, string[], FakeContextOptions, RegExp]>([
    ['no text', [], {}, /^oai: no text/],
    ['only spaces', ['  '], {}, /^oai: no text/],
    [
      'a threshold without a category',
      ['--threshold', '0.4', 'hi'],
      {},
      /--threshold 0\.4 is not of the form CATEGORY=NUMBER, from 0 to 1/,
    ],
    ['a threshold of 2', ['--threshold', 'hate=2', 'hi'], {}, /--threshold hate=2 is not/],
    [
      'a category that there is not',
      ['--categories', 'rudeness', 'hi'],
      {},
      /--categories rudeness is none of harassment, /,
    ],
    ['an image that is none', ['--image', 'x.png'], {}, /--image x\.png is no image that the API takes/],
    ['an image that is not there', ['--image', 'nope.png'], {}, /cannot read nope\.png: no such file/],
    ['rows and a text', ['--each', 'hi'], { stdin: 'a\n' }, /with --rows the rows are what is judged/],
    ['-o without rows', ['-o', 'x', 'hi'], {}, /-o is for rows here/],
    ['a field that the command decides', ['--param', 'input=x', 'hi'], {}, /--param input/],
  ])('%s is exit 2', async (_, argv, options, expected) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'x.png'), 'no image');
    const { code, stdout, stderr } = await moderate(argv, [], { cwd, ...options });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });

  it.each<[string, Response]>([
    ['no results', jsonAnswer({ id: 'x' })],
    ['results that are none', jsonAnswer({ results: [1] })],
  ])('of a server is exit 6: %s', async (_, response) => {
    const { code, stderr } = await moderate(['hi', '--retries', '0'], [response]);
    expect(code).toBe(6);
    expect(stderr).toContain('answered, but not with a moderation');
  });
});
