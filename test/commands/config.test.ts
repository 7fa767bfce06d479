import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import {
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { run } from '../../src/main.ts';
import { type World, type WorldOptions, world } from '../settings/world.ts';
import { CapturedOutput, FakeClock, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';

interface Outcome extends World {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What config.toml holds afterwards, or undefined where there is none. */
  readonly config: string | undefined;
}

/** Runs `oai config …`. Whatever it does, no key is shown. */
async function config(words: readonly string[], options: WorldOptions = {}): Promise<Outcome> {
  const made = await world(options);
  const code = await run(['config', ...words], made.context);
  return outcome(code, made);
}

async function outcome(code: number, made: World): Promise<Outcome> {
  const { context, configPath } = made;
  expect(context.stdout.text + context.stderr.text).not.toMatch(/secret|sk-/);
  const text = await readFile(configPath, 'utf8').catch(() => undefined);
  return { ...made, code, out: context.stdout.text, err: context.stderr.text, config: text };
}

describe('oai config', () => {
  it.each<[string, string[], RegExp]>([
    ['no action', [], /^oai: config needs one of get, set, unset, list, path, profiles, init\n {5}\S/],
    ['an unknown action', ['lst'], /^oai: config lst is no action; did you mean list\?\n/],
    ['an action of JavaScript', ['constructor'], /^oai: config constructor is no action\n/],
    ['get without a key', ['get'], /^oai: config get is used as: oai config get KEY\n$/],
    ['get with two', ['get', 'model', 'x'], /^oai: config get is used as: oai config get KEY\n$/],
    ['set without a value', ['set', 'model'], /^oai: config set is used as: oai config set KEY VALUE\n$/],
    [
      'set with two values',
      ['set', 'profiles.a.key_command', 'pass', 'show'],
      /VALUE\n {5}a value with spaces needs quotes\n$/,
    ],
    ['unset without a key', ['unset'], /^oai: config unset is used as: oai config unset KEY\n$/],
    ['list with a key', ['list', 'model'], /^oai: config list is used as: oai config list\n$/],
    ['an unknown flag', ['list', '--jsno'], /unknown option.*\n.*--json/],
  ])('with %s is a usage error', async (_, words, message) => {
    const { code, out, err } = await config(words);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });
});

describe('oai config get', () => {
  const file = `model = "top"
timeout = "90s"
allow_base_urls = ["https://a/v1"]
[aliases]
"gpt-4.1" = "gpt-6-luna"
[profiles.work]
base_url = "https://work.example/v1/"
key_command = ["pass", "show"]
`;
  it.each<[string[], string, WorldOptions]>([
    [['model'], 'top', {}],
    [['model'], 'other', { env: { OAI_MODEL: 'other' } }],
    [['model'], 'project', { dotenv: 'OAI_MODEL=project' }],
    [['models.chat'], 'top', {}],
    [['timeout'], '90s', {}],
    [['timeout', '--timeout', '5m'], '5m', {}],
    [['stall_timeout'], '1m', {}],
    [['retries'], '3', {}],
    [['profile'], 'openai', {}],
    [['base_url'], 'https://api.openai.com/v1', {}],
    [['base_url', '-P', 'work'], 'https://work.example/v1', {}],
    [['max_tokens_field', '-P', 'work'], 'max_tokens', {}],
    [['stream_usage', '-P', 'work'], 'false', {}],
    [['image_urls', '-P', 'openrouter'], 'true', {}],
    [['key'], 'OPENAI_API_KEY', { env: { OPENAI_API_KEY: 'secret' } }],
    [['key', '-P', 'work'], 'key_command (pass)', {}],
    [['aliases.gpt-4.1'], 'gpt-6-luna', {}],
    [['allow_base_urls'], '["https://a/v1"]', {}],
    [['aliases'], '{"gpt-4.1":"gpt-6-luna"}', {}],
    [['profiles.work.base_url'], 'https://work.example/v1', {}],
    [['profiles.work.key_command'], 'pass', {}],
    [['profiles.work'], '{"base_url":"https://work.example/v1","key_command":"pass"}', {}],
    [['profiles'], '{"work":{"base_url":"https://work.example/v1","key_command":"pass"}}', {}],
    [
      ['profiles.work.key_command'],
      'a shell',
      { config: '[profiles.work]\nkey_command = "P=\'secret x\' y"' },
    ],
    [['profiles.groq.base_url'], 'https://api.groq.com/openai/v1', {}],
    [['profiles.groq.key_env'], 'GROQ_API_KEY', {}],
    [['model', '--json'], '"top"', {}],
    [['retries', '--json'], '3', {}],
  ])('%j is %s', async (words, value, options) => {
    const { code, out, err } = await config(['get', ...words], { config: file, ...options });
    expect({ code, out, err }).toEqual({ code: 0, out: `${value}\n`, err: '' });
  });

  it.each<[string, RegExp]>([
    ['modle', /^oai: there is no setting modle; did you mean model\?\n/],
    ['', /^oai: there is no setting /],
    ['model.x', /^oai: there is no setting model\.x; did you mean model\?\n/],
    ['models.chta', /; did you mean models\.chat\?\n/],
    ['profiles.work.baseurl', /; did you mean profiles\.work\.base_url\?\n/],
    ['profiles.wrok.base_url', /^oai: there is no profile wrok; did you mean work\?\n/],
    ['profiles.work.model', /^oai: profiles\.work\.model is not set\n$/],
    ['organization', /^oai: organization is not set\n$/],
    ['aliases.none', /^oai: aliases\.none is not set\n$/],
    ['aliases.constructor', /^oai: aliases\.constructor is not set\n$/],
    ['models', /^oai: models is not set\n$/],
    ['key', /^oai: key is not set\n$/],
    ['__proto__', /^oai: there is no setting __proto__\n/],
    ['temp', /^oai: there is no setting temp\n/],
    ['stall', /; did you mean stall_timeout\?\n/],
    ['sk-proj-secret', /^oai: there is no setting of that name\n/],
  ])('%j is a usage error', async (key, message) => {
    const { code, out, err } = await config(['get', key], { config: file });
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(message);
  });

  it('is harmless on a terminal', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    await config(['get', 'model'], { config: 'model = "\\u001b]0;x\\u0007"', stdout });
    expect(stdout.text).toBe('␛]0;x␇\n');
  });
});

describe('oai config set', () => {
  it.each<[string, string, string]>([
    ['model', 'gpt-6-luna', 'model = "gpt-6-luna"\n'],
    ['model', 'a "b" \\c', 'model = "a \\"b\\" \\\\c"\n'],
    ['models.chat', 'm', '[models]\nchat = "m"\n'],
    ['aliases.gpt-4.1', 'm', '[aliases]\n"gpt-4.1" = "m"\n'],
    ['retries', '0', 'retries = 0\n'],
    ['show_images', 'true', 'show_images = true\n'],
    ['show_images', 'false', 'show_images = false\n'],
    ['tools.allow', 'weather, now', '[tools]\nallow = [ "weather", "now" ]\n'],
    ['tools.env', '["WEATHER_API_KEY"]', '[tools]\nenv = [ "WEATHER_API_KEY" ]\n'],
    ['history', 'false', 'history = false\n'],
    ['cache', 'true', 'cache = true\n'],
    ['cache_ttl', '12h', 'cache_ttl = "12h"\n'],
    ['markdown', 'false', 'markdown = false\n'],
    ['timeout', '30s', 'timeout = "30s"\n'],
    ['timeout', '30', 'timeout = "30"\n'],
    ['profile', 'groq', 'profile = "groq"\n'],
    ['allow_base_urls', 'https://a/v1, http://b', 'allow_base_urls = [ "https://a/v1", "http://b" ]\n'],
    ['allow_base_urls', '["https://a/v1"]', 'allow_base_urls = [ "https://a/v1" ]\n'],
    ['profiles.my-work.base_url', 'https://w/v1', '[profiles.my-work]\nbase_url = "https://w/v1"\n'],
    ['profiles.w.key_env', 'WORK_KEY', '[profiles.w]\nkey_env = "WORK_KEY"\n'],
    ['profiles.w.key_command', 'pass show x', '[profiles.w]\nkey_command = "pass show x"\n'],
    ['profiles.w.key_command', '["pass", "show"]', '[profiles.w]\nkey_command = [ "pass", "show" ]\n'],
    ['profiles.w.models.chat', 'm', '[profiles.w]\nmodels = {chat = "m"}\n'],
  ])('%s %s makes the file', async (key, value, text) => {
    const { code, out, err, config: written, home, configPath, context } = await config(['set', key, value]);
    expect({ code, out, err }).toEqual({ code: 0, out: '', err: '' });
    expect(written?.replaceAll('{ ', '{').replaceAll(' }', '}')).toBe(text);
    expect((await stat(configPath)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, '.config/oai'))).mode & 0o777).toBe(0o700);
    expect(await readdir(join(home, '.config/oai'))).toEqual(['config.toml']);
    expect(await run(['config', 'get', key], context)).toBe(0);
  });

  const commented = `# my settings
retries = 1   # few

# the work account
[profiles.work]  # ours
base_url = "https://w/v1"
# the end
`;
  it.each<[string, string, string]>([
    ['retries', '5', commented.replace('retries = 1', 'retries = 5')],
    ['model', 'm', commented.replace('few\n', 'few\nmodel = "m"\n')],
    ['allow_base_urls', 'https://a', commented.replace('few\n', 'few\nallow_base_urls = [ "https://a" ]\n')],
    ['profiles.work.base_url', 'https://x', commented.replace('https://w/v1', 'https://x')],
    ['profiles.work.model', 'm', `${commented}model = "m"\n`],
    ['profiles.new.model', 'm', `${commented}\n[profiles.new]\nmodel = "m"\n`],
  ])('%s %s keeps comments and layout', async (key, value, text) => {
    const { code, config: written } = await config(['set', key, value], { config: commented });
    expect({ code, written }).toEqual({ code: 0, written: text });
  });

  it.each([
    ['inline tables', 'profiles = {a = {base_url = "https://q"}}\n', 'profiles.b.model'],
    ['dotted keys', 'profiles.a.model = "x"\n', 'profiles.b.model'],
    ['no line break at its end', 'retries = 1', 'profiles.b.model'],
    ['a byte order mark', '\ufeffretries = 1\n', 'profiles.b.model'],
    ['a table before', '[aliases]\na = "b"\n', 'model'],
    ['a table after', '[profiles.b]\n[aliases]\na = "b"\n', 'profiles.b.model'],
  ])('keeps a file with %s valid', async (_, text, key) => {
    const { code, context, err } = await config(['set', key, 'new'], { config: text });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const before = text.includes('retries')
      ? ['get', 'retries']
      : text.includes('aliases')
        ? ['get', 'aliases.a']
        : ['get', 'profiles.a'];
    expect(await run(['config', ...before], context)).toBe(0);
    expect(await run(['config', 'get', key], context)).toBe(0);
    expect(context.stdout.text).toMatch(/\nnew\n$/);
  });

  it.each([
    ['# top\n\n# work\n[profiles.w]\n', '# top\n\nmodel = "m"\n\n# work\n[profiles.w]\n'],
    ['[profiles.w]\n', 'model = "m"\n\n[profiles.w]\n'],
    ['# only a comment\n', '# only a comment\nmodel = "m"\n'],
    [
      'allow_base_urls = [\n  "https://a",\n]\n[aliases]\n',
      'allow_base_urls = [\n  "https://a",\n]\nmodel = "m"\n[aliases]\n',
    ],
    ['\ufeff[aliases]\r\na = "b"', 'model = "m"\r\n\r\n[aliases]\r\na = "b"\r\n'],
  ])('adds to the top level of %j without parting a comment from its table', async (before, after) => {
    const { config: written, err } = await config(['set', 'model', 'm'], { config: before });
    expect({ written, err }).toEqual({ written: after, err: '' });
  });

  it('keeps the line ends of Windows', async () => {
    const { config: written } = await config(['set', 'profiles.b.model', 'm'], {
      config: '# a\r\nretries = 1\r\n',
    });
    expect(written).toBe('# a\r\nretries = 1\r\n\r\n[profiles.b]\r\nmodel = "m"\r\n');
  });

  it('says with --json what it wrote', async () => {
    const { out, configPath } = await config(['set', 'retries', '4', '--json']);
    expect(JSON.parse(out)).toEqual({ setting: 'retries', value: 4, path: configPath });
  });

  it.each<[string, string, RegExp]>([
    ['retries', '-1', /^oai: retries takes a whole number from 0 to 100, not -1\n$/],
    ['retries', 'many', /not "many"\n$/],
    ['timeout', 'soon', /^oai: timeout soon is not a duration/],
    ['model', '', /^oai: model takes a text that is not empty\n$/],
    ['profile', 'opnai', /^oai: there is no profile opnai; did you mean openai\?\n/],
    ['allow_base_urls', 'nope', /^oai: allow_base_urls nope is not a URL\n/],
    ['profiles.w.base_url', 'ftp://x', /^oai: profiles\.w\.base_url ftp:\/\/x is not an http/],
    [
      'profiles.w.base_url',
      'https://u:secret@x',
      /^oai: profiles\.w\.base_url holds a user name or password\n/,
    ],
    ['profiles.w.max_tokens_field', 'n', /takes max_completion_tokens or max_tokens, not n\n$/],
    [
      'models',
      'x',
      /^oai: models is a table; set models\.chat, models\.image, models\.speak, models\.transcribe, models\.translate, models\.embed, models\.moderate, models\.structured, models\.complete, models\.realtime\n$/,
    ],
    ['aliases', 'x', /^oai: aliases is a table; set aliases\.NAME\n$/],
    ['profiles.w', 'x', /^oai: profiles\.w is a table; set profiles\.w\.base_url, /],
    ['modle', 'x', /^oai: there is no setting modle; did you mean model\?\n/],
    ['profiles', 'x', /^oai: profiles is a table; set profiles\.NAME\n$/],
    ['profiles.w.nope', 'x', /^oai: there is no setting profiles\.w\.nope/],
    ['profiles.__proto__.model', 'x', /^oai: there is no setting/],
    ['base_url', 'https://x', /^oai: base_url belongs to a profile\n.*profiles\.openai\.base_url VALUE\n$/],
    ['key', 'x', /^oai: a key on the command line is visible in `ps`/],
    [
      'api_key',
      'secret',
      /^oai: a key on the command line is visible in `ps`.*\n.*key_env, key_file or key_command/,
    ],
    ['profiles.w.api_key', 'secret', /^oai: a key on the command line/],
    ['profiles.w.key_env', 'sk-proj-secret', /^oai: a key on the command line/],
    [
      'profiles.w.key_env',
      'secret value',
      /^oai: profiles\.w\.key_env takes the name of an environment variable, not the key itself\n$/,
    ],
    ['profiles.w.key_file', 'sk-proj-secret', /^oai: a key on the command line/],
    ['profiles.w.key_command', '["", "x"]', /takes a command line or a list of its words\n$/],
    ['model', 'AQ.Secret', /^oai: a key on the command line/],
    ['model', 'ABCDEF12'.repeat(4), /^oai: a key on the command line/],
    ['model', 'AIzaSecret', /^oai: a key on the command line/],
    ['model', 'x'.repeat(64), /^oai: a key on the command line/],
  ])('%s %s is a usage error that changes nothing', async (key, value, message) => {
    const { code, out, err, config: written } = await config(['set', key, value]);
    expect({ code, out, written }).toEqual({ code: 2, out: '', written: undefined });
    expect(err).toMatch(message);
  });

  it('learns a key that it refuses', async () => {
    expect([...(await config(['set', 'api_key', 'secret'])).context.secrets]).toEqual(['secret']);
  });

  it('leaves a broken file as it is', async () => {
    const {
      code,
      err,
      config: written,
      home,
    } = await config(['set', 'retries', '1'], { config: 'model = \n' });
    expect({ code, written }).toEqual({ code: 2, written: 'model = \n' });
    expect(err).toMatch(/^oai: ~\/\.config\/oai\/config\.toml line 1, column 9: /);
    expect(await readdir(join(home, '.config/oai'))).toEqual(['config.toml']);
  });

  it.each(['config.toml', '.'])('writes through a link: %s', async (linked) => {
    const made = await world();
    const dotfiles = join(made.home, 'dotfiles');
    const folder = join(made.home, '.config/oai');
    await mkdir(dotfiles);
    await mkdir(linked === '.' ? join(made.home, '.config') : folder, { recursive: true });
    await writeFile(join(dotfiles, 'config.toml'), '# linked\n', { mode: 0o600 });
    const [link, target] =
      linked === '.' ? [folder, dotfiles] : [made.configPath, join(dotfiles, 'config.toml')];
    await symlink(target, link);
    expect(await run(['config', 'set', 'retries', '1'], made.context)).toBe(0);
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect(await readlink(link)).toBe(target);
    expect(await readFile(join(dotfiles, 'config.toml'), 'utf8')).toBe('# linked\nretries = 1\n');
    expect(await readdir(dotfiles)).toEqual(['config.toml']);
  });

  it('makes a file private that was not', async () => {
    const made = await world({ config: 'retries = 1\n' });
    await chmod(made.configPath, 0o644);
    expect(await run(['config', 'set', 'retries', '2'], made.context)).toBe(0);
    expect((await stat(made.configPath)).mode & 0o777).toBe(0o600);
  });

  it('by many at once loses none', async () => {
    const made = await world();
    const writers = Array.from({ length: 8 }, (_, index) =>
      run(['config', 'set', `aliases.a${index}`, 'm'], {
        ...fakeContext({ home: made.home, cwd: made.cwd, clock: new RealTimer({ now: Date.now() }) }),
      }),
    );
    expect(await Promise.all(writers)).toEqual(Array(8).fill(0));
    const text = await readFile(made.configPath, 'utf8');
    expect(text.match(/^a\d = "m"$/gm)).toHaveLength(8);
    expect(await readdir(join(made.home, '.config/oai'))).toEqual(['config.toml']);
  });

  describe('beside another writer', () => {
    async function besides(age: number) {
      const clock = new FakeClock({ leap: true });
      const made = await world({ config: 'retries = 1\n', clock });
      const part = `${made.configPath}.part`;
      await writeFile(part, 'half');
      await utimes(part, (clock.now() - age) / 1000, (clock.now() - age) / 1000);
      return made;
    }

    it('waits, and gives up by name', async () => {
      const made = await besides(5000);
      const {
        code,
        err,
        config: written,
      } = await outcome(await run(['config', 'set', 'retries', '2'], made.context), made);
      expect({ code, written }).toEqual({ code: 2, written: 'retries = 1\n' });
      expect(err).toBe(
        'oai: another oai is writing ~/.config/oai/config.toml\n     if none is, delete ~/.config/oai/config.toml.part\n',
      );
      expect(await readFile(`${made.configPath}.part`, 'utf8')).toBe('half');
    });

    it('that was killed does not wait for ever', async () => {
      const made = await besides(11_000);
      expect(await run(['config', 'set', 'retries', '2'], made.context)).toBe(0);
      expect(await readFile(made.configPath, 'utf8')).toBe('retries = 2\n');
      expect(await readdir(join(made.home, '.config/oai'))).toEqual(['config.toml']);
    });

    it('that was killed: of many who see it, none loses what another wrote', async () => {
      const made = await world();
      const now = Date.now();
      await mkdir(join(made.home, '.config/oai'), { recursive: true });
      await writeFile(`${made.configPath}.part`, 'half');
      await utimes(`${made.configPath}.part`, now / 1000 - 60, now / 1000 - 60);
      const writers = Array.from({ length: 8 }, (_, index) => {
        const context = fakeContext({ home: made.home, cwd: made.cwd, clock: new RealTimer({ now }) });
        return run(['config', 'set', `aliases.a${index}`, 'm'], context);
      });
      const done = (await Promise.all(writers)).flatMap((code, index) => (code === 0 ? [index] : []));
      const text = await readFile(made.configPath, 'utf8');
      expect(text.match(/^a\d = "m"$/gm)).toHaveLength(done.length);
      for (const index of done) expect(text).toContain(`a${index} = "m"`);
      expect(done.length).toBeGreaterThan(0);
    });

    it('ends with the run', async () => {
      const made = await besides(0);
      const stopped = run(['config', 'set', 'retries', '2'], made.context);
      await made.context.clock.asked(50);
      made.context.stop(new Stopped('SIGINT'));
      expect(await stopped).toBe(130);
      expect(made.context.stderr.text).toBe('');
    });
  });

  it.each(['pipe', 'folder'])('does not replace what is no file: a %s', async (what) => {
    const made = await world({ files: { '.config/oai/other': '' } });
    const target = join(made.home, what);
    if (what === 'pipe') execFileSync('mkfifo', [target]);
    else await mkdir(target);
    await symlink(target, made.configPath);
    expect(await run(['config', 'set', 'retries', '1'], made.context)).toBe(2);
    expect(made.context.stderr.text).toBe(
      `oai: ~/.config/oai/config.toml, which leads to ${target}, is no regular file: nothing can be kept there\n`,
    );
    expect((await lstat(target)).isFile()).toBe(false);
    expect((await readdir(made.home)).sort()).toEqual(['.config', what].sort());
  });

  it.skipIf(!existsSync('/proc/self'))('where no folder can be made is one clear line', async () => {
    const context = fakeContext({ env: { OAI_HOME: '/proc/oai-test' } });
    expect(await run(['config', 'set', 'retries', '2'], context)).toBe(2);
    expect(context.stderr.text).toBe(
      'oai: cannot write /proc/oai-test/config.toml: its folder cannot be made\n',
    );
  });

  it('says nothing of what is no setting: that is for those who read it', async () => {
    for (const words of [
      ['set', 'profile', 'groq'],
      ['unset', 'retries'],
    ]) {
      const { code, err } = await config(words, { config: 'modle = "x"\nretries = 1\n' });
      expect({ code, err }).toEqual({ code: 0, err: '' });
    }
  });

  it('below a file is one clear line', async () => {
    const home = await temporaryFolder();
    await writeFile(join(home, '.config'), '');
    const context = fakeContext({ home });
    expect(await run(['config', 'set', 'retries', '2'], context)).toBe(2);
    expect(context.stderr.text).toBe(
      'oai: cannot write ~/.config/oai/config.toml: a part of the path is not a directory\n',
    );
  });

  it('without a home is one clear line', async () => {
    const context = fakeContext();
    expect(await run(['config', 'set', 'retries', '2'], context)).toBe(2);
    expect(context.stderr.text).toMatch(
      /^oai: there is no home directory for config\.toml\n {5}set HOME, or OAI_HOME/,
    );
  });
});

