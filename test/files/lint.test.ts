import { describe, expect, it } from 'vitest';
import { type LintOptions, type LintReport, lintJsonl, MOST_PROBLEMS } from '../../src/files/lint.ts';

async function* pieces(text: string | Uint8Array, size: number) {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

function lint(rows: readonly unknown[] | string | Uint8Array, options: LintOptions): Promise<LintReport> {
  const isText = typeof rows === 'string' || rows instanceof Uint8Array;
  const text = isText ? rows : rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  // Pieces that end anywhere, in characters too.
  return lintJsonl(pieces(text, 7), options);
}

function reasons({ problems }: LintReport): string[] {
  return problems.map(({ line, column, reason }) => `${line}${column ? `:${column}` : ''} ${reason}`);
}

const hello = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hello' }] };

function request(id: unknown, over: object = {}) {
  return { custom_id: id, method: 'POST', url: '/v1/chat/completions', body: hello, ...over };
}

const batch = { for: 'batch' } as const;
const tune = { for: 'fine-tune' } as const;

describe('lint for a batch', () => {
  it('passes requests as they should be, and says what they are', async () => {
    const report = await lint([request('a'), request('b')], { ...batch, tokens: true });
    expect(report).toMatchObject({
      ok: true,
      rows: 2,
      model: 'gpt-6-luna',
      endpoint: '/v1/chat/completions',
      method: null,
      problems: [],
      problemCount: 0,
    });
    // 3 that begin the answer, 3 of the message, its role and its word.
    expect(report.tokens).toBe(2 * 8);
  });

  it('names line and column where a line is no JSON', async () => {
    const good = JSON.stringify(request('a'));
    const report = await lint(`${good}\n{"custom_id": "b",}\n\n${good.replace('"a"', '"c"')}`, batch);
    expect(reasons(report)).toEqual(['2:19 the line is no JSON: unexpected }']);
    expect(report).toMatchObject({ ok: false, rows: 3 });
  });

  it.each([
    ['no custom_id', request(undefined), 'custom_id is missing'],
    ['a number as custom_id', request(7), 'custom_id is 7, and must be a text'],
    ['an empty custom_id', request(''), 'custom_id is empty'],
    ['GET', request('x', { method: 'GET' }), 'method is "GET", and must be POST'],
    ['no method', request('x', { method: undefined }), 'method is missing'],
    ['no url', request('x', { url: undefined }), 'url is missing'],
    ['no body', request('x', { body: undefined }), 'body is missing'],
    ['a text as body', request('x', { body: 'hi' }), 'body is "hi", and must be an object'],
    ['no model', request('x', { body: { messages: hello.messages } }), 'body.model is missing'],
    ['no messages', request('x', { body: { model: 'gpt-6-luna' } }), 'body.messages is missing'],
    [
      'another model',
      request('x', { body: { ...hello, model: 'gpt-4o' } }),
      'body.model is "gpt-4o", and that of line 1 is "gpt-6-luna"',
    ],
    [
      'another endpoint',
      request('x', { url: '/v1/responses' }),
      'url is /v1/responses, and that of line 1 is /v1/chat/completions',
    ],
    [
      'a stream',
      request('x', { body: { ...hello, stream: true } }),
      'body.stream is true, and a batch does not stream',
    ],
    ['an id twice', request('first'), 'custom_id "first" is that of line 1, too'],
  ])('refuses %s', async (_, row, reason) => {
    const report = await lint([request('first'), row], batch);
    expect(reasons(report)).toEqual([`2 ${reason}`]);
  });

  it('names the endpoints where a url is none', async () => {
    const report = await lint([request('x', { url: '/v1/files' })], batch);
    expect(reasons(report)[0]).toMatch(/^1 url "\/v1\/files" is no endpoint for batches: \/v1\/responses, /);
  });

  it('takes a moderation without a model', async () => {
    const row = { custom_id: 'a', method: 'POST', url: '/v1/moderations', body: { input: 'x' } };
    expect(await lint([row], batch)).toMatchObject({ ok: true, model: null });
  });

  it('refuses a file without a row, a list, a mark, what is no UTF-8, and what is nested too deep', async () => {
    expect(reasons(await lint('', batch))).toEqual(['null the file has no rows']);
    expect(reasons(await lint(' \n\r\n', batch))).toEqual(['null the file has no rows']);
    expect(reasons(await lint([[1]], batch))).toEqual(['1:1 the line is no JSON object']);
    const marked = `\ufeff${JSON.stringify(request('a'))}`;
    expect(reasons(await lint(marked, batch))).toEqual(['1:1 a byte order mark stands before the JSON']);
    expect(reasons(await lint(Buffer.from([0x7b, 0xff, 0x7d]), batch))).toEqual([
      '1 is not UTF-8 text: byte 2 is 0xff',
    ]);
    const deep = `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`;
    expect(reasons(await lint(deep, batch))).toEqual(['1 it is nested more than 500 levels deep']);
  });

  it('counts all problems, and keeps the first of them', async () => {
    const told: number[] = [];
    const onProblem = ({ line }: { line: number | null }) => void told.push(line ?? 0);
    const report = await lint('nonsense\n'.repeat(MOST_PROBLEMS + 5), { ...batch, onProblem });
    expect(report.problemCount).toBe(MOST_PROBLEMS + 5);
    expect(report.problems).toHaveLength(MOST_PROBLEMS);
    expect(told).toHaveLength(MOST_PROBLEMS);
  });

  it('refuses more requests than a batch takes, and more texts to embed', async () => {
    const small = (id: number) =>
      `{"custom_id":"${id}","method":"POST","url":"/v1/moderations","body":{"input":"x"}}\n`;
    const many = Array.from({ length: 50_001 }, (_, id) => small(id)).join('');
    const report = await lintJsonl(pieces(many, 65_536), batch);
    expect(reasons(report)).toEqual(['null there are 50001 requests, and a batch takes 50000']);
    const body = { model: 'text-embedding-3-small', input: Array.from({ length: 50_001 }, () => 'x') };
    const row = { custom_id: 'a', method: 'POST', url: '/v1/embeddings', body };
    const embedding = await lintJsonl(pieces(JSON.stringify(row), 65_536), batch);
    expect(reasons(embedding)).toEqual(['null there are 50001 texts to embed, and a batch takes 50000']);
  });

  it('shows a long value shortly', async () => {
    const report = await lint([request('x', { method: 'G'.repeat(500) })], batch);
    expect(reasons(report)[0]).toHaveLength('1 method is , and must be POST'.length + 60);
  });
});

const chat = {
  messages: [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'hi', weight: 1 },
  ],
};
const preference = {
  input: { messages: [{ role: 'user', content: 'hello' }] },
  preferred_output: [{ role: 'assistant', content: 'good' }],
  non_preferred_output: [{ role: 'assistant', content: 'bad' }],
};
const graded = { messages: [{ role: 'user', content: '1 + 1?' }], answer: '2' };

