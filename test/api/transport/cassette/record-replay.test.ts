import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { connect } from '../../../../src/api/client.ts';
import { Stopped } from '../../../../src/errors.ts';
import { run } from '../../../../src/main.ts';
import {
  chatChunk,
  chatChunks,
  connectionError,
  errorAnswer,
  eventStream,
  jsonAnswer,
  type StubbedApi,
  stubApi,
} from '../../../support/api.ts';
import {
  CapturedOutput,
  FakeClock,
  type FakeContextOptions,
  fakeContext,
  HurriedClock,
} from '../../../support/context.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { spoken } from '../../../support/heard.ts';
import { oai, type Run } from '../../../support/oai.ts';

const KEY = 'sk-test-0123456789';

/** A folder to work in, and runs in it that record and replay `tapes`. */
async function studio() {
  const cwd = await temporaryFolder();
  const tapes = join(cwd, 'tapes');
  const record = (api: StubbedApi, argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> =>
    oai([...argv, '--record', 'tapes'], { cwd, fetch: api.fetch, ...options });
  /** With no network, and no key. */
  const replay = (argv: readonly string[], options: FakeContextOptions = {}): Promise<Run> =>
    oai([...argv, '--replay', 'tapes'], { cwd, env: {}, ...options });
  const files = async () => (await readdir(tapes)).sort();
  const text = async (name: string) => readFile(join(tapes, name), 'utf8');
  const only = async () => {
    const [name = '', ...more] = await files();
    expect(more).toEqual([]);
    return JSON.parse(await text(name));
  };
  return { cwd, tapes, record, replay, files, text, only };
}

const hello = () => stubApi(eventStream(chatChunks('Hel', 'lo')));
const completion = (content: string) =>
  jsonAnswer({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
  });

describe('a recorded chat', () => {
  it('is replayed with no network and no key', async () => {
    const { record, replay } = await studio();
    const recorded = await record(hello(), ['chat', 'hi']);
    expect(recorded).toMatchObject({ code: 0, stdout: 'Hello\n', stderr: '' });
    expect(await replay(['chat', 'hi'])).toMatchObject({ code: 0, stdout: 'Hello\n', stderr: '' });
  });

  it('is a file for people: request, answer, times', async () => {
    const { record, files, only } = await studio();
    const clock = new FakeClock();
    const lines = [...chatChunks('a', 'b').map((chunk) => JSON.stringify(chunk)), '[DONE]'];
    const stream = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          clock.advance(250);
          controller.enqueue(Buffer.from(`data: ${lines.shift()}\n\n`));
        },
      },
      { highWaterMark: 0 },
    );
    const answer = new Response(stream, {
      headers: { 'content-type': 'text/event-stream', 'set-cookie': 'a=b' },
    });
    expect(await record(stubApi(answer), ['chat', 'hi'], { clock })).toMatchObject({ stdout: 'ab\n' });
    expect(await files()).toEqual([expect.stringMatching(/^chat-completions-[0-9a-f]{12}\.json$/)]);
    expect(await only()).toMatchObject({
      oai_cassette: 1,
      recorded: '2026-11-21T12:00:01.000Z',
      request: {
        method: 'POST',
        base_url: 'https://api.openai.com/v1',
        path: '/chat/completions',
        json: { messages: [{ role: 'user', content: 'hi' }], stream: true },
      },
      response: {
        status: 200,
        headers: { 'content-type': 'text/event-stream' },
        events: [
          { ms: 250, data: chatChunk({ content: 'a' }) },
          { ms: 500, data: chatChunk({ content: 'b' }) },
          { ms: 750, data: chatChunk({}, 'stop') },
          { ms: 1000, data: '[DONE]' },
        ],
      },
    });
  });

  it('holds no key, no cookie and no name of the account', async () => {
    const { record, files, text } = await studio();
    const answer = jsonAnswer(
      { error: { message: `Incorrect API key provided: ${KEY}`, code: 'invalid_api_key' } },
      401,
      { 'set-cookie': 'session=1', 'openai-organization': 'acme', 'x-request-id': 'req_1' },
    );
    const secret = ['--header', 'X-Token: a-token-of-mine', '--param', 'user=a-token-of-mine'];
    expect(await record(stubApi(answer), ['chat', 'hi', ...secret])).toMatchObject({ code: 3 });
    const [name = ''] = await files();
    const kept = await text(name);
    for (const word of [KEY, 'a-token-of-mine', 'session=1', 'acme', 'authorization']) {
      expect(kept).not.toContain(word);
    }
    expect(kept).toContain('Incorrect API key provided: [key]');
    expect(kept).toContain('"x-request-id": "req_1"');
  });

  it('holds no key that an answer tells in pieces', async () => {
    const { record, replay, files, text } = await studio();
    const api = stubApi(eventStream(chatChunks('It is sk-proj-Zz9Q', 'wErTy1234567890', 'AbCdEf', '. Bye')));
    const told = 'It is sk-proj-Zz9QwErTy1234567890AbCdEf. Bye\n';
    expect(await record(api, ['chat', 'hi'])).toMatchObject({ code: 0, stdout: told });
    const [name = ''] = await files();
    expect(await text(name)).not.toContain('wErTy');
    expect(await replay(['chat', 'hi'])).toMatchObject({ code: 0, stdout: 'It is [key]. Bye\n' });
  });

  it('is its owner’s alone', async () => {
    const { record, tapes, files } = await studio();
    await record(hello(), ['chat', 'hi']);
    const [name = ''] = await files();
    expect((await stat(tapes)).mode & 0o777).toBe(0o700);
    expect((await stat(join(tapes, name))).mode & 0o777).toBe(0o600);
  });

  it('is replayed with the failure that it was, exit code and all, without waiting', async () => {
    const { record, replay } = await studio();
    const limit = () =>
      errorAnswer(429, { message: 'slow down', code: 'rate_limit_exceeded' }, { 'retry-after': '20' });
    const recorded = await record(stubApi(limit(), limit()), ['chat', 'hi', '--retries', '1'], {
      clock: new FakeClock({ leap: true }),
    });
    expect(recorded).toMatchObject({ code: 5, stderr: expect.stringContaining('slow down') });
    const clock = new FakeClock({ leap: true });
    const replayed = await replay(['chat', 'hi', '--retries', '1'], { clock });
    expect({ code: replayed.code, stderr: replayed.stderr }).toEqual({
      code: 5,
      stderr: 'oai: slow down (request req_stub)\n     given up after 2 tries\n',
    });
    expect(clock.now()).toBe(new FakeClock().now());
  });

  it('is the last of several tries', async () => {
    const { record, replay, files } = await studio();
    const api = stubApi(errorAnswer(500, { message: 'oh' }), eventStream(chatChunks('ok')));
    await record(api, ['chat', 'hi'], { clock: new FakeClock({ leap: true }) });
    expect(await files()).toHaveLength(1);
    expect(await replay(['chat', 'hi', '--verbose'])).toMatchObject({
      code: 0,
      stdout: 'ok\n',
      stderr: expect.not.stringContaining('trying again'),
    });
  });

  it('that was cut is cut in the same place', async () => {
    const { record, replay, only } = await studio();
    const [first] = chatChunks('so far');
    const cut = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(Buffer.from(`data: ${JSON.stringify(first)}\n\ndata: {"cho`)),
      pull: (controller) => controller.error(connectionError('ECONNRESET')),
    });
    const answer = new Response(cut, { headers: { 'content-type': 'text/event-stream' } });
    const recorded = await record(stubApi(answer), ['chat', 'hi']);
    expect(recorded).toMatchObject({ code: 6, stdout: 'so far\n' });
    expect((await only()).response).toMatchObject({
      cut: true,
      events: [{ data: first }, { text: 'data: {"cho' }],
    });
    expect(await replay(['chat', 'hi'])).toMatchObject({
      code: 6,
      stdout: 'so far\n',
      stderr: recorded.stderr,
    });
  });

  it('is not kept where no answer came, nor where the user stopped it', async () => {
    const { record, tapes, cwd } = await studio();
    const api = stubApi(connectionError('ECONNREFUSED'));
    expect(await record(api, ['chat', 'hi', '--retries', '0'])).toMatchObject({ code: 6 });
    await expect(readdir(tapes)).rejects.toThrow('ENOENT');

    const chunk = `data: ${JSON.stringify(chatChunk({ content: 'half' }))}\n\n`;
    const hanging: typeof fetch = async (_, init) => {
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          controller.enqueue(Buffer.from(chunk));
          init?.signal?.addEventListener('abort', () =>
            controller.error(new DOMException('aborted', 'AbortError')),
          );
        },
      });
      return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    };
    const stdout = new CapturedOutput();
    for (const [by, kept] of [
      ['SIGINT', 0],
      ['closed pipe', 1],
    ] as const) {
      const context = fakeContext({ cwd, env: { OPENAI_API_KEY: KEY }, fetch: hanging, stdout });
      stdout.onWrite = () => context.stop(new Stopped(by));
      await run(['chat', by, '--record', 'tapes'], context);
      expect((await readdir(tapes).catch(() => [])).filter((name) => name.endsWith('.json'))).toHaveLength(
        kept,
      );
    }
  });

  it('is replaced when it is recorded anew, file by file', async () => {
    const { record, replay, files } = await studio();
    const twice = stubApi(completion('one'), completion('two'));
    await record(stubApi(completion('old')), ['chat', '--json', 'hi']);
    const before = await files();
    await record(stubApi(completion('new')), ['chat', '--json', 'hi']);
    expect(await files()).toEqual(before);
    expect((await replay(['chat', '--json', 'hi'])).stdout).toContain('"new"');
    // Two rows alike are two takes; a run that asks once leaves one.
    await record(twice, ['chat', '--each', '-j', '1'], {
      stdin: 'hi\nhi\n',
      clock: new FakeClock({ leap: true }),
    });
    const [first = ''] = before;
    expect(await files()).toEqual([first, first.replace('.json', '-2.json')].sort());
    const replayed = await replay(['chat', '--each', '-j', '1'], { stdin: 'hi\nhi\nhi\n' });
    expect(replayed.stdout.split('\n').map((line) => /"result":"(\w+)"/.exec(line)?.[1])).toEqual([
      'one',
      'two',
      'two',
      undefined,
    ]);
    await record(stubApi(completion('last')), ['chat', '--json', 'hi']);
    expect(await files()).toEqual(before);
  });

  it('is kept apart by server, and replayed for any', async () => {
    const { record, replay, files } = await studio();
    const at = (host: string) => ['--base-url', `https://${host}/v1`];
    await record(stubApi(completion('a')), ['chat', '--json', 'hi', ...at('a.test')]);
    await record(stubApi(completion('b')), ['chat', '--json', 'hi', ...at('b.test')]);
    expect(await files()).toHaveLength(2);
    expect((await replay(['chat', '--json', 'hi', ...at('a.test')])).stdout).toContain('"content":"a"');
    expect((await replay(['chat', '--json', 'hi', ...at('b.test')])).stdout).toContain('"content":"b"');
    expect(await replay(['chat', '--json', 'hi', ...at('c.test')])).toMatchObject({ code: 0 });
    expect(await replay(['chat', '--json', 'hi'])).toMatchObject({ code: 0 });
  });
});

