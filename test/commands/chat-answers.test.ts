import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import { chatChunk, chatChunks, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { requestOf } from '../support/chat-request.ts';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

const plain = { model: defaultModels.chat, messages: [{ role: 'user', content: 'hi' }], stream: true };

/** What a command line of chat makes of a stream. */
function answered(argv: readonly string[], ...chunks: object[]) {
  const api = stubApi(eventStream(chunks));
  return oai(['chat', 'hi', ...argv], { fetch: api.fetch });
}

/** Two answers whose pieces come in turn. */
const TWO = [
  chatChunk({ content: 'a' }, null, 0),
  chatChunk({ content: 'x' }, null, 1),
  chatChunk({ content: 'b' }, null, 0),
  chatChunk({ content: 'y\n' }, null, 1),
  chatChunk({}, 'stop', 0),
  chatChunk({}, 'stop', 1),
];

describe('the flags of sampling', () => {
  it.each<[string, string[], object]>([
    ['--top-p', ['--top-p', '1'], { top_p: 1 }],
    ['--stop', ['--stop', 'END', '--stop', '.'], { stop: ['END', '.'] }],
    ['--seed', ['--seed', '-7'], { seed: -7 }],
    ['--frequency-penalty', ['--frequency-penalty', '0'], { frequency_penalty: 0 }],
    ['--presence-penalty', ['--presence-penalty', '0'], { presence_penalty: 0 }],
    ['--verbosity', ['--verbosity', 'low'], { verbosity: 'low' }],
    ['--service-tier', ['--service-tier', 'flex'], { service_tier: 'flex' }],
    ['--prediction', ['--prediction', 'a b'], { prediction: { type: 'content', content: 'a b' } }],
    ['--prompt-cache-key', ['--prompt-cache-key', 'k'], { prompt_cache_key: 'k' }],
    [
      '--store',
      ['--store', '--metadata', 'a=1', '--metadata', 'b=c=d'],
      { store: true, metadata: { a: '1', b: 'c=d' } },
    ],
    ['-n', ['-n', '1'], { n: 1 }],
    ['--json-object', ['--json-object', '-s', 'json'], { response_format: { type: 'json_object' } }],
  ])('%s becomes a field', async (_, flags, fields) => {
    const json = eventStream(chatChunks('{}'));
    const api = stubApi(json);
    const { code } = await oai(['chat', 'hi', ...flags], { fetch: api.fetch });
    expect(code).toBe(0);
    expect(await api.requests[0]?.json()).toMatchObject({ model: plain.model, stream: true, ...fields });
  });

  it('make a model do without reasoning, and the bias is of numbers', async () => {
    expect(await requestOf(['chat', 'hi', '--logit-bias', '50256=-100', '--logit-bias', '7=2'])).toEqual({
      ...plain,
      logit_bias: { 50256: -100, 7: 2 },
      reasoning_effort: 'none',
    });
  });

  it('read a prediction from a file', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'old.ts'), 'let a;\n');
    expect(await requestOf(['chat', 'hi', '--prediction', '@old.ts'], { cwd })).toMatchObject({
      prediction: { content: 'let a;' },
    });
  });

  it('are those of structured, too', async () => {
    const { stdout } = await oai(['structured', '--dry-run', '--fields', 'a', '--seed', '3', 'hi']);
    expect(stdout).toContain('"seed": 3');
  });

  it.each([
    ['--top-p 2', ['--top-p', '2'], 'not a number from 0 to 1'],
    ['--seed x', ['--seed', 'x'], 'not a whole number'],
    ['--stop', ['--stop', ''], '--stop is empty'],
    [
      'a word as a token',
      ['--logit-bias', 'cat=1'],
      '--logit-bias cat=1 is not TOKEN=BIAS, such as 1734=-100',
    ],
    [
      'a bias out of range',
      ['--logit-bias', '1=101'],
      '--logit-bias 1 101 is not a whole number from -100 to 100',
    ],
    ['a pair', ['--metadata', 'a'], '--metadata a is not of the form name=value'],
    ['a tier', ['--service-tier', 'gold'], 'is not one of auto'],
    ['-n 0', ['-n', '0'], '--count 0 is not a whole number from 1 to 128'],
    ['--top-logprobs 21', ['--top-logprobs', '21'], 'not a whole number from 0 to 20'],
  ])('refuse %s', async (_, flags, words) => {
    const { code, stderr } = await oai(['chat', 'hi', ...flags]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});

describe('several answers', () => {
  it.each<[string, string[], string]>([
    ['on lines of their own', [], 'ab\nxy\n'],
    ['with a separator between them', ['--separator', '\\n--\\n'], 'ab\n--\nxy\n'],
    ['with a NUL after each', ['-0'], 'ab\0xy\n\0'],
  ])('are printed one after the other, %s', async (_, flags, stdout) => {
    expect(await answered(['-n', '2', ...flags], ...TWO)).toMatchObject({ code: 0, stdout });
  });

  it('are printed as far as they came', async () => {
    const run = await answered(['-n', '2', '--separator', '|'], ...TWO.slice(0, 5));
    expect(run).toMatchObject({ code: 6, stdout: 'ab|xy\n' });
  });

  it('are all in the JSON', async () => {
    const { stdout } = await oai(['chat', '--sandbox', '--json', '-n', '3', 'hi']);
    expect(JSON.parse(stdout).choices).toHaveLength(3);
  });
});

describe('an answer that is not streamed', () => {
  it('is the same text', async () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
    };
    const api = stubApi(jsonAnswer(whole));
    const { code, stdout } = await oai(['chat', 'hi', '--no-stream'], { fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Hi.\n' });
    expect(await api.requests[0]?.json()).not.toHaveProperty('stream');
  });

  it('is judged as one that is', async () => {
    const whole = {
      choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'length' }],
    };
    const { code, stdout } = await oai(['chat', 'hi', '--no-stream'], {
      fetch: stubApi(jsonAnswer(whole)).fetch,
    });
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'Hi\n' });
  });
});

