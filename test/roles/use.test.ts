import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chatChunks, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

type Options = Parameters<typeof oai>[1];

/** A home with one role `r`, and files beside it. */
async function homeWith(role: string, files: Readonly<Record<string, string>> = {}): Promise<string> {
  const home = await temporaryFolder();
  const folder = join(home, '.config', 'oai', 'roles');
  await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries({ 'r.md': role, ...files }))
    await writeFile(join(folder, name), text);
  return home;
}

/** The body of the request that a chat with the role `r` sends. */
async function sent(
  role: string,
  argv: readonly string[],
  options: Options = {},
): Promise<Record<string, unknown>> {
  const home = await homeWith(role);
  const api = stubApi(eventStream(chatChunks('{"a":1}')));
  const { code, stderr } = await oai(['chat', '-r', 'r', ...argv], { home, ...options, fetch: api.fetch });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const body = (await api.requests[0]?.json()) as Record<string, unknown>;
  checkRequest('POST', '/chat/completions', body);
  return body;
}

/** What is said of a chat with the role `r` that cannot be sent. */
async function refused(role: string, argv: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await oai(['chat', '-r', 'r', 'hi', ...argv], {
    home: await homeWith(role),
  });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return stderr;
}

const said = (role: string, content: string) => ({ role, content });

describe('the messages of a role', () => {
  it.each<[string, string, string[], object[]]>([
    ['its text as the system prompt', 'Be brief.', ['hi'], [said('system', 'Be brief.'), said('user', 'hi')]],
    ['its text as the question', 'Sum up: {{input}}!', ['hi'], [said('user', 'Sum up: hi!')]],
    [
      'a system prompt, examples and a question',
      '---\nsystem: Be brief.\nmessage: ["user:sea", "assistant/ann:mer"]\n---\nTranslate {{input}}',
      ['sky'],
      [
        said('system', 'Be brief.'),
        said('user', 'sea'),
        { ...said('assistant', 'mer'), name: 'ann' },
        said('user', 'Translate sky'),
      ],
    ],
    [
      'itself before what is typed',
      '---\nmessage: user:a\n---\nBe brief.',
      ['-s', 'And kind.', '--message', 'assistant:b', 'hi'],
      [
        said('system', 'Be brief.'),
        said('user', 'a'),
        said('system', 'And kind.'),
        said('assistant', 'b'),
        said('user', 'hi'),
      ],
    ],
    [
      'texts that begin with @, which are no files',
      '---\nmessage: "user:@a"\n---\n@everybody: be brief',
      ['hi'],
      [said('system', '@everybody: be brief'), said('user', '@a'), said('user', 'hi')],
    ],
    ['no message of its own', '---\nmodel: gpt-6-sol\n---\n', ['hi'], [said('user', 'hi')]],
  ])('are %s', async (_, role, argv, messages) => {
    expect((await sent(role, argv))['messages']).toEqual(messages);
  });

  it('have what is piped in', async () => {
    const { messages } = await sent('Sum up:\n{{input}}', ['briefly'], { stdin: 'a text\n' });
    expect(messages).toEqual([said('user', 'Sum up:\na text\n\nbriefly')]);
  });

  it('have values in their places', async () => {
    const role =
      '---\nvars: {to: Korean, how: well}\nmessage: "user:{{to}}"\n---\n{{how}} into {{to}}: {{input}}';
    expect((await sent(role, ['--var', 'to=French=', 'hi']))['messages']).toEqual([
      said('user', 'French='),
      said('user', 'well into French=: hi'),
    ]);
    expect((await sent('Say {{a}}.', ['--var', 'a=', 'hi']))['messages']).toEqual([
      said('system', 'Say .'),
      said('user', 'hi'),
    ]);
  });

  it('take no places from what is typed, piped in or given', async () => {
    const role = '---\nvars: {secret: hush}\n---\n{{secret}} {{a}} {{input}}';
    const { messages } = await sent(role, ['--var', 'a={{secret}}{{input}}', '{{secret}} $& {{{{x}}']);
    expect(messages).toEqual([said('user', 'hush {{secret}}{{input}} {{secret}} $& {{{{x}}')]);
  });
});