describe('lint for fine-tuning', () => {
  it.each([
    ['supervised', chat],
    ['dpo', preference],
    ['reinforcement', graded],
    ['supervised', { prompt: 'hello', completion: ' hi' }],
  ])('passes rows for %s', async (method, row) => {
    const report = await lint(Array(10).fill(row), tune);
    expect(report).toMatchObject({ ok: true, method, rows: 10, notes: [], model: null, endpoint: null });
  });

  it('notes that there are too few rows to train on', async () => {
    const { ok, notes } = await lint([chat], tune);
    expect({ ok, notes }).toEqual({ ok: true, notes: ['it has 1 row, and a training file needs 10'] });
  });

  it('takes tool calls, parts, images and refusals', async () => {
    const row = {
      tools: [{ type: 'function', function: { name: 'now', parameters: {} } }],
      messages: [
        { role: 'system', content: 'be short' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'what time is it?' },
            { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
          ],
        },
        {
          role: 'assistant',
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'now', arguments: '{}' } }],
        },
        { role: 'tool', tool_call_id: 'c1', content: '12:00' },
        { role: 'assistant', content: [{ type: 'text', text: 'noon' }] },
      ],
    };
    expect(reasons(await lint([row], tune))).toEqual([]);
  });

  const last = { role: 'assistant', content: 'x' };
  it.each([
    ['no messages', { messages: [] }, 'messages is empty'],
    ['messages that are no list', { messages: 'hi' }, 'messages is "hi", and must be a list of messages'],
    [
      'a question without an answer',
      { messages: [{ role: 'user', content: 'x' }] },
      "the last message is of the role user, and must be the assistant's, which is learnt",
    ],
    [
      'an unknown role',
      { messages: [{ role: 'human', content: 'x' }, last] },
      'messages[0].role "human" is not one of system, developer, user, assistant, tool or function',
    ],
    ['no role', { messages: [{ content: 'x' }, last] }, 'messages[0].role is missing'],
    [
      'no content',
      { messages: [{ role: 'user' }, last] },
      'messages[0].content is missing, and must be a text or a list of parts'.replace(/, and.*/, ''),
    ],
    [
      'sound',
      { messages: [{ role: 'user', content: [{ type: 'input_audio' }] }, last] },
      'messages[0].content[0] is of the type "input_audio", not text or image_url',
    ],
    [
      'an image of the assistant',
      { messages: [{ role: 'assistant', content: [{ type: 'image_url', image_url: { url: 'x' } }] }] },
      'messages[0].content[0] is of the type "image_url", not text or refusal',
    ],
    [
      'eleven images',
      {
        messages: [
          {
            role: 'user',
            content: Array(11).fill({ type: 'image_url', image_url: { url: 'https://example.com/a.png' } }),
          },
          last,
        ],
      },
      'messages has 11 images, and a row may have 10',
    ],
    [
      'half a weight',
      { messages: [{ ...last, weight: 0.5 }] },
      'messages[0].weight is 0.5, and must be 0 or 1',
    ],
    [
      'a weight of the user',
      { messages: [{ role: 'user', content: 'x', weight: 1 }, last] },
      'messages[0].weight is for messages of the assistant',
    ],
    [
      'a call without arguments',
      { messages: [{ role: 'assistant', tool_calls: [{ id: 'a', function: { name: 'f' } }] }] },
      'messages[0].tool_calls[0].function.arguments is no text',
    ],
    [
      'an answer of no tool',
      { messages: [{ role: 'tool', content: 'x' }, last] },
      'messages[0].tool_call_id is missing',
    ],
    [
      'tools without names',
      { tools: [{ type: 'function' }], messages: [last] },
      'tools[0] is no function with a name',
    ],
    ['a prompt alone', { prompt: 'x' }, 'completion is missing'],
    ['nothing of the kind', { text: 'x' }, expect.stringMatching(/^1 it has none of messages, /)],
  ])('refuses %s', async (_, row, reason) => {
    const expected = typeof reason === 'string' ? `1 ${reason}` : reason;
    expect(reasons(await lint([row], tune))).toEqual([expected]);
  });

  it.each([
    ['no input', { ...preference, input: undefined }, 'input is missing'],
    [
      'no answer that is preferred',
      { ...preference, preferred_output: undefined },
      'preferred_output is missing',
    ],
    [
      'an answer of the user',
      { ...preference, non_preferred_output: [{ role: 'user', content: 'x' }] },
      "non_preferred_output has a message of the role user, and is the assistant's",
    ],
  ])('refuses a preference with %s', async (_, row, reason) => {
    expect(reasons(await lint([row], tune))).toEqual([`1 ${reason}`]);
  });

  it('refuses a graded row that ends with an answer, where the method is known', async () => {
    const row = { messages: [...graded.messages, last], answer: '2' };
    expect(reasons(await lint([row], { ...tune, method: 'reinforcement' }))).toEqual([
      "1 the last message is of the role assistant, and must be the user's, which is answered",
    ]);
  });

  it('refuses rows of several kinds, and of another method than was asked for', async () => {
    expect(reasons(await lint([chat, preference], tune))).toEqual([
      '2 it is a preference row, and line 1 is a chat row',
    ]);
    expect(reasons(await lint([chat], { ...tune, method: 'dpo' }))).toEqual([
      '1 it is a chat row, for the method supervised and not dpo',
    ]);
  });
});
