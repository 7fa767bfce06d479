import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { chatChunks, eventStream, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';

const ok = () => stubApi(jsonAnswer({ ok: true }));

/** The one request that a command line makes. */
async function requestOf(argv: readonly string[], options: Parameters<typeof oai>[1] = {}) {
  const api = ok();
  const { code, stderr } = await oai(['api', ...argv], { ...options, fetch: api.fetch });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [request] = api.requests;
  if (request === undefined) throw new Error('no request');
  return request;
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('a request', () => {
  it.each([
    [['GET', '/models'], 'GET https://api.openai.com/v1/models'],
    [['/models'], 'GET https://api.openai.com/v1/models'],
    [['get', '/v1/models'], 'GET https://api.openai.com/v1/models'],
    [['/files?limit=2', '--query', 'order=asc'], 'GET https://api.openai.com/v1/files?limit=2&order=asc'],
    [['/files/a..b?after=..'], 'GET https://api.openai.com/v1/files/a..b?after=..'],
    [['DELETE', '/files/file-1'], 'DELETE https://api.openai.com/v1/files/file-1'],
    [['/embeddings', '-F', 'input=a'], 'POST https://api.openai.com/v1/embeddings'],
  ])('of %j goes where it should', async (argv, wanted) => {
    const { method, url } = await requestOf(argv);
    expect(`${method} ${url}`).toBe(wanted);
  });

  it('has a body of JSON: of -d, with the fields of -F and --param on top', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'b.json'), '{"model":"m","dimensions":1,"x":{"a":1}}');
    await writeFile(join(cwd, 'text.txt'), 'from a file\n');
    const fields = ['-F', 'dimensions=2', '-F', 'x.b=true', '-F', 'input=@text.txt', '-F', 'user=@@me'];
    const request = await requestOf(['POST', '/embeddings', '-d', '@b.json', ...fields, '--param', 'y=z'], {
      cwd,
    });
    expect(await request.json()).toEqual({
      model: 'm',
      dimensions: 2,
      x: { a: 1, b: true },
      input: 'from a file',
      user: '@me',
      y: 'z',
    });
  });

  it.each([
    ['typed', ['-d', '[1,2]'], undefined],
    ['from stdin', ['-d', '-'], '[1,2]\n'],
  ])('has a body that is %s', async (_, flags, stdin) => {
    expect(await (await requestOf(['POST', '/embeddings', ...flags], { stdin })).json()).toEqual([1, 2]);
  });

  it('has no body where none is given', async () => {
    const request = await requestOf(['POST', '/batches/b/cancel']);
    expect(await request.text()).toBe('');
    expect(request.headers.get('content-type')).toBeNull();
  });

  it('is a form where the operation takes one', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'in.jsonl'), '{}\n');
    const fields = [
      '-F',
      'purpose=batch',
      '-F',
      'file=@in.jsonl',
      '-F',
      'expires_after.seconds=3600',
      '-F',
      'l=["a","b"]',
    ];
    const form = await (await requestOf(['POST', '/files', ...fields], { cwd })).formData();
    expect([...form.keys()]).toEqual(['purpose', 'expires_after[seconds]', 'l[]', 'l[]', 'file']);
    expect(form.get('expires_after[seconds]')).toBe('3600');
    const file = form.get('file');
    if (!(file instanceof File)) throw new Error('no file');
    expect([file.name, await file.text()]).toEqual(['in.jsonl', '{}\n']);
  });

  it('is a form where it carries a file, and JSON where not, of an operation that takes both', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.png'), 'x');
    const form = await requestOf(['POST', '/images/edits', '-F', 'image=@a.png'], { cwd });
    expect(form.headers.get('content-type')).toMatch(/^multipart\/form-data/);
    const json = await requestOf(['POST', '/images/edits', '-F', 'prompt=a']);
    expect(json.headers.get('content-type')).toBe('application/json');
  });

  it('says what kind of file it carries', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'a.bin'), png(4, 4));
    await writeFile(join(cwd, 'b.jsonl'), '{}\n');
    const form = await (
      await requestOf(['POST', '/images/edits', '-F', 'image=@a.bin', '-F', 'x=@b.jsonl'], { cwd })
    ).formData();
    expect([form.get('image'), form.get('x')].map((file) => (file as File).type)).toEqual([
      'image/png',
      'application/octet-stream',
    ]);
  });

  it('takes a file from stdin', async () => {
    const form = await (await requestOf(['POST', '/files', '-F', 'file=@-'], { stdin: 'abc' })).formData();
    expect(await (form.get('file') as File).text()).toBe('abc');
  });

  it('says which part of the API it is for, where that is still needed', async () => {
    const server = ['--base-url', 'https://a.test/v1'];
    const threads = await requestOf(['POST', '/threads', ...server]);
    expect(threads.headers.get('openai-beta')).toBe('assistants=v2');
    const ended = await oai(['api', 'GET', '/assistants', '--sandbox']);
    expect(ended).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('`oai respond` does what it did'),
    });
    expect((await requestOf(['/models'])).headers.get('openai-beta')).toBeNull();
  });

  it('is shown, and not sent, with --dry-run', async () => {
    const { code, stdout } = await oai(['api', 'DELETE', '/files/f', '--dry-run']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('curl -sSN -X DELETE https://api.openai.com/v1/files/f'),
    });
  });
});

