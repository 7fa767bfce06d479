import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { removeHistory } from '../../src/history/remove.ts';
import type { Ask } from '../../src/input/ask.ts';
import { type MemoryDesk, memoryDesk } from '../history/memory-desk.ts';
import { chatChunk, chatChunks, errorAnswer, eventStream, stubApi } from '../support/api.ts';
import { CapturedOutput, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { png } from '../support/images.ts';
import { oai } from '../support/oai.ts';
import { folderOf } from '../tools/programs.ts';

// The first of them loads all that a chat needs.
vi.setConfig({ testTimeout: 20_000 });

let desk: MemoryDesk;
beforeEach(async () => {
  desk = await memoryDesk();
});

const lines = (text: string) => text.trimEnd().split('\n');
const jsonLines = (text: string) => (text === '' ? [] : lines(text).map((line) => JSON.parse(line)));

/** Has a conversation of one exchange. */
async function told(question: string, answer: string, ...flags: string[]): Promise<void> {
  const api = stubApi(eventStream(chatChunks(answer)));
  const words = flags.length > 0 ? flags : ['--history'];
  const { code, stderr } = await desk.oai(['chat', ...words, question], { fetch: api.fetch });
  if (code !== 0) throw new Error(stderr);
}

const called = (name: string) => ['--conversation', name, '--create'];

async function history(...words: string[]) {
  return desk.oai(['history', ...words]);
}

describe('where nothing is kept', () => {
  it.each([
    ['list', '', 'nothing is kept yet'],
    ['search', 'x', 'nothing that is kept has these words'],
    ['usage', '', 'nothing is kept yet'],
  ])('%s is empty, and no failure', async (action, word, message) => {
    const words = [action, word].filter((part) => part !== '');
    expect(await history(...words)).toMatchObject({ code: 0, stdout: '', stderr: `oai: ${message}\n` });
    expect(JSON.parse((await history(...words, '--json')).stdout)).toEqual([]);
    expect(existsSync(desk.database)).toBe(false);
  });

  it.each([
    [['show'], 'nothing is kept yet'],
    [['show', 'x'], 'there is no conversation x'],
    [['export'], 'nothing is kept yet'],
    [['rename', 'x', 'y'], 'there is no conversation x'],
    [['delete', 'x', '--yes'], 'there is no conversation x'],
  ])('%j is exit 2', async (words, message) => {
    const { code, stderr } = await history(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(`oai: ${message}`);
  });

  it('path tells where it would be', async () => {
    expect(await history('path')).toMatchObject({ code: 0, stdout: `${desk.database}\n` });
  });

  it('is exit 2 where there is no home', async () => {
    const { code, stderr } = await oai(['history'], { env: {} });
    expect(code).toBe(2);
    expect(stderr).toContain('there is no home directory to keep history in\n     export OAI_HOME=');
  });
});

describe('list', () => {
  it('has the newest first, as JSON Lines in a pipe', async () => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second');
    const rows = jsonLines((await history('list')).stdout);
    expect(rows).toEqual([
      expect.objectContaining({ name: null, title: 'two', exchanges: 1 }),
      {
        id: expect.stringMatching(/^[0-9a-f]{10}$/),
        name: 'a',
        title: 'one',
        created: expect.stringMatching(/^2026-11-21T12:\d\d:00.000Z$/),
        updated: expect.stringMatching(/^2026-11-21T12:\d\d:00.000Z$/),
        exchanges: 1,
        running: 0,
        profile: 'openai',
        baseUrl: 'https://api.openai.com/v1',
        model: 'gpt-6-luna',
        forkedFrom: null,
      },
    ]);
    expect(jsonLines((await history()).stdout)).toEqual(rows);
    expect(JSON.parse((await history('--json')).stdout)).toEqual(rows);
  });

  it('is a table on a terminal', async () => {
    await told('one', 'first', ...called('a'));
    const { stdout } = await desk.oai(['history', 'list'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(lines(stdout)[0]).toMatch(/^id +updated +exchanges +model +conversation$/);
    expect(lines(stdout)[1]).toMatch(/^[0-9a-f]{10} +\d{4}-\d\d-\d\d \d\d:\d\d +1 +gpt-6-luna +a$/);
  });

  it('has 100 at most, and says so; --limit and --all say how many', async () => {
    await told('one', 'first');
    const database = new DatabaseSync(desk.database);
    database.exec(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 150)
      INSERT INTO conversations (id, title, created, updated) SELECT printf('%010x', i), 'c' || i, i, i FROM n`,
    );
    database.close();
    const usual = await history('list');
    expect(jsonLines(usual.stdout)).toHaveLength(100);
    expect(usual.stderr).toBe('oai: the newest 100 of 151; --all shows all, --limit so many\n');
    const two = await history('list', '--limit', '2');
    expect(jsonLines(two.stdout).map(({ title }) => title)).toEqual(['one', 'c150']);
    expect(two.stderr).toBe('');
    expect(jsonLines((await history('list', '--all')).stdout)).toHaveLength(151);
  });

  it('names a fork by what it comes from', async () => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second', '-c', '--fork');
    const [fork, original] = jsonLines((await history('list')).stdout);
    expect(fork).toMatchObject({ forkedFrom: original.id, exchanges: 2 });
  });

  it.each([
    ['explain recursion', 'explain recursion'],
    ['  two\n  lines of it ', 'two'],
    [
      'a very long question that goes on and on and on until nobody knows what it was',
      'a very long question that goes on and on and on until…',
    ],
    [`${'line of a log\n'.repeat(30)}\n\nwhat is wrong here?`, 'what is wrong here?'],
    [`why is that so?\n\n${'line of a log\n'.repeat(30)}`, 'why is that so?'],
    [
      '한국어로 '.repeat(30),
      '한국어로 한국어로 한국어로 한국어로 한국어로 한국어로 한국어로 한국어로 한국어로 한국어로 한국어로…',
    ],
    ['👩‍👩‍👧'.repeat(30), expect.stringMatching(/…$/)],
    ['\u001b[31mred', '\u001b[31mred'],
    [`${'x'.repeat(5000)}\n${' '.repeat(5000)}\n\nwhy?`, 'why?'],
    [`first\n${'x'.repeat(5000)}`, 'first'],
  ])('calls %j by its first words', async (question, title) => {
    await told(question, 'ok');
    expect(jsonLines((await history('list')).stdout)[0].title).toEqual(title);
    const { stdout } = await desk.oai(['history'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stdout).not.toContain('\u001b');
  });
});

describe('show', () => {
  it('is Markdown, of the last one or of the one that is named', async () => {
    await told('one', 'first', ...called('a'), '-s', 'Be brief.');
    await told('two', 'second');
    const { stdout } = await history('show', 'a');
    expect(stdout).toMatch(
      /^# a\n\n[0-9a-f]{10}, 2026-11-21 \d\d:\d\d, gpt-6-luna\n\n## system\n\nBe brief.\n\n## user\n\none\n\n## assistant\n\nfirst\n$/,
    );
    expect((await history('show')).stdout).toContain('## assistant\n\nsecond\n');
  });

  it('tells a terminal nothing that it would obey', async () => {
    await told('x', 'a \u001b]0;title\u0007 b');
    const { stdout } = await desk.oai(['history', 'show'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stdout).toContain('a ␛]0;title␇ b');
    expect((await history('show')).stdout).toContain('a \u001b]0;title\u0007 b');
  });

  it('is made readable on a terminal, but for --raw', async () => {
    await told('x', 'A **bold** word\n\n```js\nlet x = "한국어";\n```');
    const shown = async (...words: string[]) =>
      (await desk.oai(['history', 'show', ...words], { stdout: new CapturedOutput({ isTTY: true }) })).stdout;
    expect(await shown()).toContain('bold');
    expect(await shown()).not.toContain('```');
    expect(await shown('--raw')).toBe((await history('show')).stdout);
    writeFileSync(join(desk.home, 'config.toml'), 'markdown = false\n', { mode: 0o600 });
    expect(await shown()).toBe((await history('show')).stdout);
  });

  it('says what is missing', async () => {
    await told('one', 'first');
    const refused = stubApi(errorAnswer(400, { message: 'no way' }));
    await desk.oai(['chat', '-c', 'two'], { fetch: refused.fetch });
    expect((await history('show')).stdout).toMatch(/## user\n\ntwo\n\n\*\(no answer: .*no way.*\)\*\n$/);
    const cut = stubApi(eventStream([chatChunk({ content: 'It w' })], { done: false }));
    await desk.oai(['chat', '-c', 'three'], { fetch: cut.fetch });
    expect((await history('show')).stdout).toMatch(
      /## assistant\n\nIt w\n\n\*\(cut: the answer was cut: .*\)\*\n$/,
    );
  });

  it('is all that is known with --json', async () => {
    const usage = {
      prompt_tokens: 1000,
      completion_tokens: 100,
      total_tokens: 1100,
      prompt_tokens_details: { cached_tokens: 500 },
      completion_tokens_details: { reasoning_tokens: 10 },
    };
    const chunks = [...chatChunks('ok'), { ...chatChunk({}), choices: [], usage, model: 'gpt-6-luna' }];
    const api = stubApi(
      eventStream(chunks.map((chunk) => ({ ...chunk, model: 'gpt-6-luna', service_tier: 'default' }))),
    );
    await desk.oai(['chat', '--history', 'one'], { fetch: api.fetch });
    const shown = JSON.parse((await history('show', '--json')).stdout);
    expect(shown).toMatchObject({ title: 'one', model: 'gpt-6-luna' });
    expect(shown.exchanges).toEqual([
      {
        state: 'answered',
        time: expect.stringContaining('2026-11-21T'),
        profile: 'openai',
        model: 'gpt-6-luna',
        answeredBy: 'gpt-6-luna',
        responseId: 'chatcmpl-stub',
        serviceTier: 'default',
        inputTokens: 1000,
        cachedTokens: 500,
        outputTokens: 100,
        reasoningTokens: 10,
        firstTextAfter: 0,
        duration: 0,
        tokensPerSecond: null,
        cost: expect.any(Number),
        error: null,
        messages: [
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'ok' },
        ],
        others: [],
      },
    ]);
    expect(shown.exchanges[0].cost).toBeGreaterThan(0);
  });

  it('has the nearest name for one that there is not', async () => {
    await told('one', 'first', ...called('weather'));
    const { code, stderr } = await history('show', 'wether');
    expect(code).toBe(2);
    expect(stderr).toBe(
      'oai: there is no conversation wether; did you mean weather?\n     `oai history list` shows what there is\n',
    );
  });
});

describe('search', () => {
  it('finds messages that have all of the words, the newest first, with the line', async () => {
    await told('where do cats sleep?', 'On the sofa.\nCats like WARM places.', ...called('cats'));
    await told('dogs', 'Warm dogs sleep too.');
    const rows = jsonLines((await history('search', 'warm')).stdout);
    expect(rows).toEqual([
      expect.objectContaining({ name: null, title: 'dogs', role: 'assistant', line: 'Warm dogs sleep too.' }),
      {
        conversation: expect.stringMatching(/^[0-9a-f]{10}$/),
        name: 'cats',
        title: 'where do cats sleep?',
        time: expect.stringContaining('2026-11-21T12:'),
        role: 'assistant',
        line: 'Cats like WARM places.',
      },
    ]);
    expect(jsonLines((await history('search', 'warm', 'sofa')).stdout)).toHaveLength(1);
    expect(jsonLines((await history('search', 'warm sofa')).stdout)).toHaveLength(0);
  });

  it.each([
    ['a Korean word of two letters', '김치', '나는 서울에서 김치를 먹었다'],
    ['Japanese without spaces', '東京', '昨日は東京タワーへ行きました'],
    ['another case', 'ÄRGER', 'kein Ärger'],
    ['composed of two', 'Ärger', 'A\u0308rger'],
    ['half-width letters', 'カナ', 'ｶﾅ'],
    ['one letter', '숲', '숲'],
    ['what SQL and FTS5 take for syntax', '50%_"*', 'rise by 50%_"* of it'],
  ])('finds %s', async (_, word, text) => {
    await told('what?', text);
    expect(jsonLines((await history('search', word)).stdout)).toMatchObject([{ line: text.trim() }]);
    expect(jsonLines((await history('search', `${word}x`)).stdout)).toEqual([]);
  });

  it('cuts a long line round the word', async () => {
    await told('what?', `${'😀 '.repeat(300)}needle${' 😀'.repeat(300)}`);
    const [{ line }] = jsonLines((await history('search', 'needle')).stdout);
    expect(line).toMatch(/^….*needle.*…$/u);
    expect(line.length).toBeLessThan(170);
    expect(line).toBe(Buffer.from(line).toString());
  });

  it('shows what two conversations share once', async () => {
    await told('one', 'needle', ...called('a'));
    await told('two', 'second', '-c', '--fork');
    expect(jsonLines((await history('search', 'needle')).stdout)).toMatchObject([{ name: 'a' }]);
  });

  it('shows as many as are asked for', async () => {
    for (let count = 0; count < 3; count++) await told('needle', 'ok');
    expect(jsonLines((await history('search', 'needle', '--limit', '2')).stdout)).toHaveLength(2);
  });

  it.each([[[]], [['']], [[' ']]])('needs words, not %j', async (words) => {
    const { code, stderr } = await history('search', ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'oai: history search needs words to look for\n' });
  });

  it('is no failure where nothing is found', async () => {
    await told('one', 'first');
    expect(await history('search', 'needle')).toMatchObject({ code: 0, stdout: '' });
  });
});

describe('export', () => {
  const image = `data:image/png;base64,${png(4, 4).toString('base64')}`;

  it.each(['jsonl', 'json'])('as %s is what --messages reads', async (format) => {
    const folder = await temporaryFolder();
    const content = [
      { type: 'text', text: 'what is it?' },
      { type: 'image_url', image_url: { url: image } },
    ];
    writeFileSync(join(folder, 'm.json'), JSON.stringify([{ role: 'user', content }]));
    await told('in short', 'a square', '--history', '--messages', join(folder, 'm.json'), '-s', 'Be brief.');
    const file = join(folder, 'out');
    expect(await history('export', '-f', format, '-o', file)).toMatchObject({ code: 0, stdout: `${file}\n` });
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const api = stubApi(eventStream(chatChunks('ok')));
    await desk.oai(['chat', '--messages', file, 'and now?'], { fetch: api.fetch });
    expect(await api.requests[0]?.json()).toMatchObject({
      messages: [
        { role: 'user', content },
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'in short' },
        { role: 'assistant', content: 'a square' },
        { role: 'user', content: 'and now?' },
      ],
    });
  });

  it('as md is what show prints', async () => {
    await told('one', 'first', ...called('a'));
    expect((await history('export', 'a', '-f', 'md')).stdout).toBe((await history('show', 'a')).stdout);
  });

  it('leaves out questions that got no answer', async () => {
    await told('one', 'first');
    const refused = stubApi(errorAnswer(400, { message: 'no' }));
    await desk.oai(['chat', '-c', 'two'], { fetch: refused.fetch });
    expect(jsonLines((await history('export')).stdout)).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'first' },
    ]);
  });

  it('has every conversation with --all, the oldest first', async () => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second');
    const rows = jsonLines((await history('export', '--all')).stdout);
    expect(rows.map(({ title }) => title)).toEqual(['one', 'two']);
    expect(rows[0]).toMatchObject({ name: 'a', messages: [{ content: 'one' }, { content: 'first' }] });
    expect(JSON.parse((await history('export', '--all', '-f', 'json')).stdout)).toEqual(rows);
    expect((await history('export', '--all', '-f', 'md')).stdout).toMatch(/^# a\n[\s\S]*\n\n# two\n/);
  });

  it('replaces no file without --force', async () => {
    await told('one', 'first');
    const file = join(await temporaryFolder(), 'out');
    writeFileSync(file, 'mine');
    expect((await history('export', '-o', file)).code).toBe(2);
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect((await history('export', '-o', file, '--force')).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('first');
  });

  it.each([
    [['export', 'a', '--all'], '--all is every conversation, and there is a beside it'],
    [['export', '-f', 'xml'], '--format xml is not one of jsonl, json, md'],
    [['export', 'a', 'b'], 'history export takes one conversation, and there is b beside it'],
  ])('refuses %j', async (words, message) => {
    await told('one', 'first', ...called('a'));
    const { code, stderr } = await history(...words);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});

describe('rename', () => {
  it('gives a conversation a name, by id or the one that it had', async () => {
    await told('one', 'first');
    const [{ id }] = jsonLines((await history('list')).stdout);
    expect((await history('rename', id, ' trip ')).stdout).toBe(`${id}\n`);
    expect((await history('rename', 'trip', 'journey')).code).toBe(0);
    expect((await history('rename', 'journey', 'journey')).code).toBe(0);
    expect(jsonLines((await history('list')).stdout)[0]).toMatchObject({ id, name: 'journey' });
  });

  it.each([
    [['a', 'b'], /conversation [0-9a-f]{10} is called b already/],
    [['a', ''], /history rename takes a conversation and its new name: one of them is empty/],
    [['a', 'x\ny'], /a name is one line/],
    [['a', 'abcdef0123'], /looks like an id/],
    [['a', '--', '-b'], /the name -b looks like a flag/],
    [['c', 'd'], /there is no conversation c/],
    [['a'], /history rename needs a conversation and its new name/],
    [['a', 'b', 'c'], /takes a conversation and its new name, and there is c beside it/],
  ])('refuses %j', async (words, message) => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second', ...called('b'));
    const { code, stderr } = await history('rename', ...words);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(desk.rows('SELECT name FROM conversations ORDER BY name')).toEqual([{ name: 'a' }, { name: 'b' }]);
  });
});

