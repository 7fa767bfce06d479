import { chmod, mkdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DatabaseSync } from '@photostructure/sqlite';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../src/json.ts';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkRequest } from '../support/openapi.ts';

const cats = '# Cats\n\nThe cat sleeps on the sofa by the window.\n';
const cars = '# Cars\n\nThe car needs a new engine before winter.\n';
const korean = '# 고양이\n\n고양이는 창가 소파에서 하루 종일 잠을 잔다.\n';
const notes = { 'notes/cats.md': cats, 'notes/deep/cars.md': cars, 'notes/ko.md': korean };

/** A folder with these files. */
async function desk(files: Record<string, string | Uint8Array> = notes): Promise<string> {
  const cwd = await temporaryFolder();
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), contents);
  }
  return cwd;
}

/** Runs `oai index …` against the sandbox. */
async function index(cwd: string, argv: readonly string[], options: FakeContextOptions = {}) {
  const env = { OAI_PROFILE: 'sandbox' };
  const { code, stdout, stderr } = await oai(['index', ...argv], { cwd, env, ...options });
  return { code, stdout, stderr };
}

/** What `add --json` says, by path. */
async function added(cwd: string, argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout } = await index(cwd, ['add', ...argv, '--json']);
  expect(code).toBe(0);
  return Object.fromEntries(rows(stdout).map(({ path, ...rest }) => [path, rest]));
}