describe('--admin', () => {
  it('sends the admin key, and no other', async () => {
    const env = { OPENAI_API_KEY: 'sk-user-0123456789', OPENAI_ADMIN_KEY: 'sk-admin-0123456789' };
    const request = await requestOf(['/organization/users', '--admin'], { env });
    expect(request.headers.get('authorization')).toBe('Bearer sk-admin-0123456789');
  });

  it('is exit 3 without one', async () => {
    expect(await oai(['api', '/organization/users', '--admin'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('no admin key: OPENAI_ADMIN_KEY is not set'),
    });
  });

  it("does not go to a project's URL", async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), 'OPENAI_BASE_URL=https://evil.test/v1\nOPENAI_API_KEY=sk-project\n');
    const env = { OPENAI_ADMIN_KEY: 'sk-admin-0123456789' };
    const { code, stderr } = await oai(['api', '/organization/users', '--admin'], { cwd, env });
    expect({ code, stderr }).toMatchObject({ code: 3, stderr: expect.not.stringContaining('sk-admin') });
  });

  it.each([
    ['another profile', ['-P', 'groq'], {}],
    ["a profile of a project's .env", [], { OAI_PROFILE: 'openrouter' }],
  ])('does not go to %s', async (_, flags, dotenv) => {
    const cwd = await temporaryFolder();
    await writeFile(
      join(cwd, '.env'),
      Object.entries(dotenv)
        .map(([name, value]) => `${name}=${value}\n`)
        .join(''),
    );
    const env = {
      OPENAI_ADMIN_KEY: 'sk-admin-0123456789',
      GROQ_API_KEY: 'gsk-x',
      OPENROUTER_API_KEY: 'sk-or-x',
    };
    for (const dry of [[], ['--dry-run']]) {
      const { code, stdout, stderr } = await oai(
        ['api', '/organization/users', '--admin', ...flags, ...dry],
        { cwd, env },
      );
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('OPENAI_ADMIN_KEY is for OpenAI, and the profile is');
    }
  });

  it('is named where an operation needs it', async () => {
    const { stderr } = await oai(['api', '/organization/users'], { fetch: ok().fetch });
    expect(stderr).toBe(
      'oai: /organization/users takes an admin key: --admin sends the one in OPENAI_ADMIN_KEY\n',
    );
  });
});