describe('delete', () => {
  const image = async (side: number) => {
    const path = join(await temporaryFolder(), 'm.json');
    const url = `data:image/png;base64,${png(side, side).toString('base64')}`;
    writeFileSync(
      path,
      JSON.stringify([{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }]),
    );
    return path;
  };
  const blobs = () =>
    readdirSync(join(desk.home, 'data', 'attachments'), { recursive: true, encoding: 'utf8' }).filter(
      (path) => path.includes('/'),
    );
  const names = () => desk.rows('SELECT name FROM conversations ORDER BY name').map(({ name }) => name);

  it('needs --yes where there is no terminal', async () => {
    await told('one', 'first', ...called('a'));
    const { code, stderr } = await history('delete', 'a');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^oai: this would delete conversation [0-9a-f]{10} \(a\), and there is no terminal to ask at\n {5}--yes deletes it\n$/,
    );
    expect(names()).toEqual(['a']);
  });

  it('takes out what was said, and what was attached to it alone', async () => {
    await told('one', 'first', ...called('a'), '--messages', await image(3));
    await told('two', 'second', ...called('b'), '--messages', await image(3));
    await told('three', 'third', ...called('c'), '--messages', await image(5));
    expect(blobs()).toHaveLength(2);
    const { stdout } = await history('delete', 'a', 'c', 'a', '--yes');
    expect(lines(stdout)).toHaveLength(2);
    expect(names()).toEqual(['b']);
    expect(blobs()).toHaveLength(1);
    expect(desk.rows('SELECT count(*) AS n FROM messages')).toEqual([{ n: 3 }]);
    expect(desk.rows('SELECT count(*) AS n FROM exchanges')).toEqual([{ n: 1 }]);
    expect((await history('delete', 'b', '--yes')).code).toBe(0);
    expect(blobs()).toEqual([]);
  });

  it('says which file it cannot remove: the conversations and all other files are gone', async () => {
    await told('one', 'first', ...called('a'), '--messages', await image(3));
    const [stays = ''] = blobs();
    await told('two', 'second', ...called('b'), '--messages', await image(5));
    const path = join(desk.home, 'data', 'attachments', stays);
    rmSync(path);
    mkdirSync(path);
    const { code, stdout, stderr } = await history('delete', '--all', '--yes');
    expect({ code, ids: lines(stdout).length }).toEqual({ code: 2, ids: 2 });
    expect(stderr).toContain(`oai: cannot remove ${path}: `);
    expect(stderr).toContain('the conversations are deleted');
    expect(names()).toEqual([]);
    expect(blobs()).toEqual([stays]);
  });

  it('removes no file where the conversations cannot be deleted', async () => {
    await told('one', 'first', ...called('a'), '--messages', await image(3));
    const database = new DatabaseSync(desk.database);
    // As a disk fails that has no room for the end of a transaction.
    database.exec(
      `CREATE TABLE gone (number INTEGER PRIMARY KEY,
        exchange INTEGER REFERENCES exchanges (number) DEFERRABLE INITIALLY DEFERRED)`,
    );
    database.exec('INSERT INTO gone VALUES (1, 1)');
    database.close();
    expect((await history('delete', 'a', '--yes')).code).toBe(2);
    expect(names()).toEqual(['a']);
    expect(blobs()).toHaveLength(1);
  });

  it('leaves nothing of it in the files', async () => {
    await told('one', 'a word like xylophone', ...called('a'));
    await told('two', 'second', ...called('b'));
    const files = () =>
      readdirSync(join(desk.home, 'data')).map((name) =>
        readFileSync(join(desk.home, 'data', name), 'latin1'),
      );
    expect(files().join('')).toContain('xylophone');
    await history('delete', 'a', '--yes');
    expect(files().join('')).not.toContain('xylophone');
  });

  it('leaves to a fork what it shares', async () => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second', '-c', '--fork');
    await history('delete', 'a', '--yes');
    expect(jsonLines((await history('export')).stdout).map(({ content }) => content)).toEqual([
      'one',
      'first',
      'two',
      'second',
    ]);
  });

  it('takes what was not used for so long', async () => {
    await told('one', 'first', ...called('old'));
    await told('two', 'second', ...called('new'));
    // The desk's runs are a minute apart.
    expect(await history('delete', '--older-than', '5m', '--yes')).toMatchObject({
      code: 0,
      stdout: '',
      stderr: 'oai: there is nothing to delete\n',
    });
    await told('again', 'third', '--conversation', 'new');
    const { code } = await history('delete', '--older-than', '150s', '--yes');
    expect(code).toBe(0);
    expect(names()).toEqual(['new']);
  });

  it('takes all of it', async () => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second', ...called('b'));
    expect(lines((await history('delete', '--all', '--yes')).stdout)).toHaveLength(2);
    expect(names()).toEqual([]);
  });

  it.each([
    [[], 'history delete needs conversations'],
    [['a', '--all'], 'names, --older-than and --all do not go together'],
    [['--all', '--older-than', '1d'], 'names, --older-than and --all do not go together'],
    [['a', 'nobody'], 'there is no conversation nobody'],
    [['--older-than', '0d'], '--older-than 0d is not a duration'],
  ])('refuses %j, and deletes nothing', async (words, message) => {
    await told('one', 'first', ...called('a'));
    const { code, stderr } = await history('delete', ...words, '--yes');
    expect(code).toBe(2);
    expect(stderr).toContain(message);
    expect(names()).toEqual(['a']);
  });

  it.each([
    [true, []],
    [false, ['a', 'b']],
  ])('asks at a terminal: %s', async (answer, left) => {
    await told('one', 'first', ...called('a'));
    await told('two', 'second', ...called('b'));
    const stderr = new CapturedOutput({ isTTY: true });
    const context = fakeContext({ stdinTTY: true, stderr, env: { OAI_HOME: desk.home } });
    const questions: string[] = [];
    const ask = {
      confirm: (question: string, suggestion?: boolean) => {
        questions.push(`${question} ${suggestion}`);
        return Promise.resolve(answer);
      },
    } as unknown as Ask;
    await removeHistory([], { all: true }, context, ask);
    expect(questions).toEqual(['Delete 2 conversations? false']);
    expect(names()).toEqual(left);
  });
});

