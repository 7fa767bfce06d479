import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

async function structured(
  argv: readonly string[],
  answers: Parameters<typeof stubApi> = [],
  { cwd: given, ...options }: FakeContextOptions = {},
) {
  const cwd = given ?? (await temporaryFolder());
  const api = stubApi(...answers);
  const run = await oai(['structured', ...argv], { cwd, fetch: api.fetch, ...options });
  return { ...run, cwd, requests: api.requests };
}

const sandboxed = (argv: readonly string[], options: FakeContextOptions = {}) =>
  oai(['structured', '--sandbox', ...argv], { cwd: '/nowhere', ...options });

const said = (message: object, finish_reason = 'stop') =>
  jsonAnswer({
    id: 'chatcmpl-stub',
    object: 'chat.completion',
    created: 1,
    model: 'stub',
    choices: [
      {
        index: 0,
        finish_reason,
        logprobs: null,
        message: { role: 'assistant', content: null, refusal: null, ...message },
      },
    ],
    usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
  });
const json = (value: unknown) => said({ content: JSON.stringify(value) });

interface Body {
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly response_format?: { readonly type: string; readonly json_schema?: { readonly schema: object } };
  readonly tools?: readonly object[];
}
const bodyOf = async (request: Request | undefined) => (await request?.json()) as Body | undefined;
const linesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const FIELDS = ['--fields', 'name, age int'];

describe('the request', () => {
  it('has the schema that the fields make', async () => {
    const { code, stdout, requests } = await structured(
      [...FIELDS, 'Ann is 30'],
      [json({ name: 'Ann', age: 30 })],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"name":"Ann","age":30}\n' });
    const body = await bodyOf(requests[0]);
    checkRequest('POST', '/chat/completions', body);
    expect(body).toEqual({
      model: 'gpt-6-luna',
      messages: [{ role: 'user', content: 'Ann is 30' }],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          strict: true,
          schema: {
            type: 'object',
            properties: { name: { type: 'string' }, age: { type: 'integer' } },
            required: ['name', 'age'],
            additionalProperties: false,
          },
        },
      },
    });
  });

  it('has a schema of a file, made acceptable to strict mode, which is said', async () => {
    const cwd = await temporaryFolder();
    const schema = { title: 'A person', type: 'object', properties: { name: { type: 'string' } } };
    await writeFile(join(cwd, 'person.json'), JSON.stringify(schema));
    const argv = ['--schema', 'person.json', '-s', 'Be exact.', '--description', 'Who it is', 'Ann'];
    const { code, stderr, requests } = await structured(argv, [json({ name: null })], { cwd });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^oai: --schema person\.json, for strict mode: objects take no other properties/);
    expect(await bodyOf(requests[0])).toMatchObject({
      messages: [
        { role: 'system', content: 'Be exact.' },
        { role: 'user', content: 'Ann' },
      ],
      response_format: {
        json_schema: {
          name: 'A_person',
          description: 'Who it is',
          strict: true,
          schema: {
            properties: { name: { type: ['string', 'null'] } },
            required: ['name'],
            additionalProperties: false,
          },
        },
      },
    });
  });

  it('has the schema as it is with --no-strict', async () => {
    const cwd = await temporaryFolder();
    const schema = { type: 'object', patternProperties: { '^x': { type: 'number' } } };
    await writeFile(join(cwd, 's.json'), JSON.stringify(schema));
    const { requests } = await structured(['--schema', 's.json', '--no-strict', 'x'], [json({ x1: 2 })], {
      cwd,
    });
    expect(await bodyOf(requests[0])).toMatchObject({
      response_format: { json_schema: { strict: false, schema } },
    });
  });

  it('may take its schema from stdin, and then its prompt from the words alone', async () => {
    const stdin = '{"type":"object","properties":{},"required":[],"additionalProperties":false}';
    const { code, requests } = await structured(['--schema', '-', 'hello'], [json({})], { stdin });
    expect(code).toBe(0);
    expect((await bodyOf(requests[0]))?.messages.at(-1)?.content).toBe('hello');
  });
});