describe('a request that a cassette does not hold', () => {
  it.each<[string, string[], string]>([
    ['another word', ['chat', 'hello there'], 'messages[0].content is "hello here", not "hello there"'],
    ['another model', ['chat', 'hello here', '-m', 'x'], 'model is "gpt-6-luna", not "x"'],
    ['one field more', ['chat', 'hello here', '--param', 'seed=1'], 'seed is not there, not 1'],
  ])('with %s is exit 2, and the nearest is told', async (_, argv, differs) => {
    const { record, replay, files } = await studio();
    await record(stubApi(eventStream(chatChunks('x'))), ['chat', 'something else altogether']);
    await record(hello(), ['chat', 'hello here']);
    const result = await replay(argv);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(
      /^oai: tapes holds no answer to this POST \/chat\/completions\n {5}in the nearest, chat-completions-[0-9a-f]{12}\.json, /,
    );
    expect(result.stderr).toContain(`${differs}\n`);
    expect(await files()).toHaveLength(2);
  });

  it('shows where long texts part, and of many differences the first', async () => {
    const { record, replay } = await studio();
    const long = 'lorem ipsum '.repeat(50);
    await record(hello(), ['chat', `${long}dolor`, '-s', 'a']);
    expect(
      (await replay(['chat', `${long}amet`, '-s', 'b', '-m', 'x', '--param', 'seed=1'])).stderr,
    ).toContain('model is "gpt-6-luna", not "x"; messages[0].content is "a", not "b"; 2 more differences\n');
    expect((await replay(['chat', `${long}amet`, '-s', 'a'])).stderr).toContain(
      'messages[1].content is "…rem ipsum dolor", not "…rem ipsum amet"\n',
    );
  });

  it('of another kind is told what there is', async () => {
    const { record, replay, tapes } = await studio();
    await record(hello(), ['chat', 'hi']);
    expect(await replay(['embed', 'hi'])).toMatchObject({
      code: 2,
      stderr: 'oai: tapes holds no answer to this POST /embeddings\n     it holds POST /chat/completions\n',
    });
    await rm(tapes, { recursive: true });
    expect(await replay(['embed', 'hi'])).toMatchObject({
      code: 2,
      stderr: 'oai: cannot replay tapes: there is no such folder\n',
    });
    await mkdir(tapes);
    expect((await replay(['embed', 'hi'])).stderr).toContain('it holds nothing\n');
  });

  it('ends a job of rows, and what came before it is printed', async () => {
    const { record, replay } = await studio();
    const rows = ['a', 'b', 'c', 'd', 'e', 'f'];
    const api = stubApi(...rows.map(completion));
    await record(api, ['chat', '--each', '-j', '1'], { stdin: rows.join('\n') });
    const result = await replay(['chat', '--each', '-j', '1'], { stdin: [...rows, 'x', 'y'].join('\n') });
    expect(result.code).toBe(2);
    // What is under way when it ends is not waited for.
    expect(result.stdout.split('\n').length).toBeGreaterThan(4);
    expect(result.stderr).toMatch(/^oai: tapes holds no answer/);
  });
});

