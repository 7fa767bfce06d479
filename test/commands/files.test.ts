import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sandbox } from '../sandbox/ask.ts';
import { linesOf } from '../sandbox/ask-batches.ts';
import { stubApi } from '../support/api.ts';
import { CapturedOutput, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { sandboxNetwork } from '../support/sandbox-network.ts';

const ROWS = linesOf('a', 'b');

/** A folder with files, and an API that remembers. */
async function place(files: Readonly<Record<string, string | Uint8Array>> = {}, faults?: string) {
  const cwd = await temporaryFolder();
  for (const [name, content] of Object.entries(files)) await writeFile(join(cwd, name), content);
  const clock = new HurriedClock({ now: Date.now() });
  const network = sandboxNetwork(sandbox(faults, { clock }));
  const run = (argv: readonly string[], options: Parameters<typeof oai>[1] = {}) =>
    oai(['files', ...argv], { fetch: network.fetch, cwd, home: cwd, clock, ...options });
  const upload = async (...argv: readonly string[]) => (await run(['upload', ...argv])).stdout.trim();
  return { cwd, run, upload, ...network };
}

describe('oai files upload', () => {
  it('prints the id; --json the file itself', async () => {
    const { run, upload } = await place({ 'a.jsonl': ROWS });
    const id = await upload('a.jsonl', '--purpose', 'batch');
    expect(id).toMatch(/^file-[0-9a-f]+$/);
    const { stdout, stderr, code } = await run([
      ...['upload', 'a.jsonl', '--purpose', 'fine-tune', '--no-lint'],
      ...['--expires-after', '2h', '--name', 'b.jsonl', '--json'],
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const file = JSON.parse(stdout);
    expect(file).toMatchObject({ filename: 'b.jsonl', purpose: 'fine-tune', bytes: ROWS.length });
    expect(file.expires_at).toBe(file.created_at + 7200);
  });

  it('is for the user’s own data where nothing is said, and takes other fields', async () => {
    const { run, upload } = await place({ 'a.txt': 'hello' });
    const id = await upload('a.txt');
    expect(JSON.parse((await run(['get', id])).stdout)).toMatchObject({ purpose: 'user_data' });
    const { code, stderr } = await run(['upload', 'a.txt', '--param', 'colour=red']);
    expect({ code, stderr }).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/Unknown parameter: 'colour'/),
    });
  });

  it('names the line and the reason, and sends nothing, where a row is wrong', async () => {
    const { run, exchanges } = await place({ 'a.jsonl': `${ROWS}{"custom_id": "b",}\n{}\n` });
    expect(await run(['upload', 'a.jsonl', '--purpose', 'batch'])).toMatchObject({
      code: 2,
      stdout: '',
      stderr:
        'oai: a.jsonl:3:19: the line is no JSON: unexpected } (and 4 more problems)\n' +
        '     nothing was uploaded; `oai files lint a.jsonl --for batch` shows them all; --no-lint sends it as it is\n',
    });
    expect(exchanges).toEqual([]);
    expect((await run(['upload', 'a.jsonl', '--purpose', 'batch', '--no-lint'])).code).toBe(0);
  });

  it('looks at no rows where the purpose has none', async () => {
    const { upload } = await place({ 'a.jsonl': 'nonsense' });
    expect(await upload('a.jsonl', '--purpose', 'user_data')).toMatch(/^file-/);
  });

  it('reads stdin for -, by a name of its own or a given one', async () => {
    const { run } = await place();
    const piped = { stdin: [ROWS.slice(0, 5), ROWS.slice(5)] };
    const one = await run(['upload', '-', '--purpose', 'batch', '--json'], piped);
    expect(JSON.parse(one.stdout)).toMatchObject({ filename: 'stdin.jsonl', bytes: ROWS.length });
    const other = await run(['upload', '-', '--name', 'x.pdf', '--json'], { stdin: ['x'] });
    expect(JSON.parse(other.stdout)).toMatchObject({ filename: 'x.pdf', bytes: 1 });
    const bad = await run(['upload', '-', '--purpose', 'batch'], { stdin: ['{'] });
    expect(bad).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^oai: stdin:1:1: the line is no JSON/),
    });
  });

  it('takes several files and patterns, each once, and goes on past one that fails', async () => {
    const { run } = await place({ 'a1.txt': 'a', 'a2.txt': 'b', 'empty.txt': '' });
    const { code, stdout, stderr } = await run(['upload', 'empty.txt', 'a*.txt', 'a1.txt', 'none.txt']);
    expect(code).toBe(9);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(stderr).toBe(
      'oai: empty.txt is empty\noai: cannot read none.txt: no such file\n' +
        'oai: 2 of 4 files could not be uploaded\n',
    );
    const all = await run(['upload', 'empty.txt', 'none.txt']);
    expect(all).toMatchObject({ code: 2, stdout: '' });
    const lines = await run(['upload', 'a1.txt', 'a2.txt', '--json']);
    const names = lines.stdout.trim().split('\n');
    expect(names.map((line) => JSON.parse(line).filename)).toEqual(['a1.txt', 'a2.txt']);
  });

  it('stops where no file can succeed', async () => {
    const { run, count } = await place({ 'a.txt': 'a', 'b.txt': 'b' });
    const env = { OPENAI_API_KEY: 'sk-invalid' };
    expect((await run(['upload', 'a.txt', 'b.txt'], { env })).code).toBe(3);
    expect(count('POST /files')).toBe(1);
  });

  it.each<[string, string[], RegExp]>([
    [
      'a directory',
      ['upload', 'folder'],
      /^oai: folder is a directory\n {5}'folder\/\*' names the files in it\n$/,
    ],
    ['no such file', ['upload', 'none'], /^oai: cannot read none: no such file\n$/],
    ['an empty file', ['upload', 'empty'], /^oai: empty is empty\n$/],
    ['an empty name', ['upload', ''], /^oai: files upload: the names of files is empty\n$/],
    ['a pattern without files', ['upload', '*.pdf'], /^oai: no file matches \*\.pdf\n$/],
    ['a URL', ['upload', 'https://x.test/a'], /^oai: https:\/\/x\.test\/a is not fetched here\n {5}curl /],
    ['no file', ['upload'], /^oai: files upload needs the names of files\n$/],
    ['nothing on stdin', ['upload', '-'], /^oai: stdin is empty\n$/],
    [
      'one name for two files',
      ['upload', 'a', 'b', '--name', 'c'],
      /^oai: --name is for one file, and there are 2\n/,
    ],
    [
      'a purpose that there is not',
      ['upload', 'a', '--purpose', 'fun'],
      /^oai: --purpose fun is not one of assist/,
    ],
    [
      'a short life',
      ['upload', 'a', '--expires-after', '1m'],
      /^oai: --expires-after 1m is not from 1h to 30d\n$/,
    ],
    [
      'a long life',
      ['upload', 'a', '--expires-after', '31d'],
      /^oai: --expires-after 31d is not from 1h to 30d\n$/,
    ],
    ['a large part', ['upload', 'a', '--part-size', '65m'], /^oai: --part-size 65m is not a size /],
    ['a flag of another', ['upload', 'a', '--limit', '1'], /^oai: --limit means nothing to files upload\n$/],
    ['no action', [], /^oai: files needs one of upload, list, get, content, delete, lint\n/],
    ['another action', ['uplaod', 'a'], /^oai: files uplaod is no action; did you mean upload\?\n/],
    ['--force alone', ['content', 'file-x', '--force'], /^oai: --force is for the file of -o\n/],
    ['what is no id', ['get', 'a/b'], /^oai: a\/b is not the id of a file\n {5}`oai files list` shows/],
    [
      'no one to ask',
      ['delete', 'file-x'],
      /^oai: nobody is asked here whether to delete file-x\n {5}--yes deletes it\n$/,
    ],
    ['lint for nothing', ['lint', 'a'], /^oai: files lint needs --for batch or --for fine-tune\n$/],
    [
      'a method of a batch',
      ['lint', 'a', '--for', 'batch', '--method', 'dpo'],
      /^oai: --method is for --for fine-tune\n$/,
    ],
  ])('refuses %s', async (_, argv, stderr) => {
    const { cwd, run, exchanges } = await place({ empty: '', a: 'a', b: 'b' });
    await mkdir(join(cwd, 'folder'));
    const result = await run(argv);
    expect(result.stderr).toMatch(stderr);
    expect({ code: result.code, stdout: result.stdout }).toEqual({ code: 2, stdout: '' });
    expect(exchanges).toEqual([]);
  });

  it('shows the request with --dry-run, and sends none', async () => {
    const { run, exchanges } = await place({ 'a b.jsonl': ROWS });
    const { code, stdout } = await run(['upload', 'a b.jsonl', '--purpose', 'batch', '--dry-run']);
    expect(code).toBe(0);
    expect(stdout).toContain('-F \'file=@"a b.jsonl";type=text/jsonl;filename="a b.jsonl"\'');
    expect(stdout).toContain('--form-string purpose=batch');
    const parts = await run(['upload', 'a b.jsonl', '--part-size', '10', '--dry-run']);
    expect(parts.stdout).toContain('/v1/uploads');
    expect(exchanges).toEqual([]);
  });

  it('is tried again where the server is busy', async () => {
    const { upload, count } = await place({ 'a.txt': 'hello' }, '503x2');
    expect(await upload('a.txt')).toMatch(/^file-/);
    expect(count('POST /files')).toBe(3);
  });
});

