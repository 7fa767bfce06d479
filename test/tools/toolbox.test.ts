import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import type { Ask } from '../../src/input/ask.ts';
import { Consent } from '../../src/tools/consent.ts';
import { toolEnvironment } from '../../src/tools/environment.ts';
import { argumentCheck, type Tool, type ToolCall } from '../../src/tools/tool.ts';
import { ProgramToolbox } from '../../src/tools/toolbox.ts';
import { CapturedOutput, fakeContext } from '../support/context.ts';
import { folderOf, isAlive, pidIn, until } from './programs.ts';

const CITY = {
  type: 'object',
  properties: { city: { type: 'string', pattern: '^[A-Z]' } },
  required: ['city'],
};

function called(name: string, args: unknown = { city: 'Oslo' }, id = `call_${name}`): ToolCall {
  return {
    id,
    type: 'function',
    function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  };
}

/** A person who gives these answers, one after the other; `e:TEXT` edits. */
function person(...answers: readonly string[]) {
  const left = [...answers];
  let edited = '';
  const ask = {
    pick: vi.fn(async (_: string, choices: Readonly<Record<string, string>>) => {
      const [letter = '', text = ''] = (left.shift() ?? expect.fail('nobody answers')).split(/:(.*)/s);
      expect(Object.keys(choices)).toContain(letter);
      edited = text;
      return letter;
    }),
    edit: vi.fn(async (_: string, problem: (text: string) => string | undefined) => {
      expect(problem(edited)).toBeUndefined();
      return edited;
    }),
  };
  return { ask: ask as unknown as Ask & typeof ask, left };
}

/** A line of `sh` that goes on once a file is there. */
function waits(file: string, line: string): string {
  return `until [ -e ${file} ]; do sleep 0.01; done; ${line}`;
}

interface Case {
  readonly programs?: Readonly<Record<string, string>>;
  /** Tools that have no program. */
  readonly declared?: readonly string[];
  readonly custom?: readonly string[];
  readonly yes?: boolean;
  readonly allow?: readonly string[];
  readonly ask?: Ask;
  readonly env?: Record<string, string>;
  readonly outputLimit?: number;
  readonly isTTY?: boolean;
}

async function toolbox({ programs = {}, declared = [], custom = [], yes = true, ...more }: Case) {
  const cwd = await folderOf(programs);
  const env = { PATH: process.env['PATH'], ...more.env };
  const context = fakeContext({ cwd, env, stderr: new CapturedOutput({ isTTY: more.isTTY ?? false }) });
  const tools: Tool[] = [];
  for (const name of [...Object.keys(programs), ...declared]) {
    const isCustom = custom.includes(name);
    tools.push({
      name,
      definition: isCustom
        ? { type: 'custom', custom: { name } }
        : { type: 'function', function: { name, parameters: CITY } },
      validate: isCustom ? undefined : await argumentCheck(CITY, name),
      program: declared.includes(name) ? undefined : { words: [join(cwd, name)] },
    });
  }
  const consent = new Consent({ yes, allow: more.allow ?? [], ask: more.ask }, context);
  const toolEnv = toolEnvironment({ allow: [], env: ['WEATHER_API_KEY'], keyVariables: ['WORK'] }, context);
  const running = {
    env: toolEnv,
    timeout: 60_000,
    outputLimit: more.outputLimit ?? 1000,
    maxTurns: 10,
    isWatched: true,
  };
  const made = new ProgramToolbox(tools, consent, running, context);
  return { cwd, context, run: (...calls: readonly ToolCall[]) => made.run(calls, context.signal), made };
}

async function contents(options: Case, ...calls: readonly ToolCall[]): Promise<unknown[] | undefined> {
  const { run } = await toolbox(options);
  return (await run(...calls))?.map(({ content }) => content);
}

