import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/api/completions.ts';
import { run as main } from '../../src/main.ts';
import { chatChunk, chatChunks, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions, fakeContext } from '../support/context.ts';
import { oai } from '../support/oai.ts';
import { checkRequest, openapi } from '../support/openapi.ts';
import { folderOf, until } from '../tools/programs.ts';

const CITY = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
};
const WEATHER = {
  type: 'function',
  function: { name: 'weather', description: 'The weather', parameters: CITY },
};

/** A folder with programs, and what tells of them. */
async function desk(files: Readonly<Record<string, unknown>> = {}) {
  const cwd = await folderOf({
    'weather.sh': 'read -r args; echo "rain for $args"',
    now: 'echo noon',
    fails: 'echo "no idea" >&2; exit 3',
    bare: '[ "$1" = --schema ] && echo \'{"description":"Bare"}\' && exit; touch ran; echo bare',
  });
  const all = {
    'weather.sh.json': { description: 'The weather', parameters: CITY },
    'now.json': { description: 'The time' },
    'fails.json': {},
    'tools.json': [WEATHER],
    ...files,
  };
  for (const [name, value] of Object.entries(all)) {
    await writeFile(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value));
  }
  const env = { OPENAI_API_KEY: 'sk-test-0123456789', PATH: process.env['PATH'] };
  const run = (line: readonly string[], options: FakeContextOptions = {}) =>
    oai(['chat', ...line], { cwd, env, ...options });
  return { cwd, env, run };
}

/** An answer that asks for a tool. */
const asks = (name: string, args: string, { id = `call_${name}`, text = '' } = {}) =>
  eventStream([
    ...(text === '' ? [] : [chatChunk({ content: text })]),
    chatChunk({ tool_calls: [{ index: 0, id, type: 'function', function: { name, arguments: args } }] }),
    chatChunk({}, 'tool_calls'),
  ]);
const says = (...pieces: string[]) => eventStream(chatChunks(...pieces));

async function bodies(api: ReturnType<typeof stubApi>): Promise<ChatRequest[]> {
  const sent = (await Promise.all(api.requests.map((request) => request.json()))) as ChatRequest[];
  if (openapi !== undefined) for (const body of sent) checkRequest('POST', '/chat/completions', body);
  return sent;
}

const weather = ['--tool', 'weather=./weather.sh'];

