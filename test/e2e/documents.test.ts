import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { commandNames, currentReadme } from '../../scripts/reference.mjs';
import type { CommandModule } from '../../src/command.ts';
import { api } from '../../src/commands/api.ts';
import { chat } from '../../src/commands/chat.ts';
import { complete } from '../../src/commands/complete.ts';
import { completion } from '../../src/commands/completion.ts';
import { config } from '../../src/commands/config.ts';
import { doctor } from '../../src/commands/doctor.ts';
import { edit } from '../../src/commands/edit.ts';
import { embed } from '../../src/commands/embed.ts';
import { history } from '../../src/commands/history.ts';
import { image } from '../../src/commands/image.ts';
import { index } from '../../src/commands/index.ts';
import { models } from '../../src/commands/models.ts';
import { moderate } from '../../src/commands/moderate.ts';
import { respond } from '../../src/commands/respond.ts';
import { response } from '../../src/commands/response.ts';
import { role } from '../../src/commands/role.ts';
import { sandbox } from '../../src/commands/sandbox.ts';
import { speak } from '../../src/commands/speak.ts';
import { stored } from '../../src/commands/stored.ts';
import { structured } from '../../src/commands/structured.ts';
import { tokens } from '../../src/commands/tokens.ts';
import { transcribe } from '../../src/commands/transcribe.ts';
import { translate } from '../../src/commands/translate.ts';
import { variation } from '../../src/commands/variation.ts';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { bin, node, runBin, runShell, start, startCommand } from '../support/bin.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { spoken } from '../support/heard.ts';
import { image as imageOf, png } from '../support/images.ts';
import { pdf } from '../support/pdf.ts';

const root = join(import.meta.dirname, '..', '..');
const modules = {
  chat,
  image,
  edit,
  variation,
  speak,
  transcribe,
  translate,
  embed,
  moderate,
  structured,
  models,
  respond,
  response,
  complete,
  stored,
  api,
  index,
  role,
  tokens,
  history,
  config,
  doctor,
  completion,
  sandbox,
};

/** A folder with what the examples read. */
async function desk(): Promise<string> {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'reviewer.md'), 'Be brief.\n');
  await writeFile(join(cwd, 'main.c'), 'int main() { return 0; }\n');
  for (const name of ['room.png', 'logo.png', 'corgi.png', 'cat.png', 'plan.png'])
    await writeFile(join(cwd, name), png(640, 640));
  await writeFile(join(cwd, 'room.jpg'), await imageOf('jpeg', 64, 48));
  await writeFile(join(cwd, 'invoice.pdf'), pdf('Invoice 7', 'Total 60'));
  await writeFile(join(cwd, 'hole.png'), png(640, 640, { alpha: true }));
  await writeFile(join(cwd, 'chapter.txt'), 'It was a dark and stormy night.\n');
  const sound = await spoken('Good morning. Siobhan is late.');
  await mkdir(join(cwd, 'recordings'));
  for (const name of ['talk', 'meeting', 'interview', 'recordings/one', 'recordings/two']) {
    await writeFile(join(cwd, `${name}.mp3`), sound);
  }
  await writeFile(join(cwd, 'call.wav'), await spoken('Siobhan speaking.', 'wav'));
  await writeFile(join(cwd, 'movie.srt'), '1\n00:00:01,000 --> 00:00:02,000\nGood morning.\n');
  await writeFile(join(cwd, 'comment.txt'), 'What a fine day.\n');
  await writeFile(join(cwd, 'publish'), '#!/bin/sh\necho published\n', { mode: 0o755 });
  await writeFile(join(cwd, 'mail-us'), '#!/bin/sh\necho sent\n', { mode: 0o755 });
  const body = { model: 'gpt-6-luna', messages: [{ role: 'user', content: 'hi' }] };
  await writeFile(join(cwd, 'body.json'), JSON.stringify(body));
  await writeFile(join(cwd, 'story.txt'), 'It was a dark and stormy night.\n');
  await writeFile(join(cwd, 'weather.sh'), '#!/bin/sh\ncat\n', { mode: 0o755 });
  await writeFile(join(cwd, 'weather.sh.json'), '{"properties":{"city":{"type":"string"}}}');
  await writeFile(join(cwd, 'texts.txt'), 'one\ntwo\nthree\n');
  await writeFile(join(cwd, 'script.md'), 'It fails:\n\n```sh\nls ---\n```\n');
  await writeFile(join(cwd, 'people.txt'), 'Ann and Bob.\n');
  await writeFile(join(cwd, 'invoice.txt'), 'Two chairs, 30 each.\n');
  await writeFile(join(cwd, 'in.jsonl'), '{"title":"a","text":"good"}\n{"title":"b","text":"bad"}\n');
  await writeFile(join(cwd, 'queue.csv'), 'id,comment\n1,Hello\n2,"Well, well"\n');
  const invoice = { type: 'object', properties: { total: { type: 'number' } } };
  await writeFile(join(cwd, 'invoice.json'), JSON.stringify(invoice));
  const person = { type: 'object', properties: { name: { type: 'string' } } };
  await writeFile(join(cwd, 'person.json'), JSON.stringify(person));
  await mkdir(join(cwd, 'notes'));
  await writeFile(join(cwd, 'notes', 'cats.md'), 'Cats sleep on the sofa by the window.\n');
  await writeFile(join(cwd, 'notes.db'), await notesIndex(cwd));
  await cp(await keptConversations(), join(cwd, 'home'), { recursive: true });
  // With a change that is not committed.
  for (const words of ['init -q .', 'add reviewer.md']) {
    const git = await startCommand('git', words.split(' '), { cwd });
    expect((await git.done).code).toBe(0);
  }
  await writeFile(join(cwd, 'reviewer.md'), 'Be brief and kind.\n');
  return cwd;
}