describe('a cassette edited by hand', () => {
  it('may be the one of docs/record-replay.md', async () => {
    const { tapes, replay } = await studio();
    const page = await readFile(join(import.meta.dirname, '../../../../docs/record-replay.md'), 'utf8');
    const [, exchange = ''] = /```json\n(\{\n {2}"oai_cassette"[\s\S]*?)```/.exec(page) ?? [];
    await mkdir(tapes);
    await writeFile(join(tapes, 'hello.json'), exchange);
    expect(await replay(['chat', 'hello'])).toMatchObject({ code: 0, stdout: 'Hi!\n' });
  });

  it('may have any names, and other answers', async () => {
    const { tapes, replay } = await studio();
    await mkdir(tapes);
    const exchange = (content: string) => ({
      oai_cassette: 1,
      request: {
        method: 'POST',
        path: '/chat/completions',
        json: { model: 'gpt-6-luna', messages: [{ content: 'hi', role: 'user' }], stream: true },
      },
      response: { status: 200, events: [{ data: chatChunk({ content }, 'stop') }, { data: '[DONE]' }] },
    });
    await writeFile(join(tapes, '2-second.json'), JSON.stringify(exchange('second')));
    await writeFile(join(tapes, '1-first.json'), `\ufeff${JSON.stringify(exchange('first'))}`);
    await writeFile(join(tapes, 'notes.md'), 'not a part of it');
    expect(await replay(['chat', 'hi'])).toMatchObject({ code: 0, stdout: 'first\n' });
  });

  it('does not mix what several servers answered', async () => {
    const { tapes, replay } = await studio();
    await mkdir(tapes);
    for (const server of ['a', 'b']) {
      const exchange = {
        oai_cassette: 1,
        request: { method: 'GET', base_url: `https://${server}.test/v1`, path: '/models' },
        response: { status: 200, json: { object: 'list', data: [{ id: server }] } },
      };
      await writeFile(join(tapes, `${server}.json`), JSON.stringify(exchange));
    }
    const asked = async (server: string) => {
      const context = fakeContext({ cwd: join(tapes, '..'), clock: new HurriedClock() });
      const api = await connect({ replay: 'tapes', baseUrl: `https://${server}.test/v1` }, context);
      const ids: unknown[] = [];
      for (let turn = 0; turn < 2; turn++) {
        const list = await api.call((client, options) => client.get('/models', options));
        ids.push(list);
      }
      return JSON.stringify(ids).match(/"id":"\w"/g);
    };
    expect(await asked('b')).toEqual(['"id":"b"', '"id":"b"']);
    expect(await asked('c')).toEqual(['"id":"a"', '"id":"a"']);
    expect((await replay(['api', 'GET', '/models'])).code).toBe(0);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['is broken', '{"oai_cassette": 1,', /^oai: tapes\/[\w-]+\.json: it is no JSON/],
    [
      'is of a later version',
      '{"oai_cassette": 7}',
      /^oai: tapes\/[\w-]+\.json: oai_cassette is 7, .*\n {5}record it anew/,
    ],
    [
      'lacks a field',
      '{"oai_cassette": 1, "request": {}}',
      /^oai: tapes\/[\w-]+\.json: request\.method is missing\n$/,
    ],
    ['is no text', Buffer.from([0x7b, 0xff]), /^oai: tapes\/[\w-]+\.json is not UTF-8 text/],
  ])('that %s is exit 2, with the file and the reason', async (_, content, message) => {
    const { record, replay, files, tapes } = await studio();
    await record(hello(), ['chat', 'hi']);
    const [name = ''] = await files();
    await writeFile(join(tapes, name), content);
    const result = await replay(['chat', 'hi']);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
    expect(result.stderr).toMatch(message);
  });

  it('whose sound is gone says so', async () => {
    const { record, replay, files, tapes } = await studio();
    const sound = new Response(Buffer.alloc(2000, 1), { headers: { 'content-type': 'audio/wav' } });
    await record(stubApi(sound), ['speak', 'hi', '-f', 'wav', '-o', '-']);
    const [body = '', json = ''] = (await files()).sort((a, b) => b.localeCompare(a));
    expect([body, json]).toEqual([json.replace('.json', '.wav'), body.replace('.wav', '.json')]);
    await rm(join(tapes, body));
    expect(await replay(['speak', 'hi', '-f', 'wav', '-o', '-'])).toMatchObject({
      code: 2,
      stderr: `oai: cannot read tapes/${body}: no such file\n`,
    });
  });
});

