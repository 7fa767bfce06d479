import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ToolFields } from '../../src/flags/tools.ts';
import { readTools } from '../../src/tools/read-tools.ts';
import type { Tool } from '../../src/tools/tool.ts';
import { fakeContext } from '../support/context.ts';
import { folderOf, pidIn, until } from './programs.ts';

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather in a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

interface Case {
  readonly programs?: Readonly<Record<string, string>>;
  /** Values as they are, or as JSON. */
  readonly files?: Readonly<Record<string, unknown>>;
  readonly stdin?: string;
  readonly mayRun?: boolean;
  readonly dryRun?: boolean;
}

async function setUp({ programs = {}, files = {}, stdin, mayRun = true, dryRun = false }: Case) {
  const cwd = await folderOf(programs);
  for (const [name, value] of Object.entries(files)) {
    await writeFile(join(cwd, name), typeof value === 'string' ? value : JSON.stringify(value));
  }
  const PATH = process.env['PATH'];
  const context = fakeContext({ cwd, env: { PATH }, stdin });
  const asked: string[] = [];
  const run = {
    env: { PATH },
    dryRun,
    mayRun: async (_: string, line: string) => {
      asked.push(line);
      return mayRun;
    },
  };
  return { cwd, context, asked, read: (flags: ToolFields) => readTools(flags, run, context) };
}

async function read(flags: ToolFields, options: Case = {}): Promise<readonly Tool[]> {
  return (await setUp(options)).read(flags);
}

async function failure(flags: ToolFields, options: Case = {}) {
  return read(flags, options).then(
    () => expect.fail('it is taken'),
    (error: unknown) => error,
  );
}

/** @param hint any, unless one is named */
function says(message: string | RegExp, ...[hint]: readonly [unknown?]) {
  return {
    kind: 'usage',
    message: typeof message === 'string' ? message : expect.stringMatching(message),
    ...(hint !== undefined && { hint }),
  };
}

describe('--tools', () => {
  it('declares what the file lists, as it stands', async () => {
    const custom = { type: 'custom', custom: { name: 'sql', description: 'SQL', format: { type: 'text' } } };
    const strict = { ...WEATHER, function: { ...WEATHER.function, name: 'other', strict: true } };
    const tools = await read({ tools: 'tools.json' }, { files: { 'tools.json': [WEATHER, custom, strict] } });
    expect(tools.map(({ definition }) => definition)).toEqual([WEATHER, custom, strict]);
    expect(tools.map(({ program }) => program)).toEqual([undefined, undefined, undefined]);
  });

  it('may be stdin, and its parameters may leave their type out', async () => {
    const parameters = { properties: {} };
    const bare = [
      { type: 'function', function: { name: 'now', parameters } },
      { type: 'function', function: { name: 'b' } },
    ];
    const [now, b] = await read({ tools: '-' }, { stdin: JSON.stringify(bare) });
    expect(now?.definition).toEqual({
      type: 'function',
      function: { name: 'now', parameters: { type: 'object', properties: {} } },
    });
    expect(b?.definition).toEqual({ type: 'function', function: { name: 'b' } });
    expect(b?.validate).toBeUndefined();
  });

  const form = expect.stringContaining('{"type":"function","function":{"name":…');
  const call = (called: object) => [{ type: 'function', function: called }];
  it.each<[string, unknown, ReturnType<typeof says>]>([
    ['no JSON', '[{', says(/^--tools t\.json is no JSON: /)],
    ['no UTF-8', Buffer.from([0xff]).toString('latin1'), says(/is no JSON/)],
    ['empty', '', says(/is no JSON/)],
    ['no list', WEATHER, says('--tools t.json is no list of tools')],
    ['a list of nothing', [], says('--tools t.json has no tools in it')],
    ['a list of texts', ['weather'], says('--tools t.json, entry 1, is no definition of a tool', form)],
    [
      'of another type',
      [WEATHER, { type: 'mcp' }],
      says('--tools t.json, entry 2, is no definition of a tool: it has the type "mcp"', form),
    ],
    ['without a type', [{ function: {} }], says(/it has no type$/, form)],
    [
      'in the form of Responses',
      [{ type: 'function', name: 'w' }],
      says('--tools t.json, entry 1, is in the form of the Responses API'),
    ],
    ['without a name', call({}), says('--tools t.json, entry 1, has no name', form)],
    [
      'with a bad name',
      call({ name: 'the weather' }),
      says(
        '--tools t.json, entry 1, the weather is no name for a tool',
        'letters, digits, _ and - make one, 64 of them at most',
      ),
    ],
    ['with a long name', call({ name: 'a'.repeat(65) }), says(/is no name for a tool$/)],
    ['with an empty name', call({ name: '' }), says(/'' is no name for a tool$/)],
    [
      'with a description that is none',
      call({ name: 'a', description: 1 }),
      says(/has a description that is no text$/),
    ],
    [
      'with parameters that are none',
      call({ name: 'a', parameters: [] }),
      says(/has parameters that are no JSON Schema$/),
    ],
    [
      'with parameters of a list',
      call({ name: 'a', parameters: { type: 'array' } }),
      says(/has parameters of the type "array"; arguments are an object$/),
    ],
    [
      'with a schema that is none',
      call({ name: 'a', parameters: { properties: { b: { type: 'text' } } } }),
      says(/^--tools t\.json: what a takes is no JSON Schema: /),
    ],
    [
      'with a pattern that is none',
      call({ name: 'a', parameters: { properties: { b: { pattern: '(' } } } }),
      says(/^--tools t\.json: what a takes /),
    ],
    ['with a name twice', [WEATHER, WEATHER], says('--tools t.json: there are two tools called weather')],
    [
      'with too many',
      Array.from({ length: 129 }, (_, n) => ({ type: 'function', function: { name: `t${n}` } })),
      says('129 tools are more than the API takes: 128 at most'),
    ],
  ])('that is %s is refused', async (_, contents, expected) => {
    expect(await failure({ tools: 't.json' }, { files: { 't.json': contents } })).toMatchObject(expected);
  });

  it('that is not there is refused', async () => {
    expect(await failure({ tools: 'no.json' })).toMatchObject(
      says('cannot read --tools no.json: no such file'),
    );
  });
});

