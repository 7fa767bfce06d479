import type { CreateEmbeddingResponse } from 'openai/resources/embeddings';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { FakeClock } from '../support/context.ts';
import { type Answer, ask, request, sandbox } from './ask.ts';

const PATH = '/embeddings';
const SMALL = 'text-embedding-3-small';
const SCHEMA =
  /^'\$\.(\w+)' is invalid\. Please check the API reference: https:\/\/platform\.openai\.com\/docs\/api-reference\.$/;

function body(input: unknown, fields: object = {}): object {
  return { model: SMALL, input, ...fields };
}

/** An answer with vectors of numbers; it obeys the OpenAPI document. */
async function embed(
  input: unknown,
  fields: object = {},
  of: Sandbox = sandbox(),
): Promise<CreateEmbeddingResponse> {
  const { status, body: answer }: Answer<CreateEmbeddingResponse> = await ask(
    'POST',
    PATH,
    body(input, fields),
    {
      of,
    },
  );
  if (status !== 200) throw new Error(`refused: ${JSON.stringify(answer)}`);
  return answer;
}

async function vectors(texts: readonly string[], fields?: object): Promise<number[][]> {
  return (await embed(texts, fields)).data.map(({ embedding }) => embedding);
}

async function refusal(fields: unknown) {
  const { status, body: answer } = await ask('POST', PATH, fields);
  if (status < 400) throw new Error('accepted');
  return { status, ...answer.error };
}

function dot(one: readonly number[] = [], other: readonly number[] = []): number {
  return one.reduce((sum, value, at) => sum + value * (other[at] ?? 0), 0);
}

/** " hello" so many times: as many tokens. */
const tokens = (count: number) => ' hello'.repeat(count);

describe('an embedding', () => {
  it.each([
    [SMALL, 1536],
    ['text-embedding-3-large', 3072],
    ['text-embedding-ada-002', 1536],
  ])('of %s has %i numbers and the length 1', async (model, size) => {
    const answer = await embed('hello world', { model, user: 'me' });
    expect(answer).toMatchObject({
      object: 'list',
      model,
      usage: { prompt_tokens: 2, total_tokens: 2 },
      data: [{ object: 'embedding', index: 0 }],
    });
    const vector = answer.data[0]?.embedding ?? [];
    expect(vector).toHaveLength(size);
    expect(dot(vector, vector)).toBeCloseTo(1, 5);
  });

  it('is the same for the same text, whatever stands beside it, and different for another model', async () => {
    const [alone] = await vectors(['a cat sat']);
    const among = await vectors(['stock market', 'a cat sat', 'a cat sat']);
    expect(among[1]).toEqual(alone);
    expect(among[2]).toEqual(alone);
    const [ada] = await vectors(['a cat sat'], { model: 'text-embedding-ada-002' });
    expect(Math.abs(dot(alone, ada))).toBeLessThan(0.2);
  });

  it('comes in the order of the texts', async () => {
    const { data } = await embed(['one', 'two', 'three']);
    expect(data.map(({ index }) => index)).toEqual([0, 1, 2]);
    for (const [index, text] of ['one', 'two', 'three'].entries()) {
      expect([data[index]?.embedding]).toEqual(await vectors([text]));
    }
  });

  it.each([
    ['a cat sat', 'the cat sat', 'stock market'],
    ['How do I reset my password?', 'I forgot my password, how can I reset it?', 'The weather is nice today'],
    ['running shoes', 'shoes for runners', 'tax return'],
    ['Cafe\u0301 menu', 'CAFÉ MENU', 'engine oil'],
    ['고양이가 소파에 앉았다', '고양이는 소파에 앉아 있다', '주식 시장이 급락했다'],
    ['비밀번호를 잊어버렸어요', '비밀번호 분실', '오늘 날씨가 좋네요'],
    ['東京タワーに行きました', '東京タワーへ行った', '株価が下がった'],
    ['我喜欢吃苹果', '我爱吃苹果', '股市今天下跌'],
  ])('of "%s" is closer to that of "%s" than of "%s"', async (text, like, unlike) => {
    for (const fields of [{}, { dimensions: 256 }, { model: 'text-embedding-3-large' }]) {
      const [one, close, far] = await vectors([text, like, unlike], fields);
      expect(dot(one, close)).toBeGreaterThan(dot(one, far) + 0.25);
      expect(Math.abs(dot(one, far))).toBeLessThan(0.25);
    }
  });

  it('takes Hangul in letters for Hangul in syllables, and any case and width', async () => {
    const [syllables, letters] = await vectors(['한국어', '한국어'.normalize('NFD')]);
    expect(letters).toEqual(syllables);
    const [low, high, wide] = await vectors(['hello', 'HELLO', 'ｈｅｌｌｏ']);
    expect(high).toEqual(low);
    expect(wide).toEqual(low);
  });

  it('is there for what has no words', async () => {
    const all = await vectors([' ', '...', '🎉', '🎉🎉', '\n']);
    for (const vector of all) expect(dot(vector, vector)).toBeCloseTo(1, 5);
    expect(dot(all[2], all[3])).toBeGreaterThan(0.9);
    expect(dot(all[0], all[1])).toBeLessThan(0.3);
  });

  it.each([1, 2, 8, 256, 1535, 1536])(
    'of %i dimensions is the beginning of the whole one',
    async (dimensions) => {
      const [whole] = await vectors(['a cat sat on the mat']);
      const [short] = await vectors(['a cat sat on the mat'], { dimensions });
      const cut = whole?.slice(0, dimensions) ?? [];
      const length = Math.sqrt(dot(cut, cut));
      expect(short).toHaveLength(dimensions);
      expect(dot(short, short)).toBeCloseTo(1, 5);
      for (const [at, value] of cut.entries()) expect(short?.[at]).toBeCloseTo(value / length, 6);
    },
  );

  it('is the same in base64: 32 bits each, the lowest byte first', async () => {
    const floats = await embed(['a cat', '고양이'], { dimensions: 100, encoding_format: 'float' });
    const response = await sandbox().answer(
      request('POST', PATH, body(['a cat', '고양이'], { dimensions: 100, encoding_format: 'base64' })),
    );
    const { data, usage } = JSON.parse(await response.text());
    expect(usage).toEqual(floats.usage);
    for (const [index, { embedding }] of floats.data.entries()) {
      const bytes = Buffer.from(data[index].embedding, 'base64');
      expect(bytes).toHaveLength(400);
      expect(embedding.map((_, at) => bytes.readFloatLE(at * 4))).toEqual(embedding);
    }
  });
});