describe('an answer', () => {
  const answered = (
    answer: Response,
    argv: readonly string[] = [],
    options: Parameters<typeof oai>[1] = {},
  ) => oai(['api', '/models', ...argv], { ...options, fetch: stubApi(answer).fetch });

  it('of JSON is printed as it came', async () => {
    const text = '{ "b": 1.0,\n "a": 12345678901234567890 }';
    const answer = new Response(text, { headers: { 'content-type': 'application/json' } });
    expect((await answered(answer)).stdout).toBe(`${text}\n`);
  });

  it('is laid out and harmless on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    expect((await answered(jsonAnswer({ a: '\u001b[2J' }), [], { stdout })).stdout).toBe(
      '{\n  "a": "\\u001b[2J"\n}\n',
    );
  });

  it('of bytes goes into a pipe or a file, and never to a terminal', async () => {
    const bytes = () =>
      new Response(new Uint8Array([0, 255, 1]), { headers: { 'content-type': 'audio/mpeg' } });
    const { context } = await answered(bytes());
    expect([...context.stdout.bytes]).toEqual([0, 255, 1]);
    const stdout = new CapturedOutput({ isTTY: true });
    expect(await answered(bytes(), [], { stdout })).toMatchObject({ code: 2, stdout: '' });
    const cwd = await temporaryFolder();
    expect(await answered(bytes(), ['-o', 'a.mp3'], { cwd })).toMatchObject({ code: 0, stdout: 'a.mp3\n' });
    // A file that is there is not replaced, and nothing is sent.
    const again = await oai(['api', '/models', '-o', 'a.mp3'], { cwd, fetch: stubApi().fetch });
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('exists') });
  });

  it('of JSON is saved whole, and its secrets are not', async () => {
    const cwd = await temporaryFolder();
    const secret = { id: 'a', value: 'sk-admin-abcdefghijklmn' };
    expect(await answered(jsonAnswer(secret), ['-o', 'a.json'], { cwd })).toMatchObject({
      code: 0,
      stdout: 'a.json\n',
    });
    expect(JSON.parse(await readFile(join(cwd, 'a.json'), 'utf8'))).toEqual({ id: 'a', value: '***' });
    expect(await answered(jsonAnswer(secret), ['-o', 'b.json', '--show-secrets'], { cwd })).toMatchObject({
      code: 0,
    });
    expect(JSON.parse(await readFile(join(cwd, 'b.json'), 'utf8'))).toEqual(secret);
  });

  it.each(['application/x-ndjson', 'application/jsonl'])('of lines of JSON is text: %s', async (type) => {
    const answer = new Response('{"a":1}\n{"a":2}\n', { headers: { 'content-type': type } });
    expect(await answered(answer)).toMatchObject({ code: 0, stdout: '{"a":1}\n{"a":2}\n' });
  });

  it('of JSON by another name that is none is exit 6', async () => {
    const answer = new Response('{"a":', { headers: { 'content-type': 'application/problem+json' } });
    expect(await answered(answer, ['--retries', '0'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('garbled'),
    });
  });

  it('without a body is nothing', async () => {
    expect(await answered(new Response(null, { status: 204 }))).toMatchObject({ code: 0, stdout: '' });
  });

  it('that is a stream is a line for each event', async () => {
    const api = stubApi(eventStream(chatChunks('a')));
    const argv = ['api', 'POST', '/chat/completions', '-F', 'model=m', '--stream'];
    const { code, stdout } = await oai(argv, { fetch: api.fetch });
    expect({ code, events: lines(stdout) }).toEqual({ code: 0, events: chatChunks('a') });
    expect(await api.requests[0]?.json()).toEqual({ model: 'm', stream: true });
  });

  it.each<[string, readonly object[], string]>([
    ['is cut', chatChunks('a').slice(0, 1), 'the stream was cut'],
    ['tells of an error', [...chatChunks('a').slice(0, 1), { error: { message: 'broke' } }], 'broke'],
    ['tells of an error by its type', [{ type: 'error', message: 'broke' }], 'broke'],
  ])('that is a stream which %s is exit 6, with what came', async (_, events, words) => {
    const api = stubApi(eventStream(events, { done: false }));
    const argv = ['api', 'POST', '/chat/completions', '-F', 'model=m', '--stream'];
    const { code, stdout, stderr } = await oai(argv, { fetch: api.fetch });
    expect({ code, events: lines(stdout) }).toEqual({ code: 6, events });
    expect(stderr).toContain(words);
  });

  it('that is a stream of a response is asked for in the query', async () => {
    const events = [
      { type: 'response.failed', response: { id: 'r', object: 'response', error: { message: 'x' } } },
    ];
    const api = stubApi(eventStream(events, { done: false }));
    const { code } = await oai(['api', 'GET', '/responses/resp_1', '--stream'], { fetch: api.fetch });
    expect(code).toBe(0);
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET https://api.openai.com/v1/responses/resp_1?stream=true',
    ]);
  });

  it('that is a stream of named events keeps their names', async () => {
    const text =
      'event: thread.created\ndata: {"id":"t"}\n\nevent: a\ndata: {"type":"a"}\n\nevent: done\ndata: [DONE]\n\n';
    const answer = new Response(text, { headers: { 'content-type': 'text/event-stream' } });
    expect(lines((await answered(answer)).stdout)).toEqual([
      { event: 'thread.created', data: { id: 't' } },
      { type: 'a' },
    ]);
  });

  it('that is refused is exit 4, in the words of the API', async () => {
    const refused = jsonAnswer({ error: { message: 'No such file', code: null } }, 404);
    expect(await answered(refused)).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringContaining('No such file'),
    });
  });
});