function rows(stdout: string): { [name: string]: unknown }[] {
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** The answer to a request for embeddings: vectors of two numbers. */
async function vectorsFor(request: Request): Promise<Response> {
  const { input } = (await request.json()) as { input: string[] };
  const data = input.map((text, at) => ({ object: 'embedding', index: at, embedding: [text.length, 1] }));
  const usage = { prompt_tokens: 3, total_tokens: 3 };
  return jsonAnswer({ object: 'list', data, model: 'text-embedding-3-small', usage });
}

/** A text of many paragraphs. */
const long = Array.from(
  { length: 120 },
  (_, at) => `Paragraph ${at} is about number ${at * 17}, and says so in a few words.`,
).join('\n\n');

describe('oai index add', () => {
  it('indexes all texts below a folder, and prints their paths', async () => {
    const cwd = await desk({
      ...notes,
      'notes/.hidden/x.md': 'x',
      'notes/.env': 'SECRET=1',
      'notes/node_modules/p/readme.md': 'x',
      'notes/picture.png': Uint8Array.of(0x89, 0x50, 0, 1),
      'notes/latin.txt': Uint8Array.of(0xe4, 0xf6, 0x20, 0x61),
    });
    await symlink('..', join(cwd, 'notes', 'up'));
    expect(await index(cwd, ['add', 'notes'])).toEqual({
      code: 0,
      stdout: 'notes/cats.md\nnotes/deep/cars.md\nnotes/ko.md\n',
      stderr: expect.stringMatching(
        /^oai: 3 texts indexed, 2 left out as no text, 3 chunks embedded, \d+ tokens\n$/,
      ),
    });
    expect((await stat(join(cwd, '.oai-index.db'))).mode & 0o777).toBe(0o600);
  });

  it('sends what the API takes', async () => {
    const cwd = await desk();
    const api = stubApi(vectorsFor);
    const flags = ['--dimensions', '2', '-m', 'text-embedding-3-large', '--param', 'user="me"'];
    const { code } = await index(cwd, ['add', 'notes', ...flags], {
      env: { OPENAI_API_KEY: 'sk-x' },
      fetch: api.fetch,
    });
    expect(code).toBe(0);
    const body = await api.requests[0]?.json();
    expect(body).toEqual({
      model: 'text-embedding-3-large',
      dimensions: 2,
      user: 'me',
      encoding_format: 'base64',
      input: [cats.trim(), cars.trim(), korean.trim()],
    });
    checkRequest('POST', '/embeddings', body);
  });

  it('embeds nothing twice', async () => {
    const cwd = await desk({ ...notes, 'long.txt': long });
    const first = await added(cwd, ['notes', 'long.txt', '--chunk-tokens', '60']);
    const { chunks } = first['long.txt'] as { chunks: number };
    expect(chunks).toBeGreaterThan(20);
    expect(first['long.txt']).toEqual({ chunks, embedded: chunks, unchanged: 0 });
    const api = stubApi();
    const again = await index(cwd, ['add', 'notes', 'long.txt'], {
      env: { OPENAI_API_KEY: 'sk-x' },
      fetch: api.fetch,
    });
    expect(again).toEqual({ code: 0, stdout: '', stderr: 'oai: 0 texts indexed, 4 unchanged\n' });
  });

  it('embeds the chunks of an edited text that changed, and no others', async () => {
    const cwd = await desk({ 'long.txt': long });
    const flags = ['long.txt', '--chunk-tokens', '60', '--overlap', '10'];
    const { chunks } = (await added(cwd, flags))['long.txt'] as { chunks: number };
    await writeFile(join(cwd, 'long.txt'), `A new paragraph stands in front.\n\n${long}`);
    const after = (await added(cwd, ['long.txt']))['long.txt'] as { embedded: number; unchanged: number };
    expect(after.embedded).toBeGreaterThan(0);
    expect(after.embedded).toBeLessThan(chunks / 3);
    expect(after.unchanged).toBeGreaterThan(chunks / 2);
  });

  it('pays nothing for a text that has moved, and takes out what is gone with --prune', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes']);
    await rename(join(cwd, 'notes/cats.md'), join(cwd, 'notes/pets.md'));
    expect(await index(cwd, ['add', 'notes', '--prune'])).toEqual({
      code: 0,
      stdout: 'notes/pets.md\nnotes/cats.md\n',
      stderr: 'oai: 1 text indexed, 2 unchanged, 1 removed, 1 chunk had a vector\n',
    });
    await rm(join(cwd, 'notes'), { recursive: true });
    const { code, stdout } = await index(cwd, ['add', '--prune', '--json'], { env: {} });
    expect({ code, removed: rows(stdout).map(({ removed }) => removed) }).toEqual({
      code: 0,
      removed: [true, true, true],
    });
  });

  it('takes patterns, one file and stdin', async () => {
    const cwd = await desk();
    expect((await index(cwd, ['add', 'notes/**/*.md'])).stdout.split('\n')).toHaveLength(4);
    expect(await index(cwd, ['add', '-', '--name', 'log'], { stdin: 'what a log says' })).toMatchObject({
      code: 0,
      stdout: 'log\n',
    });
    expect((await index(cwd, ['add', '-', '--name', 'log'], { stdin: 'what a log says' })).stdout).toBe('');
    const { stdout } = await index(cwd, ['search', 'what a log says', '-k', '1']);
    expect(JSON.parse(stdout)).toMatchObject({ path: 'log', from: 1, to: 1, text: 'what a log says' });
  });

  it('finds its texts from another folder, and after both have moved', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes', '--db', 'notes/i.db']);
    const deep = await index(join(cwd, 'notes', 'deep'), ['list', '--db', '../i.db']);
    expect(rows(deep.stdout).map(({ path }) => path)).toEqual(['../cats.md', 'cars.md', '../ko.md']);
    await rename(join(cwd, 'notes'), join(cwd, 'moved'));
    const moved = await index(cwd, ['add', 'moved', '--db', 'moved/i.db', '--prune']);
    expect(moved).toMatchObject({
      stdout: '',
      stderr: 'oai: 0 texts indexed, 3 unchanged, 1 left out as no text\n',
    });
  });

  it('packs many texts into few requests, some at the same time', async () => {
    const files = Array.from({ length: 600 }, (_, at) => [`t/${at}.txt`, `text number ${at}`]);
    const cwd = await desk(Object.fromEntries(files));
    const api = stubApi(vectorsFor, vectorsFor, vectorsFor);
    const options = { env: { OPENAI_API_KEY: 'sk-x' }, fetch: api.fetch };
    const { code, stdout } = await index(cwd, ['add', 't', '-j', '2'], options);
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(0, 3)).toEqual(['t/0.txt', 't/1.txt', 't/10.txt']);
    expect(stdout.split('\n')).toHaveLength(601);
  });

  it('takes so many and no more with --limit, and goes on', async () => {
    const cwd = await desk();
    expect((await index(cwd, ['add', 'notes', '--limit', '2'])).stdout).toBe(
      'notes/cats.md\nnotes/deep/cars.md\n',
    );
    expect((await index(cwd, ['add', 'notes', '--limit', '2'])).stdout).toBe('notes/ko.md\n');
  });

  it('keeps an empty text as one without chunks', async () => {
    const cwd = await desk({ 'empty.txt': '', 'space.txt': ' \n\n' });
    const none = { chunks: 0, embedded: 0, unchanged: 0 };
    expect(await added(cwd, ['empty.txt', 'space.txt'])).toEqual({ 'empty.txt': none, 'space.txt': none });
  });

  it('shows the first request with --dry-run, and writes nothing', async () => {
    const cwd = await desk();
    const { code, stdout } = await index(cwd, ['add', 'notes', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('/embeddings');
    await expect(stat(join(cwd, '.oai-index.db'))).rejects.toThrow('ENOENT');
    await index(cwd, ['add', 'notes']);
    const before = await readFile(join(cwd, '.oai-index.db'));
    const again = await index(cwd, ['add', 'notes', '--dry-run']);
    expect(again.stderr).toBe('oai: nothing would be sent: the index has all of it\n');
    await writeFile(join(cwd, 'notes/new.md'), 'something new');
    expect((await index(cwd, ['add', 'notes', '--dry-run'])).stdout).toContain('something new');
    expect(await readFile(join(cwd, '.oai-index.db'))).toEqual(before);
  });
});