describe('with --profile', () => {
  const file = '[profiles.groq]\nmodel = "m"\nstray = 1\n';

  it.each<[string[], string]>([
    [['set', 'model', 'x', '-P', 'groq'], file.replace('"m"', '"x"')],
    [['set', 'aliases.fast', 'x', '-P', 'openai'], `${file}\n[profiles.openai]\naliases = { fast = "x" }\n`],
    [
      ['set', 'base_url', 'https://x/v1', '-P', 'openai'],
      `${file}\n[profiles.openai]\nbase_url = "https://x/v1"\n`,
    ],
    [['unset', 'model', '-P', 'groq'], file.replace('model = "m"\n', '')],
    [['unset', 'stray', '-P', 'groq'], file.replace('stray = 1\n', '')],
  ])('%j changes the profile', async (words, text) => {
    const { code, err, config: written } = await config(words, { config: file });
    expect({ code, err, written }).toEqual({ code: 0, err: '', written: text });
  });

  it('names with --json what it set', async () => {
    const { out } = await config(['set', 'model', 'x', '-P', 'groq', '--json'], { config: file });
    expect(JSON.parse(out)).toMatchObject({ setting: 'profiles.groq.model', value: 'x' });
  });

  it.each<[string[], string]>([
    [['set', 'timeout', '1s', '-P', 'groq'], 'timeout is no setting of a profile'],
    [['unset', 'timeout', '-P', 'groq'], 'timeout is no setting of a profile'],
    [['set', 'profiles.groq.model', 'x', '-P', 'groq'], 'profiles.groq.model is no setting of a profile'],
    [['set', 'modle', 'x', '-P', 'groq'], 'there is no setting modle; did you mean model?'],
    [['set', 'model', 'x', '-P', 'grok'], 'there is no profile grok; did you mean groq?'],
    [['unset', 'model', '-P', 'openai'], 'profiles.openai.model is not set in config.toml'],
    [['set', 'model', 'x', '-P', ''], '--profile is empty'],
    [['unset', 'model', '--profile='], '--profile is empty'],
    [['set', 'model', 'x', '--base-url', ''], '--base-url is empty'],
    [['list', '-P', ''], '--profile is empty'],
    [['profiles', '-P', ''], '--profile is empty'],
    [['get', 'profiles.groq.model', '--base-url='], '--base-url is empty'],
  ])('%j is a usage error that changes nothing', async (words, message) => {
    const { code, err, config: written } = await config(words, { config: file });
    expect({ code, written }).toEqual({ code: 2, written: file });
    expect(err.split('\n')[0]).toBe(`oai: ${message}`);
  });
});