describe('secrets in an answer', () => {
  const key = {
    object: 'organization.admin_api_key',
    value: 'sk-admin-abcdefghijklmn',
    redacted_value: 'sk-admin...mn',
  };

  it('are left out, and one line says so', async () => {
    const answer = {
      data: [key, { ...key, signing_secret: 'x' }],
      client_secret: { value: 'ek_0123456789' },
      text: 'sk-a b',
    };
    const { stdout, stderr } = await oai(['api', '/models'], { fetch: stubApi(jsonAnswer(answer)).fetch });
    expect(JSON.parse(stdout)).toEqual({
      data: [
        { ...key, value: '***' },
        { ...key, value: '***', signing_secret: '***' },
      ],
      client_secret: { value: '***' },
      text: 'sk-a b',
    });
    expect(stderr).toBe('oai: secrets are left out: --show-secrets shows them\n');
  });

  it('are shown on request', async () => {
    const { stdout, stderr } = await oai(['api', '/models', '--show-secrets'], {
      fetch: stubApi(jsonAnswer(key)).fetch,
    });
    expect(JSON.parse(stdout)).toEqual(key);
    expect(stderr).toBe('');
  });
});

describe('--paginate', () => {
  const page = (ids: string[], more: object) =>
    jsonAnswer({ object: 'list', data: ids.map((id) => ({ id })), ...more });

  it.each([
    ['last_id', { has_more: true, last_id: 'b' }, 'after=b'],
    ['the last item', { has_more: true }, 'after=b'],
    ['next_page', { has_more: true, next_page: 'p2' }, 'page=p2'],
  ])('follows %s', async (_, more, query) => {
    const api = stubApi(page(['a', 'b'], more), page(['c'], { has_more: false }));
    const { code, stdout } = await oai(['api', '/files', '--query', 'limit=2', '--paginate'], {
      fetch: api.fetch,
    });
    expect({ code, items: lines(stdout) }).toEqual({
      code: 0,
      items: [{ id: 'a' }, { id: 'b' }, { id: 'c' }],
    });
    expect(api.requests[1]?.url).toBe(`https://api.openai.com/v1/files?limit=2&${query}`);
  });

  it('gives one document with --json', async () => {
    const api = stubApi(page(['a'], { has_more: true }), page(['b'], {}));
    const { stdout } = await oai(['api', '/files', '--paginate', '--json'], { fetch: api.fetch });
    expect(JSON.parse(stdout)).toEqual({ object: 'list', data: [{ id: 'a' }, { id: 'b' }] });
  });

  it('keeps what came when a later page fails', async () => {
    const api = stubApi(page(['a'], { has_more: true }), jsonAnswer({ error: { message: 'no' } }, 400));
    expect(await oai(['api', '/files', '--paginate'], { fetch: api.fetch })).toMatchObject({
      code: 4,
      stdout: '{"id":"a"}\n',
    });
  });

  it('does not end quietly where the server says that there is more', async () => {
    const api = stubApi(jsonAnswer({ object: 'list', data: [{ name: 'a' }], has_more: true }));
    const run = await oai(['api', '/files', '--paginate'], { fetch: api.fetch });
    expect(run).toMatchObject({
      code: 6,
      stdout: '{"name":"a"}\n',
      stderr: expect.stringContaining('the list goes on'),
    });
  });

  it('does not go in a circle', async () => {
    const api = stubApi(page(['a'], { has_more: true }), page(['a'], { has_more: true }));
    expect(await oai(['api', '/files', '--paginate'], { fetch: api.fetch })).toMatchObject({ code: 6 });
  });

  it('prints what is no list as it is', async () => {
    expect((await oai(['api', '/files/f', '--paginate'], { fetch: ok().fetch })).stdout).toBe(
      '{"ok":true}\n',
    );
  });
});

