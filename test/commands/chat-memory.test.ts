import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { InputStream } from '../../src/context.ts';
import { type MemoryDesk, memoryDesk } from '../history/memory-desk.ts';
import {
  chatChunk,
  chatChunks,
  connectionError,
  errorAnswer,
  eventStream,
  jsonAnswer,
  stubApi,
} from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';

// The first of them loads all that a chat needs.
vi.setConfig({ testTimeout: 20_000 });

let desk: MemoryDesk;
beforeEach(async () => {
  desk = await memoryDesk();
});

/** What a request said, message by message: `role: text`. */
async function said(request: Request | undefined): Promise<string[]> {
  const body = (await request?.json()) as { messages: { role: string; content: unknown }[] } | undefined;
  return (body?.messages ?? []).map(
    ({ role, content }) => `${role}: ${typeof content === 'string' ? content : JSON.stringify(content)}`,
  );
}

/** Asks an API that answers so, and gives the request. */
async function ask(argv: readonly string[], answer = 'fine', env: Record<string, string> = {}) {
  const api = stubApi(eventStream(chatChunks(answer)));
  const run = await desk.oai(['chat', ...argv], { fetch: api.fetch, env });
  if (run.code !== 0) throw new Error(run.stderr);
  return { ...run, request: api.requests[0] };
}

const refused = () => errorAnswer(400, { message: 'no' });

/** Asks in vain. */
async function askInVain(argv: readonly string[]) {
  const api = stubApi(refused());
  const run = await desk.oai(['chat', ...argv], { fetch: api.fetch });
  expect(run.code).toBe(4);
  return run;
}

const states = () => desk.rows('SELECT state FROM exchanges ORDER BY number').map(({ state }) => state);

describe('an exchange is kept', () => {
  const hello = ['chat', '--sandbox', 'hello'];
  const terminal = { isTTY: true };
  const count = () =>
    existsSync(desk.database) ? desk.rows('SELECT number FROM exchanges').length : 'no database';

  it.each([
    ['stdin', { stdinTTY: true }],
    ['stdout', { stdout: new CapturedOutput(terminal) }],
    ['stderr', { stderr: new CapturedOutput(terminal) }],
  ])('at a terminal: %s', async (_, streams) => {
    expect((await desk.oai(hello, streams)).code).toBe(0);
    expect(count()).toBe(1);
  });

  it.each<[string, readonly string[], Record<string, string>, boolean, number | 'no database']>([
    ['without a terminal', [], {}, false, 'no database'],
    ['in CI, terminal or not', [], { CI: 'true' }, true, 'no database'],
    ['where CI says false', [], { CI: 'false' }, true, 1],
    ['by --history', ['--history'], { CI: '1' }, false, 1],
    ['not by --no-history', ['--no-history'], { OAI_HISTORY: 'on' }, true, 'no database'],
    ['by OAI_HISTORY', [], { OAI_HISTORY: '1', CI: '1' }, false, 1],
    ['not by OAI_HISTORY=0', [], { OAI_HISTORY: '0' }, true, 'no database'],
    [
      'for a flag, whatever OAI_HISTORY says',
      ['--conversation', 'x', '--create'],
      { OAI_HISTORY: 'no' },
      false,
      1,
    ],
    ['never in a dry run', ['--history', '--dry-run'], {}, true, 'no database'],
  ])('%s', async (_, flags, env, isTTY, expected) => {
    const stderr = new CapturedOutput({ isTTY });
    expect((await desk.oai([...hello, ...flags], { env, stderr })).code).toBe(0);
    expect(count()).toBe(expected);
  });

  it.each([
    ['true', false, 1],
    ['false', true, 'no database'],
  ])('as the config says: history = %s', async (value, isTTY, expected) => {
    writeFileSync(join(desk.home, 'config.toml'), `history = ${value}\n`, { mode: 0o600 });
    await desk.oai(hello, { stderr: new CapturedOutput({ isTTY }) });
    expect(count()).toBe(expected);
  });

  it('refuses a word that it cannot mean', async () => {
    const { code, stderr } = await desk.oai(hello, { env: { OAI_HISTORY: 'sometimes' } });
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: OAI_HISTORY takes true or false, not sometimes\n',
    });
  });

  it('for the user alone: 0600 in a folder of 0700', async () => {
    await desk.sandbox('chat', '--history', 'hello');
    expect(statSync(desk.database).mode & 0o777).toBe(0o600);
    expect(statSync(join(desk.home, 'data')).mode & 0o777).toBe(0o700);
  });

  it('with what it took', async () => {
    const usage = {
      prompt_tokens: 20,
      completion_tokens: 7,
      total_tokens: 27,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens_details: { reasoning_tokens: 3 },
    };
    const last = { ...chatChunk({}), choices: [], model: 'gpt-6-luna-2026', service_tier: 'flex', usage };
    const api = stubApi(eventStream([...chatChunks('ok'), last]));
    await desk.oai(['chat', '--history', 'hello'], { fetch: api.fetch });
    expect(await api.requests[0]?.json()).toMatchObject({ stream_options: { include_usage: true } });
    expect(desk.rows('SELECT * FROM exchanges')).toEqual([
      expect.objectContaining({
        state: 'answered',
        profile: 'openai',
        model: 'gpt-6-luna',
        input_tokens: 20,
        cached_tokens: 4,
        output_tokens: 7,
        reasoning_tokens: 3,
        first_text_after: 0,
        duration: 0,
      }),
    ]);
  });

  it('without asking a server for usage that may not know how to tell it', async () => {
    const api = stubApi(eventStream(chatChunks('ok')));
    const words = ['chat', '--history', '--base-url', 'https://x.example/v1', 'hello'];
    await desk.oai(words, { fetch: api.fetch });
    expect(await api.requests[0]?.json()).not.toHaveProperty('stream_options');
  });

  it('without the key, wherever it stands', async () => {
    const api = stubApi(eventStream(chatChunks('is it sk-test-0123456789?')));
    const words = [
      'chat',
      '--history',
      '-s',
      'sk-test-0123456789 is the key',
      '--message',
      'user/ann:sk-test-0123456789',
      'sk-test-0123456789',
    ];
    await desk.oai(words, { fetch: api.fetch });
    expect(desk.rows('SELECT text FROM messages').map(({ text }) => text)).toEqual([
      '[key] is the key',
      '[key]',
      '[key]',
      'is it [key]?',
    ]);
    expect(readFileSync(desk.database).includes('sk-test-0123456789')).toBe(false);
  });
});

