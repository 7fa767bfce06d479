import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { tone, wav } from '../audio/sounds.ts';
import {
  chatChunks,
  errorAnswer,
  eventStream,
  jsonAnswer,
  type StubbedApi,
  stubApi,
} from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { checkRequest, openapi } from '../support/openapi.ts';
import { lasting } from '../support/responses.ts';
import { folderOf } from '../tools/programs.ts';

const KEY = { OPENAI_API_KEY: 'sk-test-0123456789' };

/** An item of a response that says something. */
const message = (text: string, more: object = {}) => ({
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [], ...more }],
});

const response = (fields: object = {}) => ({
  id: 'resp_1',
  object: 'response',
  status: 'completed',
  model: 'gpt-6-luna',
  output: [message('ok')],
  error: null,
  incomplete_details: null,
  ...fields,
});

/** A streamed response with these items. */
const streamed = (...output: readonly object[]) => {
  const done = response(output.length > 0 ? { output } : {});
  const events = done.output.map((item) => ({ type: 'response.output_item.done', item }));
  const delta = { type: 'response.output_text.delta', delta: 'ok', item_id: 'msg_1', logprobs: [] };
  return eventStream(
    [...(output.length > 0 ? [] : [delta]), ...events, { type: 'response.completed', response: done }],
    {
      done: false,
    },
  );
};

/** The bodies that were sent, checked against the API's document. */
async function bodiesOf({ requests }: StubbedApi): Promise<Record<string, unknown>[]> {
  const bodies = (await Promise.all(requests.map((sent) => sent.json()))) as Record<string, unknown>[];
  for (const [index, body] of bodies.entries()) {
    expect(requests[index]?.url).toMatch(/\/responses$/);
    if (openapi !== undefined) checkRequest('POST', '/responses', body);
  }
  return bodies;
}

/** What a command line sends. */
async function requestOf(argv: readonly string[], options: FakeContextOptions = {}) {
  const api = stubApi(streamed());
  const run = await oai(['chat', '--via', 'responses', ...argv], { ...options, fetch: api.fetch });
  expect(run).toMatchObject({ code: 0, stdout: 'ok\n' });
  const [body] = await bodiesOf(api);
  return { body, stderr: run.stderr };
}

const plain = {
  model: 'gpt-6-luna',
  input: [{ role: 'user', content: 'hi' }],
  store: false,
  stream: true,
};

