import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { loadSettings, type Settings } from '../../src/settings/settings.ts';
import { fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { failureOf, shown, type WorldOptions, world, writeOwn } from './world.ts';

interface Case extends WorldOptions {
  readonly flags?: GlobalOptions;
}

async function load({ flags = {}, ...options }: Case = {}): Promise<Settings> {
  const { context } = await world(options);
  const settings = await loadSettings(flags, context);
  expect(context.stderr.text).toBe('');
  return settings;
}

async function refused({ flags = {}, ...options }: Case) {
  const { context } = await world(options);
  return failureOf(loadSettings(flags, context));
}

describe('without any setting', () => {
  it('is OpenAI with the documented limits', async () => {
    expect(await loadSettings({}, fakeContext())).toMatchObject({
      profile: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      isOpenAI: true,
      keyless: false,
      sandbox: false,
      organization: undefined,
      project: undefined,
      maxTokensField: 'max_completion_tokens',
      timeout: 600_000,
      stallTimeout: { first: undefined, between: 60_000 },
      retries: 3,
    });
  });

  it('leaves the model to the command', async () => {
    expect((await load()).model('chat', undefined)).toBeUndefined();
  });
});

describe('the profile', () => {
  const config = 'profile = "groq"\n';
  const dotenv = 'OAI_PROFILE=gemini\n';
  const env = { OAI_PROFILE: 'openrouter' };

  it.each<[string, Case, string]>([
    ['--sandbox', { flags: { sandbox: true, profile: 'lmstudio' }, env, dotenv, config }, 'sandbox'],
    ['--profile', { flags: { profile: 'lmstudio' }, env, dotenv, config }, 'lmstudio'],
    ['the environment', { env, dotenv, config }, 'openrouter'],
    ['.env', { dotenv, config }, 'gemini'],
    ['.env, over an empty variable', { env: { OAI_PROFILE: '' }, dotenv, config }, 'gemini'],
    ['config.toml', { config }, 'groq'],
    ['config.toml, over an empty line of .env', { dotenv: 'OAI_PROFILE=\n', config }, 'groq'],
    ['the default', {}, 'openai'],
  ])('comes from %s', async (_, options, name) => {
    expect((await load(options)).profile).toBe(name);
  });

  it.each<[string, Case, RegExp]>([
    [
      'a flag',
      { flags: { profile: 'opnai' } },
      /^--profile: there is no profile opnai; did you mean openai\?/,
    ],
    [
      'the environment',
      { env: { OAI_PROFILE: 'wrok' }, config: '[profiles.work]\n' },
      /^OAI_PROFILE: .*mean work\?/,
    ],
    ['.env', { dotenv: 'OAI_PROFILE=zzzzzzzz' }, /^OAI_PROFILE in \.env: there is no profile zzzzzzzz$/],
    [
      'config.toml',
      { config: 'profile = "grok"' },
      /^profile in ~\/\.config\/oai\/config\.toml: .*mean groq\?/,
    ],
    ['a word of JavaScript', { flags: { profile: 'constructor' } }, /there is no profile constructor/],
  ])('that nobody knows is refused: from %s', async (_, options, message) => {
    const failure = await refused(options);
    expect(failure.kind).toBe('usage');
    expect(failure.message).toMatch(message);
    expect(failure.hint).toMatch(/^the profiles are openai, gemini, azure, /);
  });
});

it.each([{}, { sandbox: true }])('a profile of no name is refused: %j', async (flags) => {
  const failure = await refused({ flags: { profile: '', ...flags } });
  expect(failure).toMatchObject({ kind: 'usage', message: '--profile is empty' });
});

describe('the base URL', () => {
  const config = '[profiles.openai]\nbase_url = "https://config.example/v1"\n';
  const dotenv = 'OPENAI_BASE_URL=https://dotenv.example/v1\n';
  const env = { OPENAI_BASE_URL: 'https://env.example/v1' };

  it.each<[string, Case, string]>([
    [
      '--base-url',
      { flags: { baseUrl: 'https://flag.example/v1/' }, env, dotenv, config },
      'https://flag.example/v1',
    ],
    ['the environment', { env, dotenv, config }, 'https://env.example/v1'],
    ['.env', { dotenv, config }, 'https://dotenv.example/v1'],
    ['config.toml', { config }, 'https://config.example/v1'],
    ['the profile', { flags: { profile: 'groq' }, env, dotenv, config }, 'https://api.groq.com/openai/v1'],
    ['--base-url, whatever the profile', { flags: { profile: 'groq', baseUrl: 'http://x:1' } }, 'http://x:1'],
    [
      'OpenAI, for a profile that names none',
      { config: 'profile="w"\n[profiles.w]\n', env },
      'https://api.openai.com/v1',
    ],
    [
      'the sandbox, over a flag',
      { flags: { sandbox: true, baseUrl: 'https://x' } },
      'https://sandbox.invalid/v1',
    ],
  ])('comes from %s', async (_, options, url) => {
    expect((await load(options)).baseUrl).toBe(url);
  });

  it.each<[string, Record<string, string>, string]>([
    ['gemini', {}, 'https://generativelanguage.googleapis.com/v1beta/openai'],
    ['openrouter', {}, 'https://openrouter.ai/api/v1'],
    ['lmstudio', {}, 'http://localhost:1234/v1'],
    ['ollama', {}, 'http://localhost:11434/v1'],
    ['ollama', { OLLAMA_HOST: '192.168.1.9' }, 'http://192.168.1.9:11434/v1'],
    ['ollama', { OLLAMA_HOST: '0.0.0.0:8080' }, 'http://127.0.0.1:8080/v1'],
    ['ollama', { OLLAMA_HOST: 'https://gpu.example/' }, 'https://gpu.example/v1'],
    ['ollama', { OLLAMA_HOST: ':11434' }, 'http://localhost:11434/v1'],
    ['ollama', { OLLAMA_HOST: 'http://u:p@gpu' }, 'http://localhost:11434/v1'],
    [
      'azure',
      { AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com/' },
      'https://me.openai.azure.com/openai/v1',
    ],
    [
      'azure',
      { AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com/openai/v1/' },
      'https://me.openai.azure.com/openai/v1',
    ],
    [
      'azure',
      { AZURE_OPENAI_BASE_URL: 'https://b.example/openai/v1', AZURE_OPENAI_ENDPOINT: 'https://e.example' },
      'https://b.example/openai/v1',
    ],
  ])('of %s with %j', async (profile, env, url) => {
    expect((await load({ flags: { profile }, env })).baseUrl).toBe(url);
  });

  it('of azure must be given', async () => {
    const failure = await refused({ flags: { profile: 'azure' } });
    expect(failure.message).toBe('profile azure has no base URL');
    expect(failure.hint).toMatch(/AZURE_OPENAI_ENDPOINT=https:.*profiles\.azure\.base_url/);
  });

  it.each<[string, Case, RegExp]>([
    ['no URL', { flags: { baseUrl: 'localhost' } }, /^--base-url localhost is not a URL$/],
    [
      'no http',
      { flags: { baseUrl: 'ftp://x/v1' } },
      /^--base-url ftp:\/\/x\/v1 is not an http or https URL$/,
    ],
    [
      'a bare host and port',
      { env: { OPENAI_BASE_URL: 'localhost:80' } },
      /^OPENAI_BASE_URL localhost:80 is not an http/,
    ],
    [
      'credentials',
      { flags: { baseUrl: 'https://joe:hunter2@x/v1' } },
      /^--base-url holds a user name or password$/,
    ],
    [
      'a user name',
      { flags: { baseUrl: 'https://hunter2@x/v1' } },
      /^--base-url holds a user name or password$/,
    ],
    ['nothing', { flags: { baseUrl: '' } }, /^--base-url is empty$/],
    ['nothing, in the sandbox', { flags: { baseUrl: ' ', sandbox: true } }, /^--base-url is empty$/],
    [
      'broken, with credentials',
      { dotenv: 'OPENAI_BASE_URL=htps//joe:hunter2@x' },
      /^OPENAI_BASE_URL in \.env is not a URL$/,
    ],
    ['a key', { env: { OPENAI_BASE_URL: 'sk-hunter2' } }, /^OPENAI_BASE_URL is not a URL$/],
    [
      'a query',
      { flags: { baseUrl: 'https://x/v1?token=hunter2' } },
      /^--base-url holds a query or a fragment$/,
    ],
    [
      'a fragment',
      { flags: { baseUrl: 'https://x/v1#hunter2' } },
      /^--base-url holds a query or a fragment$/,
    ],
    [
      'a bad one of the config',
      { config: '[profiles.groq]\nbase_url = "nope"' },
      /^~\/\.config\/oai\/config\.toml: profiles\.groq\.base_url nope is not a URL$/,
    ],
  ])('is refused: %s', async (_, options, message) => {
    const failure = await refused(options);
    expect(failure.kind).toBe('usage');
    expect(failure.message).toMatch(message);
    expect(shown(failure)).not.toContain('hunter2');
  });

  it.each<[string, boolean, boolean, string]>([
    ['https://api.openai.com/v1', true, false, 'max_completion_tokens'],
    ['https://eu.api.openai.com/v1', true, false, 'max_completion_tokens'],
    ['https://api.openai.com.evil.example/v1', false, false, 'max_tokens'],
    ['https://evil.example/api.openai.com/v1', false, false, 'max_tokens'],
    ['https://me.openai.azure.com/openai/v1', false, false, 'max_completion_tokens'],
    ['http://localhost:8000/v1', false, true, 'max_tokens'],
    ['http://127.0.0.1:8000', false, true, 'max_tokens'],
    ['http://[::1]:8000/v1', false, true, 'max_tokens'],
    ['http://localhost.evil.example/v1', false, false, 'max_tokens'],
    ['http://127.0.0.1.evil.example/v1', false, false, 'max_tokens'],
  ])('%s: OpenAI %s, keyless %s, %s', async (baseUrl, isOpenAI, keyless, maxTokensField) => {
    expect(await load({ flags: { baseUrl } })).toMatchObject({ isOpenAI, keyless, maxTokensField });
  });

  it('lets the config say what a server calls its limit of tokens', async () => {
    const config = '[profiles.groq]\nmax_tokens_field = "max_completion_tokens"';
    expect((await load({ config, flags: { profile: 'groq' } })).maxTokensField).toBe('max_completion_tokens');
  });

  it.each<[string, boolean]>([
    ['ollama', true],
    ['lmstudio', true],
    ['sandbox', true],
    ['groq', false],
  ])('of %s needs no key: %s', async (profile, keyless) => {
    expect((await load({ flags: { profile } })).keyless).toBe(keyless);
  });

  it('of the sandbox counts as OpenAI', async () => {
    expect(await load({ config: 'profile = "sandbox"' })).toMatchObject({
      sandbox: true,
      isOpenAI: true,
      maxTokensField: 'max_completion_tokens',
    });
  });
});

describe('organization and project', () => {
  const ids = 'organization = "org-config"\nproject = "proj-config"\n';
  const config = `[profiles.openai]\n${ids}[profiles.work]\n${ids}`;
  const dotenv = 'OPENAI_ORG_ID=org-dotenv\nOPENAI_PROJECT_ID=proj-dotenv\n';
  const env = { OPENAI_ORG_ID: 'org-env', OPENAI_PROJECT_ID: 'proj-env' };

  it.each<[string, Case, string | undefined]>([
    ['the environment', { env, dotenv, config }, 'env'],
    ['.env', { dotenv, config }, 'dotenv'],
    ['config.toml', { config }, 'config'],
    [
      'the profile, which the variables do not feed',
      { env, dotenv, config, flags: { profile: 'work' } },
      'config',
    ],
    ['nowhere, for another profile', { env, dotenv, config, flags: { profile: 'groq' } }, undefined],
    ['nowhere, in the sandbox', { env, dotenv, config, flags: { sandbox: true } }, undefined],
    [
      '.env alone, for the base URL of .env',
      { env, dotenv: 'OPENAI_BASE_URL=https://x/v1', config },
      undefined,
    ],
    [
      '.env alone, for its own base URL',
      { env: {}, dotenv: `${dotenv}OPENAI_BASE_URL=https://x/v1`, config },
      'dotenv',
    ],
    [
      'nowhere, for the base URL of .env and a config',
      { dotenv: 'OPENAI_BASE_URL=https://x/v1', config },
      undefined,
    ],
    [
      '.env, for its own base URL, whatever the environment holds',
      { env, dotenv: `${dotenv}OPENAI_BASE_URL=https://x/v1`, config },
      'dotenv',
    ],
    [
      'the environment, for a base URL of .env that is the usual one',
      { env, dotenv: 'OPENAI_BASE_URL=https://api.openai.com/v1/' },
      'env',
    ],
    [
      'the environment, for an allowed base URL of .env',
      { env, dotenv: 'OPENAI_BASE_URL=https://x/v1/', config: 'allow_base_urls = ["https://x/v1"]' },
      'env',
    ],
  ])('come from %s', async (_, options, suffix) => {
    const { organization, project } = await load(options);
    expect({ organization, project }).toEqual({
      organization: suffix && `org-${suffix}`,
      project: suffix && `proj-${suffix}`,
    });
  });

  it.each<[string, Case, string]>([
    ['environment', { env: { OPENAI_ORG_ID: 'org\nX-Evil: 1' } }, 'OPENAI_ORG_ID'],
    ['.env', { dotenv: 'OPENAI_PROJECT_ID="a b"' }, 'OPENAI_PROJECT_ID in .env'],
    ['config', { config: '[profiles.a]\nproject = "ü"' }, '~/.config/oai/config.toml: profiles.a.project'],
  ])('that no header takes are refused: %s', async (_, options, name) => {
    expect((await refused(options)).message).toBe(`${name} holds a space or a character that no id has`);
  });
});

describe('the model', () => {
  const config = `model = "top"
models = { chat = "top-chat" }
aliases = { fast = "top-fast", quick = "top-quick", "gpt-4.1" = "gpt-6-luna" }
[profiles.both]
model = "own"
models = { chat = "own-chat" }
aliases = { fast = "own-fast" }
[profiles.general]
model = "own"
[profiles.plain]
`;
  it.each<[string, Case, string | undefined, string]>([
    ['a flag', { env: { OAI_MODEL: 'env' }, flags: { profile: 'both' } }, 'flag', 'flag'],
    [
      'OAI_MODEL',
      { env: { OAI_MODEL: 'env' }, dotenv: 'OAI_MODEL=dotenv', flags: { profile: 'both' } },
      undefined,
      'env',
    ],
    ['.env', { dotenv: 'OAI_MODEL=dotenv', flags: { profile: 'both' } }, undefined, 'dotenv'],
    ["the profile's chat model", { flags: { profile: 'both' } }, undefined, 'own-chat'],
    ["the profile's model", { flags: { profile: 'general' } }, undefined, 'own'],
    ["the config's chat model", { flags: { profile: 'plain' } }, undefined, 'top-chat'],
    ["the profile's alias", { flags: { profile: 'both' } }, 'fast', 'own-fast'],
    ["the config's alias", { flags: { profile: 'both' } }, 'quick', 'top-quick'],
    ['an alias with a dot', { flags: { profile: 'plain' } }, 'gpt-4.1', 'gpt-6-luna'],
    ['an alias in OAI_MODEL', { env: { OAI_MODEL: 'fast' } }, undefined, 'top-fast'],
    ['no alias of JavaScript', {}, 'constructor', 'constructor'],
  ])('comes from %s', async (_, options, flag, model) => {
    expect((await load({ config, ...options })).model('chat', flag)).toBe(model);
  });

  it.each<[string, Case, string | undefined, string | undefined]>([
    ['a flag', {}, 'flag', 'flag'],
    ['the alias in a flag', {}, 'quick', 'top-quick'],
    [
      'none of those for text',
      { env: { OAI_MODEL: 'env' }, flags: { profile: 'both' } },
      undefined,
      undefined,
    ],
    ["the profile's image model", { flags: { profile: 'painter' } }, undefined, 'own-image'],
    ["the config's image model", { config: '[models]\nimage = "top-image"' }, undefined, 'top-image'],
  ])('of images comes from %s', async (_, options, flag, model) => {
    const painter = `${config}[profiles.painter]\nmodels = { image = "own-image" }\n`;
    expect((await load({ config: painter, ...options })).model('image', flag)).toBe(model);
  });
});

describe('limits', () => {
  const config = 'timeout = "2m"\nstall_timeout = 5\nretries = 0\n';

  it('come from config.toml; a bare number is seconds', async () => {
    expect(await load({ config })).toMatchObject({
      timeout: 120_000,
      stallTimeout: { first: 5000, between: 5000 },
      retries: 0,
    });
  });

  it('come from flags first', async () => {
    expect(await load({ config, flags: { timeout: 1, stallTimeout: 2, retries: 7 } })).toMatchObject({
      timeout: 1,
      stallTimeout: { first: 2, between: 2 },
      retries: 7,
    });
  });
});

describe('.env', () => {
  it('brings nothing but its own few variables, and none into the environment', async () => {
    const { context } = await world({
      dotenv:
        'OPENAI_ORG_ID=org\nOAI_HOME=/evil\nHTTPS_PROXY=http://evil\nAZURE_OPENAI_BASE_URL=https://evil\n',
      config: 'retries = 9\n',
    });
    const before = { ...context.env };
    const settings = await loadSettings({}, context);
    expect(settings).toMatchObject({ organization: 'org', retries: 9 });
    expect(context.env).toEqual(before);
    expect((await failureOf(loadSettings({ profile: 'azure' }, context))).message).toMatch(/has no base URL/);
  });

  it('that is a directory is no .env', async () => {
    const { context, cwd } = await world();
    await mkdir(join(cwd, '.env'));
    expect((await loadSettings({}, context)).profile).toBe('openai');
    expect(context.stderr.text).toBe('');
  });

  it('that links in a circle draws one warning', async () => {
    const { context, cwd } = await world();
    await symlink('.env', join(cwd, '.env'));
    await loadSettings({}, context);
    expect(context.stderr.text).toMatch(
      /^oai: cannot read .*\.env: too many symbolic links; going on without it\n$/,
    );
  });

  it('in UTF-16, as PowerShell writes it, draws one warning', async () => {
    const { context, cwd } = await world();
    await writeFile(join(cwd, '.env'), Buffer.from('\ufeffOAI_PROFILE=groq\n', 'utf16le'));
    expect((await loadSettings({}, context)).profile).toBe('openai');
    expect(context.stderr.text).toBe('oai: .env is not UTF-8 text; going on without it\n');
  });

  it('with a byte order mark and Windows line ends is read', async () => {
    expect((await load({ dotenv: '\ufeffOAI_PROFILE=groq\r\nOAI_MODEL="m"\r\n' })).profile).toBe('groq');
  });
});

describe('the place of config.toml', () => {
  it.each<[string, (folder: string) => { env: Record<string, string>; path: string }]>([
    [
      'OAI_HOME',
      (folder) => ({ env: { OAI_HOME: `${folder}/own`, XDG_CONFIG_HOME: folder }, path: 'own/config.toml' }),
    ],
    ['OAI_HOME below ~', () => ({ env: { OAI_HOME: '~/own' }, path: 'own/config.toml' })],
    [
      'XDG_CONFIG_HOME',
      (folder) => ({ env: { XDG_CONFIG_HOME: `${folder}/xdg` }, path: 'xdg/oai/config.toml' }),
    ],
    [
      'home, when XDG_CONFIG_HOME is relative',
      () => ({ env: { XDG_CONFIG_HOME: 'xdg' }, path: '.config/oai/config.toml' }),
    ],
    ['home, when OAI_HOME is empty', () => ({ env: { OAI_HOME: '' }, path: '.config/oai/config.toml' })],
  ])('is %s', async (_, place) => {
    const folder = await temporaryFolder();
    const { env, path } = place(folder);
    await writeOwn(join(folder, path), 'retries = 42\n');
    expect((await loadSettings({}, fakeContext({ env, home: folder }))).retries).toBe(42);
  });

  it.each([
    ['no home', undefined],
    ['an empty home', ''],
    ['a relative home', 'test'],
    ['a home that is not there', '/nowhere/at/all'],
  ])('is nowhere with %s, and nothing is said', async (_, home) => {
    const context = fakeContext({ home });
    expect((await loadSettings({}, context)).retries).toBe(3);
    expect(context.stderr.text).toBe('');
  });

  it('below a file is one warning and no failure', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    const context = fakeContext({ home: join(folder, 'file') });
    expect((await loadSettings({}, context)).retries).toBe(3);
    expect(context.stderr.text).toBe(
      'oai: cannot read ~/.config/oai/config.toml: a part of the path is not a directory; going on without it\n',
    );
  });

  it('with a config that cannot be read is a failure: it may have sent the key elsewhere', async () => {
    const { context, configPath } = await world();
    await mkdir(configPath, { recursive: true });
    await expect(loadSettings({}, context)).rejects.toMatchObject({
      kind: 'usage',
      message: 'cannot read ~/.config/oai/config.toml: it is a directory',
    });
  });

  it('linked to /dev/null is empty', async () => {
    const { context, configPath } = await world({ files: { '.config/oai/other': '' } });
    await symlink('/dev/null', configPath);
    expect((await loadSettings({}, context)).retries).toBe(3);
    expect(context.stderr.text).toBe('');
  });
});

describe('config.toml', () => {
  it.each([0o640, 0o604, 0o620])('of mode %o draws one warning', async (mode) => {
    const { context, configPath } = await world({ config: 'retries = 1\n' });
    await chmod(configPath, mode);
    expect((await loadSettings({}, context)).retries).toBe(1);
    expect(context.stderr.text).toBe(
      'oai: ~/.config/oai/config.toml is open to others; chmod 600 ~/.config/oai/config.toml\n',
    );
  });

  it.each<[string, string, RegExp]>([
    [
      'no value',
      'retries = 1\ntimeout = \n',
      /^~\/\.config\/oai\/config\.toml line 2, column 11: invalid value$/,
    ],
    ['a key twice', 'retries = 1\nretries = 2', /line 2, column 1: trying to redefine/],
    ['an open table', '[profiles\n', /line 1, column 10: /],
    ['a broken line with a key', 'api_key = "sk-hunter2\n', /line 1, column \d+: /],
  ])('that is broken names line and column: %s', async (_, config, message) => {
    const failure = await refused({ config });
    expect(failure.kind).toBe('usage');
    expect(failure.message).toMatch(message);
    expect(shown(failure)).not.toMatch(/hunter2|\n./);
  });

  it.each<[string, string]>([
    ['retries = "many"', 'retries takes a whole number from 0 to 100, not "many"'],
    ['retries = 101', 'retries takes a whole number from 0 to 100, not 101'],
    ['retries = 1.5', 'retries takes a whole number from 0 to 100, not 1.5'],
    ['timeout = true', 'timeout takes a duration such as "250ms", "30s" or "2m"'],
    ['timeout = "soon"', 'timeout soon is not a duration such as 250ms, 30s or 2m'],
    ['timeout = 0', 'timeout 0 is not a duration such as 250ms, 30s or 2m'],
    ['show_images = "yes"', 'show_images takes true or false, not "yes"'],
    ['tools = ["weather"]', 'tools takes a table'],
    ['tools = { allow = true }', 'tools.allow takes a list of names of tools'],
    [
      'tools = { allow = ["a b"] }',
      'tools.allow takes names of tools, and a b is none: letters, digits, _ and - make one',
    ],
    ['tools = { allow = [1] }', 'tools.allow takes the name of a tool'],
    [
      'tools = { env = ["sk-hunter2"] }',
      'tools.env takes the name of an environment variable, not the key itself',
    ],
    ['markdown = 1', 'markdown takes true or false, not 1'],
    ['model = 4', 'model takes a text that is not empty'],
    ['model = ""', 'model takes a text that is not empty'],
    ['models = "x"', 'models takes a table'],
    ['models = { chat = 1 }', 'models.chat takes a text that is not empty'],
    ['aliases = ["x"]', 'aliases takes a table'],
    ['aliases = 2026-01-01', 'aliases takes a table'],
    ['allow_base_urls = "https://x"', 'allow_base_urls takes a list of URLs'],
    ['allow_base_urls = ["x"]', 'allow_base_urls x is not a URL'],
    ['profiles = 1', 'profiles takes a table'],
    ['[profiles]\nwork = "x"', 'profiles.work takes a table'],
    [
      '[profiles.work]\nkey_env = "sk-hunter2"',
      'profiles.work.key_env takes the name of an environment variable, not the key itself',
    ],
    [
      `[profiles.work]\nkey_env = "${'abcdef12'.repeat(4)}"`,
      'profiles.work.key_env takes the name of an environment variable, not the key itself',
    ],
    [
      '[profiles.work]\nkey_file = "AQ.hunter2"',
      'profiles.work.key_file takes the path of a file, not the key itself',
    ],
    ['[profiles.work]\nkey_file = "a\\u0000b"', 'profiles.work.key_file holds a character that no path has'],
    ...['"sk-hunter2"', '["sk-hunter2", "x"]', '" sk-hunter2 x"'].map((value): [string, string] => [
      `[profiles.work]\nkey_command = ${value}`,
      'profiles.work.key_command takes a command that prints the key, not the key itself',
    ]),
    ...['"a\\u0000b"', '["a", "\\u0000"]'].map((value): [string, string] => [
      `[profiles.work]\nkey_command = ${value}`,
      'profiles.work.key_command holds a character that no command has',
    ]),
    [
      '[profiles.work]\nkey_command = ["", "x"]',
      'profiles.work.key_command takes a command line or a list of its words',
    ],
    [
      '[profiles.work]\nkey_command = [1]',
      'profiles.work.key_command takes a command line or a list of its words',
    ],
    [
      '[profiles.work]\nkey_command = []',
      'profiles.work.key_command takes a command line or a list of its words',
    ],
    [
      '[profiles.work]\nmax_tokens_field = "n"',
      'profiles.work.max_tokens_field takes max_completion_tokens or max_tokens, not n',
    ],
  ])('with a bad value is refused: %s', async (config, message) => {
    const failure = await refused({ config });
    expect(failure.kind).toBe('usage');
    expect(failure.message).toBe(`~/.config/oai/config.toml: ${message}`);
  });

  it('may name a variable as long as a key', async () => {
    const key_env = 'THE_API_KEY_OF_OUR_DEPARTMENT_FOR_OPENAI_ALONE';
    expect((await load({ config: `[profiles.openai]\nkey_env = "${key_env}"` })).keyInShell()).toBe(
      `$${key_env}`,
    );
  });

  it('with unknown settings draws one warning that names the nearest', async () => {
    const { context } = await world({
      config:
        'modle = "x"\nretries = 1\n[profiles.work]\nkeyfile = "x"\napi_key = "sk-hunter2"\n[models]\ntelepathy = "x"',
    });
    expect((await loadSettings({}, context)).retries).toBe(1);
    expect(context.stderr.text.split('\n')).toHaveLength(2);
    expect(context.stderr.text).toMatch(/modle; did you mean model\?/);
    expect(context.stderr.text).toMatch(/profiles\.work\.keyfile; did you mean profiles\.work\.key_file\?/);
    expect(context.stderr.text).toMatch(/profiles\.work\.api_key \(keys come by key_env/);
    expect(context.stderr.text).toMatch(/models\.telepathy/);
    expect(context.stderr.text).not.toContain('hunter2');
  });

  it('that is not UTF-8 is refused by name', async () => {
    const { context, configPath } = await world({ config: '' });
    await writeFile(configPath, Buffer.from([0x61, 0xff]));
    expect((await failureOf(loadSettings({}, context))).message).toMatch(/config\.toml is not UTF-8 text/);
  });

  it('may be empty, begin with a byte order mark, or hold comments only', async () => {
    for (const config of ['', '\ufeffretries = 3\r\n', '# nothing\n']) {
      expect((await load({ config })).retries).toBe(3);
    }
  });
});