describe('several answers', () => {
  const three = (...pieces: readonly (readonly [string, number])[]) =>
    eventStream([
      ...pieces.map(([content, index]) => chatChunk({ content }, null, index)),
      ...[0, 1, 2].map((index) => chatChunk({}, 'stop', index)),
    ]);
  const exchanges = async () =>
    JSON.parse((await desk.oai(['history', 'show', '--json'])).stdout).exchanges as Record<string, unknown>[];

  it('are all kept as they were printed; the first is gone on with', async () => {
    const api = stubApi(three(['a', 0], ['b', 1], ['c', 2]), eventStream(chatChunks('fine')));
    const asked = await desk.oai(['chat', '-n', '3', '--history', 'name a cat'], { fetch: api.fetch });
    expect(asked.stdout).toBe('a\nb\nc\n');
    expect(await exchanges()).toMatchObject([
      {
        messages: [
          { role: 'user', content: 'name a cat' },
          { role: 'assistant', content: 'a' },
        ],
        others: [
          { role: 'assistant', content: 'b' },
          { role: 'assistant', content: 'c' },
        ],
      },
    ]);
    await desk.oai(['chat', '-c', 'why?'], { fetch: api.fetch });
    expect(await said(api.requests[1])).toEqual(['user: name a cat', 'assistant: a', 'user: why?']);
  });

  it('are shown and found, and no part of the messages that are exported', async () => {
    const api = stubApi(three(['a', 0], ['bee', 1], ['c', 2]));
    await desk.oai(['chat', '-n', '3', '--history', 'name a cat'], { fetch: api.fetch });
    expect((await desk.oai(['history', 'show'])).stdout).toContain(
      '## assistant\n\na\n\n## assistant, answer 2\n\nbee\n\n## assistant, answer 3\n\nc\n',
    );
    expect((await desk.oai(['history', 'search', 'bee'])).stdout).toContain('"line":"bee"');
    expect((await desk.oai(['history', 'export'])).stdout.trim().split('\n')).toHaveLength(2);
  });

  it('are kept as far as they came', async () => {
    const cut = eventStream([chatChunk({ content: 'a' }, null, 0), chatChunk({ content: 'b' }, null, 1)]);
    const run = await desk.oai(['chat', '-n', '3', '--history', 'x'], { fetch: stubApi(cut).fetch });
    expect(run).toMatchObject({ code: 6, stdout: 'a\nb\n' });
    expect(await exchanges()).toMatchObject([{ state: 'cut', others: [{ content: 'b' }] }]);
  });
});

describe('-c', () => {
  it('sends what was said before', async () => {
    await ask(['--history', '-s', 'Be brief.', 'one'], 'first');
    await ask(['-c', 'two'], 'second');
    const { request } = await ask(['-c', 'three'], 'third');
    expect(await said(request)).toEqual([
      'system: Be brief.',
      'user: one',
      'assistant: first',
      'user: two',
      'assistant: second',
      'user: three',
    ]);
  });

  it('goes on with the last one that was used, whichever that is', async () => {
    await ask(['--conversation', 'old', '--create', 'one'], 'first');
    await ask(['--history', 'other']);
    await ask(['--conversation', 'old', 'two'], 'second');
    const { request } = await ask(['-c', 'three']);
    expect(await said(request)).toContain('user: two');
  });

  it('asks the model that was asked before, unless -m names another', async () => {
    await ask(['--history', '-m', 'gpt-5', 'one']);
    expect(await (await ask(['-c', 'two'])).request?.json()).toMatchObject({ model: 'gpt-5' });
    expect(await (await ask(['-c', '-m', 'o3', 'three'])).request?.json()).toMatchObject({ model: 'o3' });
    expect(await (await ask(['-c', 'four'], 'ok', { OAI_MODEL: 'x' })).request?.json()).toMatchObject({
      model: 'o3',
    });
  });

  it('has a new system prompt in the place of the old one, in front', async () => {
    await ask(['--history', '-s', 'Be brief.', 'one'], 'first');
    const second = await ask(['-c', '-s', 'Be long.', 'two'], 'second');
    expect(await said(second.request)).toEqual([
      'system: Be long.',
      'user: one',
      'assistant: first',
      'user: two',
    ]);
    const third = await ask(['-c', 'three']);
    expect((await said(third.request)).slice(0, 2)).toEqual(['system: Be long.', 'user: one']);
  });

  it('says at a terminal which conversation that is', async () => {
    await ask(['--conversation', 'trip', '--create', 'one']);
    const stderr = new CapturedOutput({ isTTY: true });
    const api = stubApi(eventStream(chatChunks('ok')));
    const run = await desk.oai(['chat', '-c', 'two'], { fetch: api.fetch, stderr });
    expect(run.stderr).toMatch(
      /^oai: going on with trip \([0-9a-f]{10}\): 1 exchange, the last 1 minute ago$/m,
    );
    expect((await ask(['-c', 'three'])).stderr).toBe('');
  });

  it('fails where nothing is kept', async () => {
    const { code, stderr } = await desk.oai(['chat', '-c', 'hello']);
    expect(code).toBe(2);
    expect(stderr).toContain('oai: there is no conversation to go on with\n');
    expect(existsSync(desk.database)).toBe(false);
  });

  it('begins one with --create', async () => {
    await ask(['-c', '--create', 'one'], 'first');
    expect(await said((await ask(['-c', '--create', 'two'])).request)).toHaveLength(3);
  });

  it('reads and keeps nothing with --no-history', async () => {
    await ask(['--history', 'one'], 'first');
    expect(await said((await ask(['-c', '--no-history', 'two'])).request)).toHaveLength(3);
    expect(states()).toEqual(['answered']);
  });

  it('shows all of it with --dry-run, and keeps nothing', async () => {
    await ask(['--history', 'one'], 'first');
    const { stdout } = await desk.oai(['chat', '-c', '--dry-run', 'two']);
    expect(stdout).toContain('"content": "first"');
    expect(states()).toEqual(['answered']);
  });

  it('goes with --json', async () => {
    await ask(['--history', 'one'], 'first');
    const answer = {
      id: 'x',
      choices: [{ index: 0, message: { role: 'assistant', content: 'whole' }, finish_reason: 'stop' }],
    };
    const api = stubApi(jsonAnswer(answer));
    expect((await desk.oai(['chat', '-c', '--json', 'two'], { fetch: api.fetch })).code).toBe(0);
    expect(await api.requests[0]?.json()).not.toHaveProperty('stream_options');
    expect(await said((await ask(['-c', 'three'])).request)).toContain('assistant: whole');
  });
});