describe('the request', () => {
  it.each<[string, string[], object]>([
    ['nothing else: as in a chat, the API keeps nothing', [], plain],
    [
      'what is to be kept',
      ['--store', '--metadata', 'a=b'],
      { ...plain, store: undefined, metadata: { a: 'b' } },
    ],
    [
      'what the model is to be',
      ['-s', 'be brief', '--developer', 'and kind'],
      { ...plain, instructions: 'be brief\n\nand kind' },
    ],
    [
      'messages, in their order, with their roles',
      ['--message', 'user:a', '--message', 'assistant:b', '--message', 'system:c'],
      {
        ...plain,
        input: [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 'b' },
          { role: 'system', content: 'c' },
          { role: 'user', content: 'hi' },
        ],
      },
    ],
    [
      'limits and effort',
      ['--max-tokens', '50', '--reasoning-effort', 'low', '--verbosity', 'high'],
      { ...plain, max_output_tokens: 50, reasoning: { effort: 'low' }, text: { verbosity: 'high' } },
    ],
    [
      'service',
      ['--service-tier', 'flex', '--prompt-cache-key', 'k'],
      { ...plain, service_tier: 'flex', prompt_cache_key: 'k' },
    ],
    [
      'tools in the form of this API, with an effort beside them',
      [
        '--tools',
        'tools.json',
        '--tool-choice',
        'weather',
        '--no-parallel-tools',
        '--reasoning-effort',
        'high',
      ],
      {
        ...plain,
        tools: [
          {
            type: 'function',
            name: 'weather',
            description: 'w',
            parameters: { type: 'object' },
            strict: null,
          },
        ],
        tool_choice: { type: 'function', name: 'weather' },
        parallel_tool_calls: false,
        reasoning: { effort: 'high' },
        include: ['reasoning.encrypted_content'],
      },
    ],
    ['any other field', ['--param', 'max_tool_calls=2'], { ...plain, max_tool_calls: 2 }],
    ['one answer', ['-n', '1'], plain],
  ])('holds %s', async (_, flags, body) => {
    const cwd = await temporaryFolder();
    const tool = {
      type: 'function',
      function: { name: 'weather', description: 'w', parameters: { type: 'object' } },
    };
    await writeFile(join(cwd, 'tools.json'), JSON.stringify([tool]));
    expect((await requestOf([...flags, 'hi'], { cwd })).body).toEqual(JSON.parse(JSON.stringify(body)));
  });

  it('does without reasoning where a setting wants that, and says so', async () => {
    const { body, stderr } = await requestOf(['-t', '0', 'hi']);
    expect(body).toEqual({ ...plain, temperature: 0, reasoning: { effort: 'none' } });
    expect(stderr).toBe(
      'oai: gpt-6-luna takes these settings only without reasoning: sent reasoning effort none\n',
    );
  });

  it('carries images, PDF, documents and text', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.png'), png(8, 8));
    await writeFile(join(cwd, 'a.txt'), 'a note\n');
    const { body } = await requestOf(['-a', 'a.png', '-a', 'a.txt', '--image-detail', 'low', 'see'], { cwd });
    expect(body).toMatchObject({
      input: [
        {
          role: 'user',
          content: [
            {
              type: 'input_image',
              detail: 'low',
              image_url: expect.stringMatching(/^data:image\/png;base64,/),
            },
            { type: 'input_text', text: expect.stringContaining('a note') },
            { type: 'input_text', text: 'see' },
          ],
        },
      ],
    });
  });

  it('has the word JSON in the input, where the API looks for it', async () => {
    const api = stubApi(
      jsonAnswer(response({ output: [message('{}')] })),
      jsonAnswer(response({ output: [message('{}')] })),
    );
    const line = ['chat', '--via', 'responses', '--json-object', '--no-stream'];
    await oai([...line, '-s', 'Answer in JSON', 'hi'], { fetch: api.fetch });
    await oai([...line, 'hi'], { fetch: api.fetch });
    const [told, untold] = await bodiesOf(api);
    expect(told).toMatchObject({
      input: [{ role: 'developer', content: 'Answer in JSON' }, { role: 'user' }],
    });
    expect(told).not.toHaveProperty('instructions');
    expect(untold).toMatchObject({
      input: [{ role: 'developer', content: expect.stringContaining('JSON') }, { role: 'user' }],
    });
  });

  it('goes that way by the profile, or a role, and back by the flag', async () => {
    const home = await temporaryFolder();
    const env = { OAI_HOME: home, WORK_KEY: 'sk-test-0123456789' };
    const profile =
      '[profiles.work]\nbase_url = "https://w.example/v1"\nkey_env = "WORK_KEY"\nmodel = "m"\nchat_via = "responses"\n';
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(home, 'roles'), { recursive: true });
    await writeFile(join(home, 'config.toml'), profile);
    await writeFile(join(home, 'roles', 'by-responses.md'), '---\nvia: responses\n---\nBe kind.\n');
    const api = stubApi(streamed(), eventStream(chatChunks('ok')), streamed());
    await oai(['chat', '-P', 'work', 'hi'], { env, fetch: api.fetch });
    await oai(['chat', '-P', 'work', '--via', 'completions', 'hi'], { env, fetch: api.fetch });
    await oai(['chat', '-r', 'by-responses', 'hi'], { env: { ...env, ...KEY }, fetch: api.fetch });
    expect(api.requests.map(({ url }) => new URL(url).pathname)).toEqual([
      '/v1/responses',
      '/v1/chat/completions',
      '/v1/responses',
    ]);
  });
});

