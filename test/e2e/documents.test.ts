import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { commandNames, currentDocuments } from '../../scripts/reference.mjs';
import { commands } from '../../src/catalogue.ts';
import type { CommandModule } from '../../src/command.ts';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { bin, node, runBin, start, startCommand } from '../support/bin.ts';
import { fakeContext } from '../support/context.ts';
import { desk, deskPath } from '../support/desk.ts';
import { temporaryFolder } from '../support/folder.ts';

const root = join(import.meta.dirname, '..', '..');
const names = commands.map(({ name }) => name);
const modules = await Promise.all(commands.map(({ load }) => load()));

/** A sandbox that remembers from one command to the next, and has something to remember. */
async function serverWithAnswers(cwd: string): Promise<Record<string, string>> {
  const server = await start(['sandbox', '--port', '0', '--json']);
  const { url } = JSON.parse(await server.shows('"}'));
  const env = { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  const params = ['--store', '--metadata', 'project=x'];
  expect((await runBin(['chat', 'hello', ...params], { env })).code).toBe(0);
  for (const words of [
    ['files', 'upload', 'cat.png', '--purpose', 'vision'],
    ['batch', 'create', 'requests.jsonl'],
  ])
    expect((await runBin(words, { cwd, env })).code).toBe(0);
  await fillStore(env);
  const job = ['create', 'train.jsonl', '-m', 'gpt-4o-mini', '--metadata', 'project=x'];
  expect((await runBin(['finetune', ...job], { env, cwd })).code).toBe(0);
  return env;
}

/** A vector store of two files, of which one is broken. */
async function fillStore(env: Record<string, string>): Promise<void> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'cats.md'), 'Cats sleep on the sofa.\n');
  await writeFile(join(cwd, 'broken.pdf'), 'no PDF');
  const attributes = ['--attribute', 'lang=en', '--attribute', 'year=2026'];
  const words = ['vector-store', 'create', '.', '--name', 'docs', ...attributes];
  expect((await runBin(words, { cwd, env })).code).toBe(9);
}

