import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

const BUILT_IN = ['code', 'commit', 'explain', 'summarize', 'translate'];

/** A home with these roles, and how to run a command there. */
async function withRoles(files: Readonly<Record<string, string | Uint8Array>> = {}) {
  const home = await temporaryFolder();
  const folder = join(home, '.config', 'oai', 'roles');
  if (Object.keys(files).length > 0) await mkdir(folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const run = (argv: readonly string[], options: Parameters<typeof oai>[1] = {}) =>
    oai(argv, { home, ...options });
  return { home, folder, run, role: (...argv: string[]) => run(['role', ...argv]) };
}

const rowsOf = (stdout: string) =>
  stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)]));

describe('role list', () => {
  it('is JSON Lines in a pipe', async () => {
    const { role, folder } = await withRoles({
      'pirate.md': '---\nmodel: gpt-4o\n---\nYou are a pirate.\nArr.',
      'commit.md': '---\ndescription: our way\n---\nx',
      'notes.txt': 'no role',
      '.hidden.md': 'no role',
    });
    const { code, stdout, stderr } = await role('list');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const rows = rowsOf(stdout);
    expect(rows.map(({ name }) => name)).toEqual([
      'code',
      'commit',
      'explain',
      'pirate',
      'summarize',
      'translate',
    ]);
    expect(rows[3]).toEqual({
      name: 'pirate',
      source: 'own',
      model: 'gpt-4o',
      description: 'You are a pirate.',
      path: join(folder, 'pirate.md'),
    });
    expect(rows[1]).toMatchObject({ source: 'own', description: 'our way' });
    expect(rows[0]).toMatchObject({ source: 'built-in', model: null, path: null });
  });

  it('is a table on a terminal, harmless to it', async () => {
    const { run } = await withRoles({ 'p.md': 'You are \u001b[2J a pirate.' });
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['role', 'list'], { stdout });
    expect(stdout.text.split('\n')[0]).toMatch(/^ROLE +FROM +MODEL +DESCRIPTION$/);
    expect(stdout.text).toContain('\np          own       -      You are ');
    expect(stdout.text).not.toContain('\u001b');
  });

  it('warns of roles that are broken, and has the others', async () => {
    const { role } = await withRoles({
      'a.md': '',
      'b.md': '---\nx: 1\n---\ny',
      'c d.md': 'x',
      'e.md': 'fine',
    });
    const { code, stdout, stderr } = await role('list');
    expect(code).toBe(0);
    expect(rowsOf(stdout).map(({ name }) => name)).toEqual(
      ['b', ...BUILT_IN.slice(0, 2), 'e', ...BUILT_IN.slice(2)].sort(),
    );
    expect(stderr).toBe(
      'oai: role a is empty\noai: role b line 2: x is no setting of a role\noai: c d is no name of a role\n',
    );
  });

  it('has those that come with it where there is no home', async () => {
    const { stdout } = await oai(['role', 'list']);
    expect(rowsOf(stdout).map(({ name }) => name)).toEqual(BUILT_IN);
  });
});

describe('role show', () => {
  it('prints the text as it is, also of one that is broken', async () => {
    const broken = '---\nx: 1\n---\ny';
    const { role } = await withRoles({ 'b.md': broken });
    expect(await role('show', 'b')).toMatchObject({ code: 0, stdout: broken });
    expect((await role('show', 'commit')).stdout).toMatch(
      /^---\ndescription: a commit message for a diff\n---\n/,
    );
  });

  it('tells what is in it with --json', async () => {
    const { role, folder } = await withRoles({
      'r.md': '---\nmodel: m\nstop: [a]\nvars: {to: x}\nmessage: [user:a]\nsystem: s\n---\n{{input}} {{to}}',
    });
    expect(JSON.parse((await role('show', 'r', '--json')).stdout)).toEqual({
      name: 'r',
      source: 'own',
      path: join(folder, 'r.md'),
      description: null,
      settings: { model: 'm', stop: ['a'] },
      vars: { to: 'x' },
      system: 's',
      message: ['user:a'],
      question: '{{input}} {{to}}',
    });
  });
});