describe('the answer', () => {
  const answered = (answer: Response, argv: readonly string[] = [], options: FakeContextOptions = {}) =>
    oai(['chat', '--via', 'responses', ...argv, 'hi'], { ...options, fetch: stubApi(answer).fetch });

  it("with --json is the API's own", async () => {
    const whole = response();
    expect(JSON.parse((await answered(jsonAnswer(whole), ['--json'])).stdout)).toEqual(whole);
  });

  it('gives events, one on each line', async () => {
    const lines = (await answered(streamed(), ['--events'])).stdout.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).type)).toEqual([
      'response.output_text.delta',
      'response.output_item.done',
      'response.completed',
    ]);
  });

  it('fits a schema, or is exit 8', async () => {
    const cwd = await temporaryFolder();
    const schema = {
      type: 'object',
      properties: { a: { type: 'number' } },
      required: ['a'],
      additionalProperties: false,
    };
    await writeFile(join(cwd, 's.json'), JSON.stringify(schema));
    const { run, sent } = lasting();
    const { code, stdout } = await run(['chat', '--via', 'responses', '--schema', 's.json', 'hi'], { cwd });
    expect({ code, value: JSON.parse(stdout) }).toEqual({ code: 0, value: { a: expect.any(Number) } });
    expect(sent[0]?.body).toMatchObject({ text: { format: { type: 'json_schema', strict: true, schema } } });
    const misfit = await answered(streamed(message('{"a":"x"}')), ['--schema', 's.json'], { cwd });
    expect(misfit).toMatchObject({ code: 8, stdout: '{"a":"x"}\n' });
  });

  it('has the probabilities of its tokens', async () => {
    const { run, sent } = lasting();
    const argv = ['chat', '--via', 'responses', '--logprobs', '--top-logprobs', '2', 'hi'];
    const { code, stdout } = await run(argv);
    expect(sent[0]?.body).toMatchObject({ include: ['message.output_text.logprobs'], top_logprobs: 2 });
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, text: rows.map(({ token }) => token).join('') }).toEqual({
      code: 0,
      text: 'You said: hi\nWith: reasoning_effort none',
    });
    expect(rows[0].top).toHaveLength(2);
    const whole = await run([...argv, '--no-stream']);
    expect(whole.stdout).toBe(stdout);
  });

  it('says what it took', async () => {
    const usage = {
      input_tokens: 1000,
      input_tokens_details: { cached_tokens: 400 },
      output_tokens: 200,
      output_tokens_details: { reasoning_tokens: 100 },
      total_tokens: 1200,
    };
    const { stderr } = await answered(jsonAnswer(response({ usage })), ['--usage', '--no-stream']);
    expect(stderr).toContain('1,000 tokens in, 400 cached, 200 out, 100 reasoning');
  });

  it('has thoughts and what it cites on stderr, and files that tools made beside it', async () => {
    const cwd = await temporaryFolder();
    const tools = 'tools=[{"type":"web_search"},{"type":"image_generation"}]';
    const argv = [
      'chat',
      '--via',
      'responses',
      '--param',
      tools,
      '--param',
      'reasoning.summary=auto',
      'a cat',
    ];
    const { stdout, stderr } = await lasting().run(argv, { cwd });
    expect(stdout).toBe('You said: a cat\na-cat.png\n');
    expect(stderr).toContain('**Thinking it over**');
    expect(stderr).toContain('[1] A page of the sandbox https://example.com/sandbox\n');
  });

  it.each<[string, Response, number, string]>([
    [
      'cut',
      eventStream([{ type: 'response.output_text.delta', delta: 'a' }], { done: false }),
      6,
      'the answer was cut',
    ],
    [
      'failed',
      eventStream(
        [
          {
            type: 'response.failed',
            response: response({ status: 'failed', error: { code: 'server_error', message: 'oh' } }),
          },
        ],
        { done: false },
      ),
      6,
      'the response failed: oh',
    ],
    [
      'refused',
      streamed({ type: 'message', content: [{ type: 'refusal', refusal: 'no' }] }),
      7,
      'the model refused: no',
    ],
    [
      'cut by length',
      jsonAnswer(response({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })),
      8,
      'the answer is cut',
    ],
  ])('that is %s says so by its exit code', async (_, answer, code, words) => {
    expect(await answered(answer)).toMatchObject({ code, stderr: expect.stringContaining(words) });
  });

  it('of a server without the endpoint names the way out', async () => {
    const server = ['--base-url', 'https://other.example/v1'];
    const run = await answered(errorAnswer(404, { message: 'no such path' }), server);
    expect(run).toMatchObject({ code: 4, stderr: expect.stringContaining('--via completions') });
  });

  it('is made readable on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true, color: true });
    const run = await answered(streamed(message('**bold**')), [], { stdout });
    expect(run.stdout).toContain('bold');
    expect(run.stdout).not.toContain('**');
  });
});