describe('--replay-timing', () => {
  it('waits as it was waited for', async () => {
    const { tapes, replay, record, files, text } = await studio();
    await record(hello(), ['chat', 'hi']);
    const [name = ''] = await files();
    const exchange = JSON.parse(await text(name));
    exchange.response.ms = 100;
    exchange.response.events.forEach((event: { ms: number }, index: number) => {
      event.ms = 200 * (index + 1);
    });
    await writeFile(join(tapes, name), JSON.stringify(exchange));
    const clock = new FakeClock({ leap: true });
    const start = clock.now();
    expect(await replay(['chat', 'hi', '--replay-timing'], { clock })).toMatchObject({
      code: 0,
      stdout: 'Hello\n',
    });
    expect(clock.now() - start).toBe(800);
    expect(await replay(['chat', 'hi'])).toMatchObject({ code: 0, stdout: 'Hello\n' });
  });

  it('is for --replay alone', async () => {
    expect(await oai(['chat', 'hi', '--replay-timing'])).toMatchObject({
      code: 2,
      stderr: 'oai: --replay-timing is for --replay\n     add --replay DIR\n',
    });
  });
});

describe('where to record and replay', () => {
  it('may be said by the environment', async () => {
    const { cwd } = await studio();
    const env = { OPENAI_API_KEY: KEY, OAI_RECORD: 'tapes' };
    expect(await oai(['chat', 'hi'], { cwd, env, fetch: hello().fetch })).toMatchObject({ code: 0 });
    expect(await oai(['chat', 'hi'], { cwd, env: { OAI_REPLAY: 'tapes' } })).toMatchObject({
      stdout: 'Hello\n',
    });
    expect(await oai(['chat', 'hi', '--replay', 'tapes'], { cwd, env })).toMatchObject({ stdout: 'Hello\n' });
  });

  it('is not for a project to say', async () => {
    const { cwd } = await studio();
    await writeFile(join(cwd, '.env'), 'OAI_REPLAY=tapes\nOAI_CACHE=1\n');
    const api = stubApi(eventStream(chatChunks('live')));
    expect(await oai(['chat', 'hi'], { cwd, fetch: api.fetch })).toMatchObject({ stdout: 'live\n' });
  });

  it.each<[string[], Record<string, string>, string]>([
    [['--record', 'a', '--replay', 'b'], {}, '--record and --replay contradict each other'],
    [[], { OAI_RECORD: 'a', OAI_REPLAY: 'b' }, 'OAI_RECORD and OAI_REPLAY contradict each other'],
    [['--record', ''], {}, '--record is empty'],
    [['--replay', ''], {}, '--replay is empty'],
    [['--replay', 'package.json/x'], {}, 'cannot replay package.json/x: there is no such folder'],
    [['--record', 'file/x'], {}, 'cannot write'],
    [['--no-cache', '--cache-ttl', '1h'], {}, '--no-cache and --cache-ttl contradict each other'],
    [['--cache-ttl', 'soon'], {}, '--cache-ttl soon is not a duration'],
    [[], { OAI_CACHE: 'maybe' }, 'OAI_CACHE=maybe is neither 1 nor 0'],
  ])('%j %j is exit 2', async (flags, env, message) => {
    const { cwd } = await studio();
    await writeFile(join(cwd, 'file'), '');
    const result = await oai(['chat', 'hi', ...flags], { cwd, env: { OPENAI_API_KEY: KEY, ...env } });
    expect(result).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining(message) });
  });

  it('is said on a terminal', async () => {
    const { record, replay } = await studio();
    const stderr = () => new CapturedOutput({ isTTY: true });
    expect((await record(hello(), ['chat', 'hi'], { stderr: stderr() })).stderr).toContain(
      'oai: recording into tapes\n',
    );
    expect((await replay(['chat', 'hi'], { stderr: stderr() })).stderr).toContain(
      'oai: answers are replayed from tapes, and nothing is sent\n',
    );
  });

  it('is said with --verbose, by file', async () => {
    const { record, replay, files } = await studio();
    expect((await record(hello(), ['chat', 'hi', '--verbose'])).stderr).toMatch(
      /oai: recorded in tapes\/chat-completions-\w+\.json\n/,
    );
    const [name] = await files();
    expect((await replay(['chat', 'hi', '--verbose'])).stderr).toContain(
      `oai: replayed from tapes/${name}\n`,
    );
  });
});