describe('the settings of a role', () => {
  const role =
    '---\nmodel: gpt-4o\ntemperature: 0.2\nmax-tokens: 5\nstop: [a]\nparam: {user: x, seed: 1}\n---\nBe brief.';

  it('are sent', async () => {
    expect(await sent(role, ['hi'])).toMatchObject({
      model: 'gpt-4o',
      temperature: 0.2,
      max_completion_tokens: 5,
      stop: ['a'],
      user: 'x',
      seed: 1,
    });
  });

  it('give way to flags that are typed', async () => {
    const flags = ['-m', 'gpt-4.1', '-t', '1', '--max-tokens', '9', '--stop', 'b', '--param', 'user=y'];
    expect(await sent(role, [...flags, 'hi'])).toMatchObject({
      model: 'gpt-4.1',
      temperature: 1,
      max_completion_tokens: 9,
      stop: ['b'],
      user: 'y',
      seed: 1,
    });
  });

  it('go before the model of the environment and the config', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_MODEL: 'gpt-6-sol' };
    expect(await sent(role, ['hi'], { env })).toMatchObject({ model: 'gpt-4o' });
    expect(await sent('Be brief.', ['hi'], { env })).toMatchObject({ model: 'gpt-6-sol' });
  });

  const schema =
    '---\nschema: {title: thing, type: object, properties: {a: {type: integer}}, required: [a]}\n---\nx';

  it('may hold a schema, which an answer has to fit', async () => {
    const { response_format } = await sent(schema, ['hi']);
    expect(response_format).toMatchObject({ json_schema: { name: 'thing', schema: { required: ['a'] } } });
    const api = stubApi(eventStream(chatChunks('{"a":"b"}')));
    const { code, stderr } = await oai(['chat', '-r', 'r', 'hi'], {
      home: await homeWith(schema),
      fetch: api.fetch,
    });
    expect([code, stderr]).toEqual([8, expect.stringContaining('does not fit role r line 2: schema')]);
  });

  it('name files beside it', async () => {
    const home = await homeWith('---\nschema: s.json\n---\nx', {
      's.json': '{"type":"object","properties":{"q":{"type":"string"}}}',
    });
    const { stdout } = await oai(['chat', '-r', 'r', '--dry-run', 'hi'], { home });
    expect(stdout).toContain('"name": "s"');
  });

  it('give way to another form of the answer', async () => {
    const { response_format } = await sent(schema, ['--json-object', 'hi, JSON']);
    expect(response_format).toEqual({ type: 'json_object' });
  });

  it('take code out of an answer, unless it is shown in another form', async () => {
    const home = await homeWith('---\nextract: true\n---\nx');
    const ask = (...flags: string[]) => {
      const answer = {
        id: 'a',
        choices: [{ message: { content: 'See:\n```js\nlet a;\n```\n' }, finish_reason: 'stop' }],
      };
      const api = stubApi(
        flags.includes('--json') ? jsonAnswer(answer) : eventStream(chatChunks('See:\n```js\nlet a;\n```\n')),
      );
      return oai(['chat', '-r', 'r', 'hi', ...flags], { home, fetch: api.fetch });
    };
    expect((await ask()).stdout).toBe('let a;\n');
    expect((await ask('--raw')).stdout).toBe('See:\n```js\nlet a;\n```\n');
    expect(JSON.parse((await ask('--json')).stdout)).toMatchObject({ id: 'a' });
    expect((await ask('--extract-lang', 'py')).code).not.toBe(0);
  });

  it('are judged as flags are', async () => {
    expect(await refused('---\njson-object: true\nschema: {type: object}\n---\nx', [])).toMatch(
      /^oai: --json-object and --schema contradict each other\n/,
    );
    expect(await refused('---\ntemperature: 9\n---\nx', [])).toMatch(
      /^oai: role r line 2: temperature 9 is not a number from 0 to 2\n/,
    );
  });
});