/** A sandbox that remembers from one command to the next, and has something to remember. */
async function serverWithAnswers(): Promise<Record<string, string>> {
  const server = await start(['sandbox', '--port', '0', '--json']);
  const { url } = JSON.parse(await server.shows('"}'));
  const env = { OPENAI_BASE_URL: String(url), OPENAI_API_KEY: 'sk-any' };
  const params = ['--store', '--metadata', 'project=x'];
  expect((await runBin(['chat', 'hello', ...params], { env })).code).toBe(0);
  return env;
}

let notesDb: Buffer | undefined;

/** An index of the notes, made once. */
async function notesIndex(cwd: string): Promise<Buffer> {
  if (notesDb === undefined) {
    const { code } = await runBin(['index', 'add', 'notes', '--db', 'old.db', '--sandbox'], { cwd });
    expect(code).toBe(0);
    notesDb = await readFile(join(cwd, 'old.db'));
    await rm(join(cwd, 'old.db'));
  }
  return notesDb;
}

let kept: Promise<string> | undefined;

/** A home with two conversations, made once. */
function keptConversations(): Promise<string> {
  kept ??= (async () => {
    const home = await mkdtemp(join(tmpdir(), 'oai-kept-'));
    for (const words of [
      ['--conversation', 'cats', 'where do cats sleep?'],
      ['-c', 'hello there'],
    ]) {
      const { code } = await runBin(['chat', '--sandbox', '--create', ...words], { env: { OAI_HOME: home } });
      expect(code).toBe(0);
    }
    return home;
  })();
  return kept;
}

afterAll(async () => {
  if (kept !== undefined) await rm(await kept, { recursive: true, force: true });
});

describe('the documents', () => {
  it('have the reference that --help prints', async () => {
    expect(await readFile(join(root, 'README.md'), 'utf8')).toBe(currentReadme());
  });

  it('know every command', () => {
    expect(commandNames()).toEqual(Object.keys(modules));
  });

  it('have no line of help that is wider than a terminal', async () => {
    for (const words of [[], ...Object.keys(modules).map((name) => [name])]) {
      const { stdout } = await runBin([...words, '--help']);
      expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
    }
  });
});

describe('the command of CONTRIBUTING', () => {
  it('works as it is printed', async () => {
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
  const lines = Object.values(modules)
    .flatMap(({ examples }) => examples.map(({ line }) => line))
    .filter((line) => !/oai sandbox|127\.0\.0\.1:4010/.test(line));

  it.each(lines)('%s', async (line) => {
    const cwd = await desk();
    const sandbox = { OAI_PROFILE: 'sandbox', OAI_HOME: join(cwd, 'home') };
    const env = /oai (?:stored|response) /.test(line) ? await serverWithAnswers() : sandbox;
    const { code, stdout, stderr } = await runShell(line, { cwd, env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    if (!/config set|--retiring|> [\w.]+\.(?:png|mp3|srt|jsonl?|npy|sh)|-o done|-o vectors/.test(line))
      expect(stdout).not.toBe('');
  });

  it('are there for every command', () => {
    expect(lines.length).toBeGreaterThan(8);
    for (const { examples } of Object.values(modules)) expect(examples.length).toBeGreaterThan(1);
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