describe('what goes with it', () => {
  it('is not --dry-run, which sends nothing: nothing is recorded', async () => {
    const { cwd, tapes } = await studio();
    expect(await oai(['chat', 'hi', '--dry-run', '--record', 'tapes'], { cwd })).toMatchObject({ code: 0 });
    await expect(readdir(tapes)).rejects.toThrow('ENOENT');
    const dry = await oai(['chat', 'hi', '--dry-run', '--replay', 'tapes'], { cwd });
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('curl') });
  });

  it.each<[string, string[], string[]]>([
    ['chat', ['hi'], []],
    ['speak', ['good morning', '-o', '-'], []],
    ['embed', ['a', 'b'], []],
    ['moderate', ['hi'], ['--sandbox']],
    ['structured', ['--fields', 'name', 'hi'], []],
  ])('is the sandbox: %s is replayed without it, or with it', async (command, argv, flags) => {
    const { cwd, replay } = await studio();
    const recorded = await oai([command, ...argv, '--sandbox', '--record', 'tapes'], { cwd });
    expect(recorded.code).toBe(0);
    const { code, stdout } = await replay([command, ...argv, ...flags]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: recorded.stdout });
  });

  it('is an upload, by what is in it', async () => {
    const { cwd, replay } = await studio();
    await writeFile(join(cwd, 'talk.mp3'), await spoken('good morning'));
    const recorded = await oai(['transcribe', 'talk.mp3', '--sandbox', '--record', 'tapes'], { cwd });
    expect(recorded).toMatchObject({ code: 0, stdout: 'good morning\n' });
    await rename(join(cwd, 'talk.mp3'), join(cwd, 'moved.mp3'));
    expect(await replay(['transcribe', 'moved.mp3'])).toMatchObject({ code: 0, stdout: 'good morning\n' });
    await writeFile(join(cwd, 'moved.mp3'), await spoken('good evening'));
    expect(await replay(['transcribe', 'moved.mp3'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/file\[0\]\.sha256 is "[0-9a-f…]+", not "[0-9a-f…]+"/),
    });
  });

  it('is any endpoint, and what it answers in bytes', async () => {
    const { cwd, replay } = await studio();
    for (const argv of [
      ['api', 'GET', '/models'],
      ['api', 'POST', '/audio/speech', '--data', '{"model":"tts-1","input":"hi","voice":"alloy"}', '-o', '-'],
    ]) {
      const recorded = await oai([...argv, '--sandbox', '--record', 'tapes'], { cwd });
      expect({ argv, code: recorded.code }).toEqual({ argv, code: 0 });
      const replayed = await replay(argv);
      expect(replayed.code).toBe(0);
      expect(replayed.context.stdout.bytes).toEqual(recorded.context.stdout.bytes);
    }
  });

  it('is a batch, with all the looks at how far it is, and without the waits', async () => {
    const { cwd, replay } = await studio();
    await writeFile(join(cwd, 'rows.txt'), 'a\nb\n');
    const job = ['chat', '--each', '--input', 'rows.txt', '--batch', '-o'];
    const clock = new HurriedClock();
    const recorded = await oai([...job, 'one.jsonl', '--sandbox', '--record', 'tapes'], { cwd, clock });
    expect({ code: recorded.code, stderr: recorded.stderr }).toMatchObject({ code: 0 });
    expect(await replay([...job, 'two.jsonl'])).toMatchObject({ code: 0 });
    expect(await readFile(join(cwd, 'two.jsonl'))).toEqual(await readFile(join(cwd, 'one.jsonl')));
  });
});