describe('with --dry-run', () => {
  it.each<[string[], string | undefined, string]>([
    [['set', 'retries', '2'], '# a\nretries = 1\n', '# a\nretries = 2\n'],
    [['set', 'model', 'm'], undefined, 'model = "m"\n'],
    [['unset', 'retries'], '# a\n\nretries = 1\nmodel = "m"\n', '# a\n\nmodel = "m"\n'],
  ])('%j shows the text and writes nothing', async (words, before, after) => {
    const {
      code,
      out,
      err,
      config: written,
      home,
    } = await config([...words, '--dry-run'], { config: before });
    expect({ code, out, err, written }).toEqual({ code: 0, out: after, err: '', written: before });
    expect(await readdir(home)).toEqual(before === undefined ? [] : ['.config']);
  });

  it('shows no key that somebody put there', async () => {
    const file = '[profiles.w]\napi_key = "sk-proj-0123456789"\nkey_command = "echo sk-proj-9876543210"\n';
    for (const flags of [[], ['--json']]) {
      const { out } = await config(['set', 'retries', '2', '--dry-run', ...flags], { config: file });
      expect(out).toContain('[key]');
      expect(out).not.toContain('sk-proj');
    }
  });

  it('is one document with --json', async () => {
    const { out, configPath } = await config(['set', 'retries', '2', '--dry-run', '--json']);
    expect(JSON.parse(out)).toEqual({
      setting: 'retries',
      value: 2,
      path: configPath,
      text: 'retries = 2\n',
    });
  });

  it('fails as the change would', async () => {
    expect((await config(['set', 'retries', '2', '--dry-run'], { config: 'a =' })).code).toBe(2);
  });
});