describe('oai files list', () => {
  it('is JSON Lines in a pipe, the newest first, and takes a purpose, an order, a limit and a place', async () => {
    const { run, upload } = await place({ 'a.txt': 'a', 'b.jsonl': ROWS });
    const one = await upload('a.txt');
    const two = await upload('b.jsonl', '--purpose', 'batch');
    const three = await upload('a.txt');
    const ids = async (...argv: string[]) =>
      (await run(['list', ...argv])).stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id);
    expect(await ids()).toEqual([three, two, one]);
    expect(await ids('--order', 'asc')).toEqual([one, two, three]);
    expect(await ids('--purpose', 'batch')).toEqual([two]);
    expect(await ids('--limit', '2')).toEqual([three, two]);
    expect(await ids('--after', two)).toEqual([one]);
    expect(JSON.parse((await run(['list', '--json'])).stdout)).toHaveLength(3);
  });

  it('is a table on a terminal, harmless to it', async () => {
    const { run, upload } = await place({ 'a.txt': 'hello' });
    const id = await upload('a.txt', '--expires-after', '30d', '--name', 'a\u001b[2J.txt');
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['list'], { stdout });
    const text = stdout.text.replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d/g, 'TIME');
    expect(text).toContain(id);
    expect(text).toContain('5 bytes');
    expect(text.match(/TIME/g)).toHaveLength(2);
    expect(stdout.text).not.toContain('\u001b');
  });

  it('of nothing is empty, and says so to a person', async () => {
    const { run } = await place();
    expect(await run(['list'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const { stderr } = await run(['list'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stderr).toBe('oai: there are no files that fit\n');
  });
});

describe('oai files get and delete', () => {
  it('name the nearest file where there is none of an id, or where a name was typed', async () => {
    const { run, upload } = await place({ 'a.txt': 'a' });
    const id = await upload('a.txt');
    const mistyped = id.replace(/.$/, 'x');
    const hint = `     did you mean ${id} (a.txt)?\n`;
    for (const argv of [
      ['get', mistyped],
      ['get', 'a.txt'],
      ['content', mistyped],
      ['delete', '--yes', 'a.tx'],
    ]) {
      const { code, stderr } = await run(argv);
      expect(code).toBe(4);
      expect(stderr).toContain('No such File object');
      expect(stderr.endsWith(hint)).toBe(true);
    }
    expect((await run(['get', 'file-nothing-near'])).stderr).toMatch(
      /`oai files list` shows what there is\n$/,
    );
  });

  it('get several, and delete several, whatever one of them is', async () => {
    const { run, upload } = await place({ 'a.txt': 'a' });
    const [one, two] = [await upload('a.txt'), await upload('a.txt')];
    const got = await run(['get', one, two]);
    expect(got.stdout.trim().split('\n')).toHaveLength(2);
    expect(JSON.parse((await run(['get', one, '--json'])).stdout).id).toBe(one);
    const some = await run(['get', one, 'file-0', two]);
    expect({ code: some.code, ids: some.stdout.match(/(?<="id":")[\w-]+/g) }).toEqual({
      code: 9,
      ids: [one, two],
    });
    expect(some.stderr).toMatch(/^oai: No such File object: file-0.*\noai: 1 of 3 could not be found\n$/s);
    const gone = await run(['delete', one, 'file-0', one, two, '--yes']);
    expect({ code: gone.code, stdout: gone.stdout }).toEqual({ code: 9, stdout: `${one}\n${two}\n` });
    expect(gone.stderr).toMatch(/^oai: No such File object: file-0.*\noai: 1 of 3 could not be deleted\n$/s);
    expect((await run(['delete', one, two, '--yes'])).code).toBe(4);
    expect((await run(['list'])).stdout).toBe('');
  });

  it('delete gives the API’s own answer with --json', async () => {
    const { run, upload } = await place({ 'a.txt': 'a' });
    const id = await upload('a.txt');
    const { stdout } = await run(['delete', id, '--yes', '--json']);
    expect(JSON.parse(stdout)).toEqual({ id, object: 'file', deleted: true });
  });

  it.each(['{}', '[]', 'null', '{"id":"file-x","object":"file","deleted":false}'])(
    'delete does not call gone what the answer %s leaves open',
    async (body) => {
      const api = stubApi(new Response(body, { headers: { 'content-type': 'application/json' } }));
      const { code, stdout, stderr } = await oai(['files', 'delete', 'file-x', '--yes'], api);
      expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
      expect(stderr).toMatch(/^oai: \S+ answered, but not with a deletion\n/);
    },
  );
});

describe('oai files content', () => {
  it('gives the bytes, or saves them, and replaces nothing', async () => {
    const { cwd, run, upload } = await place({ 'a.jsonl': ROWS });
    const id = await upload('a.jsonl', '--purpose', 'batch', '--name', 'there.jsonl');
    expect((await run(['content', id])).stdout).toBe(ROWS);
    expect((await run(['content', id, '-o', '-'])).stdout).toBe(ROWS);
    expect(await run(['content', id, '-o', 'b.jsonl'])).toMatchObject({ code: 0, stdout: 'b.jsonl\n' });
    expect(await readFile(join(cwd, 'b.jsonl'), 'utf8')).toBe(ROWS);
    expect(await run(['content', id, '-o', 'b.jsonl'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/b\.jsonl exists\n {5}--force replaces it\n$/),
    });
    expect((await run(['content', id, '-o', 'b.jsonl', '--force'])).code).toBe(0);
    expect((await run(['content', id, '-o', './'])).stdout).toBe('there.jsonl\n');
  });

  it('lets no name from the server lead out of a directory', async () => {
    const { cwd, run, upload } = await place({ 'a.jsonl': ROWS });
    await mkdir(join(cwd, 'in'));
    const id = await upload('a.jsonl', '--purpose', 'fine-tune', '--no-lint', '--name', '..\\..\\.x.jsonl');
    expect((await run(['content', id, '-o', 'in'])).stdout).toBe('in/x.jsonl\n');
  });

  it('shows text on a terminal, harmless, and no bytes that are none', async () => {
    const { run, upload } = await place({ text: 'say \u001b[2J é', bytes: new Uint8Array([1, 0, 255]) });
    const show = async (name: string) => {
      const stdout = new CapturedOutput({ isTTY: true });
      const id = await upload(name, '--purpose', 'fine-tune', '--no-lint');
      return { ...(await run(['content', id], { stdout })), id };
    };
    expect(await show('text')).toMatchObject({ code: 0, stdout: 'say ␛[2J é' });
    const { id, ...refused } = await show('bytes');
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: `oai: ${id} is no text for a terminal\n     pipe it on, or give a file: -o FILE\n`,
    });
  });

  it('says what the API gives back at all', async () => {
    const { run, upload } = await place({ 'a.txt': 'a' });
    const { code, stderr } = await run(['content', await upload('a.txt')]);
    expect(code).toBe(4);
    expect(stderr).toMatch(
      /Not allowed to download files of purpose: user_data.*\n {5}the API gives back the files of/,
    );
  });

  it('keeps what arrived before a cut, under another name', async () => {
    const { cwd, run, upload } = await place({ 'a.jsonl': ROWS }, 'reset@1');
    const id = await upload('a.jsonl', '--purpose', 'batch');
    const { code, stdout, stderr } = await run(['content', id, '-o', 'b.jsonl']);
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toMatch(/what arrived is in .*b\.jsonl\.part/);
    expect(ROWS.startsWith(await readFile(join(cwd, 'b.jsonl.part'), 'utf8'))).toBe(true);
  });
});

describe('oai files lint', () => {
  it('reports each file, names each problem, and says no', async () => {
    const { run, exchanges } = await place({ 'a.jsonl': ROWS, 'b.jsonl': '{}\n' });
    const { code, stdout, stderr } = await run(['lint', 'a.jsonl', 'b.jsonl', '--for', 'batch']);
    expect(code).toBe(11);
    const [good, bad] = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(good).toMatchObject({ file: 'a.jsonl', ok: true, rows: 2, tokens: 16, problems: [] });
    expect(bad).toMatchObject({ file: 'b.jsonl', ok: false, rows: 1, problemCount: 4 });
    expect(stderr).toBe(
      'oai: b.jsonl:1: custom_id is missing\noai: b.jsonl:1: method is missing\n' +
        'oai: b.jsonl:1: url is missing\noai: b.jsonl:1: body is missing\noai: 1 of 2 files have problems\n',
    );
    expect(exchanges).toEqual([]);
  });

  it('is a table on a terminal, and one document with --json', async () => {
    const { run } = await place({ 'a.jsonl': ROWS });
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['lint', 'a.jsonl', '--for', 'batch'], { stdout });
    expect(stdout.text.replace(/ +/g, ' ')).toBe(
      'ROWS TOKENS PROBLEMS MODEL KIND FILE\n2 16 0 gpt-6-luna /v1/chat/completions a.jsonl\n',
    );
    const report = JSON.parse((await run(['lint', 'a.jsonl', '--for', 'batch', '--json'])).stdout);
    expect(report).toMatchObject({ file: 'a.jsonl', ok: true, endpoint: '/v1/chat/completions' });
  });

  it('reads stdin, knows methods, notes too few rows, and says no more than a screen of problems', async () => {
    const { run } = await place();
    const row = JSON.stringify({ messages: [{ role: 'assistant', content: 'x' }] });
    const noted = await run(['lint', '-', '--for', 'fine-tune'], { stdin: [row] });
    expect(noted).toMatchObject({
      code: 0,
      stderr: 'oai: stdin: it has 1 row, and a training file needs 10\n',
    });
    const other = await run(['lint', '-', '--for', 'fine-tune', '--method', 'dpo'], { stdin: [row] });
    expect(other).toMatchObject({
      code: 11,
      stderr: expect.stringMatching(/the method supervised and not dpo/),
    });
    const many = await run(['lint', '-', '--for', 'batch'], { stdin: ['x\n'.repeat(30)] });
    expect(many.stderr.split('\n')).toHaveLength(20 + 2 + 1);
    expect(many.stderr).toContain(
      'oai: stdin: and 10 more (the JSON has up to 30)\noai: stdin has 30 problems\n',
    );
  });
});