describe('what servers send in the place of what is due', () => {
  const delta = { type: 'response.output_text.delta', delta: 'hello', item_id: 'm', logprobs: [] };
  const done = (fields: object = {}) => ({ type: 'response.completed', response: response(fields) });
  const incomplete = (reason: string) => ({
    type: 'response.incomplete',
    response: response({ status: 'incomplete', incomplete_details: { reason } }),
  });
  const failed = (code: string) => ({
    type: 'response.failed',
    response: response({ status: 'failed', output: [], error: { code, message: 'oh' } }),
  });

  it.each<[string, readonly unknown[], number, string]>([
    ['no events', [delta, null, 5, '"x"', [1], {}, done()], 0, ''],
    ['no items', [delta, { type: 'response.output_item.done', item: null }, done()], 0, ''],
    ['no text', [{ ...delta, delta: null }, { ...delta, delta: 7 }, done()], 0, ''],
    ['no parts', [delta, done({ output: [{ type: 'message', content: null }, message('x')] })], 0, ''],
    ['no annotations', [delta, done({ output: [message('x', { annotations: [null] })] })], 0, ''],
    ['no output', [delta, done({ output: null })], 6, 'the answer was cut'],
    ['null in it', [delta, done({ output: [null] })], 6, 'the answer was cut'],
    ['no response', [delta, { type: 'response.completed' }], 6, 'the answer was cut'],
    ['a reason of its own', [delta, incomplete('moonphase')], 8, 'is incomplete: moonphase'],
    ['a limit', [delta, failed('rate_limit_exceeded')], 5, 'the response failed: oh'],
    ['a refused prompt', [delta, failed('invalid_prompt')], 4, 'the response failed: oh'],
    ['a failure', [delta, failed('server_error')], 6, 'the response failed: oh'],
  ])('%s', async (_, events, code, words) => {
    for (const way of [['chat', '--via', 'responses'], ['respond']]) {
      const { fetch } = stubApi(eventStream(events as object[], { done: false }));
      const run = await oai([...way, 'x'], { env: KEY, fetch });
      expect(run).toMatchObject({ code, stderr: expect.stringContaining(words) });
      expect(run.stdout).toMatch(/^(hello|ok)/);
    }
  });
});