describe('oai chat with tools', () => {
  it('runs what the model asks for, and answers with the result', async () => {
    const { run } = await desk();
    const line = [...weather, '--tool', 'now=./now', '--yes', '--sandbox'];
    const { code, stdout, stderr } = await run([
      ...line,
      'weather {"city":"Oslo"}, weather {"city":"Rome"} and now',
    ]);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining(
        'weather answered: rain for {"city":"Oslo"}\nweather answered: rain for {"city":"Rome"}\nnow answered: noon\n',
      ),
    });
    expect(stderr).toBe('oai: gpt-6-luna takes tools only without reasoning: sent reasoning_effort none\n');
  });

  it('sends the tools, and then their results', async () => {
    const { run } = await desk();
    const api = stubApi(asks('weather', '{ "city": "Oslo" }'), says('It ', 'rains.'));
    const { stdout } = await run([...weather, '--yes', 'Oslo?'], { fetch: api.fetch });
    expect(stdout).toBe('It rains.\n');
    const [first, second] = await bodies(api);
    expect(first).toMatchObject({ tools: [WEATHER], reasoning_effort: 'none', stream: true });
    expect(first).not.toHaveProperty('tool_choice');
    expect(second).toMatchObject({ tools: [WEATHER], reasoning_effort: 'none' });
    expect(second?.messages).toEqual([
      { role: 'user', content: 'Oslo?' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          {
            id: 'call_weather',
            type: 'function',
            function: { name: 'weather', arguments: '{ "city": "Oslo" }' },
          },
        ],
      },
      { role: 'tool', tool_call_id: 'call_weather', content: 'rain for {"city":"Oslo"}' },
    ]);
  });

  it('goes on where a tool fails, is not there, or gets the wrong arguments', async () => {
    const { run } = await desk();
    const api = stubApi(
      asks('fails', '{}'),
      asks('nothing', '{}'),
      asks('weather', '{"town":"Oslo"}'),
      says('I do not know.'),
    );
    const line = [...weather, '--tool', 'fails=./fails', '--yes', 'Oslo?'];
    const { code, stdout, stderr } = await run(line, { fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'I do not know.\n' });
    expect(stderr).toMatch(/oai: fails {}: exit code 3: no idea in [\d.]+ m?s\n/);
    const last = (await bodies(api)).at(-1)?.messages ?? [];
    expect(last.filter(({ role }) => role === 'tool').map(({ content }) => content)).toEqual([
      'The tool failed: exit code 3.\n\nWhat it said on stderr:\nno idea',
      'The tool was not run: there is no tool "nothing"; there are weather, fails.',
      'The tool was not run: the arguments are wrong: /city is missing; /town is not in the schema.',
    ]);
  });

  it('gives up where the model never stops asking', async () => {
    const { run } = await desk();
    const answers = Array.from({ length: 3 }, (_, n) =>
      asks('now', '{}', { id: `c${n}`, text: `try ${n} ` }),
    );
    const api = stubApi(...answers);
    const line = ['--tool', 'now=./now', '--yes', '--max-turns', '2', 'time?'];
    expect(await run(line, { fetch: api.fetch })).toMatchObject({
      code: 8,
      stdout: 'try 2 \n',
      stderr: expect.stringMatching(
        /\noai: the model still asks for tools after 2 turns: now\n {5}--max-turns 4 lets it go on for longer\n$/,
      ),
    });
  });

  it('chooses the tool of the first call only', async () => {
    const { run } = await desk();
    for (const [word, choice] of [
      ['weather', { type: 'function', function: { name: 'weather' } }],
      ['required', 'required'],
      ['auto', 'auto'],
    ] as const) {
      const api = stubApi(asks('weather', '{"city":"Oslo"}'), says('ok'));
      await run([...weather, '--yes', '--tool-choice', word, '--no-parallel-tools', 'hi'], {
        fetch: api.fetch,
      });
      const [first, second] = await bodies(api);
      expect(first).toMatchObject({ tool_choice: choice, parallel_tool_calls: false });
      expect(second).not.toHaveProperty('tool_choice');
      expect(second).toMatchObject({ parallel_tool_calls: false });
    }
    const api = stubApi(says('ok'));
    await run([...weather, '--tool-choice', 'none', 'hi'], { fetch: api.fetch });
    expect((await bodies(api))[0]).toMatchObject({ tool_choice: 'none' });
  });

  it('runs tools that the config allows', async () => {
    const { run, cwd, env } = await desk({ 'config.toml': 'tools = { allow = ["now"] }\n' });
    const inHome = { env: { ...env, OAI_HOME: cwd } };
    const both = [...weather, '--tool', 'now=./now', '--sandbox', '-q'];
    expect(await run([...both, 'now'], inHome)).toMatchObject({ code: 0 });
    expect(await run([...both, 'weather'], inHome)).toMatchObject({ code: 10 });
  });

  it('runs none that a project allows', async () => {
    const { run } = await desk({
      '.env': 'OPENAI_API_KEY=sk-x\nOAI_TOOLS_ALLOW=weather\nOAI_HOME=.\n',
      'config.toml': 'tools = { allow = ["weather"] }\n',
    });
    expect(await run([...weather, '--sandbox', 'weather'])).toMatchObject({ code: 10 });
  });

  it('has the answer alone on stdout in a pipe, and what was said beside on stderr', async () => {
    const { run } = await desk();
    const api = stubApi(asks('now', '{}', { text: 'Let me\nlook.\u001b[2J' }), says('Noon.'));
    const { stdout, stderr } = await run(['--tool', 'now=./now', '--yes', 'time?'], { fetch: api.fetch });
    expect(stdout).toBe('Noon.\n');
    expect(stderr).toContain('the model: Let me look.␛[2J\n');
  });

  it('has both on a terminal', async () => {
    const { run } = await desk();
    const api = stubApi(asks('now', '{}', { text: 'Let me look.' }), says('Noon.'));
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['--tool', 'now=./now', '--yes', 'time?'], { fetch: api.fetch, stdout });
    expect(stdout.text).toBe('Let me look.\nNoon.\n');
  });

  it.each<[string, readonly string[], string]>([
    ['--no-stream', ['--no-stream'], 'Noon.\n'],
    [
      '--json',
      ['--json'],
      '{"object":"chat.completion","choices":[{"index":0,"finish_reason":"stop","message":{"role":"assistant","content":"Noon."}}]}\n',
    ],
  ])('knows %s', async (_, flags, expected) => {
    const { run } = await desk();
    const call = { id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } };
    const whole = (message: object, finish_reason: string) =>
      jsonAnswer({
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason, message: { role: 'assistant', ...message } }],
      });
    const api = stubApi(
      whole({ content: 'Let me look.', tool_calls: [call] }, 'tool_calls'),
      whole({ content: 'Noon.' }, 'stop'),
    );
    const { stdout } = await run(['--tool', 'now=./now', '--yes', ...flags, 'time?'], { fetch: api.fetch });
    expect(stdout).toBe(expected);
  });

  it('takes the time of tools, and of who is asked, for nobody’s but theirs', async () => {
    const { cwd, env } = await desk();
    await writeFile(
      join(cwd, 'weather.sh'),
      '#!/bin/sh\ntouch began; until [ -e go ]; do sleep 0.01; done; echo rain\n',
    );
    const api = stubApi(asks('weather', '{"city":"Oslo"}'), says('ok'));
    const context = fakeContext({ cwd, env, fetch: api.fetch });
    const code = main(['chat', ...weather, '--yes', '--timeout', '5s', 'hi'], context);
    await until(() => existsSync(join(cwd, 'began')));
    context.clock.advance(59_000);
    await writeFile(join(cwd, 'go'), '');
    expect(await code).toBe(0);
    expect(context.stdout.text).toBe('ok\n');
  });

  it('prints the events of all answers', async () => {
    const { run } = await desk();
    const { code, stdout } = await run(['--tool', 'now=./now', '--yes', '--events', '--sandbox', 'now']);
    expect(code).toBe(0);
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    const ends = events.map(({ choices }) => choices[0]?.finish_reason).filter((reason) => reason !== null);
    expect(ends).toEqual(['tool_calls', 'stop']);
  });

  it('asks for custom tools without a stream', async () => {
    const { run } = await desk({ 'now.json': { type: 'custom', custom: { description: 'SQL' } } });
    const line = ['--tool', 'now=./now', '--yes', '--sandbox', 'now'];
    expect(await run(line)).toMatchObject({ code: 0, stdout: expect.stringContaining('now answered: noon') });
    expect(await run(['--events', ...line])).toMatchObject({
      code: 2,
      stderr:
        'oai: --events does not go with custom tools: their calls are not streamed\n     oai chat --via responses streams them\n',
    });
  });

  it('takes definitions from stdin, beside a prompt', async () => {
    const { run } = await desk();
    const api = stubApi(says('ok'));
    await run(['--tools', '-', 'hi'], { fetch: api.fetch, stdin: JSON.stringify([WEATHER]) });
    expect((await bodies(api))[0]).toMatchObject({
      tools: [WEATHER],
      messages: [{ role: 'user', content: 'hi' }],
    });
  });

  it('shows the definitions in a dry run, and runs nothing', async () => {
    const { run, cwd } = await desk();
    const { code, stdout } = await run([...weather, '--tool', 'bare=./bare', '--dry-run', '--yes', 'hi']);
    expect(code).toBe(0);
    expect(stdout).toContain('"name": "weather"');
    expect(stdout).toContain('"name": "bare"');
    expect(stdout).not.toContain('Bare');
    expect(await import('node:fs/promises').then(({ readdir }) => readdir(cwd))).not.toContain('ran');
  });

  it('learns what a tool takes from itself, once that is allowed', async () => {
    const { run } = await desk();
    const api = stubApi(says('ok'));
    await run(['--tool', 'bare=./bare', '--yes', 'hi'], { fetch: api.fetch });
    expect((await bodies(api))[0]?.tools).toEqual([
      { type: 'function', function: { name: 'bare', description: 'Bare' } },
    ]);
    expect(await run(['--tool', 'bare=./bare', 'hi'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(
        /^oai: --tool bare: nothing says what it takes: there is no .*\/bare\.json/,
      ),
    });
  });

  it('runs nothing of an answer that is cut', async () => {
    const { run, cwd } = await desk();
    const cut = eventStream([
      chatChunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'bare', arguments: '{}' } }] }),
      chatChunk({}, 'length'),
    ]);
    const line = ['--tool', 'bare=./bare', '--tool-spec', 'fails.json', '--yes', 'hi'];
    expect(await run(line, { fetch: stubApi(cut).fetch })).toMatchObject({
      code: 8,
      stdout: '\n'.repeat(0),
      stderr: expect.stringContaining('oai: the answer is cut: it ends within the call of a tool\n'),
    });
    expect(await import('node:fs/promises').then(({ readdir }) => readdir(cwd))).not.toContain('ran');
  });

  it.each([
    ['required', undefined],
    ['{"type":"function","function":{"name":"now"}}', undefined],
    ['auto', 'auto'],
    ['none', 'none'],
  ])('must be called once only, by --param, too: %s', async (choice, after) => {
    const { run } = await desk();
    const api = stubApi(asks('now', '{}'), says('Noon.'));
    const line = ['--tool', 'now=./now', '--yes', '--param', `tool_choice=${choice}`, 'time?'];
    expect(await run(line, { fetch: api.fetch })).toMatchObject({ code: 0, stdout: 'Noon.\n' });
    const [first, second] = await bodies(api);
    expect(first?.tool_choice).toEqual(choice.startsWith('{') ? JSON.parse(choice) : choice);
    expect(second?.tool_choice).toEqual(after);
  });

  it('gives calls names where a server gives none', async () => {
    const { run } = await desk();
    const unnamed = (index: number) => ({ index, id: '', function: { name: 'now', arguments: '' } });
    const api = stubApi(
      eventStream([chatChunk({ tool_calls: [unnamed(1), unnamed(2)] }), chatChunk({}, 'tool_calls')]),
      says('ok'),
    );
    expect(await run(['--tool', 'now=./now', '--yes', 'hi'], { fetch: api.fetch })).toMatchObject({
      code: 0,
    });
    const [, second] = await bodies(api);
    expect(second?.messages.slice(1)).toMatchObject([
      { tool_calls: [{ id: 'call_1_0' }, { id: 'call_1_1' }] },
      { tool_call_id: 'call_1_0', content: 'noon' },
      { tool_call_id: 'call_1_1', content: 'noon' },
    ]);
  });

  it.each([['--no-stream'], ['--json']])('gives them names where an answer comes whole: %s', async (flag) => {
    const { run } = await desk();
    const call = { type: 'function', function: { name: 'now', arguments: '{}' } };
    const whole = (message: object, finish_reason: string) =>
      jsonAnswer({ object: 'chat.completion', choices: [{ index: 0, finish_reason, message }] });
    const api = stubApi(
      whole({ role: 'assistant', content: null, tool_calls: [call, call] }, 'tool_calls'),
      whole({ role: 'assistant', content: 'ok' }, 'stop'),
    );
    expect(await run(['--tool', 'now=./now', '--yes', flag, 'hi'], { fetch: api.fetch })).toMatchObject({
      code: 0,
    });
    const [, second] = await bodies(api);
    expect(second?.messages.slice(1)).toMatchObject([
      { tool_calls: [{ id: 'call_1_0' }, { id: 'call_1_1' }] },
      { tool_call_id: 'call_1_0', content: 'noon' },
      { tool_call_id: 'call_1_1', content: 'noon' },
    ]);
  });

  it.each<[string, readonly string[], string]>([
    [
      'a program that is not there',
      ['--tool', 'weather=./wether.sh'],
      'oai: --tool weather: cannot run ./wether.sh: no such file\n',
    ],
    [
      'several answers',
      [...weather, '-n', '2'],
      'oai: -n does not go with tools\n     a conversation goes on with one answer\n',
    ],
    [
      'a choice that is no tool',
      [...weather, '--tool-choice', 'wether'],
      'oai: --tool-choice wether: there is no such tool; did you mean weather?\n     auto, none, required, or one of weather\n',
    ],
    [
      'a spec without a tool',
      ['--tool-spec', 'x.json'],
      'oai: --tool-spec is for tools, and there are none\n     --tool NAME=COMMAND or --tools FILE brings some\n',
    ],
    [
      'a choice without a tool',
      ['--tool-choice', 'auto'],
      'oai: --tool-choice is for tools, and there are none\n     --tool NAME=COMMAND or --tools FILE brings some\n',
    ],
    [
      'no parallel tools without a tool',
      ['--no-parallel-tools'],
      'oai: --no-parallel-tools is for tools, and there are none\n     --tool NAME=COMMAND or --tools FILE brings some\n',
    ],
    [
      'turns without a tool',
      ['--max-turns', '3'],
      'oai: --max-turns is for tools, and there are none\n     --tool NAME=COMMAND or --tools FILE brings some\n',
    ],
    [
      'no turns',
      [...weather, '--max-turns', '0'],
      'oai: --max-turns 0 is not a whole number from 1 to 1000\n',
    ],
    [
      'a timeout that is none',
      [...weather, '--tool-timeout', 'soon'],
      'oai: --tool-timeout soon is not a duration such as 250ms, 30s or 2m\n',
    ],
    [
      'a limit that is none',
      [...weather, '--tool-limit', '1t'],
      'oai: --tool-limit 1t is not a size such as 4096, 64k or 1m, up to 16m\n',
    ],
    [
      'an effort',
      [...weather, '--reasoning-effort', 'high'],
      'oai: gpt-6-luna takes tools only without reasoning, and --reasoning-effort high asks for it\n     oai chat --via responses takes both; or say --reasoning-effort none\n',
    ],
    [
      'a result without a call',
      ['--tool-result', 'call_1=x'],
      'oai: --tool-result call_1: no such call waits for a result\n     results follow the calls: -c goes on with the last conversation, --messages with one of a file\n',
    ],
  ])('refuses %s before anything is sent', async (_, flags, message) => {
    const { run } = await desk();
    expect(await run([...flags, 'hi'])).toMatchObject({ code: 2, stdout: '', stderr: message });
  });
});