describe('the documents', () => {
  it('have the reference that --help prints, and the operations that `oai api` knows', async () => {
    for (const [path, text] of currentDocuments())
      expect(await readFile(join(root, path), 'utf8')).toBe(text);
  });

  it('know every command', () => {
    expect(commandNames()).toEqual(names);
  });

  it('have no line of help that is wider than a terminal', async () => {
    for (const words of [[], ...names.map((name) => [name])]) {
      const { stdout } = await runBin([...words, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });
});

describe('the command of CONTRIBUTING', () => {
  // It bundles the program anew.
  it('works as it is printed', { timeout: 120_000 }, async () => {
    const text = await readFile(join(root, 'CONTRIBUTING.md'), 'utf8');
    const contents = /```ts\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
    const outfile = join(await temporaryFolder(), 'ping.mjs');
    const resolveDir = join(root, 'src', 'commands');
    await build({
      stdin: { contents, loader: 'ts', resolveDir, sourcefile: 'ping.ts' },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'silent',
      // What bundles from CommonJS asks for.
      banner: {
        js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
      },
    });
    const { ping } = (await import(outfile)) as { ping: CommandModule<GlobalOptions> };
    const context = fakeContext();
    await ping.run({ words: ['gpt-6-luna'], sandbox: true }, context);
    expect(JSON.parse(context.stdout.text)).toMatchObject({ id: 'gpt-6-luna', object: 'model' });
  });
});

describe('the examples of --help', () => {
  /** Those that serve until they are stopped have tests of their own. */
  const lines = modules
    .flatMap(({ examples }) => examples.map(({ line }) => line))
    .filter((line) => !/oai sandbox|127\.0\.0\.1:4010/.test(line));

  it.each(lines)('%s', async (line) => {
    const cwd = await desk();
    const sandbox = { OAI_PROFILE: 'sandbox', OAI_HOME: join(cwd, 'home') };
    const env = /oai (?:stored|response|files|batch|finetune|vector-store) /.test(line)
      ? await serverWithAnswers(cwd)
      : sandbox;
    const PATH = await deskPath();
    const run = await startCommand('sh', ['-c', line], { cwd, env: { ...env, PATH } });
    const { code, stdout, stderr } = await run.done;
    expect({ code, stderr }).toMatchObject({ code: 0 });
    if (
      !/^oai realtime$|config set|--retiring|> [\w.]+\.(?:png|mp3|srt|jsonl?|npy|sh)|-o done|-o vectors/.test(
        line,
      )
    )
      expect(stdout).not.toBe('');
  });

  it('are there for every command', () => {
    expect(lines.length).toBeGreaterThan(8);
    for (const { examples } of modules) expect(examples.length).toBeGreaterThan(1);
  });
});

describe('a mistake', () => {
  it.each([
    [['--sandbx', 'chat', 'hi'], "oai: unknown option '--sandbx'\n     did you mean --sandbox?\n"],
    [
      ['-m', 'x', 'chat', 'hi'],
      "oai: unknown option '-m'\n     the flags of chat go after its name: oai chat -m …\n",
    ],
    [['chta', 'hi'], "oai: unknown command 'chta'\n     did you mean chat?\n"],
    [['chat', '--modle', 'x'], "oai: unknown option '--modle'\n     did you mean --model?\n"],
    [
      ['chat', '-f', 'a.md', 'sum it up'],
      "oai: unknown option '-f'\n     a file goes along with -a: oai chat -a FILE …\n",
    ],
    [
      ['chat', '--file', 'a.md', 'sum it up'],
      "oai: unknown option '--file'\n     a file goes along with -a: oai chat -a FILE …\n",
    ],
    [
      ['chat', '-m'],
      "oai: option '-m, --model <name>' argument missing\n     `oai chat --help` shows what there is\n",
    ],
    [['chat', '--version'], "oai: unknown option '--version'\n     `oai --version` says it\n"],
    [['--frobnicate'], "oai: unknown option '--frobnicate'\n     `oai --help` shows what there is\n"],
    [['nonsense', '--help'], "oai: unknown command 'nonsense'\n     `oai --help` shows what there is\n"],
    [['help', 'nonsense'], "oai: unknown command 'nonsense'\n     `oai --help` shows what there is\n"],
    [['--sandbox'], 'oai: no command\n     `oai --help` shows what there is\n'],
    [['nonsense'], "oai: unknown command 'nonsense'\n     `oai --help` shows what there is\n"],
  ])('%j is answered by what to type instead', async (argv, stderr) => {
    expect(await runBin(argv)).toEqual({ code: 2, stdout: '', stderr });
  });

  it('is JSON with --json', async () => {
    const { code, stdout, stderr } = await runBin(['chat', '--json', '--modle', 'x']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(JSON.parse(stderr)).toMatchObject({
      error: { code: 'usage', exitCode: 2, status: null, requestId: null },
    });
  });
});

describe('the start', () => {
  it('works where the home is missing, read-only or no folder', async () => {
    for (const HOME of ['/nonexistent/home', '/proc', join(root, 'package.json')]) {
      const { code, stdout } = await runBin(['chat', '--sandbox', 'hello'], { env: { HOME } });
      expect({ HOME, code, stdout }).toEqual({ HOME, code: 0, stdout: 'You said: hello\n' });
    }
    const bare = await startCommand('env', ['-i', node, bin, 'chat', '--sandbox', 'hello']);
    expect(await bare.done).toEqual({ code: 0, stdout: 'You said: hello\n', stderr: '' });
  });

  it('writes nothing into the home', async () => {
    const home = await temporaryFolder();
    await runBin(['chat', '--sandbox', 'hello'], { env: { HOME: home } });
    expect(await (await startCommand('ls', ['-A', home])).done).toMatchObject({ stdout: '' });
  });
});
