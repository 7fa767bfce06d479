import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/catalogue.ts';
import { verbsOf } from '../../src/shell-completion/verbs.ts';
import { allSheets } from '../../src/tree.ts';
import { jsonAnswer, stubApi } from '../support/api.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';

/** What bash breaks words at, unless it is told otherwise. */
const BREAKS = ' \t\n"\'@><=;|&(:';

/** Asks as zsh does. @returns the first line, the prefix, and the candidates with their help */
async function ask(words: readonly string[], options: FakeContextOptions = {}) {
  const { code, stdout, stderr } = await oai(['__complete', 'zsh', ...words], options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const [kind, prefix, ...lines] = stdout.split('\n').slice(0, -1);
  const candidates = lines.map((line) => line.split('\t'));
  return { kind, prefix, candidates, values: candidates.map(([value]) => value) };
}

/** Asks as bash does. */
async function bash(line: string, options: FakeContextOptions = {}, breaks = BREAKS) {
  const { stdout } = await oai(['__complete', 'bash', breaks, line], options);
  const [kind, ...inserted] = stdout.split('\n').slice(0, -1);
  return { kind, inserted };
}

async function homeWith(files: Record<string, string>): Promise<string> {
  const home = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text, { mode: 0o600 });
  }
  return home;
}

describe('what can stand at the cursor', () => {
  it('is a command, with what it does', async () => {
    const { candidates } = await ask(['']);
    expect(candidates.map(([name]) => name)).toEqual([...commands.map(({ name }) => name), 'help']);
    expect(candidates[0]).toEqual(['chat', 'ask a model; the answer streams to stdout']);
    expect((await ask(['help', 'st'])).values).toEqual(['structured', 'stored']);
    expect((await ask(['--profile', 'work', '--json', 'trans'])).values).toEqual(['transcribe', 'translate']);
  });

  it('is a flag of the command, and those of every command', async () => {
    const { values } = await ask(['chat', '-']);
    expect(values).toEqual(
      expect.arrayContaining(['--model', '-m', '--profile', '--no-stdin', '--help', '-h']),
    );
    expect((await ask(['--ver'])).values).toEqual(['--verbose', '--version']);
    expect((await ask(['speak', '--vo'])).values).toEqual(['--voice', '--voices']);
  });

  it('is no flag twice, unless it may come twice, and none of another verb', async () => {
    expect((await ask(['chat', '--model', 'x', '--mod'])).values).toEqual([]);
    expect((await ask(['chat', '-m', 'x', '--mod'])).values).toEqual([]);
    expect((await ask(['chat', '--stop', 'x', '--sto'])).values).toContain('--stop');
    expect((await ask(['models', 'list', '--ret'])).values).toEqual(['--retiring', '--retries']);
    expect((await ask(['models', 'get', '--ret'])).values).toEqual(['--retries']);
  });

  it('is no flag after --, nor is what a flag waits for', async () => {
    expect(await ask(['chat', '--', '--mod'])).toMatchObject({ kind: 'words', values: [] });
    expect((await ask(['chat', '--model', '--prof'])).values).toEqual([]);
  });

  it.each([
    [['chat', '--reasoning-effort', 'm'], '', ['minimal', 'medium', 'max']],
    [['chat', '--reasoning-effort=m'], '--reasoning-effort=', ['minimal', 'medium', 'max']],
    [['transcribe', '--timestamps', ''], '', ['word', 'segment']],
    [['--profile', 'o'], '', ['openai', 'openrouter', 'ollama']],
    [['chat', '-qP', 'gr'], '', ['groq']],
    [['speak', '--voice', 'c'], '', ['cedar', 'coral']],
    [['chat', '--audio=c'], '--audio=', ['cedar', 'coral']],
    [['chat', '-r', 's'], '', ['summarize']],
    [['role', 'new', 'mine', '--from', 's'], '', ['summarize']],
    [['realtime', ''], '', ['client-secret']],
    [['realtime', 'client-secret', '--exp'], '', ['--expires-after']],
    [['completion', ''], '', ['bash', 'zsh', 'fish']],
    [['api', 'P'], '', ['POST', 'PUT', 'PATCH']],
    [['api', 'POST', '/chat/c'], '', ['/chat/completions', '/chat/completions/']],
    [['config', 'set', 'models.s'], '', ['models.speak', 'models.structured']],
    [
      ['config', 'get', 'profiles.groq.key'],
      '',
      ['profiles.groq.key_env', 'profiles.groq.key_file', 'profiles.groq.key_command'],
    ],
    [['config', 'set', 'profile', 'gr'], '', ['groq']],
    [['config', 'set', 'aliases.fast', 'gpt-6-l'], '', ['gpt-6-luna']],
  ])('of %j is %j and %j', async (words, prefix, values) => {
    expect(await ask(words)).toMatchObject({ kind: 'words', prefix, values });
  });

  it.each([
    [['edit', ''], 'files png jpg jpeg webp gif', ''],
    [['edit', 'x.png', '--mask='], 'files png jpg jpeg webp gif', '--mask='],
    [['variation', ''], 'files png jpg jpeg webp gif', ''],
    [['transcribe', ''], 'files mp3 wav m4a mp4 mpeg mpga webm flac ogg oga opus aac', ''],
    [['chat', '-a', ''], 'files', ''],
    [['chat', '-s', '@'], 'files', '@'],
    [['chat', '--system=@ro'], 'files', '--system=@'],
    [['structured', '--schema', ''], 'files json', ''],
    [['index', 'add', 'x', ''], 'files', ''],
    [['batch', 'create', ''], 'files jsonl', ''],
    [['vector-store', 'add', 'docs', ''], 'files', ''],
    [['chat', '--record', ''], 'folders', ''],
  ])('of %j is %s', async (words, kind, prefix) => {
    expect(await ask(words)).toMatchObject({ kind, prefix, values: [] });
  });

  it.each([
    [['chat', 'is']],
    [['chat', '-s', '@@x']],
    [['chat', '@']],
    [['chat', '--max-tokens', '']],
    [['nonsense', '']],
    [['nonsense', '--']],
    [['history', 'rename', 'a', '']],
    [['models', 'list', '']],
    [['structured', '--pick', '']],
    [['variation', 'a.png', '']],
  ])('of %j is nothing', async (words) => {
    const { values, kind } = await ask(words);
    expect(values).toEqual([]);
    expect(kind ?? 'words').toBe('words');
  });
});