describe('a bad day', () => {
  it('makes no database where there is no key', async () => {
    const cwd = await desk();
    expect((await index(cwd, ['add', 'notes'], { env: {} })).code).toBe(3);
    await expect(stat(join(cwd, '.oai-index.db'))).rejects.toThrow('ENOENT');
  });

  const key = { env: { OPENAI_API_KEY: 'sk-x' } };

  it('keeps what is done when the API says no, and goes on', async () => {
    const files = Array.from({ length: 300 }, (_, at) => [`t/${at}.txt`, `text number ${at}`]);
    const cwd = await desk(Object.fromEntries(files));
    const denied = stubApi(vectorsFor, errorAnswer(401, { message: 'no such key' }));
    const run = await index(cwd, ['add', 't', '-j', '1'], { ...key, fetch: denied.fetch });
    expect(run.code).toBe(3);
    expect(run.stdout.split('\n')).toHaveLength(257);
    const api = stubApi(vectorsFor);
    const again = await index(cwd, ['add', 't'], { ...key, fetch: api.fetch });
    expect(again.stderr).toBe('oai: 44 texts indexed, 256 unchanged, 44 chunks embedded, 3 tokens\n');
  });

  it('indexes the rest when one text is refused', async () => {
    const cwd = await desk();
    const refused = () => errorAnswer(400, { message: 'not this one' });
    const api = stubApi(refused, vectorsFor, refused, vectorsFor);
    const run = await index(cwd, ['add', 'notes'], { ...key, fetch: api.fetch });
    expect(run).toMatchObject({ code: 9, stdout: 'notes/cats.md\nnotes/ko.md\n' });
    expect(run.stderr).toContain('1 of 3 texts failed; the first: notes/deep/cars.md: ');
    expect(run.stderr).toContain('not this one');
  });

  it('indexes the rest when one text that was named cannot be read', async () => {
    const cwd = await desk({ ...notes, 'x.bin': Uint8Array.of(1, 0) });
    const run = await index(cwd, ['add', 'notes/cats.md', 'x.bin', 'gone.md']);
    expect(run).toMatchObject({ code: 9, stdout: 'notes/cats.md\n' });
    expect(run.stderr).toContain('2 of 3 texts failed; the first: x.bin is not text');
  });

  it('refuses vectors that are not like the others', async () => {
    const cwd = await desk();
    const short = (request: Request) => vectorsFor(request);
    await index(cwd, ['add', 'notes/cats.md'], { ...key, fetch: stubApi(short).fetch });
    const longer = () =>
      jsonAnswer({ object: 'list', model: 'm', data: [{ index: 0, embedding: [1, 2, 3] }] });
    const run = await index(cwd, ['add', 'notes/ko.md'], { ...key, fetch: stubApi(longer).fetch });
    expect(run.code).toBe(2);
    expect(run.stderr).toContain('with 2 dimensions; text-embedding-3-small made one of 3');
    const query = await index(cwd, ['search', 'x'], { ...key, fetch: stubApi(longer).fetch });
    expect(query.code).toBe(8);
  });
});