describe('bad input', () => {
  it.each([
    [['models'], 'the path models does not begin with a slash\n     oai api GET /models'],
    [['//evil.test/x'], 'the path //evil.test/x begins with two slashes\n     oai api GET /evil.test/x'],
    [['GET'], 'api needs a path\n     oai api GET /models'],
    [['delete'], 'api needs a path'],
    [['/../x'], 'the path /../x has a part that leads elsewhere: ..'],
    [['/files/..'], 'has a part that leads elsewhere: ..'],
    [['/files/%2E./x?a=..'], 'has a part that leads elsewhere: %2E.'],
    [['/./x'], 'has a part that leads elsewhere: .'],
    [['/v1/../x'], 'has a part that leads elsewhere: ..'],
    [['/files/..\\x'], 'has a character that no path has'],
    [['https://evil.test/x'], 'is a whole URL: a path is enough'],
    [['FETCH', '/models'], 'FETCH is no method of HTTP that is used here'],
    [['GET', '/models', 'x'], 'too many arguments'],
    [[], 'api needs a path'],
    [['/files/{file_id}'], 'the path has a place to fill in: {file_id}'],
    [['/files/a b'], 'has a character that no path has'],
    [['GET', '/models', '-F', 'a=1'], 'GET sends no body'],
    [['GET', '/models', '--param', 'a=1'], 'GET sends no body'],
    [['POST', '/embeddings', '-d', '{"a":1,}'], '-d is no JSON: line 1, column 8: unexpected }'],
    [['POST', '/embeddings', '-d', '{\n"a" 1}'], '-d is no JSON: line 2, column 5: unexpected number'],
    [['POST', '/embeddings', '-d', '[1]', '-F', 'a=1'], '-d is no object'],
    [['POST', '/embeddings', '-d', '@none.json'], 'none.json'],
    [['POST', '/files', '-F', 'file=@none.jsonl'], 'cannot read -F @none.jsonl'],
    [['POST', '/files', '-F', 'nonsense'], 'nonsense is not of the form name=value'],
    [['POST', '/files', '-d', '{}'], '-d is JSON, and this is sent as a form'],
    [['/files', '--query', 'x'], '--query x is not of the form name=value'],
    [['POST', '/files', '--paginate'], '--paginate is for lists'],
  ])('%j is answered', async (argv, words) => {
    const { code, stderr } = await oai(['api', ...argv], { cwd: await temporaryFolder() });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });

  it('of a path that is not known draws a hint, and is sent', async () => {
    const api = ok();
    const { code, stderr } = await oai(['api', '/modles'], { fetch: api.fetch });
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: "oai: OpenAI's document has no path /modles; did you mean /models?\n",
    });
  });
});

it('points to `oai models` where a model is not there: there is no -m', async () => {
  const { code, stderr } = await oai(['api', '/models/nope', '--sandbox']);
  expect(code).toBe(4);
  expect(stderr).toMatch(/\n {5}`oai models` lists those there are\n$/);
});