describe('the answer', () => {
  it('is pretty on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await structured([...FIELDS, 'x'], [json({ name: 'Ann', age: 30 })], { stdout });
    expect(stdout.text).toBe('{\n  "name": "Ann",\n  "age": 30\n}\n');
  });

  it("is the API's own with --json", async () => {
    const { stdout } = await structured([...FIELDS, '--json', 'x'], [json({ name: 'Ann', age: 30 })]);
    expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion' });
  });

  it.each<[string, string[], string]>([
    ['json', [], '[{"name":"Ann","age":30},{"name":"Bo, b.","age":4}]\n'],
    ['jsonl', ['-f', 'jsonl'], '{"name":"Ann","age":30}\n{"name":"Bo, b.","age":4}\n'],
    ['csv', ['-f', 'csv'], 'name,age\nAnn,30\n"Bo, b.",4\n'],
    ['table', ['-f', 'table'], 'name    age\nAnn     30\nBo, b.  4\n'],
  ])('may be a list: %s', async (_, flags, expected) => {
    const items = [
      { name: 'Ann', age: 30 },
      { name: 'Bo, b.', age: 4 },
    ];
    const { code, stdout, stderr } = await structured(
      [...FIELDS, '--multi', ...flags, 'x'],
      [json({ items })],
    );
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: expected, stderr: '' });
  });

  it.each<[string, string]>([
    ['name', 'Ann\n'],
    ['age', '30\n'],
    ['tags[1]', 'b\n'],
    ['tags', '["a","b"]\n'],
    ['/tags/0', 'a\n'],
  ])('may be one bare value: %s', async (path, expected) => {
    const argv = ['--fields', 'name, age int, tags [string]', '--pick', path, 'x'];
    const { stdout } = await structured(argv, [json({ name: 'Ann', age: 30, tags: ['a', 'b'] })]);
    expect(stdout).toBe(expected);
  });

  it('without what is picked is exit 8, and says what there is', async () => {
    const { code, stdout, stderr } = await structured(
      [...FIELDS, '--pick', 'nme', 'x'],
      [json({ name: 'Ann', age: 30 })],
    );
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toMatch(/nme/);
    expect(stderr).toMatch(/name/);
  });
});

describe('an answer that is wrong', () => {
  it.each<[string, Response, RegExp]>([
    ['does not fit', json({ name: 'Ann' }), /age/],
    ['is no JSON', said({ content: 'Ann, 30' }), /not JSON/],
    ['is cut', said({ content: '{"name":"An' }, 'length'), /breaks off/],
  ])('since it %s is asked for anew, with what is wrong', async (_, wrong, reason) => {
    const right = json({ name: 'Ann', age: 30 });
    const { code, stdout, requests } = await structured([...FIELDS, 'x'], [wrong, right]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"name":"Ann","age":30}\n' });
    const { messages = [] } = (await bodyOf(requests[1])) ?? {};
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(messages.at(-1)?.content).toMatch(reason);
  });

  it('again is exit 8: stdout has nothing, stderr what came', async () => {
    const wrong = () => json({ name: 'Ann', age: '30' });
    const { code, stdout, stderr } = await structured(
      [...FIELDS, '--repair', '2', 'x'],
      [wrong(), wrong(), wrong()],
    );
    expect({ code, stdout }).toEqual({ code: 8, stdout: '' });
    expect(stderr).toBe(
      'oai: what came in place of the answer:\n{"name":"Ann","age":"30"}\noai: the answer does not fit the schema: /age must be an integer, is "30"\n     asked 3 times\n',
    );
  });

  it('is not asked for again with --repair 0', async () => {
    const { code } = await structured([...FIELDS, '--repair', '0', 'x'], [json({})]);
    expect(code).toBe(8);
  });

  it('by refusal is exit 7, at once', async () => {
    const { code, stdout, stderr } = await structured([...FIELDS, 'x'], [said({ refusal: 'No.' })]);
    expect({ code, stdout, stderr }).toEqual({
      code: 7,
      stdout: '',
      stderr: 'oai: the model refused: No.\n',
    });
  });

  it('shows no control characters on stderr', async () => {
    const { stderr } = await structured(
      [...FIELDS, '--repair', '0', 'x'],
      [said({ content: 'a\u001b[2Jb' })],
    );
    expect(stderr).not.toContain('\u001b');
  });
});