describe('the verbs that are completed', () => {
  it('are those that each command knows', async () => {
    const withVerbs = (await allSheets()).filter((sheet) => sheet.arguments[0]?.name === 'action');
    expect(withVerbs.length).toBeGreaterThan(5);
    for (const sheet of withVerbs) {
      const { stderr } = await oai([sheet.name, 'no-such-verb']);
      const known = /the actions are ([^:\n]*)/.exec(stderr)?.[1]?.split(', ') ?? [];
      expect(known.length, `oai ${sheet.name} no-such-verb names its actions`).toBeGreaterThan(0);
      const verbs = verbsOf(sheet);
      expect(verbs.map(({ name }) => name).sort(), `"Actions:" of oai ${sheet.name} --help`).toEqual(
        known.sort(),
      );
    }
  });
});

describe('the list of actions in --help', () => {
  it.each([
    ['  list  what there is', [['list', [], 'what there is']]],
    ['  rename NAME NEW give it a name', [['rename', ['NAME', 'NEW'], 'give it a name']]],
    ['  add STORE [PATH…]  files', [['add', ['STORE', 'PATH'], 'files']]],
    [
      '  pause ID, resume ID',
      [
        ['pause', ['ID'], ''],
        ['resume', ['ID'], ''],
      ],
    ],
    ['  list  a table\n        that goes on, here', [['list', [], 'a table']]],
    ['  (both: as below)', []],
  ])('%j', (line, verbs) => {
    const found = verbsOf({ notes: `Actions:\n${line}\n\nlist is no action here` });
    expect(found.map(({ name, words, help }) => [name, words, help])).toEqual(verbs);
  });

  it('is not everything that is indented', () => {
    expect(verbsOf({ notes: '  list  no action' })).toEqual([]);
  });
});