describe('usage', () => {
  const answer = (model: string, input: number, output: number) => {
    const usage = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    return eventStream([
      ...chatChunks('ok').map((chunk) => ({ ...chunk, model })),
      { ...chatChunk({}), model, choices: [], usage },
    ]);
  };

  async function used(model: string, input: number, output: number, ...flags: string[]) {
    const api = stubApi(answer(model, input, output));
    await desk.oai(['chat', '--history', '-m', model, ...flags, 'x'], { fetch: api.fetch });
  }

  it('sums up by day and by model; forks count once, notes not at all', async () => {
    await used('gpt-6-luna', 1000, 100);
    await used('gpt-6-luna', 2000, 200, '-c', '--fork');
    await used('nobody-knows', 5, 7);
    await desk.oai(['chat', '-c', '--add', 'x']);
    const [day, ...none] = jsonLines((await history('usage')).stdout);
    expect(none).toEqual([]);
    expect(day).toEqual({
      day: '2026-11-21',
      exchanges: 3,
      inputTokens: 3005,
      cachedTokens: 0,
      outputTokens: 307,
      reasoningTokens: 0,
      cost: expect.any(Number),
      unpriced: 1,
    });
    const models = jsonLines((await history('usage', '--by', 'model')).stdout);
    expect(models).toMatchObject([
      { model: 'gpt-6-luna', exchanges: 2, inputTokens: 3000, unpriced: 0, cost: day.cost },
      { model: 'nobody-knows', exchanges: 1, cost: null, unpriced: 1 },
    ]);
  });

  it('prices each answer by itself: of large ones a token costs more', async () => {
    await used('gpt-6-luna', 200_000, 100);
    const [{ cost }] = jsonLines((await history('usage')).stdout);
    const calls = [{ index: 0, id: 'c1', type: 'function', function: { name: 'now', arguments: '{}' } }];
    const usage = { prompt_tokens: 200_000, completion_tokens: 100, total_tokens: 200_100 };
    const chunk = { ...chatChunk({}), model: 'gpt-6-luna' };
    const asks = eventStream([
      { ...chatChunk({ tool_calls: calls }), model: 'gpt-6-luna' },
      { ...chatChunk({}, 'tool_calls'), model: 'gpt-6-luna' },
      { ...chunk, choices: [], usage },
    ]);
    const cwd = await folderOf({ now: 'echo noon' });
    const spec = { description: 'The time', parameters: { type: 'object', properties: {} } };
    writeFileSync(join(cwd, 'now.json'), JSON.stringify(spec));
    const api = stubApi(asks, answer('gpt-6-luna', 200_000, 100));
    const argv = ['chat', '--history', '-m', 'gpt-6-luna', '--tool', 'now=./now', '--yes', 'x'];
    const env = { PATH: process.env['PATH'] ?? '' };
    expect(await desk.oai(argv, { fetch: api.fetch, cwd, env })).toMatchObject({ code: 0 });
    expect(jsonLines((await history('usage')).stdout)).toMatchObject([
      { exchanges: 2, inputTokens: 600_000, cost: Number((3 * cost).toPrecision(6)) },
    ]);
    expect(JSON.parse((await history('show', '--json')).stdout).exchanges[0].cost).toBeCloseTo(2 * cost, 9);
    // One that was made before the answers were kept by themselves.
    const database = new DatabaseSync(desk.database);
    database.exec('DROP TABLE turns');
    database.close();
    const [sum] = jsonLines((await history('usage')).stdout);
    expect(sum.cost).toBeGreaterThan(3 * cost);
    await used('gpt-6-luna', 200_000, 100);
    expect(jsonLines((await history('usage')).stdout)[0].cost).toBeCloseTo(sum.cost + cost, 5);
  });

  it('counts an answer of the cache as one that cost nothing', async () => {
    const words = ['chat', '--history', '--cache', '-m', 'nobody-knows', 'x'];
    const api = stubApi(answer('nobody-knows', 1000, 100));
    for (const _ of [1, 2]) expect((await desk.oai(words, { fetch: api.fetch })).stdout).toBe('ok\n');
    const [day] = jsonLines((await history('usage')).stdout);
    expect(day).toMatchObject({ exchanges: 2, inputTokens: 1000, outputTokens: 100, cost: 0, unpriced: 1 });
    const shown = JSON.parse((await history('show', '--json')).stdout);
    expect(shown.exchanges[0]).toMatchObject({ inputTokens: 0, tokensPerSecond: null, cost: 0 });
  });

  it('is a table on a terminal', async () => {
    await used('nobody-knows', 1005, 7);
    const { stdout } = await desk.oai(['history', 'usage', '--by', 'model'], {
      stdout: new CapturedOutput({ isTTY: true }),
    });
    expect(stdout).toContain('nobody-knows');
    expect(stdout).toMatch(/1,005/);
    expect(stdout).toContain('unknown');
  });

  it('refuses another --by', async () => {
    expect((await history('usage', '--by', 'week')).code).toBe(2);
  });
});

describe('a word that is no action', () => {
  it('is exit 2, with the nearest', async () => {
    const { code, stderr } = await history('lst');
    expect(code).toBe(2);
    expect(stderr).toContain('history lst is no action; did you mean list?');
  });

  it('takes no flags of another', async () => {
    expect((await history('show', '--by', 'day')).stderr).toContain('--by means nothing to history show');
    expect((await history('path', 'x')).stderr).toContain('history path takes no words: x');
  });
});

describe('a database that is damaged', () => {
  it('is exit 2, and says what to do', async () => {
    await told('one', 'first');
    desk.rows('PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = readFileSync(desk.database);
    bytes.fill(0xff, 4096);
    writeFileSync(desk.database, bytes);
    const { code, stderr } = await history('list');
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /history\.db is damaged\n {5}`sqlite3 .*history\.db \.recover` saves what is left/,
    );
  });
});
