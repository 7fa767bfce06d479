import { describe, expect, it } from 'vitest';
import { ask, chat, hello, refusalOf, sandbox, say } from './ask.ts';

const user = (content: unknown) => ({ role: 'user', content });

describe('what the sandbox says', () => {
  it.each([
    ['a prompt', hello(), 'You said: hello'],
    ['an empty prompt', hello({ messages: [user('')] }), 'You said nothing.'],
    [
      'a system prompt',
      hello({ messages: [{ role: 'system', content: 'be brief' }, user('hello')] }),
      'You said: hello\nAs told: be brief',
    ],
    [
      'a wish for code, in a fence that nothing in it closes',
      hello({
        messages: [{ role: 'system', content: 'one fenced code block' }, user('```js\n1\n```')],
      }),
      '````text\nYou said: ```js\n1\n```\nAs told: one fenced code block\n````',
    ],
    [
      'parts of text',
      hello({
        messages: [
          user([
            { type: 'text', text: 'what is' },
            { type: 'text', text: 'this?' },
          ]),
        ],
      }),
      'You said: what is\nthis?',
    ],
    [
      'settings',
      hello({ reasoning_effort: 'none', temperature: 0, seed: 7, metadata: { run: '1' } }),
      'You said: hello\nWith: reasoning_effort none, temperature 0, seed 7, metadata {"run":"1"}',
    ],
    [
      'earlier turns',
      hello({
        messages: [user('one'), { role: 'assistant', content: 'x' }, user('two'), user('three')],
      }),
      'You said: three\nBefore that: “one”, “two”',
    ],
    [
      'many earlier turns',
      hello({ messages: ['1', '2', '3', '4', '5', '6', '7', '8'].map(user) }),
      'You said: 8\nBefore that: 2 more, “3”, “4”, “5”, “6”, “7”',
    ],
    [
      'a tool result',
      hello({
        messages: [
          user('weather?'),
          {
            role: 'assistant',
            tool_calls: [{ id: 'c1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: '12 degrees' },
        ],
      }),
      'You said: weather?\nweather answered: 12 degrees',
    ],
  ])('shows %s', async (_, body, text) => {
    expect(await say(body)).toBe(text);
  });

  it('shows the ends and the length of a long text', async () => {
    const text = `${'a'.repeat(600)}😀${'z'.repeat(600)}`;
    expect(await say(hello({ messages: [user(text)] }))).toBe(
      `You said (1201 characters): ${'a'.repeat(250)} … ${'z'.repeat(250)}`,
    );
    const half = await say(hello({ messages: [user(`${'a'.repeat(249)}😀${'z'.repeat(1000)}`)] }));
    expect(half).toContain(`: ${'a'.repeat(249)} …`);
    const tail = await say(hello({ messages: [user(`${'a'.repeat(1000)}😀${'z'.repeat(249)}`)] }));
    expect(tail).toBe(`You said (1250 characters): ${'a'.repeat(250)} … ${'z'.repeat(249)}`);
  });

  it('cuts no character of an earlier turn in two', async () => {
    const text = await say(hello({ messages: [user(`${'a'.repeat(199)}😀`), user('hello')] }));
    expect(text).toBe(`You said: hello\nBefore that: “${'a'.repeat(199)}”`);
  });

  it('takes 10 MB of text', async () => {
    const answer = await chat(hello({ messages: [user('word '.repeat(2_097_152))] }));
    expect(answer.choices[0]?.message.content).toMatch(/^You said \(10485760 characters\): word word/);
    expect(answer.usage?.prompt_tokens).toBe(2_621_446);
  });

  it('gives as many choices as are asked for, each its own', async () => {
    const { choices } = await chat(hello({ n: 3 }));
    expect(choices.map(({ index, message }) => [index, message.content])).toEqual([
      [0, 'You said: hello\nAnswer 1 of 3.'],
      [1, 'You said: hello\nAnswer 2 of 3.'],
      [2, 'You said: hello\nAnswer 3 of 3.'],
    ]);
  });
});

describe('the same request', () => {
  it('gets the same answer from any sandbox on any day', async () => {
    const one = await ask('POST', '/chat/completions', hello());
    const two = await ask('POST', '/chat/completions', hello());
    expect(two.body).toEqual(one.body);
    expect([...two.headers]).toEqual([...one.headers]);
  });

  it('has another name than a different one', async () => {
    expect((await chat(hello())).id).not.toBe((await chat(hello({ n: 2 }))).id);
  });
});

it('answers with the headers of the API', async () => {
  const { headers } = await ask('POST', '/chat/completions', hello());
  expect(headers.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/);
  expect(headers.get('openai-organization')).toBe('sandbox');
  expect(headers.get('openai-version')).toBe('2020-10-01');
  expect(headers.get('x-ratelimit-remaining-requests')).toBe('9999');
  expect(headers.get('content-type')).toBe('application/json');
});

describe('the length of an answer', () => {
  const plain = { model: 'gpt-4o' };
  it.each([
    ['max_tokens', hello({ ...plain, max_tokens: 3 }), 'You said:', 'length', 3, 0],
    ['max_completion_tokens', hello({ ...plain, max_completion_tokens: 2 }), 'You said', 'length', 2, 0],
    ['a limit that is enough', hello({ ...plain, max_tokens: 5 }), 'You said: hello', 'stop', 5, 0],
    ['reasoning first', hello({ max_completion_tokens: 10 }), '', 'length', 10, 10],
    ['reasoning, then text', hello({ max_completion_tokens: 19 }), 'You said:', 'length', 19, 16],
    [
      'no reasoning',
      hello({ max_completion_tokens: 3, reasoning_effort: 'none' }),
      'You said:',
      'length',
      3,
      0,
    ],
    [
      'more reasoning',
      hello({ reasoning_effort: 'max', max_completion_tokens: 100 }),
      '',
      'length',
      100,
      100,
    ],
  ])('follows %s', async (_, body, text, finish, tokens, reasoning) => {
    const { choices, usage } = await chat(body);
    expect(choices[0]?.message.content).toBe(text);
    expect(choices[0]?.finish_reason).toBe(finish);
    expect(usage?.completion_tokens).toBe(tokens);
    expect(usage?.completion_tokens_details?.reasoning_tokens).toBe(reasoning);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + tokens);
  });

  it.each([
    ['a word', ' hello', 'You said:'],
    ['the first of several', ['hello', 'said'], 'You '],
    ['a text that never comes', 'xyz', 'You said: hello'],
  ])('ends at %s', async (_, stop, text) => {
    const { choices } = await chat(hello({ stop }));
    expect(choices[0]?.message.content).toBe(text);
    expect(choices[0]?.finish_reason).toBe('stop');
  });

  it('counts every choice', async () => {
    const one = await chat(hello({ ...plain, n: 1 }));
    const two = await chat(hello({ ...plain, n: 2 }));
    expect(one.usage?.completion_tokens).toBe(5);
    expect(two.usage?.completion_tokens).toBe(2 * 11);
  });
});

it.each([
  [undefined, 'default'],
  [null, 'default'],
  ['auto', 'default'],
  ['default', 'default'],
  ['flex', 'flex'],
  ['scale', 'scale'],
  ['priority', 'priority'],
  ['fast', 'priority'],
])('the service tier %s is answered with %s', async (service_tier, answered) => {
  expect((await chat(hello({ service_tier }))).service_tier).toBe(answered);
});

describe('tools', () => {
  const tool = (name: string, parameters?: object) => ({
    type: 'function',
    function: { name, ...(parameters && { parameters }) },
  });
  const weather = tool('weather', {
    type: 'object',
    properties: { city: { type: 'string' }, days: { type: 'integer', minimum: 2 } },
    required: ['city', 'days'],
  });
  const tools = [weather, tool('now')];
  const withTools = (fields: object) => hello({ reasoning_effort: 'none', tools, ...fields });
  const calls = async (body: unknown) => {
    const [choice] = (await chat(body)).choices;
    const found = choice?.message.tool_calls?.map((call) => 'function' in call && call.function);
    return [choice?.finish_reason, choice?.message.content, found];
  };
  const aWeather = { name: 'weather', arguments: '{"city":"city","days":2}' };
  const aNow = { name: 'now', arguments: '{}' };

  it.each([
    ['nothing is called', {}, 'stop', undefined],
    ['one must be', { tool_choice: 'required' }, 'tool_calls', [aWeather]],
    ['one is named', { tool_choice: { type: 'function', function: { name: 'now' } } }, 'stop', [aNow]],
    ['the user names one', { messages: [user('call now')] }, 'tool_calls', [aNow]],
    ['the user names both', { messages: [user('now and weather')] }, 'tool_calls', [aWeather, aNow]],
    [
      'only one at a time',
      { messages: [user('now and weather')], parallel_tool_calls: false },
      'tool_calls',
      [aWeather],
    ],
    [
      'the user says with what, and twice',
      { messages: [user('weather {"city":"Oslo {}"}, now, and weather({"city": "Rome"})')] },
      'tool_calls',
      [
        { name: 'weather', arguments: '{"city":"Oslo {}"}' },
        { name: 'weather', arguments: '{"city": "Rome"}' },
        aNow,
      ],
    ],
    [
      'what the user says is no JSON, or is for another',
      { messages: [user('weather {"city": and now2 {"a":1}')] },
      'tool_calls',
      [aWeather, aNow],
    ],
    ['none may be', { messages: [user('call now')], tool_choice: 'none' }, 'stop', undefined],
    [
      'some are allowed',
      {
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: { mode: 'required', tools: [{ type: 'function', function: { name: 'now' } }] },
        },
      },
      'tool_calls',
      [aNow],
    ],
    [
      'all but one of a longer name are allowed',
      {
        messages: [user('now and weather')],
        tool_choice: {
          type: 'allowed_tools',
          allowed_tools: {
            mode: 'required',
            tools: [{ type: 'function', function: { name: 'weather2', description: '"name":"now"' } }],
          },
        },
      },
      'stop',
      undefined,
    ],
  ])('when %s', async (_, fields, finish, found) => {
    const [reason, content, got] = await calls(withTools(fields));
    expect([reason, got]).toEqual([finish, found]);
    expect(content === null).toBe(found !== undefined);
  });

  it('calls a custom tool with what was said', async () => {
    const custom = { type: 'custom', custom: { name: 'note' } };
    const { choices } = await chat(
      hello({ tools: [custom], tool_choice: { type: 'custom', custom: { name: 'note' } } }),
    );
    expect(choices[0]?.message.tool_calls?.[0]).toMatchObject({ custom: { name: 'note', input: 'hello' } });
  });

  it('cuts arguments at the limit', async () => {
    const { choices } = await chat(withTools({ tool_choice: 'required', max_completion_tokens: 3 }));
    const [call] = choices[0]?.message.tool_calls ?? [];
    expect(choices[0]?.finish_reason).toBe('length');
    expect(call && 'function' in call && call.function.arguments).toBe('{"city":"cit');
  });

  it('refuses a choice that is no tool', async () => {
    const body = withTools({ tool_choice: { type: 'function', function: { name: 'nowt' } } });
    expect(await refusalOf(body)).toMatchObject({ status: 400, param: 'tool_choice' });
  });
});

describe('the usage', () => {
  const details = (reasoning_tokens = 0) => ({
    prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  });
  const now = { type: 'function', function: { name: 'now' } };
  const parameters = { type: 'object', properties: { a: { type: 'string' } } };
  const ab = { type: 'function', function: { name: 'now2', parameters } };
  const plain = { model: 'gpt-4o' };

  // A message costs 3, the answer 3, four characters 1.
  it.each([
    ['a message', hello(plain), 3 + 3 + 2, 5, 0],
    ['two messages', hello({ ...plain, messages: [user('hello'), user('hello')] }), 3 + 2 * (3 + 2), 12, 0],
    // The call has the arguments {}.
    [
      'a tool',
      hello({ ...plain, tools: [now], tool_choice: 'required' }),
      3 + 3 + 2 + Math.ceil(JSON.stringify([now]).length / 4),
      1,
      0,
    ],
    [
      'two calls, with {} and {"a":"a"}',
      hello({ ...plain, messages: [user('now, now2')], tools: [now, ab] }),
      3 + 3 + 3 + Math.ceil(JSON.stringify([now, ab]).length / 4),
      1 + 3,
      0,
    ],
    ['reasoning in every choice', hello({ n: 2 }), 3 + 3 + 2, 2 * (16 + 11), 32],
  ])('counts %s', async (_, body, prompt_tokens, completion_tokens, reasoning) => {
    expect((await chat(body)).usage).toEqual({
      prompt_tokens,
      completion_tokens,
      total_tokens: prompt_tokens + completion_tokens,
      ...details(reasoning),
    });
  });

  it('of calls that are cut is the limit, and the second call has what the first left', async () => {
    const body = { ...plain, messages: [user('now, now2')], tools: [now, ab], max_completion_tokens: 2 };
    const { choices, usage } = await chat(hello(body));
    const calls = choices[0]?.message.tool_calls ?? [];
    expect(calls.map((call) => 'function' in call && call.function.arguments)).toEqual(['{}', '{"a"']);
    expect([choices[0]?.finish_reason, usage?.completion_tokens]).toEqual(['length', 2]);
  });

  it('of nothing said is nothing', async () => {
    expect((await chat(hello(plain), sandbox('empty'))).usage?.completion_tokens).toBe(0);
  });
});

it('ends at no empty stop', async () => {
  expect(await say(hello({ stop: '' }))).toBe('You said: hello');
  expect(await say(hello({ stop: ['', ':'] }))).toBe('You said');
});

it('has no annotations, in a text and in calls', async () => {
  const tools = [{ type: 'function', function: { name: 'now' } }];
  for (const fields of [{}, { reasoning_effort: 'none', tools, tool_choice: 'required' }]) {
    expect((await chat(hello(fields))).choices[0]?.message.annotations).toEqual([]);
  }
});

describe('JSON answers', () => {
  it('are an instance of the schema', async () => {
    const schema = {
      type: 'object',
      properties: { name: { type: 'string' }, tags: { type: 'array', items: { enum: ['x', 'y'] } } },
      required: ['name', 'tags'],
      additionalProperties: false,
    };
    const response_format = { type: 'json_schema', json_schema: { name: 'thing', strict: true, schema } };
    expect(JSON.parse((await say(hello({ response_format }))) ?? '')).toEqual({ name: 'name', tags: ['x'] });
  });

  it('are any object', async () => {
    const body = hello({ messages: [user('some JSON')], response_format: { type: 'json_object' } });
    expect(JSON.parse((await say(body)) ?? '')).toEqual({ reply: 'You said: some JSON' });
  });
});

it('tells log probabilities of each token', async () => {
  const body = hello({ model: 'gpt-4o', logprobs: true, top_logprobs: 2 });
  const tokens = (await chat(body)).choices[0]?.logprobs?.content ?? [];
  expect(tokens.map(({ token }) => token).join('')).toBe('You said: hello');
  expect(tokens[1]?.bytes).toEqual([...Buffer.from(' said')]);
  expect(tokens[1]?.top_logprobs.map(({ token }) => token)).toEqual([' said', ' the']);
  for (const { logprob, top_logprobs } of tokens) expect(top_logprobs[0]?.logprob).toBe(logprob);
  const { choices } = await chat(hello({ model: 'gpt-4o' }));
  expect(choices[0]?.logprobs).toBeNull();
});

it('can refuse, say nothing, or finish otherwise on request', async () => {
  const [refused] = (await chat(hello(), sandbox('refusal'))).choices;
  expect(refused?.message).toMatchObject({
    content: null,
    refusal: "I'm sorry, but I can't help with that.",
  });
  const [empty] = (await chat(hello(), sandbox('empty'))).choices;
  expect([empty?.message.content, empty?.finish_reason]).toEqual(['', 'stop']);
  const [filtered] = (await chat(hello(), sandbox('finish=content_filter'))).choices;
  expect(filtered?.finish_reason).toBe('content_filter');
});