describe('what cannot be written', () => {
  it('is said before anything is sent', async () => {
    const { cwd, record } = await studio();
    await writeFile(join(cwd, 'tapes'), 'a file');
    expect(await record(stubApi(), ['chat', 'hi'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^oai: cannot write .*tapes: a part of the path is not a directory\n$/),
    });
  });

  it('is said beside another failure', async () => {
    const { record, tapes } = await studio();
    const api = stubApi(async () => {
      await writeFile(tapes, 'a file');
      return errorAnswer(400, { message: 'no such thing' });
    });
    expect(await record(api, ['chat', 'hi'])).toMatchObject({
      code: 4,
      stderr:
        'oai: cannot record into tapes: a part of the path is not a directory\noai: no such thing (request req_stub)\n',
    });
  });

  it('later is no harm to the answer, and exit 8 at the end', async () => {
    const { record, tapes } = await studio();
    const api = stubApi(async () => {
      // What comes into the way while the answer is waited for.
      await rm(tapes, { recursive: true, force: true });
      await writeFile(tapes, 'a file');
      return eventStream(chatChunks('paid for'));
    });
    expect(await record(api, ['chat', 'hi'])).toMatchObject({
      code: 8,
      stdout: 'paid for\n',
      stderr: 'oai: cannot record into tapes: a part of the path is not a directory\n',
    });
  });
});