it('--sandbox does not change what is written', async () => {
  const { code, config: written } = await config(['set', 'model', 'm', '--sandbox']);
  expect({ code, written }).toEqual({ code: 0, written: 'model = "m"\n' });
});

describe('oai config unset', () => {
  it.each<[string, string, string]>([
    ['retries', '# a\n\nretries = 1 # few\nmodel = "m" # b\n', '# a\n\nmodel = "m" # b\n'],
    ['profiles.a.model', '[profiles.a]\nmodel = "m"\n', '[profiles.a]\n'],
    ['profiles.a', '[profiles.a]\nmodel = "m"\n[profiles.b]\nmodel = "n"\n', '[profiles.b]\nmodel = "n"\n'],
    ['aliases.x', 'model = "m"\n[aliases]\nx = "y"\n', 'model = "m"\n'],
    ['aliases.gpt-4.1', '[aliases]\n"gpt-4.1" = "y"\nx = "z"\n', '[aliases]\nx = "z"\n'],
    ['profiles.a.b.model', '[profiles."a.b"]\nmodel = "m"\nstray = 1\n', '[profiles."a.b"]\nstray = 1\n'],
    ['api_key', 'api_key = "secret"\nretries = 1\n', 'retries = 1\n'],
    ['modle', 'modle = "m"\nretries = 1\n', 'retries = 1\n'],
    ['retries', 'retries = "x"\nmodel = "m"\n', 'model = "m"\n'],
    ['retries', 'retries = "x"\ntimeout = true\n', 'timeout = true\n'],
  ])('%s takes it out', async (key, before, after) => {
    const { code, out, config: written } = await config(['unset', key], { config: before });
    expect({ code, out, written: written?.trim() }).toEqual({ code: 0, out: '', written: after.trim() });
  });

  it.each<[string, RegExp]>([
    ['model', /^oai: model is not set in config\.toml\n$/],
    ['profiles.none', /^oai: profiles\.none is not set in config\.toml\n$/],
    ['profiles.groq.base_url', /is not set in config\.toml\n$/],
    ['modle', /did you mean model\?/],
    ['api_key', /^oai: there is no setting api_key\n/],
    ['base_url', /belongs to a profile/],
  ])('%s is a usage error', async (key, message) => {
    const { code, err, config: written } = await config(['unset', key], { config: 'retries = 1\n' });
    expect({ code, written }).toEqual({ code: 2, written: 'retries = 1\n' });
    expect(err).toMatch(message);
  });
});