describe('--events', () => {
  it('prints each event as a line of JSON, and no text', async () => {
    const { code, stdout } = await answered(['--events'], ...chatChunks('a', 'b'));
    expect(code).toBe(0);
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(chatChunks('a', 'b'));
  });

  it('says by its exit code that the stream was cut', async () => {
    const { code, stdout } = await answered(['--events'], ...chatChunks('a').slice(0, 1));
    expect({ code, lines: stdout.split('\n').length }).toEqual({ code: 6, lines: 2 });
  });

  it.each(['--json', '--no-stream', '--logprobs'])('does not go with %s', async (flag) => {
    const { code, stderr } = await oai(['chat', 'hi', '--events', flag]);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('--events') });
  });
});

describe('--logprobs', () => {
  const token = (text: string, ...probabilities: number[]) => {
    const entry = (name: string, probability: number) => ({
      token: name,
      logprob: Math.log(probability),
      bytes: null,
    });
    const [own = 1, ...others] = probabilities;
    return { ...entry(text, own), top_logprobs: others.map((other, rank) => entry(`o${rank}`, other)) };
  };
  const stream = (...tokens: object[]) => {
    const chunk = chatChunk({ content: 'x' }) as { choices: object[] };
    return [
      { ...chunk, choices: [{ ...chunk.choices[0], logprobs: { content: tokens } }] },
      chatChunk({}, 'stop'),
    ];
  };

  it('prints each token as a line of JSON', async () => {
    const { stdout } = await answered(['--top-logprobs', '1'], ...stream(token(' yes', 0.75, 0.25)));
    const row = JSON.parse(stdout);
    expect(row).toMatchObject({ token: ' yes', top: [{ token: 'o0' }] });
    expect(row.probability).toBeCloseTo(0.75);
    expect(row.top[0].probability).toBeCloseTo(0.25);
  });

  it('prints a table on a terminal, in the colour of how sure it is', async () => {
    const tokens = stream(token('yes', 0.95, 0.01), token('\u001b[2J no', 0.5), token('maybe', 0.0004));
    const api = stubApi(eventStream(tokens));
    const { stdout } = await oai(['chat', 'hi', '--logprobs'], {
      fetch: api.fetch,
      stdout: new CapturedOutput({ isTTY: true, color: true }),
    });
    expect(stdout).toBe(
      '\u001b[32m"yes"           95.0%   "o0" 1.0%\u001b[39m\n' +
        '\u001b[33m"\\u001b[2J no"  50.0%\u001b[39m\n' +
        '\u001b[31m"maybe"         0.040%\u001b[39m\n',
    );
  });

  it('asks the API for them, and says which answer a token is of', async () => {
    const { stdout } = await oai(['chat', '--sandbox', '-n', '2', '--logprobs', 'hi']);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(rows.map(({ answer }) => answer))).toEqual(new Set([1, 2]));
    expect(
      rows
        .filter(({ answer }) => answer === 2)
        .map(({ token }) => token)
        .join(''),
    ).toBe('You said: hi\nWith: reasoning_effort none\nAnswer 2 of 2.');
  });
});