describe('the tools of a run', () => {
  it('answer each call, in the order of the calls', async () => {
    const { run } = await toolbox({
      programs: { slow: waits('quick.done', 'cat'), quick: 'echo quick; touch quick.done' },
    });
    expect(await run(called('slow'), called('quick'), called('slow', { city: 'Rome' }, 'third'))).toEqual([
      { role: 'tool', tool_call_id: 'call_slow', content: '{"city":"Oslo"}' },
      { role: 'tool', tool_call_id: 'call_quick', content: 'quick' },
      { role: 'tool', tool_call_id: 'third', content: '{"city":"Rome"}' },
    ]);
  });

  it('are run at the same time', async () => {
    // Each waits for the other.
    const meet = (own: string, other: string) => `touch ${own}; ${waits(other, 'echo met')}`;
    const programs = { a: meet('a.in', 'b.in'), b: meet('b.in', 'a.in') };
    expect(await contents({ programs }, called('a'), called('b'))).toEqual(['met', 'met']);
  });

  it('get their arguments as they were checked: no name stands there twice', async () => {
    const args = '{ "city": "; rm -rf /",\n "city": "Os\\u006co \\u001b" }';
    expect(await contents({ programs: { echo: 'cat' } }, called('echo', args))).toEqual([
      '{"city":"Oslo \\u001b"}',
    ]);
  });

  it('may take a text that has no form', async () => {
    const call: ToolCall = { id: 'x', type: 'custom', custom: { name: 'sql', input: 'SELECT 1\n' } };
    expect(await contents({ programs: { sql: 'od -An -c' }, custom: ['sql'] }, call)).toEqual([
      expect.stringMatching(/1 +\\n$/),
    ]);
  });

  it('get no key', async () => {
    const env = {
      OPENAI_API_KEY: 'sk-1',
      OPENAI_ADMIN_KEY: 'sk-2',
      OPENAI_CUSTOM_HEADERS: 'x: sk-3',
      WORK: 'sk-44444444',
      OTHER_API_KEY: 'sk-5',
      AZURE_OPENAI_KEY: 'sk-6',
      OPENROUTER_KEY: 'sk-7',
      anthropic_key: 'sk-8',
      MISTRAL_APIKEY: 'sk-9',
      OPENROUTER_KEYS: 'sk-10',
      HF_TOKEN: 'sk-11',
      ANTHROPIC_AUTH_TOKEN: 'sk-12',
      CLIENT_SECRET: 'sk-13',
      MONKEY: 'see',
      MAX_TOKENS: '9',
      HIDDEN: 'Bearer sk-secret-0123',
      RENAMED: 'x=sk-44444444',
      OTHER: `sk-proj-${'5'.repeat(30)}`,
      LANG: 'sk_SK.UTF-8',
      WEATHER_API_KEY: 'mine',
      CITY: 'Oslo',
    };
    const { run, context } = await toolbox({ programs: { env: 'env' }, env });
    context.secrets.add('sk-secret-0123');
    const [message] = (await run(called('env'))) ?? [];
    expect(message?.content).not.toMatch(/sk-/);
    expect(message?.content).toMatch(/^LANG=sk_SK.UTF-8$/m);
    expect(message?.content).toMatch(/^CITY=Oslo$/m);
    expect(message?.content).toMatch(/^WEATHER_API_KEY=mine$/m);
    expect(message?.content).toMatch(/^MONKEY=see$/m);
    expect(message?.content).toMatch(/^MAX_TOKENS=9$/m);
  });

  it('tell no key that they find', async () => {
    const { run, context } = await toolbox({ programs: { leak: 'echo "sk-secret-0123 is it"' } });
    context.secrets.add('sk-secret-0123');
    expect(await run(called('leak'))).toMatchObject([{ content: '[key] is it' }]);
  });
});

describe('what the model is told', () => {
  const programs = {
    tool: 'cat > /dev/null; eval "$DO"',
  };
  it.each<[string, string, string]>([
    ['nothing was printed', 'true', '(The tool printed nothing.)'],
    [
      'it crashed',
      'echo part; echo "no city" >&2; exit 3',
      'The tool failed: exit code 3.\n\nWhat it said on stderr:\nno city\n\nWhat it printed:\npart',
    ],
    ['it was ended', 'kill -9 $$', 'The tool failed: ended by SIGKILL.'],
    [
      'it printed too much',
      'head -c 100000 /dev/zero | tr "\\0" x',
      `${'x'.repeat(1000)}\n\n(This is the beginning: 1000 bytes of 97.7 KB.)`,
    ],
    [
      'it printed what is no text',
      String.raw`printf 'a\377b\0c'`,
      'a\ufffdb\u2400c\n\n(Bytes that are no UTF-8 stand here as U+FFFD.)',
    ],
    [
      'it complained at length',
      'head -c 9000 /dev/zero | tr "\\0" y >&2; exit 1',
      `The tool failed: exit code 1.\n\nWhat it said on stderr at last:\n${'y'.repeat(4096)}`,
    ],
    ['it warned', 'echo fine; echo hm >&2', 'fine'],
  ])('where %s', async (_, line, expected) => {
    expect(await contents({ programs, env: { DO: line } }, called('tool'))).toEqual([expected]);
  });

  it('where it took too long', async () => {
    const { context, cwd, run } = await toolbox({
      programs: { hangs: 'echo part; echo $$ > pid; exec sleep 600' },
    });
    const messages = run(called('hangs'));
    await pidIn(join(cwd, 'pid'));
    context.clock.advance(60_000);
    expect(await messages).toMatchObject([
      { content: 'The tool failed: ended, for it took longer than 1m.\n\nWhat it printed:\npart' },
    ]);
  });

  it.each<[string, ToolCall, string]>([
    ['there is no such tool', called('tolo'), 'there is no tool "tolo"; there are tool'],
    ['the arguments are cut', called('tool', '{"city":"Os'), 'the arguments are not JSON'],
    ['the arguments are a list', called('tool', '["Oslo"]'), 'the arguments are no JSON object'],
    ['the arguments are missing', called('tool', ''), 'the arguments are wrong: /city is missing'],
    [
      'the arguments do not fit',
      called('tool', { city: 'oslo' }),
      'the arguments are wrong: /city must match ^[A-Z], is "oslo"',
    ],
    [
      'the arguments nest too deep',
      called('tool', `{"city":${'['.repeat(9000)}${']'.repeat(9000)}}`),
      'the arguments nest too deep',
    ],
    [
      'a number would not be kept',
      called('tool', '{"city":"Oslo","id":12345678901234567890}'),
      'the number 12345678901234567890 is too long to be kept exactly: give it as a text',
    ],
  ])('where %s: nothing is run', async (_, call, problem) => {
    const ran = { programs, env: { DO: 'touch ran' } };
    expect(await contents(ran, call)).toEqual([`The tool was not run: ${problem}.`]);
  });

  it('keeps long numbers in texts, and those that a double holds', async () => {
    const args = '{"city":"Oslo 12345678901234567890","n":9007199254740991,"x":1.2345678901234567}';
    expect(await contents({ programs: { echo: 'cat' } }, called('echo', args))).toEqual([args]);
  });
});