describe('tools', () => {
  const WEATHER = { description: 'w', parameters: { type: 'object', properties: {} } };

  async function desk() {
    const cwd = await folderOf({ 'w.sh': 'read -r args; echo "rain"' });
    await writeFile(join(cwd, 'w.sh.json'), JSON.stringify(WEATHER));
    return cwd;
  }

  const tool = ['--tool', 'weather=./w.sh'];

  it.each([[[]], [['--store']]])('are run, and their results handed back: %j', async (flags) => {
    const env = { ...KEY, PATH: process.env['PATH'] ?? '' };
    const { run, sent } = lasting(env);
    const argv = ['chat', '--via', 'responses', ...tool, '--yes', ...flags, 'call weather'];
    expect(await run(argv, { cwd: await desk() })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('weather answered: rain'),
      // With reasoning: that is what this way is for.
      stderr: '',
    });
    const input = sent[1]?.body['input'] as { type?: string }[];
    const types = input.map(({ type }) => type ?? 'message');
    // What the API keeps is not said again; what it does not keep is, with the thoughts before the call.
    expect(types).toEqual(
      flags.length > 0
        ? ['function_call_output']
        : ['message', 'reasoning', 'function_call', 'function_call_output'],
    );
    expect(sent[1]?.body['previous_response_id']).toEqual(
      flags.length > 0 ? expect.stringMatching(/^resp_/) : undefined,
    );
  });

  it('that nobody allowed are printed with the conversation, which a script goes on with: exit 10', async () => {
    const cwd = await desk();
    const { run } = lasting({ ...KEY, PATH: process.env['PATH'] ?? '' });
    const argv = ['chat', '--via', 'responses', ...tool];
    const asked = await run([...argv, 'call weather'], { cwd });
    const { tool_calls: calls, messages } = JSON.parse(asked.stdout);
    expect({ code: asked.code, calls }).toMatchObject({
      code: 10,
      calls: [{ function: { name: 'weather' } }],
    });
    await writeFile(join(cwd, 'm.json'), JSON.stringify(messages));
    const back = [...argv, '--messages', 'm.json', '--tool-result', `${calls[0].id}=sunny`];
    expect(await run(back, { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('weather answered: sunny'),
    });
  });

  it('may be custom ones, whose calls are streamed here', async () => {
    const cwd = await folderOf({ now: 'cat' });
    await writeFile(
      join(cwd, 'now.json'),
      JSON.stringify({ type: 'custom', custom: { description: 'SQL' } }),
    );
    const { run, sent } = lasting({ ...KEY, PATH: process.env['PATH'] ?? '' });
    const line = ['chat', '--via', 'responses', '--tool', 'now=./now', '--yes', 'call now'];
    expect(await run(line, { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('now answered:'),
    });
    expect(sent[0]?.body).toMatchObject({ stream: true, tools: [{ type: 'custom', name: 'now' }] });
    expect(JSON.stringify(sent[1]?.body['input'])).toContain('"type":"custom_tool_call_output"');
    expect(await run([...line, '--events'], { cwd })).toMatchObject({ code: 0 });
  });

  it('of an MCP server want to be allowed, and are with --yes', async () => {
    const { run } = lasting();
    const tools =
      'tools=[{"type":"mcp","server_label":"docs","server_url":"https://a.test/","require_approval":"always"}]';
    const argv = ['chat', '--via', 'responses', '--param', tools];
    const { code, stdout } = await run([...argv, 'hi']);
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 10,
      tool_calls: [{ type: 'approval', approval: { server: 'docs' } }],
    });
    expect(await run([...argv, '--yes', 'hi'])).toMatchObject({ code: 0, stdout: 'You said: hi\n' });
  });

  it('of an MCP server are allowed for once: what goes on later has no word of it', async () => {
    const { run, sent } = lasting({ ...KEY, OAI_HOME: await temporaryFolder() });
    const server = { type: 'mcp', server_label: 'docs', server_url: 'https://a.test/' };
    const tools = `tools=${JSON.stringify([{ ...server, require_approval: 'always' }])}`;
    const argv = ['chat', '--via', 'responses', '--param', tools];
    expect(await run([...argv, '--history', '--yes', 'hi'])).toMatchObject({ code: 0 });
    const said = [
      { role: 'user', content: 'hi' },
      { role: 'assistant', content: 'You said: hi' },
      { role: 'user', content: 'more' },
    ];
    expect(await run(['chat', '-c', '--via', 'responses', 'more'])).toMatchObject({ code: 0 });
    expect(sent.at(-1)?.body['input']).toEqual(said);
    expect(await run(['chat', '-c', 'last'])).toMatchObject({ code: 0 });
    expect(JSON.stringify(sent.at(-1)?.body['messages'])).not.toContain('docs');
  });

  it('of an MCP server are allowed by a later run', async () => {
    const { run, sent } = lasting({ ...KEY, OAI_HOME: await temporaryFolder() });
    const server = { type: 'mcp', server_label: 'docs', server_url: 'https://a.test/' };
    const tools = `tools=${JSON.stringify([{ ...server, require_approval: 'always' }])}`;
    const argv = ['chat', '--via', 'responses', '--param', tools];
    const asked = await run([...argv, '--history', 'hi']);
    expect(asked.code).toBe(10);
    const [{ id }] = JSON.parse(asked.stdout).tool_calls;
    const answered = await run([...argv, '-c', '--tool-result', `${id}=Yes`]);
    expect(answered).toMatchObject({ code: 0, stdout: 'You said: hi\n' });
    expect(sent.at(-1)?.body['input']).toEqual([
      { role: 'user', content: 'hi' },
      expect.objectContaining({ type: 'mcp_approval_request', id, server_label: 'docs' }),
      { type: 'mcp_approval_response', approval_request_id: id, approve: true },
    ]);
  });

  it('are no end in themselves: --max-turns', async () => {
    const call = { type: 'function_call', id: 'fc', call_id: 'c1', name: 'weather', arguments: '{}' };
    const again = { ...call, call_id: 'c2' };
    const api = stubApi(streamed(call), streamed(again));
    const run = await oai(['chat', '--via', 'responses', ...tool, '--yes', '--max-turns', '1', 'x'], {
      cwd: await desk(),
      env: { ...KEY, PATH: process.env['PATH'] },
      fetch: api.fetch,
    });
    expect(run).toMatchObject({
      code: 8,
      stderr: expect.stringContaining('still asks for tools after 1 turn'),
    });
  });

  it('of a model that takes them only so are pointed here', async () => {
    const message = "Unsupported value: 'reasoning_effort' does not support 'none' with this model.";
    const run = await oai(['chat', '-m', 'gpt-6.1-sol', ...tool, 'x'], {
      cwd: await desk(),
      env: { ...KEY, PATH: process.env['PATH'] },
      fetch: stubApi(errorAnswer(400, { message })).fetch,
    });
    expect(run).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(
        'gpt-6.1-sol always reasons, so it takes no tools here (request req_stub)\n     oai chat --via responses takes them',
      ),
    });
  });

  it('run for rows, too', async () => {
    const { run } = lasting({ ...KEY, PATH: process.env['PATH'] ?? '' });
    const argv = ['chat', '--via', 'responses', ...tool, '--yes', '--each'];
    const { code, stdout } = await run(argv, { cwd: await desk(), stdin: 'call weather\nhello\n' });
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, results: results.map(({ result }) => result) }).toEqual({
      code: 0,
      results: [expect.stringContaining('weather answered: rain'), 'You said: hello'],
    });
    expect(results[1].usage).toMatchObject({
      prompt_tokens: expect.any(Number),
      total_tokens: expect.any(Number),
    });
  });
});