describe('--json-object', () => {
  it('says the word that the API demands, and that it does', async () => {
    const { code, stdout, stderr } = await oai(['chat', '--sandbox', '--json-object', 'a cat']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).reply).toContain('Answer with a JSON object.');
    expect(stderr).toContain(
      'oai: no message says JSON, which --json-object needs: sent "Answer with a JSON object."\n',
    );
  });

  it('says nothing where the word is there', async () => {
    const { code, stderr } = await oai(['chat', '--sandbox', '--json-object', 'a cat as json']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it.each([
    ['no JSON', 'sorry', 'the answer is no JSON: '],
    ['no object', '[1]', 'the answer is JSON, and no object'],
  ])('is exit 8 with an answer that is %s, which is printed', async (_, text, words) => {
    const { code, stdout, stderr } = await answered(['--json-object', '-s', 'JSON'], ...chatChunks(text));
    expect({ code, stdout }).toEqual({ code: 8, stdout: `${text}\n` });
    expect(stderr).toContain(`oai: ${words}`);
  });

  it('is said once for all rows', async () => {
    const { stderr } = await oai(['chat', '--sandbox', '--each', '--json-object'], { stdin: 'a\nb\n' });
    expect(stderr.match(/no message says JSON/g)).toHaveLength(1);
  });
});

describe('--schema', () => {
  const schema = {
    type: 'object',
    properties: { age: { type: 'integer' } },
    required: ['age'],
    additionalProperties: false,
  };

  async function asked(argv: readonly string[], text: string, given: unknown = schema) {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 's.json'), JSON.stringify(given));
    const api = stubApi(eventStream(chatChunks(text)));
    const run = await oai(['chat', 'hi', '--schema', 's.json', ...argv], { cwd, fetch: api.fetch });
    const body: unknown = await api.requests[0]?.json();
    return { ...run, body };
  }

  it('is sent, and kept to', async () => {
    const { code, stdout, body } = await asked([], '{"age":3}');
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"age":3}\n' });
    expect(body).toMatchObject({
      response_format: {
        type: 'json_schema',
        json_schema: { name: 's', schema, strict: true },
      },
    });
  });

  it('is exit 8 with an answer that does not fit', async () => {
    const { code, stdout, stderr } = await asked([], '{"age":"three"}');
    expect({ code, stdout }).toEqual({ code: 8, stdout: '{"age":"three"}\n' });
    expect(stderr).toBe(
      'oai: the answer does not fit --schema s.json: /age must be an integer, is "three"\n     `oai structured` asks again by itself\n',
    );
  });

  it.each<[string, unknown, string]>([
    ['no schema', 'text', 'is no JSON Schema'],
    ['a list', { type: 'array', items: { type: 'string' } }, 'the API answers with objects alone'],
    ['an unknown keyword', { type: 'object', properteis: {} }, 'properteis'],
  ])('refuses %s before anything is sent', async (_, given, words) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 's.json'), JSON.stringify(given));
    const { code, stderr } = await oai(['chat', 'hi', '--schema', 's.json'], { cwd });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(words) });
  });

  it('may come from stdin, beside a prompt', async () => {
    const api = stubApi(eventStream(chatChunks('{"age":30}')));
    const line = ['chat', 'hi', '--schema', '-'];
    const { code } = await oai(line, { fetch: api.fetch, stdin: JSON.stringify(schema) });
    expect(code).toBe(0);
    expect(await api.requests[0]?.json()).toMatchObject({ messages: [{ role: 'user', content: 'hi' }] });
  });

  it('contradicts --json-object', async () => {
    const { code, stderr } = await oai(['chat', 'hi', '--schema', 's.json', '--json-object']);
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('contradict') });
  });
});

describe('what is for one answer', () => {
  it.each([
    ['--separator', 'x'],
    ['-0'],
    ['--events'],
    ['--no-stream'],
    ['--logprobs'],
    ['--top-logprobs', '1'],
  ])('is refused for rows: %s', async (...flags) => {
    const { code, stderr } = await oai(['chat', '--each', ...flags], { stdin: 'a\n' });
    expect({ code, stderr }).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`${flags[0]} is for one answer`),
    });
  });
});