describe('the tools of a role', () => {
  const script = (says: string) => `#!/bin/sh\necho ${says} "$@"\n`;
  const role = (command: string) => `---\ntool: {weather: ${command}}\ntool-spec: w.json\n---\nx`;
  const spec = { 'w.json': '{"description":"weather","parameters":{"type":"object","properties":{}}}' };

  /** A home whose role has a program beside it, and a project with programs that are called the same. */
  async function places(command: string) {
    const home = await homeWith(role(command), spec);
    const cwd = await temporaryFolder();
    const roles = join(home, '.config', 'oai', 'roles');
    for (const [folder, says] of [
      [roles, 'sunny'],
      [cwd, 'foreign'],
    ] as const) {
      await mkdir(join(folder, 'bin'));
      for (const name of ['weather.sh', 'bin/weather.sh'])
        await writeFile(join(folder, name), script(says), { mode: 0o755 });
    }
    return { home, cwd, roles };
  }

  it('run where that is allowed', async () => {
    const { home, cwd } = await places('./weather.sh');
    const run = (...flags: string[]) =>
      oai(['chat', '-r', 'r', '--sandbox', '-q', 'weather?', ...flags], { home, cwd });
    expect((await run('--yes')).stdout).toContain('weather answered: sunny');
    const { code, stdout } = await run();
    expect(code).toBe(10);
    expect(stdout).not.toContain('sunny');
    expect(JSON.parse(stdout)).toMatchObject({ tool_calls: [{ function: { name: 'weather' } }] });
  });

  it.each([
    './weather.sh',
    '../roles/weather.sh',
    'bin/weather.sh',
    '/bin/sh ./weather.sh',
    '"\'./weather.sh\' twice"',
  ])('are programs beside it, not those of the folder one is in: %s', async (command) => {
    const { home, cwd } = await places(command);
    await writeFile(join(home, '.config', 'oai', 'config.toml'), '[tools]\nallow = ["weather"]\n');
    const { stdout } = await oai(['chat', '-r', 'r', '--sandbox', '-q', 'weather?'], { home, cwd });
    expect(stdout).toContain(`weather answered: sunny${command.includes('twice') ? ' twice' : ''}`);
  });

  it('keep the words that are no paths', async () => {
    const { home, cwd, roles } = await places(`"./weather.sh 'a b' .hidden sub/file"`);
    const { stdout } = await oai(['chat', '-r', 'r', '--sandbox', '-q', '--yes', 'weather?'], { home, cwd });
    expect(stdout).toContain('weather answered: sunny a b .hidden sub/file');
    expect(stdout).not.toContain(roles);
  });

  it('that are no commands are refused by the line', async () => {
    expect(await refused(role('"./weather.sh | cat"'), [])).toMatch(
      /^oai: role r line 2: tool is a program and its words, and no line for a shell/,
    );
  });
});

describe('a value', () => {
  it('that is missing is named', async () => {
    expect(await refused('---\nvars: {a:, b: x}\n---\n{{a}} {{b}} {{c d}}', [])).toBe(
      "oai: role r has no value for a, c d\n     give it: --var a=… --var 'c d=…'\n",
    );
  });

  it.each([
    [
      ['--var', 'tone=x'],
      'Be {{ton}}.',
      'role r has no place for tone; did you mean ton?\n     it has ton\n',
    ],
    [['--var', 'x=y'], 'Be brief.', 'role r has no place for x\n     it has none\n'],
    [['--var', 'input=x'], '{{input}}', '--var input: the input is what is typed or piped in\n'],
    [['--var', 'x'], '{{x}}', '--var x is not of the form name=value\n'],
    [['--var', '=x'], '{{x}}', '--var =x is not of the form name=value\n'],
  ])('%j is a usage error for %j', async (flags, role, message) => {
    expect(await refused(role, flags)).toBe(`oai: ${message}`);
  });

  it.each([
    ['a=@a.txt', 'from the file'],
    ['a=@@ann', '@ann'],
    ['a=x@y', 'x@y'],
  ])('is what a text flag takes: --var %s', async (given, text) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.txt'), 'from the file\n');
    const { messages } = await sent('Be {{a}}.', ['--var', given, 'hi'], { cwd });
    expect(messages).toEqual([said('system', `Be ${text}.`), said('user', 'hi')]);
  });

  it('names a file that is there', async () => {
    expect(await refused('Be {{a}}.', ['--var', 'a=@nosuch'])).toMatch(
      /^oai: cannot read --var a @nosuch: no such file/,
    );
  });

  it('is for a role', async () => {
    expect(await oai(['chat', '--var', 'a=b', 'hi'])).toMatchObject({
      code: 2,
      stderr: 'oai: --var is for a role\n     -r NAME chooses one: `oai role list`\n',
    });
  });
});