describe('role new', () => {
  it('writes a template for its owner alone, which is used once it is written upon', async () => {
    const { role, run, folder } = await withRoles();
    const path = join(folder, 'reviewer.md');
    expect(await role('new', 'reviewer')).toMatchObject({ code: 0, stdout: `${path}\n`, stderr: '' });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    for (const command of ['chat', 'structured']) {
      expect(await run([command, '-r', 'reviewer', '--sandbox', 'hi'])).toMatchObject({
        code: 2,
        stdout: '',
        stderr:
          'oai: role reviewer says nothing yet: its text is that of the template\n     `oai role edit reviewer` opens it\n',
      });
    }
    await writeFile(path, (await readFile(path, 'utf8')).replace('Say here what', 'Say what'));
    expect((await run(['chat', '-r', 'reviewer', '--sandbox', 'hi'])).stdout).toContain('As told: Say what');
  });

  it.each(['', '\n', ' \n\t\n'])('makes none of %j on stdin', async (stdin) => {
    const { run, folder } = await withRoles();
    const { code, stderr } = await run(['role', 'new', 'r'], { stdin });
    expect([code, stderr]).toEqual([
      2,
      expect.stringContaining('oai: role r is empty: nothing came on stdin\n     its text is the prompt'),
    ]);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
    expect((await run(['role', 'new', 'r', '--no-stdin'], { stdin })).code).toBe(0);
  });

  it.each([
    ['another role', ['--from', 'commit'], undefined, /^---\ndescription: a commit/],
    ['what is piped in', [], 'You are a pirate.', /^You are a pirate\.\n$/],
    ['what is piped in, by name', ['--from', '-'], 'Arr.\n', /^Arr\.\n$/],
    ['another role, whatever is piped in', ['--from', 'code'], 'x', /^---\ndescription: code that/],
  ])('takes the text of %s', async (_, flags, stdin, text) => {
    const { run, folder } = await withRoles();
    expect((await run(['role', 'new', 'r', ...flags], { stdin })).code).toBe(0);
    expect(await readFile(join(folder, 'r.md'), 'utf8')).toMatch(text);
  });

  it('replaces none, unless it is told to', async () => {
    const { run, folder } = await withRoles({ 'r.md': 'old' });
    const refused = await run(['role', 'new', 'r'], { stdin: 'new' });
    expect(refused).toMatchObject({ code: 2, stdout: '' });
    expect(refused.stderr).toMatch(/r\.md exists\n {5}--force replaces it/);
    expect(await readFile(join(folder, 'r.md'), 'utf8')).toBe('old');
    expect((await run(['role', 'new', 'r', '--force'], { stdin: 'new' })).code).toBe(0);
    expect(await readFile(join(folder, 'r.md'), 'utf8')).toBe('new\n');
  });

  it('writes nothing that could not be used', async () => {
    const { run, folder } = await withRoles();
    const cases: [string | Uint8Array, string][] = [
      ['---\nx: 1\n---\ny', 'role r line 2: x is no setting of a role'],
      [' \n', 'role r is empty'],
      [Buffer.from([0xff, 0xfe, 0x41]), 'stdin is not UTF-8 text'],
    ];
    for (const [stdin, message] of cases) {
      const { code, stderr } = await run(['role', 'new', 'r'], { stdin });
      expect([code, stderr]).toEqual([2, expect.stringContaining(`oai: ${message}`)]);
    }
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('shows the text with --dry-run, and writes nothing', async () => {
    const { role, folder } = await withRoles();
    expect((await role('new', 'r', '--from', 'commit', '--dry-run')).stdout).toMatch(/^---\n/);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('says so where the folder cannot be made, or there is no home', async () => {
    const { role, home } = await withRoles();
    await writeFile(join(home, '.config'), 'a file');
    expect(await role('new', 'r')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^oai: cannot make .*roles: a part of the path is not a directory\n$/),
    });
    expect(await oai(['role', 'new', 'r'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^oai: there is no home directory to keep roles in\n/),
    });
  });
});

describe('role path', () => {
  it('is the folder, or the file', async () => {
    const { role, folder } = await withRoles({ 'r.md': 'x' });
    expect((await role('path')).stdout).toBe(`${folder}\n`);
    expect((await role('path', 'r')).stdout).toBe(`${join(folder, 'r.md')}\n`);
    expect(JSON.parse((await role('path', 'r', '--json')).stdout)).toEqual({ path: join(folder, 'r.md') });
  });

  it('is none for a role that comes with it', async () => {
    const { role } = await withRoles();
    expect(await role('path', 'commit')).toMatchObject({
      code: 2,
      stderr:
        'oai: role commit comes with oai and is no file\n     `oai role new commit --from commit` makes one of it\n',
    });
  });

  it('follows OAI_HOME', async () => {
    const { run } = await withRoles();
    const { stdout } = await run(['role', 'path'], { env: { OAI_HOME: '/elsewhere' } });
    expect(stdout).toBe('/elsewhere/roles\n');
  });
});

describe('role edit', () => {
  it('needs a terminal, and says where the file is', async () => {
    const { role, folder } = await withRoles({ 'r.md': 'x' });
    const path = join(folder, 'r.md');
    expect(await role('edit', 'r')).toMatchObject({
      code: 2,
      stderr: `oai: an editor needs a terminal, and here is none\n     the file is ${path}\n`,
    });
    expect(await role('edit', 'nobody')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('no role nobody'),
    });
    // Nothing was copied.
    await role('edit', 'commit');
    await expect(stat(join(folder, 'commit.md'))).rejects.toThrow('ENOENT');
  });
});

describe('a name', () => {
  it('that is empty is none', async () => {
    const { code, stderr } = await oai(['role', 'show', '']);
    expect({ code, stderr }).toEqual({ code: 2, stderr: 'oai: role show: the name of a role is empty\n' });
  });

  it.each([
    ['../r'],
    ['a/b'],
    ['..'],
    ['.hidden'],
    ['a b'],
    ['a\u0000b'],
    ['~r'],
    ['x'.repeat(101)],
    ['a\\b'],
    ['-x'],
  ])('%j is that of no role', async (name) => {
    const { role } = await withRoles({ 'r.md': 'x' });
    for (const action of ['show', 'new', 'edit', 'path']) {
      expect(await role(action, '--', name)).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringMatching(/ is no name of a role\n/),
      });
    }
  });

  it('is given once', async () => {
    const { run } = await withRoles({ 'ok.md': 'x' });
    for (const command of ['chat', 'structured']) {
      expect(await run([command, '-r', 'ok', '--role', 'commit', '--sandbox', 'hi'])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: expect.stringContaining('oai: --role is given twice: ok and commit\n'),
      });
    }
  });

  it.each(['übersetzer', '번역', 'gpt-4.1_x', '7'])('%s is one', async (name) => {
    const { role, folder } = await withRoles();
    expect((await role('new', name)).stdout).toBe(`${join(folder, `${name}.md`)}\n`);
    expect(rowsOf((await role('list')).stdout).map((row) => row.name)).toContain(name);
  });
});

