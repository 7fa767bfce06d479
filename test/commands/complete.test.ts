import { describe, expect, it } from 'vitest';
import { eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { oai } from '../support/oai.ts';
import { checkRequest, checkResponse, openapi } from '../support/openapi.ts';

const piece = (text: string, finish: string | null = null, index = 0) => ({
  id: 'cmpl-1',
  object: 'text_completion',
  created: 1,
  model: 'm',
  choices: [{ text, index, finish_reason: finish, logprobs: null }],
});

/** The body that a command line sends, checked against the API's document. */
async function requestOf(argv: readonly string[], options: Parameters<typeof oai>[1] = {}): Promise<unknown> {
  const api = stubApi(eventStream([piece('ok'), piece('', 'stop')]));
  const { code, stderr } = await oai(['complete', '-m', 'm', ...argv], { ...options, fetch: api.fetch });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const body: unknown = await api.requests[0]?.json();
  if (openapi !== undefined) checkRequest('POST', '/completions', body);
  return body;
}

const plain = { model: 'm', prompt: 'a b', max_tokens: 256, stream: true };

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else', [], plain],
    ['--max-tokens', ['--max-tokens', '5'], { ...plain, max_tokens: 5 }],
    ['--suffix', ['--suffix', 'end'], { ...plain, suffix: 'end' }],
    ['--echo', ['--echo', '--best-of', '1'], { ...plain, echo: true, best_of: 1 }],
    ['--logprobs', ['--logprobs'], { ...plain, logprobs: 0 }],
    ['--top-logprobs', ['--top-logprobs', '5'], { ...plain, logprobs: 5 }],
    [
      'sampling',
      [
        '-t',
        '0',
        '--top-p',
        '1',
        '--stop',
        'x',
        '--seed',
        '1',
        '--presence-penalty',
        '1',
        '--logit-bias',
        '5=-1',
      ],
      {
        ...plain,
        temperature: 0,
        top_p: 1,
        stop: ['x'],
        seed: 1,
        presence_penalty: 1,
        logit_bias: { 5: -1 },
      },
    ],
    ['any other field', ['--param', 'user=u'], { ...plain, user: 'u' }],
  ])('holds %s', async (_, flags, body) => {
    expect(await requestOf(['a b', ...flags], {})).toEqual(body);
  });

  it('is not for a stream where the best of several is wanted', async () => {
    const api = stubApi(jsonAnswer(piece('a', 'stop')));
    const { code, stdout } = await oai(['complete', '-m', 'm', 'x', '--best-of', '3'], { fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'a\n' });
    expect(await api.requests[0]?.json()).toEqual({ model: 'm', prompt: 'x', max_tokens: 256, best_of: 3 });
  });

  it('takes its text from stdin, and its model from the config', async () => {
    expect(await requestOf([], { stdin: 'a b\n' })).toEqual(plain);
  });
});