describe('consent', () => {
  const programs = { weather: 'touch ran; cat', now: 'echo noon' };

  it('that nobody can give leaves the calls to others, and runs none', async () => {
    const { run } = await toolbox({ programs, yes: false, allow: ['now'] });
    expect(await run(called('now'), called('weather'))).toBeUndefined();
    expect(await run(called('now'))).toMatchObject([{ content: 'noon' }]);
  });

  it('is of no use to a tool that has no program', async () => {
    const { run } = await toolbox({ programs, declared: ['theirs'] });
    expect(await run(called('now'), called('theirs'))).toBeUndefined();
    expect(await run(called('theirs', { city: 'oslo' }))).toMatchObject([
      { content: expect.stringMatching(/must match/) },
    ]);
  });

  it('is asked for, with the arguments and the command, inert', async () => {
    const { ask, left } = person('y');
    const { run, context, cwd } = await toolbox({ programs, yes: false, ask });
    const [message] = (await run(called('weather', { city: 'Oslo\u001b[2J\u202e\n' }))) ?? [];
    expect(message?.content).toBe('{"city":"Oslo\\u001b[2J\u202e\\n"}');
    expect(context.stderr.text).toContain(
      `oai: the model asks for weather: {"city":"Oslo\\u001b[2J\\u202e\\n"}\noai: that would run: ${join(cwd, 'weather')}\n`,
    );
    expect(context.stderr.text).not.toMatch(/[\u001b\u202e]/);
    expect(left).toEqual([]);
  });

  it('may be refused: the model is told', async () => {
    const { ask } = person('n', 'y');
    expect(await contents({ programs, yes: false, ask }, called('weather'), called('now'))).toEqual([
      'The tool was not run: the user declined this call. Do not ask for it again as it is.',
      'noon',
    ]);
  });

  it('may be given once for all, for that tool', async () => {
    const { ask, left } = person('a', 'n');
    const { run } = await toolbox({ programs, yes: false, ask });
    const first = await run(called('now'), called('now', undefined, 'again'), called('weather'));
    expect(first).toMatchObject([
      { content: 'noon' },
      { content: 'noon' },
      { content: expect.stringMatching(/declined/) },
    ]);
    expect(await run(called('now'))).toMatchObject([{ content: 'noon' }]);
    expect(left).toEqual([]);
  });

  it('may change the arguments: the model is told', async () => {
    const { ask } = person('e:{"city": "Rome"}');
    expect(await contents({ programs, yes: false, ask }, called('weather'))).toEqual([
      '(The user changed the arguments to {"city":"Rome"}.)\n\n{"city":"Rome"}',
    ]);
    expect(ask.edit.mock.calls[0]?.slice(2)).toEqual(['{"city":"Oslo"}']);
  });

  it('takes no arguments that do not fit', async () => {
    const { ask } = person('e:{"city":"Rome"}');
    const { run } = await toolbox({ programs, yes: false, ask });
    await run(called('weather'));
    const problem = ask.edit.mock.calls[0]?.[1];
    expect(problem?.('{"city":1}')).toMatch(/must be a string, is 1/);
    expect(problem?.('{')).toBe('the arguments are not JSON');
  });

  it('is asked for before anything is run', async () => {
    const stopped = new Stopped('SIGINT');
    const { ask } = person('y');
    ask.pick.mockResolvedValueOnce('y').mockRejectedValueOnce(stopped);
    const { run, cwd } = await toolbox({ programs, yes: false, ask });
    await expect(run(called('weather'), called('now'))).rejects.toBe(stopped);
    expect(() => process.getBuiltinModule('node:fs').statSync(join(cwd, 'ran'))).toThrow('ENOENT');
  });

  it('can be given to what is long only once all of it can be seen', async () => {
    const { ask } = person('s', 'y');
    const { run, context } = await toolbox({ programs, yes: false, ask });
    await run(called('weather', { city: `O${'o'.repeat(3000)}!` }));
    const [question] = context.stderr.text.split('\n');
    expect(question).toMatch(/o{1400,}… \(\d+ characters in all\)$/);
    expect(question).not.toContain('!');
    expect(context.stderr.text).toMatch(/o{3000}!"}\n/);
  });

  it('is not asked for where it is sure to be of no use', async () => {
    const { ask } = person();
    await contents({ programs, yes: false, ask }, called('nothing'), called('now', '{'));
    expect(ask.pick).not.toHaveBeenCalled();
  });
});

describe('what a person is told', () => {
  const programs = { weather: 'cat', fails: 'echo "no \u001b[2J city" >&2; exit 3' };
  it.each<[string, Case, ToolCall, RegExp | '']>([
    [
      'a line for each call',
      { isTTY: true },
      called('weather'),
      /^oai: weather {"city":"Oslo"}: 16 bytes in 0 ms\n$/,
    ],
    ['nothing of success where nobody looks on', {}, called('weather'), ''],
    [
      'a failure, also there',
      {},
      called('fails'),
      /^oai: fails {"city":"Oslo"}: exit code 3: no ␛\[2J city in 0 ms\n$/,
    ],
    [
      'what was not run',
      {},
      called('none', '{\n}'),
      /^oai: none { }: not run: there is no tool "none"; there are weather, fails\n$/,
    ],
    [
      'long arguments in short',
      { isTTY: true },
      called('weather', { city: 'O'.repeat(99) }),
      /^oai: weather {"city":"O{50}…: 111 bytes in 0 ms\n$/,
    ],
  ])('%s', async (_, options, call, expected) => {
    const { run, context } = await toolbox({ programs, ...options });
    await run(call);
    if (expected === '') expect(context.stderr.text).toBe('');
    else expect(context.stderr.text).toMatch(expected);
  });

  it('is nothing with --quiet, and all with --verbose', async () => {
    const quiet = await toolbox({ programs, isTTY: true });
    quiet.context.verbosity = 'quiet';
    await quiet.run(called('fails'));
    expect(quiet.context.stderr.text).toBe('');
    const verbose = await toolbox({ programs });
    verbose.context.verbosity = 'verbose';
    await verbose.run(called('fails'));
    expect(verbose.context.stderr.text).toBe(
      `oai: running ${join(verbose.cwd, 'fails')} with {"city":"Oslo"}\n` +
        'oai: fails {"city":"Oslo"}: exit code 3: no ␛[2J city in 0 ms\n' +
        'oai: fails says: no ␛[2J city\n',
    );
  });
});

it('a run that is stopped ends all tools that run', async () => {
  const programs = { a: 'echo $$ > a.pid; exec sleep 600', b: 'echo $$ > b.pid; exec sleep 600' };
  const { context, cwd, run } = await toolbox({ programs });
  const messages = run(called('a'), called('b'));
  messages.catch(() => {});
  const pids = [await pidIn(join(cwd, 'a.pid')), await pidIn(join(cwd, 'b.pid'))];
  const stopped = new Stopped('SIGINT');
  context.stop(stopped);
  await expect(messages).rejects.toBe(stopped);
  await until(() => !pids.some(isAlive));
});

it('many calls are run, but not all of them at once', async () => {
  const { run, context } = await toolbox({ programs: { tool: 'echo x' } });
  const { processGroup } = context;
  let [now, most] = [0, 0];
  const left = () => {
    now -= 1;
  };
  context.processGroup = (leader) => {
    now += 1;
    most = Math.max(most, now);
    return { ...processGroup(leader), release: () => void left() };
  };
  const calls = Array.from({ length: 40 }, (_, n) => called('tool', undefined, `c${n}`));
  expect(await run(...calls)).toHaveLength(40);
  expect([now, most]).toEqual([0, 16]);
});