describe('calls that nobody allowed', () => {
  it('are answered with how to allow the program that could do them', async () => {
    const { run } = await desk();
    const api = stubApi(asks('weather', '{"city":"Oslo"}'));
    const { code, stderr } = await run(['--tool', 'weather=./weather.sh', '-q', 'Oslo?'], {
      fetch: api.fetch,
    });
    expect(code).toBe(10);
    expect(stderr).toBe(
      'oai: the model asks for tools that nobody allowed: weather\n     --yes runs them, or `oai config set tools.allow weather`; or run the calls on stdout and come back with --tool-result\n',
    );
  });

  it('are printed with the conversation, which goes on with their results', async () => {
    const { run } = await desk();
    const line = ['--tools', 'tools.json', '-s', 'Be brief.', '-q'];
    const api = stubApi(asks('weather', '{"city":"Oslo"}', { text: 'Let me look.' }));
    const printed = await run([...line, 'Oslo?'], { fetch: api.fetch });
    expect(printed.code).toBe(10);
    expect(printed.stderr).toBe(
      'oai: the model asks for tools that nobody allowed: weather\n     the calls are on stdout as JSON: run them and come back with --tool-result\n',
    );
    const { tool_calls: calls, messages } = JSON.parse(printed.stdout);
    expect(calls).toEqual([
      { id: 'call_weather', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
    ]);
    expect(messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Oslo?' },
      { role: 'assistant', content: 'Let me look.', tool_calls: calls },
    ]);

    const back = await desk({ 'calls.json': printed.stdout, 'out.txt': 'rain\n' });
    const next = stubApi(says('It rains.'));
    const goOn = [
      '--tools',
      'tools.json',
      '--messages',
      'calls.json',
      '--tool-result',
      'call_weather=@out.txt',
    ];
    expect(await back.run(goOn, { fetch: next.fetch })).toMatchObject({ code: 0, stdout: 'It rains.\n' });
    const result = { role: 'tool', tool_call_id: 'call_weather', content: 'rain' };
    expect((await bodies(next))[0]?.messages).toEqual([...messages, result]);

    const asked = stubApi(says('It rains.'));
    await back.run([...goOn, 'and be quick'], { fetch: asked.fetch });
    expect((await bodies(asked))[0]?.messages).toEqual([
      ...messages,
      result,
      { role: 'user', content: 'and be quick' },
    ]);
  });

  it('are alone on stdout where the tools are in --param, too', async () => {
    const { run } = await desk();
    const param = ['--param', `tools=${JSON.stringify([WEATHER])}`];
    const said = await run([...param, 'hi'], {
      fetch: stubApi(asks('weather', '{}', { text: 'Let me look.' })).fetch,
    });
    expect(said.code).toBe(10);
    expect(JSON.parse(said.stdout)).toMatchObject({ tool_calls: [{ id: 'call_weather' }] });
    expect(said.stderr).toContain('the model: Let me look.\n');
    const answered = await run([...param, 'hi'], { fetch: stubApi(says('Noon.')).fetch });
    expect(answered).toMatchObject({ code: 0, stdout: 'Noon.\n' });
  });

  it.each([[['--no-stream']], [['-0']], [['--no-stream', '-0']]])(
    'are alone on stdout with %j',
    async (flags) => {
      const { run } = await desk();
      const call = { id: 'c', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
      const message = { role: 'assistant', content: 'Let me look.', tool_calls: [call] };
      const api = stubApi(
        flags.includes('--no-stream')
          ? jsonAnswer({
              object: 'chat.completion',
              choices: [{ index: 0, finish_reason: 'tool_calls', message }],
            })
          : asks('weather', '{"city":"Oslo"}', { id: 'c', text: 'Let me look.' }),
      );
      const { code, stdout, stderr } = await run(['--tools', 'tools.json', ...flags, 'hi'], {
        fetch: api.fetch,
      });
      expect(code).toBe(10);
      expect(JSON.parse(stdout)).toEqual({
        tool_calls: [call],
        messages: [{ role: 'user', content: 'hi' }, message],
      });
      expect(stderr).toContain('the model: Let me look.\n');
    },
  );

  const call = (id: string, name: string) => ({
    id,
    type: 'function',
    function: { name, arguments: '{"city":"Oslo"}' },
  });
  const open = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: null, tool_calls: [call('a', 'weather'), call('b', 'weather')] },
  ];

  it('may be answered in part: the rest is run, where it may', async () => {
    const { run } = await desk({ 'm.json': open });
    const api = stubApi(says('ok'));
    const line = [...weather, '--messages', 'm.json', '--tool-result', 'b=sun'];
    await run([...line, '--yes'], { fetch: api.fetch });
    expect((await bodies(api))[0]?.messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content: 'rain for {"city":"Oslo"}' },
      { role: 'tool', tool_call_id: 'b', content: 'sun' },
    ]);
    expect(await run(line)).toMatchObject({
      code: 2,
      stderr: 'oai: a call has no result: a (weather)\n     --tool-result a=@FILE gives it\n',
    });
  });

  it('are run where they may be, without a result of anybody', async () => {
    const { run } = await desk({ 'm.json': open });
    const api = stubApi(says('ok'));
    await run([...weather, '--messages', 'm.json', '--yes'], { fetch: api.fetch });
    expect((await bodies(api))[0]?.messages).toHaveLength(4);
  });

  it('are passed over where something else is said', async () => {
    const { run } = await desk({ 'm.json': open });
    const api = stubApi(says('ok'));
    await run(['--messages', 'm.json', 'never mind'], { fetch: api.fetch });
    const content = 'The tool was not run: the user went on without it.';
    expect((await bodies(api))[0]?.messages.slice(2)).toEqual([
      { role: 'tool', tool_call_id: 'a', content },
      { role: 'tool', tool_call_id: 'b', content },
      { role: 'user', content: 'never mind' },
    ]);
  });

  it('are not run by a dry run, which shows where their results would stand', async () => {
    const { run } = await desk({ 'm.json': open });
    const { code, stdout } = await run([...weather, '--messages', 'm.json', '--yes', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('"content": "(what weather gives)"');
  });

  it('are the API’s own answer with --json', async () => {
    const { run } = await desk();
    const { code, stdout } = await run(['--tools', 'tools.json', '--json', '--sandbox', 'weather']);
    expect(code).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { tool_calls: [{ function: { name: 'weather' } }] } }],
    });
  });
});