describe('servers that know no JSON Schema', () => {
  const other = ['--base-url', 'http://localhost:9/v1', '-m', 'm'];
  const unknown = (what: string) => errorAnswer(400, { message: `${what} is not supported` });

  it('are asked in JSON mode, with the schema in words', async () => {
    const { code, stdout, stderr, requests } = await structured(
      [...other, ...FIELDS, 'x'],
      [unknown('response_format json_schema'), said({ content: '```json\n{"name":"Ann","age":30}\n```' })],
    );
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"name":"Ann","age":30}\n' });
    expect(stderr).toBe('oai: this server knows no JSON Schema: going on with JSON mode\n');
    const body = await bodyOf(requests[1]);
    expect(body?.response_format).toEqual({ type: 'json_object' });
    expect(body?.messages[0]?.content).toContain('"age":{"type":"integer"}');
  });

  it('or by a tool, and the arguments are the answer', async () => {
    const call = {
      id: 'c',
      type: 'function',
      function: { name: 'answer', arguments: '{"name":"Ann","age":30}' },
    };
    const answers = [
      unknown('json_schema'),
      unknown('response_format'),
      said({ tool_calls: [call] }, 'tool_calls'),
    ];
    const { code, stdout, requests } = await structured([...other, ...FIELDS, 'x', '-q'], answers);
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"name":"Ann","age":30}\n' });
    expect((await bodyOf(requests[2]))?.tools).toHaveLength(1);
  });

  it('of OpenAI are not asked twice', async () => {
    const { code } = await structured([...FIELDS, 'x'], [unknown('json_schema')]);
    expect(code).toBe(4);
  });
});

describe('rows', () => {
  it('are asked each by itself; what is wrong is a line of its own', async () => {
    const stdin = '{"t":"a"}\n{"t":"b"}\n';
    const argv = [
      '--rows',
      'jsonl',
      '-j',
      '1',
      '--repair',
      '0',
      '--fields',
      'mood (good|bad)',
      'Judge: {{t}}',
    ];
    const { code, stdout, requests } = await structured(
      argv,
      [json({ mood: 'good' }), json({ mood: 'fine' })],
      { stdin },
    );
    expect(code).toBe(9);
    expect((await bodyOf(requests[0]))?.messages.at(-1)?.content).toBe('Judge: a');
    expect(linesOf(stdout)).toMatchObject([
      { id: 1, result: { mood: 'good' } },
      { id: 2, result: '{"mood":"fine"}', error: { code: 'invalid_answer' } },
    ]);
  });

  it('that were answered wrongly were paid for', async () => {
    const { stdout } = await structured(['--each', '-j', '1', ...FIELDS], [json({}), json({})], {
      stdin: 'a\n',
    });
    expect(linesOf(stdout)[0]).toMatchObject({
      error: { code: 'invalid_answer' },
      usage: { total_tokens: 6 },
    });
  });

  it('with another description are another job', async () => {
    const cwd = await temporaryFolder();
    const argv = ['structured', '--sandbox', '--each', '--fields', 'ok bool', '-o', 'x.jsonl'];
    await oai(argv, { cwd, stdin: 'a\n' });
    expect((await oai([...argv, '--description', 'else'], { cwd, stdin: 'a\n' })).code).toBe(2);
  });

  it('go on where an earlier run stopped', async () => {
    const cwd = await temporaryFolder();
    const argv = ['structured', '--sandbox', '--each', '--fields', 'ok bool', '-o', 'x.jsonl'];
    await oai([...argv, '--limit', '1'], { cwd, stdin: 'a\nb\n' });
    expect((await oai(argv, { cwd, stdin: 'a\nb\n' })).code).toBe(0);
    expect(
      linesOf(await readFile(join(cwd, 'x.jsonl'), 'utf8')).map(({ id, result }) => [id, result]),
    ).toEqual([
      [1, { ok: true }],
      [2, { ok: true }],
    ]);
  });
});

