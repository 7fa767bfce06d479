import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { node, startCommand } from '../support/bin.ts';
import { temporaryFolder } from '../support/folder.ts';

const root = join(import.meta.dirname, '..', '..');
/** Bytes that npm fetches: twice what it is, for growth that nobody notices. */
const MOST_BYTES = 6_000_000;

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}

/** An empty home, and what is made in it. */
let folder: string;
let prefix: string;
let packed: Packed;

/** Runs npm, which needs no network for this. */
function npm(words: readonly string[]): string {
  return execFileSync('npm', [...words, '--offline', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    env: { PATH: process.env['PATH'], HOME: folder },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs the program that was installed. */
async function installed(words: readonly string[], cwd?: string) {
  const options = cwd === undefined ? {} : { cwd };
  return (await startCommand(node, [join(prefix, 'bin', 'oai'), ...words], options)).done;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'oai-package-'));
  const [one] = JSON.parse(npm(['pack', '--json', '--pack-destination', folder]));
  packed = one;
  prefix = join(folder, 'prefix');
  await mkdir(prefix);
  npm(['install', '-g', '--prefix', prefix, '--omit=optional', join(folder, packed.filename)]);
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the package', () => {
  it('holds what runs, and nothing that made it', () => {
    const paths = packed.files.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'bin/oai.js',
        'dist/main.cjs',
        'dist/oai.1',
        'dist/completion/oai.bash',
        'dist/completion/_oai',
        'dist/completion/oai.fish',
        'dist/THIRD-PARTY-LICENSES.txt',
        'LICENSE',
        'README.md',
        'package.json',
      ]),
    );
    const allowed = /^(?:bin\/|dist\/|(?:CHANGELOG|README)\.md$|LICENSE$|package\.json$)/;
    expect(paths.filter((path) => !allowed.test(path))).toEqual([]);
    expect(paths.filter((path) => /\.(?:ts|map|test\..*)$/.test(path))).toEqual([]);
    expect(packed.size).toBeLessThan(MOST_BYTES);
  });

  it('needs no other package', async () => {
    const own = join(prefix, 'lib', 'node_modules');
    expect(await readdir(own)).toEqual(['oai']);
    expect(await readdir(join(own, 'oai'))).not.toContain('node_modules');
    const { dependencies, engines } = JSON.parse(await readFile(join(own, 'oai', 'package.json'), 'utf8'));
    expect(dependencies).toBeUndefined();
    expect(engines).toEqual({ node: '>=20' });
  });

  it('brings its manual to where man looks', async () => {
    const page = join(prefix, 'share', 'man', 'man1', 'oai.1');
    expect(await readFile(page, 'utf8')).toMatch(/^\.TH OAI 1/);
  });
});

describe('installed into an empty prefix, the program', () => {
  it('knows its version, and shows help', async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
    expect(await installed(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
    expect(await installed(['-V'])).toMatchObject({ code: 0, stdout: `${version}\n` });
    const help = await installed(['help', 'chat']);
    expect(help.stdout).toMatch(/^Usage: oai chat /);
    expect((await installed(['chat', '--help'])).stdout).toBe(help.stdout);
    const overview = (await installed([])).stdout;
    expect((await installed(['help'])).stdout).toBe(overview);
    expect((await installed(['help', 'help'])).stdout).toBe(overview);
  });

  it('answers from the sandbox', async () => {
    const said = { code: 0, stdout: 'You said: hi\n', stderr: '' };
    expect(await installed(['chat', '--sandbox', 'hi'])).toEqual(said);
    const cwd = await temporaryFolder();
    const drawn = await installed(['image', '--sandbox', '-o', 'cat.png', 'a cat'], cwd);
    expect(drawn).toMatchObject({ code: 0, stdout: 'cat.png\n' });
    const words = ['speak', '--sandbox', '-o', 'hi.wav', 'good morning'];
    expect(await installed(words, cwd)).toMatchObject({ code: 0 });
    expect((await installed(['transcribe', '--sandbox', 'hi.wav'], cwd)).stdout).toMatch(/good morning/i);
  });

  it('says what is missing where a package that is optional is needed', async () => {
    const cwd = await temporaryFolder();
    await installed(['image', '--sandbox', '-o', 'cat.png', '--size', '1536x1024', 'a cat'], cwd);
    const fit = ['variation', '--sandbox', '--via', 'variations', '--fit', 'cat.png'];
    expect(await installed(fit, cwd)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('npm install -g sharp'),
    });
    const kept = await installed(['chat', '--sandbox', '--history', 'hi'], cwd);
    expect(kept.stdout).toBe('You said: hi\n');
    expect(kept.stderr).toContain('@photostructure/sqlite');
    const { code, stdout } = await installed(['doctor', '--sandbox'], cwd);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning program .*without sharp/m);
  });

  it('uses them where they are', async () => {
    const modules = join(prefix, 'lib', 'node_modules');
    await mkdir(join(modules, '@photostructure'));
    for (const name of ['sharp', 'chafa-wasm', '@photostructure/sqlite']) {
      await symlink(join(root, 'node_modules', name), join(modules, name));
    }
    const cwd = await temporaryFolder();
    await installed(['image', '--sandbox', '-o', 'cat.png', '--size', '1536x1024', 'a cat'], cwd);
    const fit = ['variation', '--sandbox', '--via', 'variations', '--fit', '-o', 'more.png', 'cat.png'];
    expect(await installed(fit, cwd)).toMatchObject({ code: 0, stdout: 'more.png\n' });
    expect((await installed(['doctor', '--sandbox'], cwd)).stdout).toMatch(/^ok {6}program /m);
  });
});