describe('oai index search', () => {
  it.each([
    ['where does a cat sleep', 'notes/cats.md'],
    ['an engine for my car', 'notes/deep/cars.md'],
    ['고양이는 어디서 자나요', 'notes/ko.md'],
  ])('finds what is most like %j', async (question, path) => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes']);
    const { code, stdout } = await index(cwd, ['search', question]);
    expect(code).toBe(0);
    const hits = rows(stdout);
    expect(hits[0]).toEqual({ score: expect.any(Number), path, from: 1, to: 3, text: expect.any(String) });
    const scores = hits.map(({ score }) => Number(score));
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores).toHaveLength(3);
  });

  it('takes words, a pipe, -k and --min-score', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes']);
    const typed = await index(cwd, ['search', 'a', 'cat', '-k', '1']);
    expect(rows(typed.stdout)).toHaveLength(1);
    expect((await index(cwd, ['search', '-k', '1'], { stdin: 'a cat\n' })).stdout).toBe(typed.stdout);
    const json = await index(cwd, ['search', 'a cat', '-k', '1', '--json']);
    expect(JSON.parse(json.stdout)).toEqual(rows(typed.stdout));
    expect(await index(cwd, ['search', 'a cat', '--min-score', '0.99'])).toEqual({
      code: 0,
      stdout: '',
      stderr: 'oai: nothing is that much like it\n',
    });
  });

  it('shows blocks on a terminal, and nothing that a terminal obeys', async () => {
    const cwd = await desk({
      'evil\u001b[31m.txt': `${'Filler words. '.repeat(40)}The cat \u001b]0;x\u0007 sleeps.\n`,
    });
    await index(cwd, ['add', '.']);
    const { stdout } = await index(cwd, ['search', 'cat'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stdout).toMatch(/^-?\d\.\d{3} {2}evil␛\[31m\.txt:1\n {7}…/);
    expect(stdout).toContain('cat ␛]0;x␇ sleeps.');
    expect(stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
  });

  it('asks for vectors of the kind that the index has', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes', '--dimensions', '64', '-m', 'text-embedding-3-large']);
    const { stdout } = await index(cwd, ['search', 'x', '--dry-run']);
    expect(stdout).toContain('"model": "text-embedding-3-large"');
    expect(stdout).toContain('"dimensions": 64');
  });
});