describe('rows with tools', () => {
  const each = ['--each', '--sandbox', '-q'];
  const rows = { stdin: 'weather {"city":"Oslo"}\nnow\n' };

  it('run those that are allowed', async () => {
    const { run } = await desk();
    const { code, stdout } = await run([...each, ...weather, '--tool', 'now=./now', '--yes'], rows);
    expect(code).toBe(0);
    const results = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect(results).toEqual([
      expect.stringContaining('weather answered: rain for {"city":"Oslo"}'),
      expect.stringContaining('now answered: noon'),
    ]);
  });

  it('count the tokens of all answers', async () => {
    const { run } = await desk();
    const usage = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
    const whole = (message: object, finish_reason: string) =>
      jsonAnswer({
        object: 'chat.completion',
        usage,
        choices: [{ index: 0, finish_reason, message: { role: 'assistant', ...message } }],
      });
    const call = { id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } };
    const api = stubApi(
      whole({ content: null, tool_calls: [call] }, 'tool_calls'),
      whole({ content: 'Noon.' }, 'stop'),
    );
    const { stdout } = await run(['--each', '-q', '--json', '--tool', 'now=./now', '--yes'], {
      stdin: 'x\n',
      fetch: api.fetch,
    });
    expect(JSON.parse(stdout).result.usage).toEqual({
      prompt_tokens: 20,
      completion_tokens: 10,
      total_tokens: 30,
    });
  });

  it('choose the tool of the first call only', async () => {
    const { run } = await desk();
    const call = { id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } };
    const whole = (message: object, finish_reason: string) =>
      jsonAnswer({
        object: 'chat.completion',
        choices: [{ index: 0, finish_reason, message: { role: 'assistant', ...message } }],
      });
    const api = stubApi(
      whole({ content: null, tool_calls: [call] }, 'tool_calls'),
      whole({ content: 'ok' }, 'stop'),
    );
    const line = ['--each', '-q', '--tool', 'now=./now', '--yes', '--tool-choice', 'required'];
    expect(await run(line, { stdin: 'x\n', fetch: api.fetch })).toMatchObject({ code: 0 });
    const [first, second] = await bodies(api);
    expect(first).toMatchObject({ tool_choice: 'required' });
    expect(second).not.toHaveProperty('tool_choice');
    expect(second?.messages).toHaveLength(3);
  });

  it('that ask for ever fail, each by itself', async () => {
    const { run } = await desk();
    const call = { id: 'c', type: 'function', function: { name: 'now', arguments: '{}' } };
    const again = () =>
      jsonAnswer({
        object: 'chat.completion',
        choices: [
          {
            index: 0,
            finish_reason: 'tool_calls',
            message: { role: 'assistant', content: null, tool_calls: [call] },
          },
        ],
      });
    const api = stubApi(again(), again());
    const { code, stdout } = await run(['--each', '-q', '--tool', 'now=./now', '--yes', '--max-turns', '1'], {
      stdin: 'x\n',
      fetch: api.fetch,
    });
    expect(code).not.toBe(0);
    expect(JSON.parse(stdout).error.message).toMatch(/still asks for tools after 1 turn: now/);
  });

  it.each<[string, readonly string[], string]>([
    [
      'tools that nobody allowed',
      weather,
      'oai: rows run no tool that was not allowed before: weather\n     --tool weather=COMMAND --yes, or `oai config set tools.allow weather`\n',
    ],
    [
      'tools without a command',
      ['--tools', 'tools.json', '--yes'],
      'oai: rows run no tool that was not allowed before: weather\n     --tool weather=COMMAND --yes, or `oai config set tools.allow weather`\n',
    ],
    [
      'a result',
      ['--tool-result', 'a=x'],
      'oai: --tool-result is for one conversation\n     rows answer their calls by --tool NAME=COMMAND --yes\n',
    ],
    [
      'a batch',
      [...weather, '--yes', '--batch', '-o', 'o.jsonl'],
      'oai: --batch does not go with tools: nobody would be there to run them\n',
    ],
  ])('refuse %s', async (_, flags, message) => {
    const { run } = await desk();
    expect(await run([...each, ...flags], rows)).toMatchObject({ code: 2, stdout: '', stderr: message });
  });
});
