import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { sandbox } from '../sandbox/ask.ts';
import { given, STORES, upload } from '../sandbox/ask-vector-stores.ts';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';
import { checkForm, checkRequest, checkResponse } from '../support/openapi.ts';

const TEXTS = {
  'notes/cats.md': 'Cats sleep on the sofa by the window.',
  'notes/deep/dogs.md': 'Dogs bark at the postman in the morning.',
  'notes/tax.txt': 'The tax return is due in July.',
};

async function write(cwd: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<void> {
  for (const [path, contents] of Object.entries(files)) {
    await mkdir(dirname(join(cwd, path)), { recursive: true });
    await writeFile(join(cwd, path), contents);
  }
}

/** A folder, a sandbox that remembers, and what was asked of it. */
async function desk(files: Readonly<Record<string, string | Uint8Array>> = TEXTS, of: Sandbox = sandbox()) {
  const cwd = await temporaryFolder();
  await write(cwd, files);
  const asked: string[] = [];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const { pathname } = new URL(request.url);
    const path = pathname.replace('/v1', '');
    asked.push(`${request.method} ${path}`);
    const isForm = request.headers.get('content-type')?.startsWith('multipart') === true;
    if (request.method === 'POST' && isForm) checkForm('POST', path, await request.clone().formData());
    else if (request.body !== null) checkRequest(request.method, path, await request.clone().json());
    const answer = await of.answer(request);
    const isJson = answer.headers.get('content-type')?.startsWith('application/json') === true;
    if (isJson) checkResponse(request.method, path, answer.status, await answer.clone().json());
    return answer;
  };
  const home = join(cwd, '.home');
  const run = (argv: readonly string[], options: FakeContextOptions = {}) =>
    oai(['vector-store', ...argv], { cwd, home, fetch, clock: new HurriedClock(), ...options });
  return { cwd, of, home, run, asked, fetch };
}

/** The same with a store called docs. */
async function stocked(files?: Readonly<Record<string, string | Uint8Array>>, of?: Sandbox) {
  const made = await desk(files, of);
  const id = (await made.run(['create', '--name', 'docs'])).stdout.trim();
  made.asked.length = 0;
  return { ...made, id };
}

const rowsOf = ({ stdout }: Run) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

async function filesOf(id: string, of: Sandbox) {
  const { data } = await given<{
    data: { id: string; status: string; attributes: Record<string, unknown> }[];
  }>('GET', `${STORES}/${id}/files`, of, undefined, '?limit=100');
  return data;
}

const uploads = (asked: readonly string[]) => asked.filter((one) => one === 'POST /files').length;

describe('create', () => {
  it('prints the id, and the whole with --json', async () => {
    const { run } = await desk();
    const { code, stdout, stderr } = await run(['create', '--name', 'docs']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^vs_[0-9a-f]{32}\n$/);
    const made = await run(['create', '--json', '--expires-after', '7d', '--metadata', 'a=b']);
    expect(JSON.parse(made.stdout)).toMatchObject({
      object: 'vector_store',
      expires_after: { anchor: 'last_active_at', days: 7 },
      metadata: { a: 'b' },
    });
  });

  it('with paths is filled at once', async () => {
    const { run, of } = await desk();
    const { code, stdout } = await run(['create', 'notes/', '--name', 'docs', '--attribute', 'lang=en']);
    expect(code).toBe(0);
    const [store] = await filesOf(stdout.trim(), of);
    expect(store).toMatchObject({ status: 'completed', attributes: { lang: 'en' } });
    const whole = await run(['create', 'notes/', '--json']);
    expect(JSON.parse(whole.stdout)).toMatchObject({ file_counts: { completed: 3, total: 3 } });
  });

  it('says how to go on where the filling breaks off', async () => {
    const { run } = await desk({ 'notes/a b.md': 'x', 'notes/b.pdf': 'no pdf' });
    const flags = ['--attribute', 'by=A B', '--attribute', 'year=2024', '--chunk-size', '200'];
    const { code, stdout, stderr } = await run(['create', 'notes/a b.md', 'notes/b.pdf', ...flags]);
    expect(code).toBe(9);
    expect(stderr).toContain(
      `oai: the store is made; this goes on: oai vector-store add --attribute 'by=A B' --attribute year=2024 --chunk-size 200 ${stdout.trim()} 'notes/a b.md' notes/b.pdf\n`,
    );
  });

  it('never says that the same command goes on: it would make another store', async () => {
    const { run, of } = await desk({ '-a b.md': 'x', 'c.md': 'y', 'b.pdf': 'no pdf' });
    const flags = ['--attribute', "who=Jo's", '--chunk-size', '200', '--chunk-overlap', '50', '-j', '1'];
    const made = await run(['create', ...flags, '--', '-a b.md', 'c.md', 'b.pdf']);
    expect(made.code).toBe(9);
    expect(made.stderr).not.toContain('the same command');
    const id = made.stdout.trim();
    const line = `oai vector-store add --attribute 'who=Jo'\\''s' --chunk-size 200 --chunk-overlap 50 -j 1 -- ${id} '-a b.md' c.md b.pdf`;
    expect(made.stderr).toContain(`oai: 3 files for ${id}; stopped or killed, this goes on: ${line}\n`);
    expect(made.stderr).toContain(`oai: the store is made; this goes on: ${line}\n`);
    const again = await run(['add', ...flags, '--', id, '-a b.md', 'c.md', 'b.pdf']);
    expect(again.stderr).toContain(`oai: ${id}: 2 unchanged\n`);
    expect(await filesOf(id, of)).toHaveLength(3);
  });

  it('promises nothing where the sandbox of one command forgets it', async () => {
    const { run } = await desk({ 'a.md': 'x', 'b.pdf': 'no pdf' });
    const { code, stderr } = await run(['create', 'a.md', 'b.pdf', '--sandbox']);
    expect(code).toBe(9);
    expect(stderr).not.toContain('the store is made');
  });
});