describe('--tool', () => {
  const spec = { description: 'The weather', parameters: WEATHER.function.parameters };
  const programs = { 'weather.sh': 'echo fine', other: 'echo other' };

  it.each<[string, ToolFields, Record<string, unknown>]>([
    ['its spec', { tool: ['weather=./weather.sh'], toolSpec: ['spec.json'] }, { 'spec.json': spec }],
    [
      'its spec by name',
      { tool: ['weather=./weather.sh'], toolSpec: ['weather=spec.json'] },
      { 'spec.json': spec },
    ],
    ['the file beside it', { tool: ['weather=./weather.sh --metric'] }, { 'weather.sh.json': spec }],
    [
      'its spec before the file beside it',
      { tool: ['weather=./weather.sh'], toolSpec: ['spec.json'] },
      { 'spec.json': spec, 'weather.sh.json': {} },
    ],
    ['the file beside the script', { tool: ["weather=sh -e 'weather.sh' x"] }, { 'weather.sh.json': spec }],
    [
      'the form of the API',
      { tool: ['weather=./weather.sh'] },
      { 'weather.sh.json': { ...WEATHER, function: { ...spec, name: 'another' } } },
    ],
  ])('is told as %s says', async (_, flags, files) => {
    const { read, asked, cwd } = await setUp({ programs, files });
    const [tool, ...rest] = await read(flags);
    expect(rest).toEqual([]);
    expect(tool?.definition).toEqual({ type: 'function', function: { name: 'weather', ...spec } });
    expect(tool?.program?.words[0]).toMatch(/^\//);
    expect(tool?.program?.words.join(' ')).toContain(
      flags.tool?.[0]?.startsWith('weather=sh') ? 'weather.sh' : cwd,
    );
    expect(asked).toEqual([]);
  });

  it('takes the schema of the arguments alone, with its description', async () => {
    const schema = { type: 'object', description: 'The weather', properties: { city: { type: 'string' } } };
    const [tool] = await read(
      { tool: ['weather=./weather.sh'] },
      { programs, files: { 'weather.sh.json': schema } },
    );
    expect(tool?.definition).toEqual({
      type: 'function',
      function: { name: 'weather', description: 'The weather', parameters: schema },
    });
  });

  it('may be a custom tool', async () => {
    const files = { 'weather.sh.json': { type: 'custom', custom: { description: 'SQL' } } };
    const [tool] = await read({ tool: ['sql=./weather.sh'] }, { programs, files });
    expect(tool?.definition).toEqual({ type: 'custom', custom: { name: 'sql', description: 'SQL' } });
  });

  it('gives a declared tool its command', async () => {
    const files = { 'tools.json': [WEATHER, { type: 'function', function: { name: 'other' } }] };
    const tools = await read({ tools: 'tools.json', tool: ['weather=./weather.sh'] }, { programs, files });
    expect(tools.map(({ name, program }) => [name, program !== undefined])).toEqual([
      ['other', false],
      ['weather', true],
    ]);
    expect(tools[1]?.definition).toEqual(WEATHER);
  });

  it('may be several, each with its spec', async () => {
    const files = { 'a.json': spec, 'b=c.json': { description: 'B' } };
    const tools = await read(
      { tool: ['a=./weather.sh', 'b=./other'], toolSpec: ['a=a.json', 'b=./b=c.json'] },
      { programs, files },
    );
    expect(tools.map(({ definition }) => definition)).toMatchObject([
      { function: { name: 'a', description: 'The weather' } },
      { function: { name: 'b', description: 'B' } },
    ]);
  });

  it.each<[string, ToolFields, ReturnType<typeof says>]>([
    [
      'no name',
      { tool: ['./weather.sh'] },
      says('--tool ./weather.sh is not NAME=COMMAND', 'e.g. --tool weather=./weather.sh'),
    ],
    ['an empty name', { tool: ['=./weather.sh'] }, says("--tool '' is no name for a tool")],
    ['a bad name', { tool: ['the weather=./weather.sh'] }, says('--tool the weather is no name for a tool')],
    ['no command', { tool: ['weather='] }, says('--tool weather names no program')],
    [
      'a line for a shell',
      { tool: ['weather=./weather.sh | jq .'] },
      says(/^--tool weather is a program and its words, and no line for a shell: \|/),
    ],
    [
      'a name twice',
      { tool: ['weather=./weather.sh', 'weather=./other'] },
      says('--tool: there are two tools called weather'),
    ],
    [
      'a program that is not there',
      { tool: ['weather=./nothing'] },
      says('--tool weather: cannot run ./nothing: no such file'),
    ],
    [
      'a program that is not in PATH',
      { tool: ['weather=no-such-program'] },
      says('--tool weather: there is no program no-such-program in PATH', 'a path has a slash in it: ./NAME'),
    ],
    [
      'a program that is not in PATH but here',
      { tool: ['weather=weather.sh'] },
      says('--tool weather: there is no program weather.sh in PATH', 'the file beside you is ./weather.sh'),
    ],
    [
      'a folder',
      { tool: ['weather=./folder'] },
      says('--tool weather: ./folder is no program: it is no file'),
    ],
    [
      'a file that is no program',
      { tool: ['weather=./text'] },
      says('--tool weather: ./text may not be run', 'chmod +x ./text'),
    ],
    [
      'a spec for nothing',
      { toolSpec: ['spec.json'] },
      says('--tool-spec is for a --tool, and there is none'),
    ],
    [
      'a spec for another',
      { tool: ['weather=./weather.sh'], toolSpec: ['wether=spec.json'] },
      says('--tool-spec wether=spec.json: there is no --tool wether; did you mean weather?'),
    ],
    [
      'a spec for one of two',
      { tool: ['a=./weather.sh', 'b=./other'], toolSpec: ['spec.json'] },
      says('--tool-spec spec.json: which tool is it for?', '--tool-spec a=FILE, or --tool-spec b=FILE'),
    ],
    [
      'two specs',
      { tool: ['a=./weather.sh'], toolSpec: ['spec.json', 'a=spec.json'] },
      says('--tool-spec: there are two for a'),
    ],
    [
      'a spec without a file',
      { tool: ['a=./weather.sh'], toolSpec: ['a='] },
      says('--tool-spec a= names no file'),
    ],
    [
      'a spec that is not there',
      { tool: ['a=./weather.sh'], toolSpec: ['no.json'] },
      says('cannot read --tool-spec no.json: no such file'),
    ],
    [
      'a spec that is a list',
      { tool: ['a=./weather.sh'], toolSpec: ['list.json'] },
      says(/^--tool-spec list\.json says nothing of a tool/),
    ],
    [
      'a spec of something else',
      { tool: ['a=./weather.sh'], toolSpec: ['package.json'] },
      says('--tool-spec package.json has version, which says nothing of a tool'),
    ],
    [
      'a spec with a schema that is none',
      { tool: ['a=./weather.sh'], toolSpec: ['bad.json'] },
      says(/^--tool a: what a takes has a keyword that JSON Schema has not: propertys/),
    ],
  ])('with %s is refused', async (_, flags, expected) => {
    const { cwd, read } = await setUp({
      programs,
      files: {
        'spec.json': {},
        'list.json': [],
        'package.json': { name: 'x', version: '1' },
        'bad.json': { type: 'object', propertys: {} },
        text: '',
      },
    });
    await mkdir(join(cwd, 'folder'));
    await chmod(join(cwd, 'folder'), 0o755);
    const error = await read(flags).catch((failed: unknown) => failed);
    expect(error).toMatchObject(expected);
  });
});

describe('a program that tells itself what it takes', () => {
  const prints = (text: string) => ({
    tool: `[ "$1" = --metric ] && shift; [ "$1" = --schema ] || exit 9; ${text}`,
  });
  const flags = { tool: ['weather=./tool --metric'] };

  it('is run with --schema, once that is allowed', async () => {
    const programs = prints(`echo '{"description":"Mine","parameters":{"type":"object"}}'; echo hm >&2`);
    const { read, asked, cwd } = await setUp({ programs });
    const [tool] = await read(flags);
    expect(tool?.definition).toEqual({
      type: 'function',
      function: { name: 'weather', description: 'Mine', parameters: { type: 'object' } },
    });
    expect(asked).toEqual([`${join(cwd, 'tool')} --metric --schema`]);
  });

  it('is not run where it is not allowed', async () => {
    const { read, cwd } = await setUp({ programs: prints('touch ran'), mayRun: false });
    await expect(read(flags)).rejects.toMatchObject(
      says(
        `--tool weather: nothing says what it takes: there is no ${join(cwd, 'tool')}.json, and its --schema was not to be run`,
        'describe it: --tool-spec weather=FILE; or allow it to run, also with --schema: --yes',
      ),
    );
  });

  it('is not run in a dry run', async () => {
    const { read, asked } = await setUp({ programs: prints('touch ran'), dryRun: true });
    expect((await read(flags))[0]?.definition).toEqual({ type: 'function', function: { name: 'weather' } });
    expect(asked).toEqual([]);
  });

  it.each([
    [
      'fails',
      'echo "what is --schema?" >&2; echo more >&2; exit 2',
      /ended with exit code 2: what is --schema\?$/,
    ],
    ['says nothing', 'exit 0', /prints nothing$/],
    ['is ended', 'kill -KILL $$', /was ended by SIGKILL$/],
    ['prints no JSON', 'echo hello', /^what .*\/tool --metric --schema prints is no JSON/],
    ['prints something else', 'echo "[1]"', /prints says nothing of a tool/],
    ['prints too much', 'head -c 2000000 /dev/zero', /prints more than 1 MB$/],
  ])('that %s is refused', async (_, line, message) => {
    expect(await failure(flags, { programs: prints(line) })).toMatchObject({
      kind: 'usage',
      message: expect.stringMatching(message),
    });
  });

  it('that prints what is no JSON may be described in a file', async () => {
    expect(await failure(flags, { programs: prints('echo hello') })).toMatchObject({
      hint: expect.stringContaining('describe the tool in a file: --tool-spec weather=FILE'),
    });
  });

  it('that hangs is ended, with all that it started', async () => {
    const { cwd, context, read } = await setUp({ programs: prints('echo $$ > pid; sleep 600') });
    const failed = read(flags).catch((error: unknown) => error);
    await pidIn(join(cwd, 'pid'));
    context.clock.advance(10_000);
    await until(() => context.clock.delays.includes(1000));
    expect(await failed).toMatchObject(says(/ --schema did not end within 10s$/));
  });
});