describe('oai config list', () => {
  const options = {
    env: { OPENAI_API_KEY: 'secret', OAI_MODEL: 'm' },
    dotenv: 'OPENAI_ORG_ID=org-1\n',
    config:
      'retries = 0\nallow_base_urls = ["https://a", "https://b"]\naliases = { fast = "x" }\ntools = { allow = ["weather"] }\n',
  };
  const expected = [
    { setting: 'profile', value: 'openai', source: 'default' },
    { setting: 'base_url', value: 'https://f/v1', source: 'flag' },
    { setting: 'key', value: 'OPENAI_API_KEY', source: 'environment' },
    { setting: 'organization', value: 'org-1', source: '.env' },
    { setting: 'project', value: null, source: 'default' },
    { setting: 'model', value: 'm', source: 'environment' },
    { setting: 'models.chat', value: 'm', source: 'environment' },
    { setting: 'models.image', value: null, source: 'default' },
    { setting: 'models.speak', value: null, source: 'default' },
    { setting: 'models.transcribe', value: null, source: 'default' },
    { setting: 'models.translate', value: null, source: 'default' },
    { setting: 'models.embed', value: null, source: 'default' },
    { setting: 'models.moderate', value: null, source: 'default' },
    { setting: 'models.structured', value: 'm', source: 'environment' },
    { setting: 'models.complete', value: null, source: 'default' },
    { setting: 'models.realtime', value: null, source: 'default' },
    { setting: 'aliases.fast', value: 'x', source: 'config.toml' },
    { setting: 'allow_base_urls', value: ['https://a', 'https://b'], source: 'config.toml' },
    { setting: 'max_tokens_field', value: 'max_tokens', source: 'default' },
    { setting: 'stream_usage', value: false, source: 'default' },
    { setting: 'image_urls', value: false, source: 'default' },
    { setting: 'chat_via', value: 'completions', source: 'default' },
    { setting: 'timeout', value: '30s', source: 'flag' },
    { setting: 'stall_timeout', value: '1m', source: 'default' },
    { setting: 'retries', value: 0, source: 'config.toml' },
    { setting: 'show_images', value: false, source: 'default' },
    { setting: 'markdown', value: true, source: 'default' },
    { setting: 'history', value: null, source: 'default' },
    { setting: 'cache', value: false, source: 'default' },
    { setting: 'cache_ttl', value: '7d', source: 'default' },
    { setting: 'tools.allow', value: ['weather'], source: 'config.toml' },
    { setting: 'tools.env', value: [], source: 'default' },
  ];
  const words = ['list', '--base-url', 'https://f/v1/', '--timeout', '30s'];

  it('is JSON Lines in a pipe: value and source, and of the key only the source', async () => {
    const { code, out } = await config(words, options);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(expected);
  });

  it('is one document with --json', async () => {
    expect(JSON.parse((await config([...words, '--json'], options)).out)).toEqual(expected);
  });

  it('is a table on a terminal', async () => {
    const { out } = await config(words, { ...options, stdout: new CapturedOutput({ isTTY: true }) });
    const lines = out.split('\n');
    expect(lines[0]).toMatch(/^SETTING {12}SOURCE +VALUE$/);
    expect(lines).toContainEqual(
      expect.stringMatching(/^allow_base_urls {4}config\.toml +https:\/\/a https:\/\/b$/),
    );
    expect(lines).toContainEqual(expect.stringMatching(/^project +default +-$/));
    expect(lines).toContainEqual(expect.stringMatching(/^retries +config\.toml +0$/));
  });

  it.each<[string, WorldOptions, string | null, string]>([
    ['its own', { dotenv: 'OPENAI_API_KEY=secret-d\n' }, 'OPENAI_API_KEY', '.env'],
    ['no other', {}, null, 'default'],
    ['any, if allowed', { config: 'allow_base_urls = ["https://x/v1"]' }, 'OPENAI_API_KEY', 'environment'],
  ])('names the key that a base URL of .env gets: %s', async (_, { dotenv = '', ...more }, value, source) => {
    const made = {
      env: { OPENAI_API_KEY: 'secret' },
      dotenv: `${dotenv}OPENAI_BASE_URL=https://x/v1\n`,
      ...more,
    };
    const { out } = await config(['list', '--json'], made);
    expect(JSON.parse(out)).toContainEqual({ setting: 'key', value, source });
    const rows = JSON.parse((await config(['profiles', '--json'], made)).out);
    expect(rows[0]).toMatchObject({
      profile: 'openai',
      key: value ?? 'OPENAI_API_KEY',
      key_found: value !== null,
    });
  });

  it('names no key where the run would find none', async () => {
    const { out } = await config(['list', '--json'], {
      config: '[profiles.openai]\nkey_file = "gone.key"\nkey_command = "true"\n',
    });
    expect(JSON.parse(out)).toContainEqual({ setting: 'key', value: null, source: 'default' });
  });

  it('runs no key_command', async () => {
    const { out, home } = await config(['list'], {
      config: '[profiles.openai]\nkey_command = "touch run"\n',
    });
    expect(out).toContain('{"setting":"key","value":"key_command (touch)","source":"config.toml"}');
    expect(await readdir(join(home, '.config/oai'))).toEqual(['config.toml']);
  });
});