describe('oai index list, info and remove', () => {
  it('tell what is in it', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes', '--db', 'n.db', '--dimensions', '8']);
    const listed = rows((await index(cwd, ['list', '--db', 'n.db'])).stdout);
    expect(listed[0]).toEqual({
      path: 'notes/cats.md',
      source: 'file',
      chunks: 1,
      size: Buffer.byteLength(cats),
      modified: expect.stringMatching(/^\d{4}-/),
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const info = await index(cwd, ['info', '--db', 'n.db']);
    expect(JSON.parse(info.stdout)).toEqual({
      db: 'n.db',
      size: expect.any(Number),
      model: 'text-embedding-3-small',
      dimensions: 8,
      texts: 3,
      chunks: 3,
      chunkTokens: 400,
      overlap: 40,
    });
    const shown = await index(cwd, ['info', '--db', 'n.db'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(shown.stdout).toContain('texts  3, in 3 chunks\n');
  });

  it('take out files and folders, and leave them on the disk', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes']);
    expect((await index(cwd, ['remove', 'notes/deep/'])).stdout).toBe('notes/deep/cars.md\n');
    expect((await index(cwd, ['remove', 'notes', '--dry-run'])).stdout).toBe('notes/cats.md\nnotes/ko.md\n');
    expect((await index(cwd, ['remove', 'notes/cats.md', 'notes'])).stdout).toBe(
      'notes/cats.md\nnotes/ko.md\n',
    );
    expect(JSON.parse((await index(cwd, ['info'])).stdout)).toMatchObject({
      model: null,
      texts: 0,
      chunks: 0,
    });
    expect(await readFile(join(cwd, 'notes/cats.md'), 'utf8')).toBe(cats);
    // Empty, it can be of another kind.
    expect((await index(cwd, ['add', 'notes', '--dimensions', '16'])).code).toBe(0);
  });
});

describe('a database that will not do', () => {
  it.each<[string, string | Uint8Array, string]>([
    ['a text', 'hello '.repeat(500), 'n.db is no database of SQLite'],
    ['a short text', 'hello', 'n.db is no database of SQLite'],
  ])('is %s', async (_, contents, message) => {
    const cwd = await desk({ ...notes, 'n.db': contents });
    for (const argv of [['add', 'notes'], ['search', 'x'], ['list']]) {
      const { code, stdout, stderr } = await index(cwd, [...argv, '--db', 'n.db']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(`oai: ${message}`);
    }
  });

  it.each([
    ['another program', 'CREATE TABLE t (x); PRAGMA application_id = 7', 'is a database of another program'],
    ['a newer oai', 'PRAGMA user_version = 9', 'was made by a newer oai (form 9)'],
  ])('is of %s', async (_, sql, message) => {
    const cwd = await desk();
    if (sql.includes('version')) await index(cwd, ['add', 'notes', '--db', 'n.db']);
    const database = new DatabaseSync(join(cwd, 'n.db'));
    database.exec(sql);
    database.close();
    for (const argv of [['add', 'notes'], ['search', 'x'], ['info']]) {
      const { code, stderr } = await index(cwd, [...argv, '--db', 'n.db']);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`oai: n.db ${message}`) });
    }
  });

  it('is damaged', async () => {
    const cwd = await desk({ 'long.txt': long });
    await index(cwd, ['add', 'long.txt', '--chunk-tokens', '40', '--db', 'n.db']);
    const bytes = await readFile(join(cwd, 'n.db'));
    await writeFile(join(cwd, 'n.db'), bytes.fill(0x5a, 4096 * 3));
    const { code, stderr } = await index(cwd, ['search', 'x', '--db', 'n.db']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('oai: n.db is damaged\n') });
  });

  it('is in use', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes/cats.md', '--db', 'n.db']);
    const other = new DatabaseSync(join(cwd, 'n.db'));
    other.exec('BEGIN EXCLUSIVE');
    const { code, stderr } = await index(cwd, ['add', 'notes', '--db', 'n.db']);
    other.close();
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: expect.stringContaining('oai: n.db is in use by another program\n'),
    });
  });

  it.skipIf(process.getuid?.() === 0)('is read-only: it is searched all the same', async () => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes/cats.md', '--db', 'n.db']);
    await chmod(join(cwd, 'n.db'), 0o400);
    expect((await index(cwd, ['search', 'cat', '--db', 'n.db'])).code).toBe(0);
    const { code, stderr } = await index(cwd, ['add', 'notes', '--db', 'n.db']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('it is read-only') });
  });

  it.each<[string, string[], string]>([
    ['another model', ['-m', 'text-embedding-3-large'], '-m asks for text-embedding-3-large'],
    ['other dimensions', ['--dimensions', '12'], '--dimensions asks for 12'],
  ])('has %s', async (_, flags, message) => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes', '--dimensions', '8']);
    for (const argv of [
      ['add', 'notes'],
      ['search', 'x'],
    ]) {
      const { code, stderr } = await index(cwd, [...argv, ...flags]);
      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: `oai: .oai-index.db has vectors of text-embedding-3-small with 8 dimensions; ${message}\n     another --db takes them; or leave -m and --dimensions out\n`,
      });
    }
    // What it is goes without saying, or may be said.
    const same = ['--dimensions', '8', '-m', 'text-embedding-3-small'];
    expect((await index(cwd, ['search', 'x', ...same])).code).toBe(0);
  });
});