describe('the sandbox', () => {
  const steps = {
    type: 'object',
    properties: {
      steps: {
        type: 'array',
        items: {
          type: 'object',
          properties: { explanation: { type: 'string' }, output: { type: 'string' } },
        },
      },
      final_answer: { type: 'string' },
    },
  };
  const compliance = {
    type: 'object',
    properties: {
      is_violating: { type: 'boolean' },
      category: { type: ['string', 'null'], enum: ['violence', 'sexual'] },
      explanation: { type: ['string', 'null'] },
    },
  };

  it.each<[string, object, string[]]>([
    ['math steps', steps, ['steps', 'final_answer']],
    ['content compliance', compliance, ['is_violating', 'category', 'explanation']],
  ])('gives an instance: %s', async (_, schema, names) => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 's.json'), JSON.stringify(schema));
    const { code, stdout } = await sandboxed(['--schema', 's.json', 'x'], { cwd });
    expect(code).toBe(0);
    expect(Object.keys(JSON.parse(stdout))).toEqual(names);
  });

  it.each<[string, string, object]>([
    [
      'e-mail extraction',
      'addresses [email], subject, urgent bool',
      {
        addresses: expect.toSatisfy(
          (all) => Array.isArray(all) && all.length > 0 && all.every((one) => /^\S+@\S+$/.test(one)),
        ),
        subject: expect.any(String),
        urgent: expect.any(Boolean),
      },
    ],
    [
      'a calendar event',
      'name, date date, participants [{name, email?}]',
      {
        name: expect.any(String),
        date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
        participants: expect.toSatisfy(
          (all) => Array.isArray(all) && all.length > 0 && all.every(({ name }) => typeof name === 'string'),
        ),
      },
    ],
  ])('gives an instance of fields: %s', async (_, fields, instance) => {
    const { code, stdout } = await sandboxed(['--fields', fields, 'x']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual(instance);
  });

  it.each([
    ['refusal', 7],
    ['finish=length', 8],
    ['429', 5],
  ])('can fail: %s is exit %i', async (fault, exitCode) => {
    const env = { OAI_SANDBOX: fault };
    expect((await sandboxed([...FIELDS, 'x', '--retries', '0'], { env })).code).toBe(exitCode);
  });
});

describe('bad input', () => {
  it.each<[string, string[], FakeContextOptions, RegExp]>([
    ['no schema', ['x'], {}, /^oai: no schema\n/],
    [
      'two schemas',
      [...FIELDS, '--schema', 's.json', 'x'],
      {},
      /--schema and --fields both say what the answer is/,
    ],
    [
      'a schema that is not there',
      ['--schema', 'nope.json', 'x'],
      {},
      /cannot read --schema nope\.json: no such file/,
    ],
    ['a schema that is no JSON', ['--schema', 'bad.json', 'x'], {}, /--schema bad\.json is no JSON: /],
    [
      'a schema that is a list',
      ['--schema', 'list.json', 'x'],
      {},
      /--schema list\.json is no JSON Schema: it is a list/,
    ],
    [
      'an unknown keyword',
      ['--schema', 'typ.json', 'x'],
      {},
      /typ, which is no keyword of JSON Schema; did you mean type\?/,
    ],
    [
      'what strict mode cannot express',
      ['--schema', 'open.json', 'x'],
      {},
      /patternProperties, which strict mode does not take/,
    ],
    ['a reference that leads nowhere', ['--schema', 'ref.json', 'x'], {}, /#\/\$defs\/nobody/],
    ['fields that are none', ['--fields', 'a itn', 'x'], {}, /after `a` comes `itn`, which is no type/],
    ['no prompt', FIELDS, {}, /^oai: no prompt/],
    ['a path that is none', [...FIELDS, '--pick', 'a[', 'x'], {}, /--pick/],
    ['--pick and --format', [...FIELDS, '--pick', 'a', '-f', 'csv', 'x'], {}, /--pick gives one bare value/],
    [
      '--json and --format',
      [...FIELDS, '--json', '-f', 'csv', 'x'],
      {},
      /--json is the whole answer of the API/,
    ],
    ['--format of rows', [...FIELDS, '--each', '-f', 'csv'], { stdin: 'a\n' }, /--format is for one answer/],
    ['-o without rows', [...FIELDS, '-o', 'x', 'x'], {}, /-o is for rows here/],
  ])('%s is exit 2', async (_, argv, options, expected) => {
    const cwd = await temporaryFolder();
    const files = {
      's.json': '{}',
      'bad.json': '{',
      'list.json': '[]',
      'typ.json': '{"typ":"object"}',
      'open.json': '{"type":"object","patternProperties":{"a":{}}}',
      'ref.json': '{"type":"object","properties":{"a":{"$ref":"#/$defs/nobody"}}}',
    };
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    const { code, stdout, stderr } = await structured(argv, [], { cwd, ...options });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(expected);
  });
});