describe('--last', () => {
  it('sends so many exchanges, and the system prompt', async () => {
    await ask(['--history', '-s', 'Be brief.', 'one'], 'first');
    await ask(['-c', 'two'], 'second');
    await ask(['-c', 'three'], 'third');
    const { request } = await ask(['-c', '--last', '2', 'four']);
    expect(await said(request)).toEqual([
      'system: Be brief.',
      'user: two',
      'assistant: second',
      'user: three',
      'assistant: third',
      'user: four',
    ]);
    expect(await said((await ask(['-c', '--last', '99', 'five'])).request)).toHaveLength(10);
  });

  it.each(['-1', '0', '1.5', 'x', ''])('refuses %j', async (value) => {
    const { code, stderr } = await desk.oai(['chat', '-c', `--last=${value}`, 'hello']);
    expect(code).toBe(2);
    expect(stderr).toContain(`--last ${value === '' ? "''" : value} is not a whole number of 1 or more`);
  });
});

describe('--conversation', () => {
  it.each(['-x', '--create'])('takes no name that begins with a dash: %s', async (name) => {
    expect(await desk.oai(['chat', '--conversation', name, 'hi'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `oai: --conversation ${name} looks like a flag\n     a name comes first: --conversation NAME, with no dash at its beginning\n`,
    });
  });

  it('finds it by name, id, and the start of an id', async () => {
    await ask(['--conversation', 'trip to Rome', '--create', 'one'], 'first');
    const [{ id } = { id: '' }] = desk.rows('SELECT id FROM conversations');
    await ask(['--history', 'other']);
    for (const word of ['trip to Rome', String(id), String(id).slice(0, 4), String(id).toUpperCase()]) {
      expect(await said((await ask(['--conversation', word, 'more'])).request)).toContain('user: one');
    }
  });

  it('is begun only with --create, which is no matter where it is there', async () => {
    await ask(['--conversation', 'trip', '--create', 'one']);
    await ask(['--conversation', 'trip', '--create', 'two']);
    expect(desk.rows('SELECT name FROM conversations')).toEqual([{ name: 'trip' }]);
    const { code, stderr } = await desk.oai(['chat', '--conversation', 'tripp', 'x']);
    expect(code).toBe(2);
    expect(stderr).toBe(
      'oai: there is no conversation tripp; did you mean trip?\n     `oai history list` shows what there is; --create begins one of that name\n',
    );
  });

  it.each([
    ['nothing', ''],
    ['a line break', 'a\nb'],
    ['what looks like an id', '0123456789'],
    ['a very long name', 'x'.repeat(101)],
  ])('is not begun under %s', async (_, name) => {
    const { code } = await desk.oai(['chat', '--conversation', name, '--create', 'x']);
    expect(code).toBe(2);
    expect(existsSync(desk.database)).toBe(false);
  });

  it('is begun under a name that happens to be the start of an id', async () => {
    await ask(['--history', 'one'], 'first');
    const database = new DatabaseSync(desk.database);
    database.exec("UPDATE conversations SET id = 'cafe000000'");
    database.close();
    expect(await said((await ask(['--conversation', 'cafe', '--create', 'two'])).request)).toEqual([
      'user: two',
    ]);
    expect(await said((await ask(['--conversation', 'cafe', 'three'])).request)).toContain('user: two');
    expect(await said((await ask(['--conversation', 'cafe0', 'four'])).request)).toContain('user: one');
  });

  it('says which ones an id may mean', async () => {
    await ask(['--history', 'one']);
    await ask(['--history', 'two']);
    const database = new DatabaseSync(desk.database);
    database.exec("UPDATE conversations SET id = 'abcd00000' || number");
    database.close();
    const { code, stderr } = await desk.oai(['chat', '--conversation', 'abcd', 'x']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'several conversations begin with abcd: abcd000002 (two), abcd000001 (one)\n     give more of the id',
    );
  });
});

describe('--fork', () => {
  it('goes on in a new conversation; the old one stays', async () => {
    await ask(['--conversation', 'a', '--create', 'one'], 'first');
    const forked = await ask(['-c', '--fork', 'two'], 'second');
    expect(await said(forked.request)).toEqual(['user: one', 'assistant: first', 'user: two']);
    // The new one is the last.
    expect(await said((await ask(['-c', 'three'])).request)).toHaveLength(5);
    expect(await said((await ask(['--conversation', 'a', 'other'])).request)).toEqual([
      'user: one',
      'assistant: first',
      'user: other',
    ]);
    expect(desk.rows('SELECT count(*) AS n FROM exchanges')).toEqual([{ n: 4 }]);
  });

  it('takes along what the model was told, and not what another run adds meanwhile', async () => {
    await ask(['--conversation', 'a', '--create', 'one'], 'first');
    const stdin: InputStream = {
      kind: 'pipe',
      async *read() {
        await ask(['--conversation', 'a', 'other'], 'also');
        yield Buffer.from('two');
      },
    };
    const api = stubApi(eventStream(chatChunks('second')));
    await desk.oai(['chat', '--conversation', 'a', '--fork'], { fetch: api.fetch, stdin });
    const sent = ['user: one', 'assistant: first', 'user: two'];
    expect(await said(api.requests[0])).toEqual(sent);
    const [{ id } = { id: '' }] = desk.rows('SELECT id FROM conversations WHERE name IS NULL');
    expect(await said((await ask(['--conversation', String(id), 'three'])).request)).toEqual([
      ...sent,
      ...['assistant: second', 'user: three'],
    ]);
  });

  it('leaves a question that failed with the old one', async () => {
    await ask(['--conversation', 'a', '--create', 'one'], 'first');
    await askInVain(['-c', 'two']);
    const retried = await ask(['-c', '--fork'], 'second');
    expect(await said(retried.request)).toEqual(['user: one', 'assistant: first', 'user: two']);
    const old = await ask(['--conversation', 'a'], 'again');
    expect(await said(old.request)).toEqual(['user: one', 'assistant: first', 'user: two']);
  });
});

describe('what failed', () => {
  it('is kept, and asked again by -c without a prompt', async () => {
    await ask(['--history', 'one'], 'first');
    await askInVain(['-c', '-s', 'Be brief.', 'two']);
    expect(states()).toEqual(['answered', 'failed']);
    expect(desk.rows('SELECT error FROM exchanges WHERE error IS NOT NULL')).toEqual([
      { error: expect.stringContaining('no') },
    ]);
    const { request, stdout } = await ask(['-c'], 'second');
    expect(stdout).toBe('second\n');
    expect(await said(request)).toEqual(['system: Be brief.', 'user: one', 'assistant: first', 'user: two']);
    expect(states()).toEqual(['answered', 'retried', 'answered']);
    expect(await said((await ask(['-c', 'three'])).request)).toHaveLength(6);
  });

  it('is asked again as often as it takes', async () => {
    await askInVain(['--history', 'one']);
    await askInVain(['-c']);
    expect(await said((await ask(['-c'])).request)).toEqual(['user: one']);
    expect(states()).toEqual(['retried', 'retried', 'answered']);
    const { code, stderr } = await desk.oai(['chat', '-c']);
    expect(code).toBe(2);
    expect(stderr).toContain('no prompt');
  });

  it('is left out of the next question, with a word', async () => {
    await ask(['--history', 'one'], 'first');
    await askInVain(['-c', 'two']);
    const { request, stderr } = await ask(['-c', 'three']);
    expect(await said(request)).toEqual(['user: one', 'assistant: first', 'user: three']);
    expect(stderr).toBe(
      'oai: the question before this one got no answer and is left out; -c without a prompt asks it again\n',
    );
    // Once it is passed over, it is no question that waits.
    expect((await ask(['-c', 'four'])).stderr).toBe('');
  });

  it('is asked again behind what was added since, here and in a fork', async () => {
    await ask(['--conversation', 'a', '--create', 'one'], 'first');
    await askInVain(['-c', 'two']);
    await desk.oai(['chat', '-c', '--add', 'a remark']);
    const sent = ['user: one', 'assistant: first', 'user: a remark', 'user: two'];
    for (const words of [
      ['-c', '--fork'],
      ['--conversation', 'a'],
    ]) {
      expect(await said((await ask(words, 'second')).request)).toEqual(sent);
      expect(await said((await ask(['-c', 'three'])).request)).toEqual([
        ...sent,
        ...['assistant: second', 'user: three'],
      ]);
    }
  });

  it('takes a new system prompt when it is asked again', async () => {
    await askInVain(['--history', '-s', 'Be brief.', 'one']);
    expect(await said((await ask(['-c', '-s', 'Be long.'])).request)).toEqual([
      'system: Be long.',
      'user: one',
    ]);
  });

  it('is a network that was not there', async () => {
    const api = stubApi(connectionError('ENOTFOUND'));
    const run = await desk.oai(['chat', '--history', '--retries', '0', 'one'], { fetch: api.fetch });
    expect(run.code).toBe(6);
    expect(states()).toEqual(['failed']);
  });
});

describe('a question that waits for its answer', () => {
  it('stands once in the conversation when another run has asked it again', async () => {
    const api = stubApi(async () => {
      expect(await said((await ask(['-c'], 'quick')).request)).toEqual(['user: one']);
      return eventStream(chatChunks('slow'));
    });
    expect((await desk.oai(['chat', '--history', 'one'], { fetch: api.fetch })).stdout).toBe('slow\n');
    expect(states()).toEqual(['retried', 'answered']);
    expect(await said((await ask(['-c', 'two'])).request)).toEqual([
      ...['user: one', 'assistant: quick'],
      'user: two',
    ]);
  });
});

describe('an answer that was cut', () => {
  const cut = () => eventStream([chatChunk({ content: 'It was a' })], { done: false });

  it('is kept as far as it came, and marked', async () => {
    const api = stubApi(cut());
    const run = await desk.oai(['chat', '--history', 'tell'], { fetch: api.fetch });
    expect({ code: run.code, stdout: run.stdout }).toEqual({ code: 6, stdout: 'It was a\n' });
    expect(states()).toEqual(['cut']);
    const { request, stderr } = await ask(['-c', 'go on']);
    expect(await said(request)).toEqual(['user: tell', 'assistant: It was a', 'user: go on']);
    expect(stderr).toBe('');
  });

  it('is asked for again by -c without a prompt', async () => {
    const api = stubApi(cut());
    await desk.oai(['chat', '--history', 'tell'], { fetch: api.fetch });
    expect(await said((await ask(['-c'])).request)).toEqual(['user: tell']);
  });

  it('holds no call of a tool that is not whole', async () => {
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a' } };
    const api = stubApi(
      eventStream([chatChunk({ content: 'Let me' }), chatChunk({ tool_calls: [call] })], { done: false }),
    );
    await desk.oai(['chat', '--history', 'tell'], { fetch: api.fetch });
    const { request } = await ask(['-c', 'go on']);
    expect(JSON.stringify(await request?.json())).not.toContain('tool_calls');
  });
});

describe('what a fork shares', () => {
  it('stays with it when the old conversation asks again', async () => {
    const api = stubApi(eventStream([chatChunk({ content: 'It was a' })], { done: false }));
    await desk.oai(['chat', '--conversation', 'a', '--create', 'tell'], { fetch: api.fetch });
    await ask(['-c', '--fork', 'go on'], 'dark night');
    await ask(['--conversation', 'a'], 'It was a whole answer');
    const [{ id } = { id: '' }] = desk.rows('SELECT id FROM conversations WHERE name IS NULL');
    expect(await said((await ask(['--conversation', String(id), 'more'])).request)).toEqual([
      'user: tell',
      'assistant: It was a',
      'user: go on',
      'assistant: dark night',
      'user: more',
    ]);
    expect(await said((await ask(['--conversation', 'a', 'more'])).request)).toEqual([
      'user: tell',
      'assistant: It was a whole answer',
      'user: more',
    ]);
  });
});

describe('calls of tools', () => {
  it('that were answered before the run was killed are answered once: -c goes on from there', async () => {
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const api = stubApi(eventStream([chatChunk({ tool_calls: [call] }), chatChunk({}, 'tool_calls')]));
    const tools = '[{"type":"function","function":{"name":"f","parameters":{}}}]';
    await desk.oai(['chat', '--history', '--param', `tools=${tools}`, 'one'], { fetch: api.fetch });
    const database = new DatabaseSync(desk.database);
    const result = JSON.stringify({ role: 'tool', tool_call_id: 'c1', content: 'done' });
    database
      .prepare(
        "INSERT INTO messages (exchange, is_answer, role, text, json) VALUES (1, 1, 'tool', 'done', ?)",
      )
      .run(result);
    database.close();
    const calls = expect.stringMatching(/^assistant: /);
    expect(await said((await ask(['-c'], 'first')).request)).toEqual(['user: one', calls, 'tool: done']);
    expect(await said((await ask(['-c', 'two'])).request)).toEqual([
      ...['user: one', calls, 'tool: done', 'assistant: first'],
      'user: two',
    ]);
  });
});

describe('results of tools that were sent in vain', () => {
  const calls = expect.stringMatching(/^assistant: /);
  const sent = ['user: one', calls, 'tool: sunny'];
  beforeEach(async () => {
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const api = stubApi(eventStream([chatChunk({ tool_calls: [call] }), chatChunk({}, 'tool_calls')]));
    const tools = '[{"type":"function","function":{"name":"f","parameters":{}}}]';
    await desk.oai(['chat', '--history', '--param', `tools=${tools}`, 'one'], { fetch: api.fetch });
    await askInVain(['-c', '--tool-result', 'c1=sunny']);
  });

  it('are sent again by -c', async () => {
    expect(await said((await ask(['-c'], 'fine')).request)).toEqual(sent);
    expect(await said((await ask(['-c', 'two'])).request)).toEqual([...sent, 'assistant: fine', 'user: two']);
  });

  it('are sent again by -c with another system prompt', async () => {
    expect(await said((await ask(['-c', '-s', 'Be brief.'])).request)).toEqual([
      'system: Be brief.',
      ...sent,
    ]);
  });

  it('are taken again, with no word of a question', async () => {
    const { request, stderr } = await ask(['-c', '--tool-result', 'c1=sunny'], 'fine');
    expect({ said: await said(request), stderr }).toEqual({ said: sent, stderr: '' });
    expect(await said((await ask(['-c', 'two'])).request)).toEqual([...sent, 'assistant: fine', 'user: two']);
  });

  it('are left out of another question, with the calls', async () => {
    const { request, stderr } = await ask(['-c', 'two']);
    expect(await said(request)).toEqual(['user: one', 'user: two']);
    expect(stderr).toContain('is left out');
  });
});

describe('calls of tools that nobody answered', () => {
  it('are left out of the next question, as the API refuses them', async () => {
    const call = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const api = stubApi(eventStream([chatChunk({ tool_calls: [call] }), chatChunk({}, 'tool_calls')]));
    const tools = '[{"type":"function","function":{"name":"f","parameters":{}}}]';
    const run = await desk.oai(['chat', '--history', '--param', `tools=${tools}`, 'one'], {
      fetch: api.fetch,
    });
    expect(run.code).toBe(10);
    expect(await said((await ask(['-c', 'two'])).request)).toEqual(['user: one', 'user: two']);
  });
});

describe('what was attached', () => {
  const image = () => `data:image/png;base64,${png(4, 4).toString('base64')}`;
  const withImage = async () => {
    const path = join(await temporaryFolder(), 'messages.json');
    const content = [
      { type: 'text', text: 'what is it?' },
      { type: 'image_url', image_url: { url: image(), detail: 'low' } },
    ];
    writeFileSync(path, JSON.stringify([{ role: 'user', content }]));
    return path;
  };
  const blobs = () =>
    readdirSync(join(desk.home, 'data', 'attachments'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes('/'),
    );

  it('goes once into a folder, and is sent again', async () => {
    const messages = await withImage();
    await ask(['--history', '--messages', messages], 'a square');
    await ask(['--history', '--messages', messages], 'a square');
    expect(blobs()).toHaveLength(1);
    expect(statSync(join(desk.home, 'data', 'attachments', blobs()[0] ?? '')).mode & 0o777).toBe(0o600);
    expect(desk.rows('SELECT mime, bytes FROM attachments')).toEqual([
      { mime: 'image/png', bytes: png(4, 4).length },
      { mime: 'image/png', bytes: png(4, 4).length },
    ]);
    const { request } = await ask(['-c', 'which colour?']);
    const body = (await request?.json()) as { messages: { content: unknown }[] };
    expect(body.messages[0]?.content).toEqual([
      { type: 'text', text: 'what is it?' },
      { type: 'image_url', image_url: { url: image(), detail: 'low' } },
    ]);
    expect(desk.rows('SELECT json FROM messages WHERE json IS NOT NULL')[0]?.['json']).not.toContain(
      'base64,i',
    );
  });

  it('is said to be gone where somebody deleted it', async () => {
    await ask(['--history', '--messages', await withImage()], 'a square');
    rmSync(join(desk.home, 'data', 'attachments'), { recursive: true });
    const { request } = await ask(['-c', 'which colour?']);
    expect((await said(request))[0]).toContain('[what was attached here is no longer kept]');
  });
});

describe('what was attached, after a power cut', () => {
  const gone = '[what was attached here is no longer kept]';
  it.each([
    ['empty', Buffer.alloc(0)],
    ['short', png(4, 4).subarray(0, 20)],
  ])('is said to be gone where it is %s, and is whole when it is attached again', async (_, left) => {
    const path = join(await temporaryFolder(), 'square.png');
    writeFileSync(path, png(4, 4));
    await ask(['--history', '-a', path, 'what is it?'], 'a square');
    const folder = join(desk.home, 'data', 'attachments');
    const [blob = ''] = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.includes('/'),
    );
    writeFileSync(join(folder, blob), left);
    expect((await said((await ask(['-c', 'which colour?'])).request))[0]).toContain(gone);
    await ask(['-c', '-a', path, 'and this?']);
    expect(readFileSync(join(folder, blob))).toEqual(png(4, 4));
    expect(JSON.stringify(await said((await ask(['-c', 'well?'])).request))).not.toContain(gone);
  });
});

describe('--add', () => {
  it('puts messages into a conversation, asks nobody, and prints its id', async () => {
    const { code, stdout, stderr } = await desk.oai([
      ...['chat', '--conversation', 'x', '--create', '--add'],
      ...['-s', 'Be brief.', '--message', 'user:my cat is called Tom', '--message', 'assistant:noted'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^[0-9a-f]{10}\n$/);
    await desk.oai(['chat', '-c', '--add', 'he is grey']);
    const { request } = await ask(['-c', 'what is he called?']);
    expect(await said(request)).toEqual([
      'system: Be brief.',
      'user: my cat is called Tom',
      'assistant: noted',
      'user: he is grey',
      'user: what is he called?',
    ]);
  });

  it('needs no key', async () => {
    const env = { OPENAI_API_KEY: '', OAI_HOME: desk.home };
    const { code } = await oai(['chat', '-c', '--create', '--add', 'x'], { env });
    expect(code).toBe(0);
  });

  it('does not count for --last', async () => {
    await ask(['--history', 'one'], 'first');
    await ask(['-c', 'two'], 'second');
    await desk.oai(['chat', '-c', '--add', 'a note']);
    expect(await said((await ask(['-c', '--last', '1', 'three'])).request)).toEqual([
      'user: two',
      'assistant: second',
      'user: a note',
      'user: three',
    ]);
  });

  it.each([
    [['-c', '--create', '--add'], 'no prompt'],
    [['--add', 'x'], '--add is for a conversation'],
    [['-c', '--create', '--add', '--tool-result', 'nosuch=1', 'x'], '--tool-result answers a call of a tool'],
    [
      ['-c', '--create', '--add', '--no-history', 'x'],
      '--add keeps a conversation, and --no-history forbids it',
    ],
    [['-c', '--create', '--add', '--dry-run', 'x'], '--dry-run has nothing to show'],
  ])('refuses %j', async (words, message) => {
    const { code, stderr } = await desk.oai(['chat', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('fails where it cannot keep what is attached, and keeps nothing of it', async () => {
    await ask(['--history', 'one'], 'first');
    const folder = join(desk.home, 'data', 'attachments');
    writeFileSync(folder, '');
    const path = join(await temporaryFolder(), 'square.png');
    writeFileSync(path, png(4, 4));
    const { code, stdout, stderr } = await desk.oai(['chat', '-c', '--add', '-a', path]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: cannot keep what is attached in ${folder}: a part of the path is not`);
    expect(states()).toEqual(['answered']);
  });

  it('fails where it cannot keep it', async () => {
    mkdirSync(desk.database, { recursive: true });
    const { code, stdout } = await desk.oai(['chat', '-c', '--create', '--add', 'x']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('flags that mean nothing', () => {
  it.each([
    [['--last', '2', 'x'], '--last is for a conversation'],
    [['--fork', 'x'], '--fork is for a conversation'],
    [['--create', 'x'], '--create is for a conversation'],
    [
      ['-c', '--conversation', 'a', 'x'],
      '-c is the last conversation, and there is --conversation a beside it',
    ],
    [['-c', '--fork', '--create', 'x'], '--fork and --create contradict each other'],
    [['-c', '--fork', '--no-history', 'x'], '--fork keeps a conversation, and --no-history forbids it'],
    [['--each', '-c', 'x'], '-c does not go with rows'],
    [['--each', '--usage', 'x'], '--usage does not go with rows'],
  ])('%j', async (words, message) => {
    const { code, stderr } = await desk.oai(['chat', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('another server', () => {
  it('gets nothing of a conversation unless the user says so', async () => {
    await ask(['--history', 'one'], 'first');
    const env = { OPENAI_BASE_URL: 'https://elsewhere.example/v1' };
    const { code, stderr } = await desk.oai(['chat', '-c', 'two'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^oai: conversation [0-9a-f]{10} was held with https:\/\/api.openai.com\/v1, and the settings now lead to https:\/\/elsewhere.example\/v1\n {5}--base-url https:\/\/elsewhere.example\/v1 \(or -P\) sends it there\n$/,
    );
    const said = await ask(['-c', '--base-url', 'https://elsewhere.example/v1', 'two']);
    expect(said.request?.url).toBe('https://elsewhere.example/v1/chat/completions');
    // From here on that is where it is held.
    expect((await desk.oai(['chat', '-c', 'three'])).code).toBe(2);
  });

  it('is asked on where it was asked before, whatever OAI_PROFILE says', async () => {
    await desk.sandbox('chat', '--history', 'one');
    const { code, stdout } = await desk.oai(['chat', '-c', 'two'], { env: { OAI_PROFILE: 'groq' } });
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('two') });
  });

  it('keeps a text with a NUL as it is', async () => {
    const api = stubApi(eventStream(chatChunks('x\0y')));
    await desk.oai(['chat', '--history'], { fetch: api.fetch, stdin: 'a\0b' });
    expect(await said((await ask(['-c', 'two'])).request)).toEqual([
      'user: a\0b',
      'assistant: x\0y',
      'user: two',
    ]);
  });

  it('is asked for its own model', async () => {
    await ask(['--history', '-m', 'gpt-5', 'one']);
    const { request } = await ask(['-c', '--base-url', 'https://x.example/v1', 'two']);
    expect(await request?.json()).toMatchObject({ model: 'gpt-6-luna' });
  });
});

describe('a bad day', () => {
  const lines = (text: string) => text.trimEnd().split('\n');
  const broken = (write: (path: string) => void) => {
    mkdirSync(join(desk.home, 'data'), { recursive: true });
    write(desk.database);
  };
  const newer = (path: string) => {
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE t (x); PRAGMA application_id = 0x6f616968; PRAGMA user_version = 99');
    database.close();
  };
  const foreign = (path: string) => {
    const database = new DatabaseSync(path);
    database.exec('CREATE TABLE t (x)');
    database.close();
  };
  const damaged = (path: string) => writeFileSync(path, Buffer.alloc(20_000, 'x'));
  /** Asks where nothing can be kept. */
  const askUnkept = (argv: readonly string[], env: Record<string, string> = {}) =>
    desk.oai(['chat', ...argv], { fetch: stubApi(eventStream(chatChunks('hi'))).fetch, env });

  it.each<[string, (path: string) => void, string]>([
    ['from a newer version', newer, 'was made by a newer oai (form 99)'],
    ['of another program', foreign, 'is a database of another program'],
    ['that is none', damaged, 'is no database of SQLite'],
    ['that is a folder', (path) => mkdirSync(path), 'is a directory'],
  ])(
    'has a database %s: the answer comes, and one line; it is exit 8 where it was asked for, and -c is exit 2',
    async (_, write, message) => {
      broken(write);
      const { code, stdout, stderr } = await askUnkept(['--history', 'hello']);
      expect({ code, stdout }).toEqual({ code: 8, stdout: 'hi\n' });
      expect(lines(stderr)).toHaveLength(1);
      expect(stderr).toContain('oai: this exchange is not kept: ');
      expect(stderr).toContain(message);
      const quiet = await askUnkept(['--history', '-q', 'hello']);
      expect({ code: quiet.code, stdout: quiet.stdout }).toEqual({ code: 8, stdout: 'hi\n' });
      const unasked = await askUnkept(['hello'], { OAI_HISTORY: '1' });
      expect(unasked).toMatchObject({ code: 0, stdout: 'hi\n', stderr });
      const again = await desk.oai(['chat', '-c', 'hello']);
      expect(again.code).toBe(2);
      expect(again.stderr).toContain(message);
    },
  );

  it('is a warning at once in a session, which goes on', async () => {
    broken((path) => mkdirSync(path));
    const fetch = stubApi(eventStream(chatChunks('hi'))).fetch;
    const { code, stderr } = await desk.oai(['chat', '-i', '--history'], { fetch, stdin: 'hello\n' });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^oai: this exchange is not kept: .*is a directory/m);
  });

  it('is exit 8 of respond as well', async () => {
    broken((path) => mkdirSync(path));
    const run = await desk.oai(['respond', '--sandbox', '--history', 'hello']);
    expect(run).toMatchObject({ code: 8, stdout: expect.stringContaining('hello') });
    expect(run.stderr).toContain('oai: this exchange is not kept: ');
  });

  it.each([
    ['of another program', foreign],
    ['from a newer version', newer],
  ])('leaves a database %s as it is', async (_, write) => {
    broken(write);
    const before = readFileSync(desk.database);
    expect((await askUnkept(['--history', 'hello'])).code).toBe(8);
    expect(readFileSync(desk.database).equals(before)).toBe(true);
    expect(readdirSync(join(desk.home, 'data'))).toEqual(['history.db']);
  });

  it('has a database that is damaged in the middle', async () => {
    await ask(['--history', 'one']);
    desk.rows('PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(desk.database);
    bytes.fill(0xff, 4096);
    writeFileSync(desk.database, bytes);
    const { code, stdout, stderr } = await askUnkept(['--history', 'two']);
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'hi\n' });
    expect(lines(stderr)).toEqual([expect.stringMatching(/is not kept: .*history\.db is damaged/)]);
  });

  it('has no home: nothing is kept, and nothing is said', async () => {
    const stderr = new CapturedOutput({ isTTY: true });
    const run = await oai(['chat', '--sandbox', 'hello'], { stderr, env: {} });
    expect(run.code).toBe(0);
    expect(run.stderr).not.toContain('not kept');
    const asked = await oai(['chat', '--sandbox', '--history', 'hello'], { env: {} });
    expect(asked.code).toBe(2);
    expect(asked.stderr).toContain('there is no home directory to keep history in');
  });

  it('has a home that is no folder', async () => {
    writeFileSync(join(desk.home, 'file'), '');
    const env = { OAI_HOME: join(desk.home, 'file', 'home') };
    const { code, stdout, stderr } = await askUnkept(['--history', 'hello'], env);
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'hi\n' });
    expect(stderr).toMatch(/not kept: cannot make the folder of .*: a part of the path is not a directory/);
  });

  it('has a disk that is full: the answer comes, and exit 8', async () => {
    await ask(['--history', 'one']);
    const database = new DatabaseSync(desk.database);
    // As a full disk fails: in the middle of a write.
    database.exec(
      "CREATE TRIGGER full BEFORE INSERT ON messages BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END",
    );
    database.close();
    const { code, stdout, stderr } = await askUnkept(['-c', 'two']);
    expect({ code, stdout }).toEqual({ code: 8, stdout: 'hi\n' });
    expect(lines(stderr)).toEqual([expect.stringContaining('oai: this exchange is not kept: ')]);
    expect(states()).toEqual(['answered']);
    const named = await askUnkept(['--conversation', 'trip', '--create', 'three']);
    expect(named).toMatchObject({ code: 8, stdout: 'hi\n' });
  });

  it('has another program that holds the database', async () => {
    await ask(['--history', 'one']);
    const holder = new DatabaseSync(desk.database);
    holder.exec('BEGIN IMMEDIATE');
    try {
      const { code, stdout, stderr } = await askUnkept(['--history', 'two']);
      expect({ code, stdout }).toEqual({ code: 8, stdout: 'hi\n' });
      expect(lines(stderr)).toEqual([expect.stringMatching(/is not kept: .* is in use by another program/)]);
    } finally {
      holder.close();
    }
  }, 20_000);

  it('has the conversation deleted in the middle: the answer comes', async () => {
    await ask(['--history', 'one']);
    const api = stubApi(() => {
      const database = new DatabaseSync(desk.database);
      database.exec('PRAGMA foreign_keys = ON; DELETE FROM exchanges; DELETE FROM conversations');
      database.close();
      return eventStream(chatChunks('hi'));
    });
    const { code, stdout, stderr } = await desk.oai(['chat', '-c', 'two'], { fetch: api.fetch });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: 'hi\n', stderr: '' });
    expect(desk.rows('SELECT * FROM messages')).toEqual([]);
  });

  it('is no matter with the file open to others: it is made for the user alone', async () => {
    await ask(['--history', 'one']);
    chmodSync(desk.database, 0o644);
    expect((await ask(['-c', 'two'])).code).toBe(0);
  });
});

describe('--usage', () => {
  const usage = {
    prompt_tokens: 1200,
    completion_tokens: 70,
    total_tokens: 1270,
    prompt_tokens_details: { cached_tokens: 1000 },
    completion_tokens_details: { reasoning_tokens: 30 },
  };
  const stream = (more: object = { usage }) =>
    eventStream([
      ...chatChunks('ok').map((chunk) => ({ ...chunk, model: 'gpt-6-luna' })),
      { ...chatChunk({}), choices: [], ...more },
    ]);

  it('says on one line of stderr what it took', async () => {
    const api = stubApi(stream());
    const { stdout, stderr } = await desk.oai(['chat', '--usage', 'hello'], { fetch: api.fetch });
    expect(await api.requests[0]?.json()).toMatchObject({ stream_options: { include_usage: true } });
    expect(stdout).toBe('ok\n');
    expect(stderr).toMatch(
      /^oai: 1,200 tokens in, 1,000 cached, 70 out, 30 reasoning, first text after 0 ms, \$0\.000\d+\n$/,
    );
  });

  it('is said with --quiet, too: it was asked for', async () => {
    const api = stubApi(stream());
    const { stderr } = await desk.oai(['chat', '--usage', '-q', 'hello'], { fetch: api.fetch });
    expect(stderr).toContain('1,200 tokens in');
  });

  it('knows no price of a model that is in no list, and no tokens that nobody told', async () => {
    const api = stubApi(stream({}));
    const words = ['chat', '--usage', '-m', 'nobody-knows-it', '--base-url', 'https://x.example/v1', 'hello'];
    const { stderr } = await desk.oai(words, { fetch: api.fetch });
    expect(stderr).toBe(
      'oai: tokens unknown: the server does not tell, first text after 0 ms, cost unknown\n',
    );
  });

  it('knows no price of another tier of service, here or in the history', async () => {
    const chunks = chatChunks('ok').map((chunk) => ({ ...chunk, model: 'gpt-6-luna', service_tier: 'flex' }));
    const api = stubApi(eventStream([...chunks, { ...chatChunk({}), choices: [], usage }]));
    const { stderr } = await desk.oai(['chat', '--usage', '--history', '--service-tier', 'flex', 'hello'], {
      fetch: api.fetch,
    });
    expect(stderr).toMatch(/1,200 tokens in, .*, cost unknown\n$/);
    const { stdout } = await desk.oai(['history', 'usage', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ inputTokens: 1200, cost: null, unpriced: 1 }]);
  });

  it('is said of an answer that is not what was asked for', async () => {
    const chunks = [
      chatChunk({ content: 'ok' }),
      chatChunk({}, 'length'),
      { ...chatChunk({}), choices: [], usage },
    ];
    const api = stubApi(eventStream(chunks));
    const { code, stderr } = await desk.oai(['chat', '--usage', 'hello'], { fetch: api.fetch });
    expect(code).toBe(8);
    expect(stderr).toContain('1,200 tokens in');
  });

  it('tells the rate of a whole answer', async () => {
    const { stderr, code } = await desk.oai(['chat', '--sandbox', '--json', '--usage', 'hello']);
    expect(code).toBe(0);
    expect(stderr).toMatch(/^oai: \d+ tokens in, 0 cached, \d+ out, \d+ reasoning, 0 ms, \$0\n$/);
  });
});