describe('models', () => {
  it('are those that are known where no server was asked, by what a command does', async () => {
    const { values } = await ask(['chat', '-m', '']);
    expect(values).toContain('gpt-6-luna');
    // Has ended.
    expect(values).not.toContain('gpt-4-turbo');
    expect(values.filter((name) => /image|tts|whisper/.test(name ?? ''))).toEqual([]);
    expect((await ask(['speak', '-m', ''])).values).toContain('gpt-4o-mini-tts');
    expect((await ask(['models', 'get', 'whi'])).values).toEqual(['whisper-1']);
  });

  it('are those of the last `oai models`, of the same server', async () => {
    const home = await temporaryFolder();
    const list = jsonAnswer({ object: 'list', data: [{ id: 'own-1' }, { id: 'ft:own:2' }] });
    const url = ['--base-url', 'http://localhost:9/v1'];
    expect((await oai(['models', ...url], { home, fetch: stubApi(list).fetch })).code).toBe(0);
    expect((await ask(['chat', ...url, '-m', ''], { home })).values).toEqual(['own-1', 'ft:own:2']);
    expect((await ask([...url, 'chat', '-m', 'o'], { home })).values).toEqual(['own-1']);
    expect((await ask(['chat', '-m', 'own'], { home })).values).toEqual([]);
    const file = join(home, '.cache', 'oai', 'models.json');
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({
      'http://localhost:9/v1': ['own-1', 'ft:own:2'],
    });
    await writeFile(file, 'garbled');
    expect((await ask(['chat', ...url, '-m', ''], { home })).values).toEqual([]);
  });

  it('are not remembered of the sandbox, nor where nothing can be written', async () => {
    const home = await temporaryFolder();
    await oai(['models', '--sandbox'], { home });
    await expect(readFile(join(home, '.cache', 'oai', 'models.json'))).rejects.toThrow('ENOENT');
    const list = jsonAnswer({ object: 'list', data: [{ id: 'own' }] });
    const { code, stderr } = await oai(['models'], { home: '/proc', fetch: stubApi(list).fetch });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('are aliases too', async () => {
    const home = await homeWith({
      '.config/oai/config.toml':
        '[aliases]\nfast = "gpt-6-luna"\n[profiles.work.aliases]\nbest = "gpt-6.1-sol"\n',
    });
    expect((await ask(['chat', '-m', 'fa'], { home })).candidates).toEqual([['fast', 'gpt-6-luna']]);
    expect((await ask(['chat', '-P', 'work', '-m', 'be'], { home })).values).toEqual(['best']);
    expect((await ask(['-P', 'wo'], { home })).values).toEqual(['work']);
  });
});

describe('conversations', () => {
  it('go by their name or their id, and show no control character', async () => {
    const home = await temporaryFolder();
    await oai(['chat', '--sandbox', '--conversation', 'a plan', '--create', 'hi'], { home });
    await oai(['chat', '--sandbox', '--history', 'evil \u001b]0;x\u0007\n\ttitle'], { home });
    const { candidates } = await ask(['history', 'show', ''], { home });
    expect(candidates).toHaveLength(2);
    expect(candidates.find(([value]) => value === 'a plan')).toEqual(['a plan', 'hi']);
    const [id, title, ...more] = candidates.find(([value]) => value !== 'a plan') ?? [];
    expect(id).toMatch(/^[0-9a-f]{10}$/);
    expect(more).toEqual([]);
    expect(title).not.toMatch(/\p{Cc}/u);
    expect((await ask(['chat', '--conversation', 'a'], { home })).values).toContain('a plan');
  });
});

describe('where something is wrong', () => {
  it.each([
    ['a config that does not parse', { '.config/oai/config.toml': '[' }, ['chat', '-m', '']],
    ['a profile that is not there', {}, ['chat', '-P', 'nope', '-m', '']],
    ['a history that is none', { '.local/share/oai/history.db': 'x'.repeat(5000) }, ['history', 'show', '']],
  ])('%s, nothing is said', async (_, files, words) => {
    const home = await homeWith(files);
    const { code, stdout, stderr } = await oai(['__complete', 'zsh', ...words], { home });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('warnings are not said, and no network is asked', async () => {
    const home = await homeWith({ '.config/oai/config.toml': 'nonsense = 1\n' });
    await chmod(join(home, '.config/oai/config.toml'), 0o644);
    const api = stubApi();
    expect((await ask(['-P', 'az'], { home, fetch: api.fetch })).values).toEqual(['azure']);
    expect((await ask(['chat', '-m', 'gpt-6-l'], { home, fetch: api.fetch })).values).toEqual(['gpt-6-luna']);
    expect(api.requests).toEqual([]);
  });

  it('a shell that is not known, or no words at all', async () => {
    for (const words of [[], ['bash'], ['zsh'], ['tcsh', '']]) {
      expect((await oai(['__complete', ...words])).code).toBe(0);
    }
  });
});

describe('bash', () => {
  async function desk() {
    const cwd = await temporaryFolder();
    for (const name of ['a b.png', 'c.PNG', 'd.txt', '.hidden.png', 'e\n.png'])
      await writeFile(join(cwd, name), '');
    await mkdir(join(cwd, 'my dir'));
    await writeFile(join(cwd, 'my dir', 'f.jpg'), '');
    return cwd;
  }

  it.each([
    ['oai trans', ['transcribe', 'translate']],
    ['oai   chat  --reasoning-effort=mini', ['minimal']],
    ['X=1 Y="a b" oai -P gr', ['groq']],
    ['/usr/bin/oai chat "--reasoning-eff', ['--reasoning-effort']],
    ["oai 'cha", ['chat']],
    ['oai chat "an open \\" quote" -m gpt-6-l', ['gpt-6-luna']],
    ['oai chat \\', []],
  ])('%s', async (line, inserted) => {
    expect(await bash(line)).toMatchObject({ inserted });
  });

  it('completes what stands after a colon, where it breaks there', async () => {
    const home = await homeWith({ '.cache/oai/models.json': '{"http://localhost:9/v1":["ft:own:2"]}' });
    const line = 'oai chat --base-url http://localhost:9/v1 -m ft:o';
    expect((await bash(line, { home })).inserted).toEqual(['own:2']);
    expect((await bash(line, { home }, BREAKS.replace(':', ''))).inserted).toEqual(['ft:own:2']);
    expect((await bash(line.replace('ft', '"ft'), { home })).inserted).toEqual(['ft:own:2']);
  });

  it('is given what it would take apart in quotes, or with backslashes', async () => {
    const home = await temporaryFolder();
    const name = `it's "$HOME" \`x\`; é`;
    await oai(['chat', '--sandbox', '--conversation', name, '--create', 'hi'], { home });
    expect((await bash('oai history show i', { home })).inserted).toEqual([
      `it\\'s\\ \\"\\$HOME\\"\\ \\\`x\\\`\\;\\ é`,
    ]);
    expect((await bash('oai history show "i', { home })).inserted).toEqual([
      `it's \\"\\$HOME\\" \\\`x\\\`; é`,
    ]);
    expect((await bash("oai history show 'i", { home })).inserted).toEqual([`it'\\''s "$HOME" \`x\`; é`]);
  });

  it('is given files of the right kind', async () => {
    const cwd = await desk();
    expect(await bash('oai edit ', { cwd })).toEqual({
      kind: 'files',
      inserted: ['a b.png', 'c.PNG', 'my dir/'],
    });
    expect((await bash('oai edit a\\ ', { cwd })).inserted).toEqual(['a b.png']);
    expect((await bash('oai edit "my dir/', { cwd })).inserted).toEqual(['my dir/f.jpg']);
    expect((await bash('oai edit .h', { cwd })).inserted).toEqual(['.hidden.png']);
    expect((await bash('oai edit x --mask=a', { cwd })).inserted).toEqual(['a b.png']);
    expect((await bash('oai chat -s @d', { cwd })).inserted).toEqual(['@d.txt']);
    expect((await bash('oai chat --record ', { cwd })).inserted).toEqual(['my dir/']);
    expect((await bash('oai edit ~/a', { home: cwd })).inserted).toEqual(['~/a b.png']);
    expect((await bash('oai edit nowhere/', { cwd })).inserted).toEqual([]);
  });
});