describe('the input', () => {
  it('may be tokens, of which the embedding is that of their text', async () => {
    const text = await embed('hello world');
    const answer = await embed([15339, 1917]);
    expect(answer.data).toEqual(text.data);
    expect(answer.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    // 안 in cl100k_base: two tokens, of which each alone is a part of a character.
    const lists = await embed([[15339], [31495, 230], [15339, 1917]]);
    expect(lists.data.map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(lists.data[1]?.embedding).toEqual((await vectors(['안']))[0]);
    expect(lists.data[2]?.embedding).toEqual(text.data[0]?.embedding);
    expect(lists.usage.prompt_tokens).toBe(5);
    await embed([31495]);
    expect((await embed([15339, 1917])).data).toEqual(text.data);
  });

  it.each([
    ['hello world', 2],
    ['안녕하세요', 5],
    ['<|endoftext|>', 7],
    [['hello', 'hello world', ' '], 4],
    [tokens(8192), 8192],
  ])('is counted in tokens of cl100k_base', async (input, count) => {
    expect((await embed(input, { dimensions: 1 })).usage).toEqual({
      prompt_tokens: count,
      total_tokens: count,
    });
  });

  it('is counted soon, whatever it is', async () => {
    const { usage } = await embed('a'.repeat(50_000), { dimensions: 1 });
    expect(usage.prompt_tokens).toBe(6250);
    // Without a cut it would be minutes.
    expect((await embed(' '.repeat(500_000), { dimensions: 1 })).usage.prompt_tokens).toBeLessThanOrEqual(
      8192,
    );
  });

  it('may be 2048 texts, and 300,000 tokens', async () => {
    expect((await embed(Array(2048).fill('hi'), { dimensions: 1 })).data).toHaveLength(2048);
    const most = Array(37).fill(tokens(8108)).concat(tokens(4));
    expect((await embed(most, { dimensions: 1 })).usage.total_tokens).toBe(300_000);
    const refused = await refusal(body([...most, 'hello']));
    expect(refused).toEqual({
      status: 400,
      message: 'Requested 300001 tokens, max 300000 tokens per request',
      type: 'max_tokens_per_request',
      param: null,
      code: 'max_tokens_per_request',
    });
  });

  it.each([
    ['a long text', tokens(8193), "Invalid 'input': maximum context length is 8192 tokens."],
    ['a very long text', 'x '.repeat(1_000_000), "Invalid 'input': maximum context length is 8192 tokens."],
    [
      'a long text of a list',
      ['a', tokens(8193)],
      "Invalid 'input[1]': maximum input length is 8192 tokens.",
    ],
    [
      'a long list of tokens',
      [[1], Array(8193).fill(1)],
      "Invalid 'input[1]': maximum input length is 8192 tokens.",
    ],
    ['an empty text', '', "Invalid 'input': input cannot be an empty string."],
    ['an empty text of a list', ['a', ''], "Invalid 'input[1]': input cannot be an empty string."],
    ['2049 texts', Array(2049).fill('a'), "Invalid 'input': array length must be 2048 or less."],
    ['2049 tokens', Array(2049).fill(1), "Invalid 'input': array length must be 2048 or less."],
  ])('that is %s is refused', async (_, input, message) => {
    const refused = await refusal(body(input));
    expect(refused).toEqual({ status: 400, message, type: 'invalid_request_error', param: null, code: null });
  });

  it.each([
    ['nothing', []],
    ['null', null],
    ['a number', 5],
    ['an object', { text: 'a' }],
    ['texts and numbers', ['a', 1]],
    ['texts and lists', ['a', [1]]],
    ['an empty list of tokens', [[1], []]],
    ['half a token', [1.5]],
    ['a token below zero', [-1]],
    ['a token that there is not', [100_256]],
    ['a list with nothing in it', [null]],
    ['lists of texts', [['a']]],
  ])('that is %s is refused', async (_, input) => {
    const { status, message, param, code } = await refusal(body(input));
    expect([status, SCHEMA.exec(message)?.[1], param, code]).toEqual([400, 'input', null, null]);
  });
});

describe('a request for embeddings', () => {
  it.each([
    ['no model', { model: undefined }, 400, 'you must provide a model parameter'],
    ['no input', { input: undefined }, 400, "Missing required parameter: 'input'."],
    [
      'a model of chat',
      { model: 'gpt-6-luna' },
      403,
      'You are not allowed to generate embeddings from this model',
    ],
    [
      'an unknown model',
      { model: 'no' },
      404,
      'The model `no` does not exist or you do not have access to it.',
    ],
    [
      'a model that is a number',
      { model: 1 },
      400,
      "Invalid type for 'model': expected a string, but got an integer instead.",
    ],
    [
      'too many dimensions',
      { dimensions: 1537 },
      400,
      "Invalid value for 'dimensions' = 1537. Must be less than or equal to 1536.",
    ],
    [
      'too many for the large model',
      { model: 'text-embedding-3-large', dimensions: 3073 },
      400,
      "Invalid value for 'dimensions' = 3073. Must be less than or equal to 3072.",
    ],
    [
      'dimensions of ada',
      { model: 'text-embedding-ada-002', dimensions: 1536 },
      400,
      'This model does not support specifying dimensions.',
    ],
    ['no dimensions', { dimensions: 0 }, 400, SCHEMA],
    ['half a dimension', { dimensions: 1.5 }, 400, SCHEMA],
    ['dimensions in words', { dimensions: '256' }, 400, SCHEMA],
    ['dimensions of null', { dimensions: null }, 400, SCHEMA],
    [
      'another encoding',
      { encoding_format: 'md5' },
      400,
      "Invalid value for 'encoding_format' = md5. Supported values: ['float', 'base64'].",
    ],
    ['no encoding', { encoding_format: null }, 400, SCHEMA],
    [
      'a user of a number',
      { user: 1 },
      400,
      "Invalid type for 'user': expected a string, but got an integer instead.",
    ],
    ['a field that there is not', { dimension: 5 }, 400, 'Unrecognized request argument supplied: dimension'],
  ])('with %s is refused', async (_, fields, status, message) => {
    const refused = await refusal(body('hello', fields));
    expect(refused).toMatchObject({ status, type: 'invalid_request_error' });
    if (typeof message === 'string') expect(refused.message).toBe(message);
    else expect(message.exec(refused.message)?.[1]).toBe(Object.keys(fields)[0]);
  });

  it('takes the large model to its end', async () => {
    expect((await vectors(['a'], { model: 'text-embedding-3-large', dimensions: 3072 }))[0]).toHaveLength(
      3072,
    );
  });

  it('is none that is not an object', async () => {
    expect((await refusal(['hello'])).message).toBe(
      'Invalid type: expected an object, but got an array instead.',
    );
  });

  it('is given up when nobody waits for the answer any more', async () => {
    const stopped = new AbortController();
    const many = Array(37).fill(tokens(8000));
    const answer = sandbox().answer(request('POST', PATH, body(many), { signal: stopped.signal }));
    for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    stopped.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('goes by POST', async () => {
    const response = await sandbox().answer(request('GET', PATH));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

describe('a fault', () => {
  const once = (of: Sandbox) => ask('POST', PATH, body('hello'), { of });

  it.each([
    ['429', 429, 'rate_limit_exceeded'],
    ['500', 500, null],
    ['quota', 429, 'insufficient_quota'],
    [`gone=${SMALL}`, 404, 'model_not_found'],
  ])('%s is answered in place of embeddings', async (faults, status, code) => {
    const answer = await once(sandbox(faults));
    expect([answer.status, answer.body.error.code]).toEqual([status, code]);
    expect((await once(sandbox('429x1'))).status).toBe(429);
  });

  it.each(['cut@0', 'garbled@0', 'reset@0', 'stall@0', 'error@0', 'plain', 'refusal', 'finish=length'])(
    '%s is nothing to what is no stream and no talk',
    async (faults) => {
      expect(await embed('hello', {}, sandbox(faults))).toEqual(await embed('hello'));
    },
  );

  it('leaves out every vector, not what they cost', async () => {
    const answer = await embed(['hello', 'world'], {}, sandbox('empty'));
    expect(answer).toMatchObject({ data: [], usage: { prompt_tokens: 2 } });
  });

  it('delays the answer', async () => {
    const clock = new FakeClock({ leap: true });
    const start = clock.now();
    await embed('hello', {}, sandbox('delay=50ms', { clock }));
    expect(clock.now() - start).toBe(50);
  });
});