describe('the completion', () => {
  const answered = (argv: readonly string[], ...pieces: object[]) =>
    oai(['complete', '-m', 'm', 'x', ...argv], { fetch: stubApi(eventStream(pieces)).fetch });

  it('streams, and may end at the limit', async () => {
    expect(await answered([], piece('a'), piece(' b'), piece('', 'length'))).toMatchObject({
      code: 0,
      stdout: 'a b\n',
    });
  });

  it('that is of another kind is exit 6, and what is of none is passed over', async () => {
    const other = [{ type: 'response.created' }, null, { choices: [null, { text: 5 }] }];
    const { fetch } = stubApi(eventStream(other as object[]));
    expect(await oai(['complete', '-m', 'm', 'x'], { fetch })).toMatchObject({ code: 6, stdout: '' });
    const among = stubApi(eventStream([piece('ok'), ...other, piece('', 'stop')] as object[]));
    expect(await oai(['complete', '-m', 'm', 'x'], { fetch: among.fetch })).toMatchObject({
      code: 0,
      stdout: 'ok\n',
    });
  });

  it('that is cut is exit 6, with what came', async () => {
    expect(await answered([], piece('a'))).toMatchObject({ code: 6, stdout: 'a\n' });
  });

  it('that is empty is exit 8', async () => {
    expect(await answered([], piece('', 'stop'))).toMatchObject({ code: 8, stdout: '' });
  });

  it('is given as events', async () => {
    const { stdout } = await answered(['--events'], piece('a'), piece('', 'stop'));
    expect(stdout).toBe(`${JSON.stringify(piece('a'))}\n${JSON.stringify(piece('', 'stop'))}\n`);
  });

  it('is several, apart from each other', async () => {
    const pieces = [piece('a'), piece('b', null, 1), piece('', 'stop'), piece('', 'stop', 1)];
    expect((await answered(['-n', '2', '--separator', '|'], ...pieces)).stdout).toBe('a|b\n');
  });

  it.each([['--no-stream'], ['--json']])('is whole with %s', async (flag) => {
    const answer = { ...piece('a', 'stop'), usage: { total_tokens: 1 } };
    const { code, stdout } = await oai(['complete', '-m', 'm', 'x', flag], {
      fetch: stubApi(jsonAnswer(answer)).fetch,
    });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: flag === '--json' ? `${JSON.stringify(answer)}\n` : 'a\n',
    });
  });

  it('tells the probabilities of its tokens', async () => {
    const { stdout } = await oai([
      'complete',
      '--sandbox',
      '-m',
      'sandbox-base',
      '--top-logprobs',
      '1',
      'a cat',
    ]);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.map(({ token }) => token).join('')).toBe(' … so it goes on after “a cat”.');
    expect(rows[0].probability).toBeCloseTo(Math.exp(rows[0].logprob));
    expect(rows[0].top).toHaveLength(1);
  });

  it('has no probability for the first token of an echo', async () => {
    const logprobs = {
      tokens: ['a', 'b'],
      token_logprobs: [null, -1],
      top_logprobs: [null, { b: -1 }],
      text_offset: [0, 1],
    };
    const answer = {
      ...piece('ab', 'stop'),
      choices: [{ text: 'ab', index: 0, finish_reason: 'stop', logprobs }],
    };
    const argv = ['complete', '-m', 'm', 'x', '--no-stream', '--logprobs', '--echo'];
    const { stdout } = await oai(argv, { fetch: stubApi(jsonAnswer(answer)).fetch });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).token),
    ).toEqual(['b']);
  });

  it('cannot command a terminal', async () => {
    const api = stubApi(eventStream([piece('\u001b[2Ja'), piece('', 'stop')]));
    const stdout = new CapturedOutput({ isTTY: true });
    expect((await oai(['complete', '-m', 'm', 'x'], { fetch: api.fetch, stdout })).stdout).not.toContain(
      '\u001b',
    );
  });

  it.each([
    ['no choices', { object: 'x' }],
    ['a chat', { choices: [{ index: 0, message: { content: 'x' } }] }],
  ])('is not an answer of %s', async (_, answer) => {
    const { code, stderr } = await oai(['complete', '-m', 'm', 'x', '--json'], {
      fetch: stubApi(jsonAnswer(answer)).fetch,
    });
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('not with a completion'),
    });
  });
});

describe('bad input', () => {
  it.each([
    [['x'], 'complete needs a model: OpenAI has none of the kind any more\n     -m NAME'],
    [['-m', 'm'], 'no prompt'],
    [['-m', 'm', 'x', '--best-of', '1', '-n', '2'], '--best-of 1 is fewer than the 2 answers of -n'],
    [['-m', 'm', 'x', '--best-of', '2', '--events'], 'the API streams no --best-of'],
    [['-m', 'm', 'x', '--top-logprobs', '6'], 'not a whole number from 0 to 5'],
    [['-m', 'm', 'x', '--param', 'stream=true'], 'complete streams by itself'],
    [['-m', 'm', 'x', '--events', '--json'], 'contradict'],
  ])('%j is answered', async (argv, words) => {
    const { code, stderr } = await oai(['complete', ...argv]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});

describe('the sandbox', () => {
  it('goes on with a text, as the document says', async () => {
    const argv = [
      'complete',
      '--sandbox',
      '-m',
      'sandbox-base',
      'A cat sat',
      '--suffix',
      'end',
      '--echo',
      '--logprobs',
      '--json',
    ];
    const { stdout } = await oai(argv);
    const answer = JSON.parse(stdout);
    expect(answer.choices[0].text).toBe('A cat sat … so it goes on after “A cat sat”, and then comes “end”.');
    if (openapi !== undefined) checkResponse('POST', '/completions', 200, answer);
  });

  it.each([
    ['-m gpt-6-luna', ['-m', 'gpt-6-luna'], 'This is a chat model'],
    ['a model that has ended', ['-m', 'davinci-002'], 'has been deprecated'],
    ['best_of in a stream', ['-m', 'sandbox-base', '--param', 'best_of=2'], 'cannot stream'],
    ['a field that it has not', ['-m', 'sandbox-base', '--param', 'verbosity=low'], 'verbosity'],
  ])('refuses %s', async (_, flags, words) => {
    const { code, stderr } = await oai(['complete', '--sandbox', ...flags, 'x']);
    expect({ code, stderr }).toMatchObject({ code: 4, stderr: expect.stringContaining(words) });
  });
});