describe('rows', () => {
  it('go by the Batch service, too', async () => {
    const cwd = await temporaryFolder();
    const argv = ['chat', '--via', 'responses', '--each', '--batch', '-o', 'out.jsonl', 'say'];
    const { run, sent } = lasting();
    const clock = new HurriedClock();
    expect(await run(argv, { cwd, clock, stdin: 'one\ntwo\n' })).toMatchObject({
      code: 0,
      stdout: 'out.jsonl\n',
    });
    const lines = (await readFile(join(cwd, 'out.jsonl'), 'utf8')).trim().split('\n');
    expect(lines.map((line) => JSON.parse(line).result)).toEqual([
      'You said: one\n\nsay',
      'You said: two\n\nsay',
    ]);
    expect(sent.find(({ path }) => path === '/v1/batches')?.body).toMatchObject({
      endpoint: '/v1/responses',
    });
  });

  it('that fail are lines of their own', async () => {
    const api = stubApi(
      jsonAnswer(response()),
      jsonAnswer(response({ status: 'failed', error: { code: 'server_error', message: 'oh' } })),
    );
    const argv = ['chat', '--via', 'responses', '--each', '-j', '1'];
    const { code, stdout } = await oai(argv, { fetch: api.fetch, stdin: 'one\ntwo\n' });
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect({ code, lines }).toMatchObject({
      code: 9,
      lines: [{ result: 'ok' }, { error: { message: 'the response failed: oh' } }],
    });
  });
});