describe('oai config profiles', () => {
  const options = {
    env: { GROQ_API_KEY: 'secret' },
    config: `profile = "file"
[profiles.file]
key_file = "there.key"
[profiles.gone]
base_url = "https://gone/v1"
key_file = "gone.key"
[profiles.command]
key_command = "touch run"
model = "m"
[profiles.bare]
models = { chat = "n" }
`,
    files: { '.config/oai/there.key': 'secret\n' },
  };

  it('says of each where its key comes from and whether it is there, and runs no command', async () => {
    const { code, out, home } = await config(['profiles', '--json'], options);
    expect(code).toBe(0);
    const there = '~/.config/oai/there.key';
    const rows = JSON.parse(out);
    expect(rows.map(({ profile }: { profile: string }) => profile)).toEqual([
      'openai',
      'gemini',
      'azure',
      'openrouter',
      'groq',
      'ollama',
      'lmstudio',
      'sandbox',
      'file',
      'gone',
      'command',
      'bare',
    ]);
    const openai = 'https://api.openai.com/v1';
    for (const row of [
      {
        profile: 'openai',
        current: false,
        base_url: openai,
        key: 'OPENAI_API_KEY',
        key_found: false,
        model: null,
      },
      {
        profile: 'azure',
        current: false,
        base_url: null,
        key: 'AZURE_OPENAI_API_KEY',
        key_found: false,
        model: null,
      },
      {
        profile: 'groq',
        current: false,
        base_url: 'https://api.groq.com/openai/v1',
        key: 'GROQ_API_KEY',
        key_found: true,
        model: null,
      },
      {
        profile: 'ollama',
        current: false,
        base_url: 'http://localhost:11434/v1',
        key: null,
        key_found: null,
        model: null,
      },
      {
        profile: 'file',
        current: true,
        base_url: openai,
        key: `key_file ${there}`,
        key_found: true,
        model: null,
      },
      {
        profile: 'gone',
        current: false,
        base_url: 'https://gone/v1',
        key: 'key_file ~/.config/oai/gone.key',
        key_found: false,
        model: null,
      },
      {
        profile: 'command',
        current: false,
        base_url: openai,
        key: 'key_command (touch)',
        key_found: null,
        model: 'm',
      },
      { profile: 'bare', current: false, base_url: openai, key: null, key_found: null, model: 'n' },
    ]) {
      expect(rows).toContainEqual(row);
    }
    expect((await readdir(join(home, '.config/oai'))).sort()).toEqual(['config.toml', 'there.key']);
  });

  it('marks the current one on a terminal', async () => {
    const { out } = await config(['profiles'], { ...options, stdout: new CapturedOutput({ isTTY: true }) });
    expect(out.split('\n').filter((line) => line.startsWith('*'))).toEqual([
      expect.stringMatching(/^\* {2}file /),
    ]);
  });

  it('fits a terminal of 80 columns, but for a very long URL', async () => {
    const { out } = await config(['profiles'], { ...options, stdout: new CapturedOutput({ isTTY: true }) });
    const wide = out.split('\n').filter((line) => line.length > 80);
    expect(wide).toEqual([expect.stringContaining('https://generativelanguage')]);
  });

  it('gives each column a line of its own on a terminal of 40 columns', async () => {
    const stdout = Object.assign(new CapturedOutput({ isTTY: true }), { columns: 40 });
    const { out } = await config(['profiles'], { ...options, stdout });
    expect(out).toContain(
      '\n\nPROFILE   groq\nKEY FROM  GROQ_API_KEY\nSET       yes\nMODEL     -\nBASE URL  https://api.groq.com/openai/v1\n\n',
    );
    expect(out).toContain('\n\n*\nPROFILE   file\n');
  });

  it('lists them although the current one does not exist or has no URL', async () => {
    for (const OAI_PROFILE of ['nope', 'azure']) {
      const { code, out } = await config(['profiles'], { env: { OAI_PROFILE } });
      expect({ code, lines: out.trimEnd().split('\n').length }).toEqual({ code: 0, lines: 8 });
    }
  });
});