it('a role that there is not is exit 2, with those there are and how to make it', async () => {
  expect(await oai(['chat', '-r', 'comit', 'hi'])).toMatchObject({
    code: 2,
    stdout: '',
    stderr:
      'oai: there is no role comit; did you mean commit?\n     the roles are code, commit, explain, summarize, translate; `oai role new comit` makes one\n',
  });
  expect((await oai(['chat', '-r', '', 'hi'])).stderr).toBe('oai: --role is empty\n');
});

it('the user’s own role goes before the one that comes with it', async () => {
  const home = await homeWith('x', { 'commit.md': 'Our way.' });
  const { stdout } = await oai(['chat', '-r', 'commit', '--sandbox', 'hi'], { home });
  expect(stdout).toContain('As told: Our way.');
});

describe('rows', () => {
  it('are each put as the role has it', async () => {
    const home = await homeWith('---\nmodel: gpt-4o\nvars: {n: two}\n---\nIn {{n}} words: {{input}}');
    const { code, stdout } = await oai(
      ['chat', '-r', 'r', '--rows', 'jsonl', 'about {{t}}', '--sandbox', '-q'],
      {
        home,
        stdin: '{"t":"{{n}}"}\n{"t":"b"}\n',
      },
    );
    expect(code).toBe(0);
    const results = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).result);
    expect(results[0]).toContain('You said: In two words: about {{n}}');
    expect(results[1]).toContain('You said: In two words: about b');
  });

  it('of another value of the role are another job', async () => {
    const home = await homeWith('In {{n}} words: {{input}}');
    const cwd = await temporaryFolder();
    const run = (n: string) =>
      oai(['chat', '-r', 'r', '--var', `n=${n}`, '--each', '-o', 'out.jsonl', '--sandbox', '-q'], {
        home,
        cwd,
        stdin: 'a\n',
      });
    expect((await run('two')).code).toBe(0);
    expect((await run('two')).code).toBe(0);
    expect((await readFile(join(cwd, 'out.jsonl'), 'utf8')).trim().split('\n')).toHaveLength(1);
    expect(await run('three')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holds the results of another job'),
    });
  });
});

describe('structured', () => {
  const role =
    '---\nmodel: gpt-4o\ncount: 3\njson-object: true\nschema:\n  type: object\n  properties: {age: {type: integer}}\n  required: [age]\n  additionalProperties: false\n---\nRead this: {{input}}';

  it('takes schema, model and question of a role, and passes over what is for chat', async () => {
    const answer = { id: 'a', choices: [{ message: { content: '{"age":30}' }, finish_reason: 'stop' }] };
    const api = stubApi(jsonAnswer(answer));
    const { code, stdout, stderr } = await oai(['structured', '-r', 'r', 'Ann is 30'], {
      home: await homeWith(role),
      fetch: api.fetch,
    });
    expect({ code, out: JSON.parse(stdout || '0'), stderr: stderr.replace(/.*ends on.*\n/, '') }).toEqual({
      code: 0,
      out: { age: 30 },
      stderr: '',
    });
    const body = await api.requests[0]?.json();
    expect(body).toMatchObject({ model: 'gpt-4o', messages: [said('user', 'Read this: Ann is 30')] });
    expect(body).not.toHaveProperty('n');
  });

  it('has fields that are typed go before the schema', async () => {
    const { code, stdout } = await oai(['structured', '-r', 'r', '--fields', 'ok bool', '--dry-run', 'x'], {
      home: await homeWith(role),
    });
    expect(code).toBe(0);
    expect(stdout).toContain('"ok"');
    expect(stdout).not.toContain('"age"');
  });

  it('asks rows by it', async () => {
    const { stdout } = await oai(['structured', '-r', 'r', '--each', '--sandbox', '-q'], {
      home: await homeWith(role),
      stdin: 'Ann is 30\n',
    });
    expect(JSON.parse(stdout).result).toEqual({ age: expect.any(Number) });
  });
});