describe('a conversation', () => {
  const keep = async () => ({ ...KEY, OAI_HOME: await temporaryFolder() });
  const via = ['chat', '--via', 'responses'];

  it('goes on by either way, with all that was said', async () => {
    const { run, sent } = lasting(await keep());
    await run(['chat', '--history', '-s', 'be brief', 'one']);
    expect((await run([...via, '-c', 'two'])).stdout).toBe(
      'You said: two\nAs told: be brief\nBefore that: “one”\n',
    );
    expect((await run(['chat', '-c', 'three'])).stdout).toContain('“one”, “two”');
    expect(sent.map(({ path }) => path)).toEqual([
      '/v1/chat/completions',
      '/v1/responses',
      '/v1/chat/completions',
    ]);
    expect(sent[1]?.body).toMatchObject({
      instructions: 'be brief',
      input: [{ content: 'one' }, { role: 'assistant' }, { content: 'two' }],
    });
  });

  it('goes on by the id of a response that the API keeps, of `respond` or of --store', async () => {
    const { run, sent } = lasting(await keep());
    await run(['respond', '--history', '-s', 'be brief', 'one']);
    expect((await run([...via, '--store', '-c', 'two'])).stdout).toContain('“one”');
    expect((await run([...via, '-c', 'three'])).stdout).toBe(
      'You said: three\nAs told: be brief\nBefore that: “one”, “two”\n',
    );
    // That answer was not kept: all is said again.
    expect((await run([...via, '-c', 'four'])).stdout).toContain('“one”, “two”, “three”');
    expect(sent.map(({ body }) => body['previous_response_id'] !== undefined)).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(sent[2]?.body['input']).toEqual([{ role: 'user', content: 'three' }]);
  });

  it('is said again where the API has forgotten it', async () => {
    const env = await keep();
    await lasting(env).run([...via, '--store', '--history', 'one']);
    const { run, sent } = lasting(env);
    expect((await run([...via, '-c', 'two'])).stdout).toContain('“one”');
    expect(sent).toHaveLength(2);
  });

  it('is said again from where --last wants it', async () => {
    const { run, sent } = lasting(await keep());
    for (const [index, word] of ['one', 'two'].entries()) {
      await run([...via, '--store', index === 0 ? '--history' : '-c', word]);
    }
    const { stdout } = await run([...via, '-c', '--last', '1', 'three']);
    expect(stdout).toContain('“two”');
    expect(stdout).not.toContain('“one”');
    expect(sent[2]?.body).not.toHaveProperty('previous_response_id');
  });

  it('does not name a response to another server', async () => {
    const { run, sent } = lasting(await keep());
    await run([...via, '--store', '--history', 'one']);
    await run([...via, '-c', '--base-url', 'https://other.example/v1', 'two']);
    expect(sent[1]?.body).not.toHaveProperty('previous_response_id');
    expect(JSON.stringify(sent[1]?.body)).toContain('one');
  });

  it('keeps calls of tools and their results for either way', async () => {
    const cwd = await folderOf({ 'w.sh': 'cat >/dev/null; echo rain' });
    await writeFile(join(cwd, 'w.sh.json'), '{"parameters":{"type":"object","properties":{}}}');
    const { run, sent } = lasting({ ...(await keep()), PATH: process.env['PATH'] ?? '' });
    await run([...via, '--history', '--tool', 'weather=./w.sh', '--yes', 'call weather'], { cwd });
    await run(['chat', '-c', 'and now?'], { cwd });
    const messages = sent[2]?.body['messages'];
    expect((messages as { role: string }[]).map(({ role }) => role)).toEqual([
      'user',
      'assistant',
      'tool',
      'assistant',
      'user',
    ]);
  });

  it('that failed is asked again, by another way if need be', async () => {
    const env = await keep();
    const broken = stubApi(
      eventStream([{ type: 'response.output_text.delta', delta: 'half' }], { done: false }),
    );
    expect(await oai([...via, '--history', 'why?'], { env, fetch: broken.fetch })).toMatchObject({
      code: 6,
      stdout: 'half\n',
    });
    expect(await lasting(env).run([...via, '-c'])).toMatchObject({ code: 0, stdout: 'You said: why?\n' });
  });

  it('stays open, and goes another way by /set via', async () => {
    const { run, sent } = lasting(await keep());
    const lines = 'one\ntwo\n/set via completions\nthree\n/set via\n';
    const { code, stdout } = await run([...via, '-i', '--store'], { stdin: lines });
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout:
        'You said: one\nYou said: two\nBefore that: “one”\nYou said: three\nBefore that: “one”, “two”\nWith: store true\nvia  completions\n',
    });
    expect(sent.map(({ path }) => path)).toEqual(['/v1/responses', '/v1/responses', '/v1/chat/completions']);
    expect(sent[1]?.body['input']).toEqual([{ role: 'user', content: 'two' }]);
  });

  it('that stays open shows what stands beside each answer', async () => {
    const cwd = await temporaryFolder();
    const tools = 'tools=[{"type":"web_search"},{"type":"image_generation"}]';
    const flags = ['--param', tools, '--param', 'reasoning.summary=auto'];
    const { stdout, stderr } = await lasting(await keep()).run([...via, '-i', ...flags], {
      cwd,
      stdin: 'a cat\na dog\n',
    });
    expect(stdout).toBe('You said: a cat\na-cat.png\nYou said: a dog\nBefore that: “a cat”\na-dog.png\n');
    expect(stderr.split('[1] A page of the sandbox')).toHaveLength(3);
    expect(stderr).toContain('**Thinking it over**');
  });

  it('that stays open asks again without the answer that it had', async () => {
    const { run, sent } = lasting(await keep());
    await run([...via, '-i', '--store'], { stdin: 'one\ntwo\n/retry\nthree\n' });
    const inputs = sent.map(({ body }) =>
      (body['input'] as { content: string }[]).map(({ content }) => content),
    );
    expect(inputs[2]).toEqual(['one', 'You said: one', 'two']);
    expect(sent[2]?.body).not.toHaveProperty('previous_response_id');
    expect(inputs[3]).toEqual(['three']);
  });
});