describe('a mistake', () => {
  it.each<[string, string[], FakeContextOptions, string]>([
    ['no action', [], {}, 'index needs one of add, search, list, remove, info'],
    ['another action', ['serch', 'x'], {}, 'index serch is no action; did you mean search?'],
    ['nothing to add', ['add'], {}, 'nothing to index'],
    ['nothing to remove', ['remove'], {}, 'nothing to remove'],
    ['a file that is not there', ['add', 'gone.md'], {}, 'cannot read gone.md: no such file'],
    ['an empty name', ['add', ''], {}, 'the name of a file is empty'],
    ['a pattern without a file', ['add', '*.rst'], {}, 'no file matches *.rst'],
    ['a URL', ['add', 'https://x.test/a'], {}, 'a URL is not fetched here'],
    ['a file that is no text', ['add', 'x.bin'], {}, 'x.bin is not text: it has bytes that are zero'],
    ['stdin that is no text', ['add', '-'], { stdin: Uint8Array.of(0xff) }, 'stdin is not UTF-8 text'],
    ['--name without stdin', ['add', 'notes', '--name', 'x'], {}, '--name is for stdin'],
    ['a flag of search', ['add', 'notes', '-k', '3'], {}, '--top means nothing to index add'],
    ['a flag of add', ['search', 'x', '--prune'], {}, '--prune means nothing to index search'],
    ['words for info', ['info', 'x'], {}, 'index info takes no words: x'],
    [
      'an overlap of more than half',
      ['add', 'notes', '--overlap', '300'],
      {},
      '--overlap 300 is more than half',
    ],
    ['a chunk too small', ['add', 'x', '--chunk-tokens', '3'], {}, '--chunk-tokens 3 is not a whole number'],
    ['no such index', ['search', 'x', '--db', 'no.db'], {}, 'there is no index no.db'],
    ['an index that is a folder', ['list', '--db', 'notes'], {}, 'notes is a directory'],
    [
      'an index in no folder',
      ['add', 'notes', '--db', 'a/b.db'],
      {},
      'cannot write a/b.db: there is no directory',
    ],
    ['an index in a file', ['list', '--db', 'x.bin/n.db'], {}, 'cannot open x.bin/n.db: a part of the path'],
    ['a field that is the command’s', ['add', 'notes', '--param', 'dimensions=3'], {}, '--param dimensions'],
  ])('is answered: %s', async (_, argv, options, message) => {
    const cwd = await desk({ ...notes, 'x.bin': Uint8Array.of(1, 0) });
    const { code, stdout, stderr } = await index(cwd, argv, options);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: ${message}`);
  });

  it.each([
    ['no question', ['search'], 'no question'],
    ['nothing of that name', ['remove', 'other.md'], 'other.md is not in .oai-index.db'],
    ['a question too long', ['search', 'word '.repeat(9000)], 'the question has'],
  ])('is answered: %s', async (_, argv, message) => {
    const cwd = await desk();
    await index(cwd, ['add', 'notes']);
    const { code, stderr } = await index(cwd, argv);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(`oai: ${message}`) });
  });

  it('is an error in JSON with --json', async () => {
    const { stderr } = await index(await desk(), ['list', '--json']);
    const error: unknown = JSON.parse(stderr);
    expect(isObject(error) && error['error']).toMatchObject({ code: 'usage', exitCode: 2 });
  });
});