describe('oai config path', () => {
  it('prints where config.toml is, though it be broken', async () => {
    const { code, out, err, configPath } = await config(['path'], { config: 'a =' });
    expect({ code, out, err }).toEqual({ code: 0, out: `${configPath}\n`, err: '' });
  });

  it('follows OAI_HOME', async () => {
    expect((await config(['path', '--json'], { env: { OAI_HOME: '/o' } })).out).toBe(
      '{"path":"/o/config.toml"}\n',
    );
  });
});

describe('oai config init', () => {
  it.each<[string, WorldOptions]>([
    ['stdin is no terminal', { stderr: new CapturedOutput({ isTTY: true }) }],
    ['stdin is a pipe', { stdin: 'text', stderr: new CapturedOutput({ isTTY: true }) }],
    ['stderr is no terminal', { stdinTTY: true }],
  ])('asks nothing where %s', async (_, options) => {
    const { code, out, err, config: written } = await config(['init'], options);
    expect({ code, out, written }).toEqual({ code: 2, out: '', written: undefined });
    expect(err).toMatch(/no terminal to answer on\n.*oai config set profiles\.openai\.key_env NAME/);
  });
});

/** A clock that stands still but for its timers, which ring in the next turn of the event loop. */
class RealTimer extends FakeClock {
  override timer(delay: number, ring: () => void) {
    const timer = super.timer(delay, () => {});
    setImmediate(ring);
    return timer;
  }
}