describe('bad input', () => {
  it.each<[string[], string]>([
    [['-n', '2'], 'the Responses API has no -n\n     --via completions takes it'],
    [['--stop', 'x'], 'the Responses API has no --stop\n'],
    [['--seed', '1'], 'has no --seed'],
    [['--frequency-penalty', '1'], 'has no --frequency-penalty'],
    [['--presence-penalty', '1'], 'has no --presence-penalty'],
    [['--logit-bias', '1=1'], 'has no --logit-bias'],
    [['--prediction', 'x'], 'has no --prediction'],
    [['--audio', 'coral'], 'has no --audio'],
    [['--max-tokens', '5'], '--max-tokens 5 is less than the Responses API takes'],
    [['--message', 'user/ann:x'], 'of somebody by name (ann)'],
    [['-t', '0', '--reasoning-effort', 'high'], 'takes --temperature only without reasoning'],
    [['--param', 'stream=true'], '--param stream: chat streams by itself'],
    [['-i', '--stop', 'x'], 'has no --stop'],
  ])('%j is answered', async (flags, words) => {
    const { code, stderr } = await oai(['chat', '--via', 'responses', ...flags, 'hi'], {
      cwd: await temporaryFolder(),
      fetch: stubApi().fetch,
    });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });

  it('is a way that there is not', async () => {
    expect(await oai(['chat', '--via', 'telegraph', 'hi'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('completions'),
    });
  });

  it('is sound, which this API does not hear', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.wav'), wav(tone(0.1)));
    expect(
      await oai(['chat', '--via', 'responses', '-a', 'a.wav', 'x'], { cwd, fetch: stubApi().fetch }),
    ).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('a.wav'),
    });
  });

  it('is a message in the form of 2023', async () => {
    const cwd = await temporaryFolder();
    const said = [
      { role: 'user', content: 'x' },
      { role: 'function', name: 'f', content: 'y' },
    ];
    await writeFile(join(cwd, 'm.json'), JSON.stringify(said));
    const run = await oai(['chat', '--via', 'responses', '--messages', 'm.json'], {
      cwd,
      fetch: stubApi().fetch,
    });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('--via completions takes it') });
  });
});