describe('list and get', () => {
  it('show the API’s objects in a pipe, a table on a terminal', async () => {
    const { run, id } = await stocked();
    await run(['create', '--name', 'evil \u001b[2J']);
    expect(rowsOf(await run(['list'])).map(({ name }) => name)).toEqual(['evil \u001b[2J', 'docs']);
    expect(rowsOf(await run(['list', '--order', 'asc', '--limit', '1'])).map((row) => row.id)).toEqual([id]);
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toHaveLength(2);
    const [first] = rowsOf(await run(['list']));
    for (const after of [
      ['--after', String(first?.id)],
      ['--param', `after=${first?.id}`],
    ]) {
      expect(rowsOf(await run(['list', ...after])).map((row) => row.id)).toEqual([id]);
    }
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['list'], { stdout });
    expect(stdout.text).not.toContain('\u001b');
    expect(stdout.text).toMatch(/^vs_.* docs$/m);
    expect(rowsOf(await run(['get', 'docs']))[0]).toMatchObject({ id, name: 'docs' });
    expect(JSON.parse((await run(['get', id, '--json'])).stdout)).toMatchObject({ id });
  });

  it('say that there is nothing', async () => {
    const { run } = await desk();
    const { code, stderr } = await run(['list'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect([code, stderr]).toEqual([0, 'oai: there are no vector stores\n']);
    expect((await run(['list'])).stdout).toBe('');
  });

  it('name the store that is nearest to one that there is not', async () => {
    const { run, id } = await stocked();
    const wrong = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`;
    for (const [word, near] of [
      ['dosc', 'docs'],
      [wrong, id],
    ] as const) {
      const { code, stderr } = await run(['get', word]);
      expect(code).toBe(4);
      expect(stderr).toContain(`oai: there is no vector store ${word}; did you mean ${near}?`);
      expect(stderr).toContain('`oai vector-store list` shows those there are');
    }
  });

  it('comes before the files: one that is a path is told so', async () => {
    const { run } = await desk({ 'notes/a.md': 'x' });
    const { code, stderr } = await run(['add', 'notes/', 'docs']);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /^oai: there is no vector store notes\/.*\n {5}the vector store comes first, then files and folders\n$/,
    );
  });

  it('refuse a name that two stores have', async () => {
    const { run, id } = await stocked();
    const second = (await run(['create', '--name', 'docs'])).stdout.trim();
    const { code, stderr } = await run(['get', 'docs']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^oai: 2 vector stores are called docs: /);
    expect(stderr).toContain(id);
    expect(stderr).toContain(second);
    expect((await run(['get', second])).code).toBe(0);
  });

  it('bear an answer that is none', async () => {
    for (const body of [{}, { data: [{ id: 'x' }] }, 'hello']) {
      const { code, stderr } = await oai(['vector-store', 'list'], {
        fetch: stubApi(jsonAnswer(body)).fetch,
      });
      expect(code).toBe(6);
      expect(stderr).toMatch(/^oai: api\.openai\.com answered, but not with/);
    }
  });
});

describe('add', () => {
  it('takes folders with all below them, and says in the attributes what it was', async () => {
    const { run, of, id, asked } = await stocked();
    const { code, stdout, stderr } = await run([
      'add',
      'docs',
      'notes/',
      '--attribute',
      'year=2026',
      '--attribute',
      'draft=true',
    ]);
    expect(code).toBe(0);
    expect(stdout.split('\n').sort()).toEqual(['', 'notes/cats.md', 'notes/deep/dogs.md', 'notes/tax.txt']);
    expect(stderr).toBe(
      `oai: 3 files for docs (${id}); stopped or killed, the same command goes on\noai: docs: 3 added\n`,
    );
    const files = await filesOf(id, of);
    expect(files.map(({ attributes: { path } }) => path).sort()).toEqual(Object.keys(TEXTS));
    for (const { status, attributes } of files) {
      expect(status).toBe('completed');
      expect(attributes).toMatchObject({
        sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        year: 2026,
        draft: true,
      });
    }
    expect(uploads(asked)).toBe(3);
    expect(asked.filter((one) => one.endsWith('/file_batches'))).toHaveLength(1);
  });

  it('sends nothing that the store has', async () => {
    const { run, asked } = await stocked();
    await run(['add', 'docs', 'notes/']);
    asked.length = 0;
    const { code, stdout, stderr } = await run(['add', 'docs', 'notes/deep', 'notes/*.md', 'notes/tax.txt']);
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: 'oai: docs: 3 unchanged\n' });
    expect(asked.filter((one) => !one.startsWith('GET'))).toEqual([]);
  });

  it('sends what has changed, in the place of what it was', async () => {
    const { run, of, id, cwd, asked } = await stocked();
    await run(['add', 'docs', 'notes/']);
    const before = (await filesOf(id, of)).find(({ attributes }) => attributes['path'] === 'notes/cats.md');
    await write(cwd, { 'notes/cats.md': 'Cats eat fish.' });
    asked.length = 0;
    const { stdout, stderr } = await run(['add', 'docs', 'notes/']);
    expect(stdout).toBe('notes/cats.md\n');
    expect(stderr).toContain('oai: docs: 1 replaced, 2 unchanged\n');
    expect(uploads(asked)).toBe(1);
    const files = await filesOf(id, of);
    expect(files).toHaveLength(3);
    expect(asked).toContain(`DELETE /files/${before?.id}`);
    const found = await run(['search', 'docs', 'what do cats do?', '-k', '1']);
    expect(rowsOf(found)[0]).toMatchObject({ file: 'notes/cats.md', text: 'Cats eat fish.' });
  });

  it('keeps what another folder has put there under the same path, and says so', async () => {
    const { run, of, id, cwd } = await stocked({ 'a/x.md': 'one', 'b/x.md': 'two' });
    const inFolder = (name: string) => run(['add', 'docs', 'x.md'], { cwd: join(cwd, name) });
    await inFolder('a');
    const { code, stdout, stderr } = await inFolder('b');
    expect([code, stdout]).toEqual([0, 'x.md\n']);
    expect(stderr).toBe(
      'oai: docs also has other content of x.md, added from another folder: it is kept, and `oai vector-store remove` takes it out\noai: docs: 1 added\n',
    );
    expect(await filesOf(id, of)).toHaveLength(2);
    // The same content is known from wherever.
    await write(cwd, { 'c/x.md': 'one' });
    expect((await inFolder('c')).stderr).toContain('oai: docs: 1 unchanged\n');
  });

  it('ends where the store refuses many at once: that is not the fault of one', async () => {
    const { run, fetch } = await stocked();
    const refusing: typeof globalThis.fetch = async (input, init) =>
      String(input).endsWith('/file_batches')
        ? errorAnswer(400, { message: 'no more fit' })
        : fetch(input, init);
    const { code, stdout, stderr } = await run(['add', 'docs', 'notes'], { fetch: refusing });
    expect([code, stdout]).toEqual([4, '']);
    expect(stderr).toContain('oai: no more fit');
    expect(stderr).toContain('the same command goes on');
    expect((await run(['add', 'docs', 'notes'])).code).toBe(0);
  });

  it('keeps what a file was until what it is can be searched', async () => {
    const { run, of, id, cwd } = await stocked();
    await run(['add', 'docs', 'notes/cats.md']);
    await write(cwd, { 'notes/cats.md': Buffer.from([0xff, 0x00]) });
    expect((await run(['add', 'docs', 'notes/cats.md'])).code).toBe(4);
    const statuses = (await filesOf(id, of)).map(({ status }) => status);
    expect(statuses.sort()).toEqual(['completed', 'failed']);
    await write(cwd, { 'notes/cats.md': 'Cats.' });
    expect((await run(['add', 'docs', 'notes/cats.md'])).code).toBe(0);
    expect((await filesOf(id, of)).map(({ status }) => status)).toEqual(['completed']);
  });

  it('--force sends all anew, and doubles nothing', async () => {
    const { run, of, id, asked } = await stocked();
    await run(['add', 'docs', 'notes/']);
    const before = (await filesOf(id, of)).map((file) => file.id);
    asked.length = 0;
    await run(['add', 'docs', 'notes/', '--force']);
    const after = (await filesOf(id, of)).map((file) => file.id);
    expect(uploads(asked)).toBe(3);
    expect(after).toHaveLength(3);
    expect(after.some((file) => before.includes(file))).toBe(false);
  });

  it('cuts anew, and changes attributes, without sending', async () => {
    const { run, of, id, asked } = await stocked();
    await run(['add', 'docs', 'notes/', '--attribute', 'lang=en']);
    asked.length = 0;
    await run(['add', 'docs', 'notes/', '--chunk-size', '200']);
    const [file] = await filesOf(id, of);
    expect(file).toMatchObject({
      chunking_strategy: { static: { max_chunk_size_tokens: 200, chunk_overlap_tokens: 100 } },
      attributes: { lang: 'en' },
    });
    const { stderr } = await run(['add', 'docs', 'notes/', '--chunk-size', '200', '--attribute', 'lang=de']);
    expect(stderr).toBe('oai: docs: 3 changed\n');
    expect((await filesOf(id, of))[0]?.attributes).toMatchObject({ lang: 'de', path: expect.any(String) });
    expect(uploads(asked)).toBe(0);
  });

  it('names a broken file, has the others, and tries it again without sending it', async () => {
    const { run, asked } = await stocked({ ...TEXTS, 'notes/broken.pdf': 'no pdf' });
    const { code, stdout, stderr } = await run(['add', 'docs', 'notes/']);
    expect(code).toBe(9);
    expect(stdout.split('\n')).toHaveLength(4);
    expect(stderr).toContain(
      'oai: notes/broken.pdf: The file could not be parsed because it is corrupted.\n',
    );
    expect(stderr).toMatch(
      /oai: 1 of 4 files failed\n {5}`oai vector-store files docs --status failed` shows what failed\n$/,
    );
    asked.length = 0;
    expect((await run(['add', 'docs', 'notes/'])).code).toBe(9);
    expect(uploads(asked)).toBe(0);
    const failed = await run(['files', 'docs', '--status', 'failed']);
    expect(rowsOf(failed)).toMatchObject([{ status: 'failed', file: 'notes/broken.pdf' }]);
  });

  it('mends what the API failed at', async () => {
    const { run, of, id, asked } = await stocked(TEXTS, sandbox('broken-file=2'));
    expect((await run(['add', 'docs', 'notes/'])).code).toBe(9);
    asked.length = 0;
    const { code, stderr } = await run(['add', 'docs', 'notes/']);
    expect(code).toBe(0);
    expect(stderr).toBe('oai: docs: 1 added, 2 unchanged\n');
    expect(uploads(asked)).toBe(0);
    expect(await filesOf(id, of)).toHaveLength(3);
  });

  it('tells each file as a line of JSON with --json', async () => {
    const { run } = await stocked({ ...TEXTS, 'notes/broken.pdf': 'no pdf' });
    await run(['add', 'docs', 'notes/cats.md']);
    const rows = rowsOf(await run(['add', 'docs', 'notes/', '--json']));
    expect(Object.fromEntries(rows.map(({ path, status }) => [path, status]))).toEqual({
      'notes/cats.md': 'unchanged',
      'notes/deep/dogs.md': 'added',
      'notes/tax.txt': 'added',
      'notes/broken.pdf': 'failed',
    });
    expect(rows.find(({ status }) => status === 'failed').error).toMatch(/corrupted/);
  });

  it('waits until all is indexed', async () => {
    const { run, of, id } = await stocked(TEXTS, sandbox('slow-index=4'));
    expect((await run(['add', 'docs', 'notes/'], { clock: new HurriedClock() })).code).toBe(0);
    expect((await filesOf(id, of)).map(({ status }) => status)).toEqual(Array(3).fill('completed'));
  });

  it('gives its attributes to what another run has put in, and is not indexed yet', async () => {
    const { run, of, id } = await stocked(TEXTS, sandbox('slow-index=4'));
    const text = TEXTS['notes/cats.md'];
    const sha256 = createHash('sha256').update(text).digest('hex');
    const attributes = { path: 'notes/cats.md', sha256 };
    const file_id = await upload('cats.md', text, of);
    await given('POST', `${STORES}/${id}/files`, of, { file_id, attributes });
    const { code, stderr } = await run(['add', 'docs', 'notes/cats.md', '--attribute', 'lang=en']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: 'oai: docs: 1 added\n' });
    const [file] = await filesOf(id, of);
    expect(file).toMatchObject({ status: 'completed', attributes: { ...attributes, lang: 'en' } });
  });

  it('takes a file that is uploaded already by its id', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes/cats.md']);
    const [file] = await filesOf(id, of);
    const second = (await run(['create', '--name', 'other'])).stdout.trim();
    expect(await run(['add', 'other', String(file?.id)])).toMatchObject({ code: 0, stdout: `${file?.id}\n` });
    expect((await filesOf(second, of)).map((each) => each.id)).toEqual([file?.id]);
    expect((await run(['add', 'other', String(file?.id)])).stderr).toBe('oai: other: 1 unchanged\n');
    expect(await run(['add', 'other', 'file-nothing'])).toMatchObject({ code: 4 });
  });

  it('leaves out of folders what is not searched, and says so', async () => {
    const { run } = await stocked({
      ...TEXTS,
      'notes/a.png': 'x',
      'notes/b.csv': 'a,b',
      'notes/empty.md': '',
      'notes/LICENSE': 'x',
    });
    const { code, stderr } = await run(['add', 'docs', 'notes/']);
    expect(code).toBe(0);
    expect(stderr).toContain(
      'oai: left out, as the API searches no such files: 1 without a kind, 1 .png, 1 .csv, 1 empty\n',
    );
  });

  it.each<[string, string | Uint8Array, RegExp]>([
    ['a.csv', 'a,b', /^oai: a\.csv: the API does not search \.csv\n {5}it takes \.c \.cpp /],
    ['a', 'text', /^oai: a: the API does not search files without a kind\n/],
    ['a.md', '', /^oai: a\.md is empty\n/],
  ])('refuses %s when it is named', async (name, content, message) => {
    const { run, asked } = await stocked({ [name]: content, 'b.md': 'good' });
    const one = await run(['add', 'docs', name]);
    expect([one.code, uploads(asked)]).toEqual([2, 0]);
    expect(one.stderr).toMatch(message);
    const two = await run(['add', 'docs', name, 'b.md']);
    expect([two.code, two.stdout]).toEqual([9, 'b.md\n']);
  });

  it('refuses a file over 512 MB before it is sent', async () => {
    const { run, cwd, asked } = await stocked({ 'big.txt': 'x' });
    await truncate(join(cwd, 'big.txt'), 513_000_000);
    const { code, stderr } = await run(['add', 'docs', 'big.txt']);
    expect([code, uploads(asked)]).toEqual([2, 0]);
    expect(stderr).toContain('oai: big.txt has 489.3 MB, and a vector store takes 512 MB of a file\n');
  });

  it('refuses a file that changes while it is sent', async () => {
    const made = await stocked();
    const fetch: typeof globalThis.fetch = async (input, init) => {
      if (String(input).endsWith('/files')) await appendFile(join(made.cwd, 'notes/cats.md'), 'more');
      return made.fetch(input, init);
    };
    const { code, stderr } = await made.run(['add', 'docs', 'notes/cats.md'], { fetch });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^oai: notes\/cats\.md changed while it was sent/);
    expect(await filesOf(made.id, made.of)).toEqual([]);
    expect((await made.run(['add', 'docs', 'notes/cats.md'])).code).toBe(0);
  });

  it.each<[string[], string]>([
    [['add', 'docs', 'nothing.md'], 'cannot read nothing.md: no such file'],
    [['add', 'docs', '*.xyz'], 'no file matches *.xyz'],
    [['add', 'docs', '-'], 'stdin has no name by which a file of a store is known'],
    [['add', 'docs', 'https://example.com/a.md'], 'a URL is not fetched here'],
    [['add', 'docs', 'images'], 'images has no file in it that a vector store takes'],
    [['add', 'docs'], 'vector-store add needs a vector store and what to add to it'],
    [
      ['add', 'docs', ''],
      'vector-store add takes a vector store and what to add to it: one of them is empty',
    ],
    [
      ['add', 'docs', 'notes', '--chunk-size', '99'],
      '--chunk-size 99 is not a whole number from 100 to 4096',
    ],
    [
      ['add', 'docs', 'notes', '--chunk-size', '5000'],
      '--chunk-size 5000 is not a whole number from 100 to 4096',
    ],
    [
      ['add', 'docs', 'notes', '--chunk-size', '200', '--chunk-overlap', '101'],
      '--chunk-overlap 101 is more than half of a chunk of 200 tokens',
    ],
    [
      ['add', 'docs', 'notes', '--chunk-overlap', '401'],
      '--chunk-overlap 401 is more than half of a chunk of 800 tokens',
    ],
    [
      ['add', 'docs', 'notes', '--attribute', 'path=x'],
      '--attribute path is kept by add itself, to know a file again',
    ],
    [['add', 'docs', 'notes', '--attribute', 'x'], '--attribute x is not of the form name=value'],
    [['add', 'docs', 'notes', '--no-attribute'], '--no-attribute means nothing to vector-store add'],
    [['add', 'docs', 'notes', '--name', 'x'], '--name means nothing to vector-store add'],
    [['create', '--chunk-size', '200'], 'there is nothing to add to the new store'],
    [
      ['create', '--expires-after', '12h'],
      '--expires-after 12h is not a number of whole days from 1d to 365d',
    ],
    [
      ['create', '--expires-after', '400d'],
      '--expires-after 400d is not a number of whole days from 1d to 365d',
    ],
    [
      ['create', '--expires-after', 'soon'],
      '--expires-after soon is not a duration such as 250ms, 30s or 2m',
    ],
    [['create', '--no-expires-after'], '--no-expires-after is for vector-store update'],
    [['create', '--no-metadata'], '--no-metadata is for vector-store update'],
    [['create', '--name', ''], '--name is empty'],
    [['update', 'docs'], 'nothing to change: vector-store update takes'],
    [['update', 'docs', '--attribute', 'a=b'], 'attributes are of files: name one after the store'],
    [['update', 'docs', 'a.md', '--name', 'b'], 'a.md is a file, and takes --attribute alone'],
    [['update', 'docs', 'a.md'], 'a file needs --attribute name=value'],
    [
      ['files', 'docs', '--status', 'bad'],
      '--status bad is not one of in_progress, completed, failed, cancelled',
    ],
    [['search', 'docs'], 'no question'],
    [['search', 'docs', ' '], 'the question is empty'],
    [['search'], 'vector-store search needs a vector store, and a question'],
    [['search', 'docs', 'x', '-k', '51'], '--top 51 is not a whole number from 1 to 50'],
    [['search', 'docs', 'x', '--filter', 'a ~ b'], '--filter a ~ b: column 3 needs'],
    [['search', 'docs', 'x', '--score-threshold', '2'], '--score-threshold 2 is not a number from 0 to 1'],
    [['remove', 'docs'], 'vector-store remove needs a vector store and files of it'],
    [['delete', 'docs'], 'nobody is asked here whether to delete docs'],
    [['delete', 'docs', 'other'], 'nobody is asked here whether to delete 2 vector stores'],
    [['remove', 'docs', 'a.md', '--delete-files'], 'nobody is asked here whether to delete a.md'],
    [['add', 'docs', 'notes', '--param', 'a=1'], '--param means nothing to vector-store add'],
    [['get', 'docs', '--param', 'a=1'], '--param means nothing to vector-store get'],
    [['lst'], 'vector-store lst is no action; did you mean list?'],
    [[], 'vector-store needs one of list, create, get, add, files, search, update, remove, delete'],
  ])('%j is a usage error, and changes nothing', async (argv, message) => {
    const { run, asked } = await stocked({ ...TEXTS, 'images/a.png': 'x' });
    const { code, stdout, stderr } = await run(argv);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`oai: ${message}`), stderr).toBe(true);
    expect(asked.filter((one) => !one.startsWith('GET'))).toEqual([]);
  });

  it('--dry-run shows the upload, and sends nothing', async () => {
    const { run, asked } = await stocked();
    const { code, stdout } = await run(['add', 'docs', 'notes/cats.md', '--dry-run']);
    expect([code, asked]).toEqual([0, []]);
    expect(stdout).toMatch(/^curl .*\/files/);
    expect(stdout).toContain('notes/cats.md');
  });

  it('ends at once where no file can be had', async () => {
    const { run, cwd } = await stocked();
    const refusing = stubApi(errorAnswer(401, { message: 'no' }));
    expect((await run(['add', 'docs', 'notes'], { fetch: refusing.fetch })).code).toBe(3);
    expect(await readdir(cwd)).toContain('notes');
  });

  it('does not follow links to folders', async () => {
    const { run, cwd } = await stocked();
    await symlink('..', join(cwd, 'notes', 'loop'));
    expect((await run(['add', 'docs', 'notes'])).stdout.split('\n')).toHaveLength(4);
  });
});

describe('a run that was cut', () => {
  /** Fails the network with the request of this number. */
  function cutAt(fetch: typeof globalThis.fetch, wanted: RegExp, number: number): typeof globalThis.fetch {
    let count = 0;
    return async (input, init) => {
      const request = new Request(input, init);
      const { pathname } = new URL(request.url);
      if (wanted.test(`${request.method} ${pathname}`) && ++count >= number)
        throw new TypeError('fetch failed');
      return fetch(request);
    };
  }

  it.each([
    ['an upload', /^POST .*\/v1\/files$/],
    ['putting files in', /^POST .*\/file_batches$/],
    ['waiting', /^GET .*\/file_batches\//],
  ])('by the network in %s goes on, sends nothing twice and doubles nothing', async (_, wanted) => {
    const { run, of, id, fetch, asked } = await stocked();
    const cut = cutAt(fetch, wanted, wanted.source.includes('files$') ? 2 : 1);
    const first = await run(['add', 'docs', 'notes', '-j', '1', '--retries', '0'], { fetch: cut });
    expect(first.code).toBe(6);
    expect(first.stderr).toContain('the same command goes on');
    const { code } = await run(['add', 'docs', 'notes']);
    expect(code).toBe(0);
    expect(uploads(asked)).toBe(3);
    expect(await filesOf(id, of)).toHaveLength(3);
  });

  it('with --force goes on as well', async () => {
    const { run, of, id, fetch, asked } = await stocked();
    await run(['add', 'docs', 'notes']);
    const before = (await filesOf(id, of)).map((file) => file.id);
    asked.length = 0;
    const again = ['add', 'docs', 'notes', '--force'];
    await run([...again, '--retries', '0'], { fetch: cutAt(fetch, /^GET .*\/file_batches\//, 1) });
    expect((await run(again)).code).toBe(0);
    expect(uploads(asked)).toBe(3);
    const after = await filesOf(id, of);
    expect(after).toHaveLength(3);
    expect(after.some((file) => before.includes(file.id))).toBe(false);
  });

  it('with --force leaves no upload behind where one goes on without', async () => {
    const { run, of, id, fetch } = await stocked();
    await run(['add', 'docs', 'notes']);
    const cut = cutAt(fetch, /^POST .*\/file_batches$/, 1);
    await run(['add', 'docs', 'notes', '--force', '--retries', '0'], { fetch: cut });
    expect((await run(['add', 'docs', 'notes'])).stderr).toBe('oai: docs: 3 unchanged\n');
    expect(await filesOf(id, of)).toHaveLength(3);
    expect((await given<{ data: object[] }>('GET', '/files', of)).data).toHaveLength(3);
  });

  it('is not forgotten for another one that was not', async () => {
    const { run, fetch, asked } = await stocked({ ...TEXTS, 'other/a.md': 'a' });
    const cut = cutAt(fetch, /^POST .*\/file_batches$/, 1);
    await run(['add', 'docs', 'notes', '--retries', '0'], { fetch: cut });
    await run(['add', 'docs', 'other']);
    await run(['add', 'docs', 'notes']);
    expect(uploads(asked)).toBe(4);
  });

  it('finds an upload again whose answer was lost', async () => {
    const { run, of, id, fetch, asked } = await stocked();
    const deaf: typeof globalThis.fetch = async (input, init) => {
      const answer = await fetch(input, init);
      if (String(input).endsWith('/v1/files')) throw new TypeError('fetch failed');
      return answer;
    };
    expect((await run(['add', 'docs', 'notes/cats.md', '--retries', '0'], { fetch: deaf })).code).toBe(6);
    expect(uploads(asked)).toBe(1);
    expect((await run(['add', 'docs', 'notes/cats.md'])).code).toBe(0);
    expect(uploads(asked)).toBe(1);
    expect(await filesOf(id, of)).toHaveLength(1);
  });

  it('uploads again what the API has no more', async () => {
    const { run, of, id, fetch, asked } = await stocked();
    const cut = cutAt(fetch, /^POST .*\/file_batches$/, 1);
    await run(['add', 'docs', 'notes/cats.md', '--retries', '0'], { fetch: cut });
    const { data } = await given<{ data: { id: string }[] }>('GET', '/files', of);
    await given('DELETE', `/files/${data[0]?.id}`, of);
    expect((await run(['add', 'docs', 'notes/cats.md'])).code).toBe(0);
    expect(uploads(asked)).toBe(2);
    expect(await filesOf(id, of)).toHaveLength(1);
  });

  it('leaves nothing behind once all is there', async () => {
    const { run, home } = await stocked();
    await run(['add', 'docs', 'notes']);
    expect(await readdir(join(home, '.cache', 'oai', 'vector-stores'))).toEqual([]);
  });

  it('goes on where its notes are broken', async () => {
    const { run, home, of, id, fetch } = await stocked();
    await run(['add', 'docs', 'notes', '--retries', '0'], { fetch: cutAt(fetch, /file_batches$/, 1) });
    const folder = join(home, '.cache', 'oai', 'vector-stores');
    const [name = ''] = await readdir(folder);
    await appendFile(join(folder, name), '{"key": 7}\n[]\n{"key":"x');
    expect((await run(['add', 'docs', 'notes'])).code).toBe(0);
    expect(await filesOf(id, of)).toHaveLength(3);
  });

  it('works where nothing can be kept, and says so', async () => {
    const { run, cwd } = await stocked();
    await writeFile(join(cwd, 'file'), '');
    const { code, stderr } = await run(['add', 'docs', 'notes/cats.md'], { home: join(cwd, 'file') });
    expect(code).toBe(0);
    expect(stderr).toContain('a cut run would upload some files again');
    await rm(join(cwd, 'file'));
  });

  it('is told that another one is at work', async () => {
    const { run, home, fetch } = await stocked();
    await run(['add', 'docs', 'notes', '--retries', '0'], { fetch: cutAt(fetch, /file_batches$/, 1) });
    const folder = join(home, '.cache', 'oai', 'vector-stores');
    const [name = ''] = await readdir(folder);
    await writeFile(join(folder, `${name}.lock`), '99\n');
    const { code, stderr } = await run(['add', 'docs', 'notes'], { running: [99] });
    expect(code).toBe(2);
    expect(stderr).toContain('oai: another run is filling the vector store docs');
  });

  it('stopped, says how to come back', async () => {
    const { run, fetch } = await stocked();
    const stdout = new CapturedOutput();
    let stop: () => void = () => {};
    const slow: typeof globalThis.fetch = async (input, init) => {
      if (String(input).endsWith('/file_batches')) stop();
      return fetch(input, init);
    };
    const { Stopped } = await import('../../src/errors.ts');
    const { run: main } = await import('../../src/main.ts');
    const { fakeContext } = await import('../support/context.ts');
    const { cwd, home } = await stocked();
    const context = fakeContext({
      cwd,
      home,
      stdout,
      fetch: slow,
      env: { OPENAI_API_KEY: 'sk-test-0123456789' },
    });
    stop = () => context.stop(new Stopped('SIGINT'));
    const code = await main(['vector-store', 'add', 'docs', 'notes'], context);
    expect(code).toBe(130);
    expect(context.stderr.text).toContain('oai: 3 of 3 files are gone through; the same command goes on\n');
    expect((await run(['list'])).code).toBe(0);
  });
});

describe('files', () => {
  it('are named, in a table on a terminal', async () => {
    const { run } = await stocked({ ...TEXTS, 'notes/broken.pdf': 'no' });
    await run(['add', 'docs', 'notes']);
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['files', 'docs', '--order', 'asc'], { stdout });
    expect(stdout.text).toMatch(/^ID +STATUS +SIZE +FILE\n/);
    expect(stdout.text).toMatch(/completed +\d+ bytes +notes\/cats\.md\n/);
    expect(stdout.text).toMatch(/failed +0 bytes +notes\/broken\.pdf: The file could not be parsed/);
    expect(JSON.parse((await run(['files', 'docs', '--json', '--limit', '2'])).stdout)).toHaveLength(2);
  });

  it('that came otherwise have the names of their uploads', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes/cats.md']);
    const [file] = await filesOf(id, of);
    const other = (await run(['create'])).stdout.trim();
    await run(['add', other, String(file?.id)]);
    expect(rowsOf(await run(['files', other]))).toMatchObject([{ file: 'cats.md' }]);
  });

  it('are taken out by path, name or id, and stay uploaded', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes']);
    const files = await filesOf(id, of);
    const tax = files.find(({ attributes }) => attributes['path'] === 'notes/tax.txt')?.id ?? '';
    const removed = await run(['remove', 'docs', 'notes/cats.md', 'dogs.md', tax]);
    expect(removed).toMatchObject({ code: 0, stdout: `notes/cats.md\ndogs.md\n${tax}\n` });
    expect(await filesOf(id, of)).toEqual([]);
    expect(await given('GET', `/files/${tax}`, of)).toMatchObject({ id: tax });
  });

  it('are deleted as well with --delete-files', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes/cats.md']);
    const [file] = await filesOf(id, of);
    expect((await run(['remove', 'docs', 'notes/cats.md', '--delete-files', '--yes'])).code).toBe(0);
    await expect(given('GET', `/files/${file?.id}`, of)).rejects.toThrow('404');
  });

  it('that are not there are named with the nearest', async () => {
    const { run } = await stocked();
    await run(['add', 'docs', 'notes']);
    const one = await run(['remove', 'docs', 'notes/cat.md']);
    expect(one).toMatchObject({ code: 4 });
    expect(one.stderr).toContain('oai: docs has no file notes/cat.md; did you mean notes/cats.md?\n');
    const some = await run(['remove', 'docs', 'nothing.md', 'notes/cats.md']);
    expect(some).toMatchObject({ code: 9, stdout: 'notes/cats.md\n' });
    expect((await run(['remove', 'docs', 'file-nothing'])).stderr).toContain(
      "No file found with id 'file-nothing'",
    );
  });

  it('whose name is not clear are refused with their ids', async () => {
    const { run } = await stocked({ 'a/x.md': '1', 'b/x.md': '2' });
    await run(['add', 'docs', 'a', 'b']);
    const { code, stderr } = await run(['remove', 'docs', 'x.md']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^oai: docs has 2 files called x\.md: file-\w+ \([ab]\/x\.md\), file-/);
  });

  it('get other attributes, and are known all the same', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes/cats.md', '--attribute', 'a=1']);
    expect((await run(['update', 'docs', 'notes/cats.md', '--attribute', 'b=x'])).code).toBe(0);
    const own = { path: 'notes/cats.md', root: expect.any(String), sha256: expect.any(String) };
    expect((await filesOf(id, of))[0]?.attributes).toEqual({ a: 1, b: 'x', ...own });
    expect((await run(['update', 'docs', 'cats.md', '--no-attribute'])).code).toBe(0);
    expect((await filesOf(id, of))[0]?.attributes).toEqual(own);
    expect((await run(['add', 'docs', 'notes/cats.md'])).stderr).toBe('oai: docs: 1 unchanged\n');
  });
});

describe('search', () => {
  async function searched() {
    const made = await stocked();
    await made.run(['add', 'docs', 'notes/cats.md', '--attribute', 'year=2020']);
    await made.run(['add', 'docs', 'notes']);
    return made;
  }

  it('prints passages as lines of JSON, the API’s page with --json, a list on a terminal', async () => {
    const { run, id } = await searched();
    const rows = rowsOf(await run(['search', 'docs', 'where', 'do', 'cats', 'sleep?']));
    expect(rows).toHaveLength(3);
    expect(rows[0]).toEqual({
      score: expect.any(Number),
      file: 'notes/cats.md',
      file_id: expect.stringMatching(/^file-/),
      text: TEXTS['notes/cats.md'],
      attributes: {
        path: 'notes/cats.md',
        root: expect.stringMatching(/^[0-9a-f]{12}$/),
        sha256: expect.any(String),
        year: 2020,
      },
    });
    const page = JSON.parse((await run(['search', id, 'cats', '--json'])).stdout);
    expect(page).toMatchObject({ object: 'vector_store.search_results.page', search_query: ['cats'] });
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['search', 'docs', 'cats', '-k', '1'], { stdout });
    expect(stdout.text).toMatch(
      /^0\.\d{3} {2}notes\/cats\.md\n {7}Cats sleep on the sofa by the window\.\n$/,
    );
  });

  it('keeps to filters, numbers and scores', async () => {
    const { run } = await searched();
    expect(rowsOf(await run(['search', 'docs', 'x', '--filter', 'year>=2020']))).toHaveLength(1);
    expect(
      rowsOf(await run(['search', 'docs', 'x', '--filter', 'path in notes/cats.md, notes/tax.txt'])),
    ).toHaveLength(2);
    const none = await run(['search', 'docs', 'x', '--score-threshold', '0.99']);
    expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'oai: nothing that fits was found\n' });
  });

  it('sends what was asked for', async () => {
    const page = {
      object: 'vector_store.search_results.page',
      search_query: ['q'],
      data: [],
      has_more: false,
      next_page: null,
    };
    const api = stubApi(jsonAnswer(page));
    const flags = [
      '-k',
      '3',
      '--rewrite-query',
      '--ranker',
      'none',
      '--score-threshold',
      '0.2',
      '--filter',
      'a=1',
      '--param',
      'x=7',
    ];
    await oai(['vector-store', 'search', 'vs_1', 'q', ...flags], { fetch: api.fetch });
    const body = await api.requests[0]?.json();
    expect(body).toEqual({
      query: 'q',
      max_num_results: 3,
      rewrite_query: true,
      ranking_options: { ranker: 'none', score_threshold: 0.2 },
      filters: { type: 'eq', key: 'a', value: 1 },
      x: 7,
    });
  });

  it('takes the question from a pipe', async () => {
    const { run } = await searched();
    expect(rowsOf(await run(['search', 'docs', '-k', '1'], { stdin: 'postman dogs\n' }))[0].file).toBe(
      'notes/deep/dogs.md',
    );
  });

  it('of a store that expired says so, and so does adding', async () => {
    const clock = new FakeClock({ leap: true });
    const { run } = await desk(TEXTS, sandbox(undefined, { clock }));
    const id = (await run(['create', '--name', 'old', '--expires-after', '1d'])).stdout.trim();
    clock.advance(3 * 86_400_000);
    for (const words of [
      ['search', 'old', 'x'],
      ['add', 'old', 'notes'],
      ['add', id, 'notes'],
    ]) {
      const { code, stderr } = await run(words);
      expect(code).toBe(4);
      expect(stderr).toMatch(/^oai: the vector store old expired on 2026-11-22 12:00/);
    }
    const byId = await run(['search', id, 'x']);
    expect([byId.code, byId.stderr]).toEqual([4, expect.stringContaining('make a new one')]);
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['list'], { stdout });
    expect(stdout.text).toMatch(/ expired +old$/m);
  });

  it('bears passages that are none', async () => {
    const { code } = await oai(['vector-store', 'search', 'vs_1', 'x'], {
      fetch: stubApi(jsonAnswer({ data: [7] })).fetch,
    });
    expect(code).toBe(6);
  });
});

describe('update and delete', () => {
  it('change the name, the end and the labels', async () => {
    const { run, id } = await stocked();
    const changed = await run([
      'update',
      'docs',
      '--name',
      'handbook',
      '--expires-after',
      '30d',
      '--metadata',
      'a=b',
      '--json',
    ]);
    expect(JSON.parse(changed.stdout)).toMatchObject({
      id,
      name: 'handbook',
      metadata: { a: 'b' },
      expires_after: { days: 30 },
    });
    const back = await run(['update', 'handbook', '--no-metadata', '--json']);
    expect(JSON.parse(back.stdout)).toMatchObject({ metadata: {}, expires_after: { days: 30 } });
  });

  it('take an end away', async () => {
    const api = stubApi(jsonAnswer({ id: 'vs_1', file_counts: {} }));
    await oai(['vector-store', 'update', 'vs_1', '--no-expires-after', '--json'], { fetch: api.fetch });
    expect(await api.requests[0]?.json()).toEqual({ expires_after: null });
  });

  it('delete stores, and leave their files', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes/cats.md']);
    const [file] = await filesOf(id, of);
    expect(await run(['delete', 'docs', '--yes'])).toMatchObject({ code: 0, stdout: `${id}\n` });
    expect(await given('GET', `/files/${file?.id}`, of)).toMatchObject({ id: file?.id });
    expect(await run(['delete', 'docs', '--yes'])).toMatchObject({ code: 4 });
  });

  it('delete the files as well where that is asked', async () => {
    const { run, of, id } = await stocked();
    await run(['add', 'docs', 'notes']);
    const files = await filesOf(id, of);
    expect((await run(['delete', id, '--yes', '--delete-files', '--json'])).stdout).toBe(
      `${JSON.stringify({ id, object: 'vector_store.deleted', deleted: true })}\n`,
    );
    for (const file of files) await expect(given('GET', `/files/${file.id}`, of)).rejects.toThrow('404');
  });

  it('go on past a store that is not there', async () => {
    const { run, id } = await stocked();
    const { code, stdout, stderr } = await run(['delete', 'nothing', 'docs', '--yes']);
    expect([code, stdout]).toEqual([9, `${id}\n`]);
    expect(stderr).toMatch(/^oai: there is no vector store nothing.*\noai: 1 of 2 could not be deleted\n/);
  });
});

it('says that the sandbox of one command forgets', async () => {
  const { code, stderr } = await oai(['vector-store', 'get', 'docs', '--sandbox']);
  expect(code).toBe(4);
  expect(stderr).toContain('`oai sandbox` remembers while it runs');
});

describe('what is no plain file', () => {
  it('is refused, and stdin is not offered, which has no name', async () => {
    const { run } = await stocked();
    const { code, stderr } = await run(['add', 'docs', '/dev/null']);
    expect(code).toBe(2);
    expect(stderr).toContain('oai: /dev/null is no plain file\n     write it to a file first');
  });
});

describe('what a server gives in another form', () => {
  it.each([
    [
      ['get', 'vs_x'],
      { id: 'vs_x', object: 'vector_store', file_counts: {}, usage_bytes: 'x' },
      /vs_x +- +- /,
    ],
    [
      ['files', 'vs_x'],
      {
        data: [
          { id: 'file-x', status: 'failed', usage_bytes: null, last_error: {}, attributes: { path: 'a' } },
        ],
      },
      /file-x +failed +- +a\n/,
    ],
  ])('is a dash in a table: %j', async (argv, body, row) => {
    const stdout = new CapturedOutput({ isTTY: true });
    const { code, stderr } = await oai(['vector-store', ...argv], {
      fetch: stubApi(jsonAnswer(body)).fetch,
      stdout,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.text).toMatch(row);
  });
});

describe('an answer to a deletion that does not say that it is done', () => {
  it.each([[['delete', 'docs', '--yes']], [['remove', 'docs', 'a.md', '--yes']]])(
    '%j is exit 6',
    async (argv) => {
      const { run, fetch } = await stocked({ 'a.md': 'a' });
      expect((await run(['add', 'docs', 'a.md'])).code).toBe(0);
      const { code, stdout } = await run(argv, {
        fetch: async (input, init) =>
          new Request(input, init).method === 'DELETE' ? jsonAnswer({}) : fetch(input, init),
      });
      expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    },
  );
});