it.each([
  [[], 'role needs one of list, show, new, edit, path\n     oai role list\n'],
  [['lst'], 'role lst is no action; did you mean list?\n'],
  [['list', 'x'], 'role list takes no words: x\n'],
  [['show'], 'role show needs the name of a role\n'],
  [['show', 'a', 'b'], 'role show takes the name of a role, and there is b beside it\n'],
  [['show', 'comit'], 'there is no role comit; did you mean commit?\n'],
  [['show', 'constructor'], 'there is no role constructor\n'],
  [['show', 'commit', '--force'], '--force means nothing to role show\n'],
  [['new', 'x', '--from', 'nobody'], 'there is no role nobody\n'],
  [['new', 'x', '--from', '../y'], '../y is no name of a role\n'],
])('%j is a usage error', async (words, message) => {
  const { role } = await withRoles();
  const { code, stdout, stderr } = await role(...words);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.startsWith(`oai: ${message}`)).toBe(true);
});

describe('the file of a role', () => {
  it.each<[string, (path: string) => Promise<unknown>, RegExp]>([
    [
      'a directory',
      (path) => mkdir(path),
      /^oai: cannot read role r \(~\/\.config\/oai\/roles\/r\.md\): it is a directory\n/,
    ],
    ['empty', (path) => writeFile(path, ''), /^oai: role r is empty\n/],
    [
      'not UTF-8',
      (path) => writeFile(path, Buffer.from([0x41, 0xe9, 0x41])),
      /^oai: role r \(.*\) is not UTF-8 text: byte 2 is 0xe9\n/,
    ],
    ['a device', (path) => symlink('/dev/null', path), /^oai: role r is empty\n/],
    [
      'a link to itself',
      (path) => symlink(path, path),
      /^oai: cannot read role r \(.*\): too many symbolic links\n/,
    ],
    [
      'too large',
      (path) => writeFile(path, 'x'.repeat(1024 * 1024 + 1)),
      /^oai: role r \(.*\) is larger than 1 MB\n/,
    ],
  ])('that is %s is named', async (_, make, message) => {
    const { folder, run } = await withRoles({ 'other.md': 'x' });
    await make(join(folder, 'r.md'));
    const { code, stdout, stderr } = await run(['chat', '-r', 'r', 'hi']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read is named', async () => {
    const { folder, run } = await withRoles({ 'r.md': 'x' });
    await chmod(join(folder, 'r.md'), 0);
    expect((await run(['chat', '-r', 'r', 'hi'])).stderr).toMatch(
      /^oai: cannot read role r \(.*\): permission denied\n/,
    );
  });

  it('may begin with a byte order mark', async () => {
    const { run } = await withRoles({ 'r.md': '\ufeff---\nmodel: gpt-4o\n---\nBe brief.' });
    expect((await run(['chat', '-r', 'r', '--sandbox', 'hi', '--json'])).stdout).toContain(
      '"model":"gpt-4o"',
    );
  });
});
