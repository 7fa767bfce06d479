import { execFileSync } from 'node:child_process';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { run } from '../../src/main.ts';
import { programAndArguments } from '../../src/settings/key-command.ts';
import { loadSettings } from '../../src/settings/settings.ts';
import { CapturedOutput } from '../support/context.ts';
import { failureOf, shown, type World, type WorldOptions, world } from './world.ts';

interface Case extends WorldOptions {
  readonly flags?: GlobalOptions;
}

/** Looks for the key, in a world where whatever is shown must not hold a secret. */
async function keyOf({ flags = {}, ...options }: Case) {
  const made = await world(options);
  const settings = await loadSettings(flags, made.context);
  return { key: settings.key(), ...made };
}

async function refused(options: Case) {
  const { key, context } = await keyOf(options);
  const failure = await failureOf(key);
  expect(failure.kind).toBe('auth');
  expect(`${shown(failure)}${failure.stack}${context.stderr.text}${context.stdout.text}`).not.toMatch(
    /secret/,
  );
  return failure;
}

const configKeys = `
[profiles.openai]
key_file = "openai.key"
[profiles.variable]
key_env = "WORK_KEY"
[profiles.project]
key_env = "OPENAI_WORK_KEY"
[profiles.file]
key_file = "~/keys/work"
[profiles.command]
key_command = "printf %s secret-command"
[profiles.both]
key_file = "openai.key"
key_command = "exit 1"
[profiles.local]
base_url = "http://localhost:9/v1"
`;
const files = { '.config/oai/openai.key': 'secret-file\n', 'keys/work': 'secret-work\r\n' };
const env = { OPENAI_API_KEY: 'secret-env' };
const dotenv = 'OPENAI_API_KEY=secret-dotenv\nWORK_KEY=secret-wrong\nOPENAI_WORK_KEY=secret-own\n';

describe('the key', () => {
  it.each<[string, Case, string, string]>([
    ['the environment', { env, dotenv, config: configKeys }, 'secret-env', 'OPENAI_API_KEY'],
    ['.env', { dotenv, config: configKeys }, 'secret-dotenv', 'OPENAI_API_KEY in .env'],
    [
      '.env, over an empty variable',
      { env: { OPENAI_API_KEY: '' }, dotenv },
      'secret-dotenv',
      'OPENAI_API_KEY in .env',
    ],
    ['a file beside config.toml', { config: configKeys }, 'secret-file', 'key_file ~/.config/oai/openai.key'],
    [
      'a file below ~',
      { config: configKeys, flags: { profile: 'file' } },
      'secret-work',
      'key_file ~/keys/work',
    ],
    [
      'a variable of its own',
      { env: { ...env, WORK_KEY: 'secret-w' }, config: configKeys, flags: { profile: 'variable' } },
      'secret-w',
      'WORK_KEY',
    ],
    [
      'an OPENAI_ variable of .env',
      { env, dotenv, config: configKeys, flags: { profile: 'project' } },
      'secret-own',
      'OPENAI_WORK_KEY in .env',
    ],
    [
      'a command',
      { env, dotenv, config: configKeys, flags: { profile: 'command' } },
      'secret-command',
      'key_command (printf)',
    ],
    [
      'the file before the command',
      { config: configKeys, flags: { profile: 'both' } },
      'secret-file',
      'key_file ~/.config/oai/openai.key',
    ],
    [
      'the variable of a built-in profile',
      { env: { ...env, GROQ_API_KEY: 'secret-groq' }, flags: { profile: 'groq' } },
      'secret-groq',
      'GROQ_API_KEY',
    ],
    [
      'the environment, for --base-url',
      { env, flags: { baseUrl: 'https://x/v1' } },
      'secret-env',
      'OPENAI_API_KEY',
    ],
    [
      'the environment, for a server on this machine',
      { env, flags: { baseUrl: 'http://localhost/v1' } },
      'secret-env',
      'OPENAI_API_KEY',
    ],
    [
      '.env, for --base-url',
      { dotenv, flags: { baseUrl: 'https://x/v1' } },
      'secret-dotenv',
      'OPENAI_API_KEY in .env',
    ],
    [
      '.env, for a URL of the environment',
      { dotenv, env: { OPENAI_BASE_URL: 'https://x/v1' } },
      'secret-dotenv',
      'OPENAI_API_KEY in .env',
    ],
  ])('comes from %s and becomes a secret', async (_, options, value, source) => {
    const { key, context } = await keyOf({ files, ...options });
    expect(await key).toEqual({ value, source });
    expect([...context.secrets]).toEqual([value]);
    expect(context.stderr.text).toBe('');
  });

  it.each<[string, Case]>([
    ['ollama', { env, dotenv, flags: { profile: 'ollama' } }],
    ['a server on this machine', { config: configKeys, env, flags: { profile: 'local' } }],
    ['--base-url on this machine', { flags: { baseUrl: 'http://127.0.0.1:1/v1' } }],
    ['a URL of .env on this machine', { dotenv: 'OPENAI_BASE_URL=http://localhost:1/v1' }],
  ])('is not needed for %s', async (_, options) => {
    expect(await (await keyOf(options)).key).toBeUndefined();
  });

  it.each<[string, Case]>([
    ['--sandbox', { flags: { sandbox: true, profile: 'trap' } }],
    ['--profile sandbox', { flags: { profile: 'sandbox' } }],
    ['OAI_PROFILE', { env: { ...env, OAI_PROFILE: 'sandbox' } }],
    ['.env', { dotenv: `${dotenv}OAI_PROFILE=sandbox` }],
    ['config.toml', { config: 'profile = "sandbox"\n' }],
  ])('is not looked for in the sandbox, chosen by %s', async (_, { config = '', ...options }) => {
    const trap =
      '[profiles.sandbox]\nkey_command = "touch run"\n[profiles.trap]\nkey_command = "touch run"\n';
    const { key, home, context } = await keyOf({ env, ...options, config: config + trap });
    expect(await key).toBeUndefined();
    expect(context.secrets.size).toBe(0);
    await expect(readFile(join(home, '.config/oai/run'))).rejects.toThrow('ENOENT');
  });

  it('is looked for once', async () => {
    const config = '[profiles.a]\nkey_command = "echo x >> runs; echo secret"\n';
    const { context, home } = await world({ config });
    const settings = await loadSettings({ profile: 'a' }, context);
    await Promise.all([settings.key(), settings.key()]);
    await settings.key();
    expect(await readFile(join(home, '.config/oai/runs'), 'utf8')).toBe('x\n');
  });

  it('is not looked for before it is needed', async () => {
    const { context, home } = await world({ config: '[profiles.openai]\nkey_command = "touch run"\n' });
    await loadSettings({}, context);
    await expect(readFile(join(home, '.config/oai/run'))).rejects.toThrow('ENOENT');
  });
});

describe('no key', () => {
  it('names every way to give one and the sandbox, in one line', async () => {
    const failure = await refused({});
    expect(failure.message).toBe('no key for profile openai: OPENAI_API_KEY is not set');
    expect(failure.hint).toMatch(/^export OPENAI_API_KEY=….*\.env file.*`oai config init`.*--sandbox[^\n]*$/);
  });

  it.each<[string, Case, string, RegExp]>([
    [
      'gemini',
      { env, dotenv, flags: { profile: 'gemini' } },
      'GEMINI_API_KEY is not set',
      /export GEMINI_API_KEY=… or run `oai config init -P gemini`/,
    ],
    [
      'one with a variable',
      { env, dotenv, config: configKeys, flags: { profile: 'variable' } },
      'WORK_KEY is not set',
      /export WORK_KEY/,
    ],
    [
      'one without any place',
      { env, dotenv, config: '[profiles.bare]', flags: { profile: 'bare' } },
      'the config names none',
      /`oai config init -P bare`/,
    ],
  ])('of %s is the fault of no other variable', async (_, options, message, hint) => {
    const failure = await refused(options);
    expect(failure.message).toBe(`no key for profile ${options.flags?.profile}: ${message}`);
    expect(failure.hint).toMatch(hint);
  });
});

describe('a base URL from .env', () => {
  const url = 'OPENAI_BASE_URL=http://127.0.0.1:4010/v1\n';
  const own = { '.config/oai/openai.key': 'secret-file\n' };

  it.each<[string, Case, string]>([
    ['the environment', { env }, 'OPENAI_API_KEY'],
    [
      'a file',
      { files: own, config: '[profiles.openai]\nkey_file = "openai.key"' },
      'key_file ~/.config/oai/openai.key',
    ],
    ['a command', { config: '[profiles.openai]\nkey_command = "touch run"' }, 'key_command (touch)'],
    [
      'a variable of the config',
      { env: { MINE: 'secret' }, config: '[profiles.openai]\nkey_env = "MINE"' },
      'MINE',
    ],
    [
      'the environment, another being allowed',
      { env, config: 'allow_base_urls = ["http://127.0.0.1:4010"]' },
      'OPENAI_API_KEY',
    ],
  ])('does not get a key from %s', async (_, options, place) => {
    const failure = await refused({ dotenv: url, ...options });
    expect(failure.message).toBe(
      `the base URL http://127.0.0.1:4010/v1 is from .env and the key from ${place}: a project's URL does not get your own key`,
    );
    expect(failure.hint).toMatch(
      /^if you trust that server: oai config set allow_base_urls \S*http:\/\/127\.0\.0\.1:4010\/v1$/,
    );
  });

  it.each([
    ['', 'http://127.0.0.1:4010/v1'],
    ['allow_base_urls = ["https://a/v1"]', 'http://127.0.0.1:4010/v1'],
    ['', "https://x/it's,$(odd);/v1"],
  ])('names a command that works when it is pasted: %s %s', async (config, url) => {
    const { context, key } = await keyOf({ dotenv: `OPENAI_BASE_URL="${url}"`, env, config });
    const hint = (await failureOf(key)).hint ?? '';
    const command = hint.slice(hint.indexOf('oai '));
    const printed = execFileSync('/bin/sh', ['-c', `oai() { printf '%s\\n' "$@"; }; ${command}`], {
      encoding: 'utf8',
    });
    expect(await run(printed.trimEnd().split('\n'), context)).toBe(0);
    expect(await (await loadSettings({}, context)).key()).toMatchObject({ value: 'secret-env' });
    await run(['config', 'get', 'allow_base_urls'], context);
    if (config !== '') expect(context.stdout.text).toContain('https://a/v1');
  });

  it('that the settings give without it is no other', async () => {
    for (const options of [
      { dotenv: 'OPENAI_BASE_URL=https://api.openai.com/v1/' },
      {
        dotenv: 'OPENAI_BASE_URL=https://mine/v1',
        config: '[profiles.openai]\nbase_url = "https://mine/v1"',
      },
    ]) {
      expect(await (await keyOf({ env, ...options })).key).toMatchObject({ value: 'secret-env' });
    }
  });

  it('gets the usual variable of .env also where the config names another', async () => {
    const { key } = await keyOf({
      dotenv: `${url}OPENAI_API_KEY=secret-dotenv`,
      env: { MINE: 'secret' },
      config: '[profiles.openai]\nkey_env = "MINE"',
    });
    expect(await key).toEqual({ value: 'secret-dotenv', source: 'OPENAI_API_KEY in .env' });
  });

  it('gets the variable of .env that the config names', async () => {
    const { key } = await keyOf({
      dotenv: `${url}OPENAI_MINE=secret-mine\nOPENAI_API_KEY=secret-dotenv`,
      config: '[profiles.openai]\nkey_env = "OPENAI_MINE"',
    });
    expect(await key).toEqual({ value: 'secret-mine', source: 'OPENAI_MINE in .env' });
  });

  it('gets the key once that line is there', async () => {
    const { key } = await keyOf({
      dotenv: url,
      env,
      config: 'allow_base_urls = ["http://127.0.0.1:4010/v1/"]',
    });
    expect(await key).toEqual({ value: 'secret-env', source: 'OPENAI_API_KEY' });
  });

  it('gets the key that came with it, whatever the environment holds', async () => {
    const { key } = await keyOf({ dotenv: `${url}OPENAI_API_KEY=secret-dotenv`, env });
    expect(await key).toEqual({ value: 'secret-dotenv', source: 'OPENAI_API_KEY in .env' });
  });

  it('without any key, elsewhere, is the missing key', async () => {
    const failure = await refused({ dotenv: 'OPENAI_BASE_URL=https://x/v1' });
    expect(failure.message).toBe('no key for profile openai: OPENAI_API_KEY is not set');
  });
});

describe('a key that no header takes', () => {
  it.each<[string, Case, RegExp]>([
    [
      'a line break at its end',
      { env: { OPENAI_API_KEY: 'secret\n' } },
      /^the key from OPENAI_API_KEY holds a line break$/,
    ],
    [
      'a line break inside',
      { env: { OPENAI_API_KEY: 'sec\nret-secret' } },
      /^the key from OPENAI_API_KEY holds a line break$/,
    ],
    ['a space before', { env: { OPENAI_API_KEY: ' secret' } }, /holds a space$/],
    [
      'a tab inside',
      { dotenv: 'OPENAI_API_KEY="secret\tx"' },
      /^the key from OPENAI_API_KEY in \.env holds a space$/,
    ],
    ['a letter that is not ASCII', { env: { OPENAI_API_KEY: 'secret-é' } }, /not ASCII/],
    ['a control character', { env: { OPENAI_API_KEY: 'secret\u0007' } }, /control character/],
    ['a byte order mark inside', { env: { OPENAI_API_KEY: 'a\ufeffsecret' } }, /holds a (space|character)/],
    ['quotes', { env: { OPENAI_API_KEY: '"secret"' } }, /is in quotes$/],
    [
      'several lines in its file',
      { files: { '.config/oai/openai.key': 'secret\nlogin: me\n' }, config: configKeys },
      /^the key from key_file .* holds a line break$/,
    ],
    ['nothing in its file', { files: { '.config/oai/openai.key': '\n' }, config: configKeys }, /is empty$/],
    [
      'several lines from its command',
      { config: '[profiles.openai]\nkey_command = ["printf", "secret\\nsecret"]' },
      /^the key from key_command \(printf\) holds a line break$/,
    ],
    [
      'nothing from its command',
      { config: '[profiles.openai]\nkey_command = "true"' },
      /^the key from key_command \(true\) is empty$/,
    ],
  ])('is refused without being shown: %s', async (_, options, message) => {
    expect((await refused(options)).message).toMatch(message);
  });
});

describe('key_file', () => {
  it.each([
    [0o644, true],
    [0o640, true],
    [0o600, false],
    [0o400, false],
  ])('of mode %o draws a warning: %s', async (mode, warned) => {
    const { context, home } = await world({ files, config: configKeys });
    await chmod(join(home, '.config/oai/openai.key'), mode);
    expect((await (await loadSettings({}, context)).key())?.value).toBe('secret-file');
    const file = '~/.config/oai/openai.key';
    expect(context.stderr.text).toBe(warned ? `oai: ${file} is open to others; chmod 600 ${file}\n` : '');
  });

  it.each<[string, Record<string, string>, RegExp]>([
    ['missing', {}, /^cannot read key_file ~\/\.config\/oai\/openai\.key: no such file$/],
    ['a directory', { '.config/oai/openai.key/x': '' }, /: it is a directory$/],
    [
      'below a file',
      {
        '.config/oai/openai.key': 'x',
        '.config/oai/config.toml': '[profiles.openai]\nkey_file = "openai.key/x"',
      },
      /: a part of the path is not a directory$/,
    ],
  ])('that is %s is refused', async (_, files, message) => {
    expect(
      (await refused({ config: files['.config/oai/config.toml'] ?? configKeys, files })).message,
    ).toMatch(message);
  });
});

describe('key_command', () => {
  it.each<[string | string[], readonly string[]]>([
    ['pass show openai', ['pass', 'show', 'openai']],
    ['  op  read op://vault/item ', ['op', 'read', 'op://vault/item']],
    [
      ['a b', '$HOME', "it's"],
      ['a b', '$HOME', "it's"],
    ],
    ['pass show openai | head -1', ['/bin/sh', '-c', 'pass show openai | head -1']],
    ['pass "my key"', ['/bin/sh', '-c', 'pass "my key"']],
    ['cat ~/key', ['/bin/sh', '-c', 'cat ~/key']],
    ['echo $KEY', ['/bin/sh', '-c', 'echo $KEY']],
    ['GNUPGHOME=/g pass x', ['/bin/sh', '-c', 'GNUPGHOME=/g pass x']],
    ['op read --account=me x', ['op', 'read', '--account=me', 'x']],
    ['pass\tshow  x\t', ['pass', 'show', 'x']],
  ])('%j runs as %j', (command, words) => {
    expect(programAndArguments(command)).toEqual(words);
  });

  async function keyBy(
    command: string | string[],
    options: Case = {},
  ): Promise<World & { key: Promise<unknown> }> {
    const config = `profile = "a"\n[profiles.a]\nkey_command = ${JSON.stringify(command)}\n`;
    return keyOf({ config, env: { PATH: process.env['PATH'], MINE: 'secret-mine' }, ...options });
  }

  it.each<[string | string[], string]>([
    ['echo secret-plain', 'secret-plain'],
    ['printf "%s\\r\\n" "$MINE"', 'secret-mine'],
    [['printf', '%s', 'secret-$MINE'], 'secret-$MINE'],
    ['cat own.key', 'secret-own'],
  ])('%j gives a key', async (command, value) => {
    const { key } = await keyBy(command, { files: { '.config/oai/own.key': 'secret-own\n' } });
    expect(await key).toMatchObject({ value });
  });

  it('gets no input', async () => {
    const { key } = await keyBy('cat; echo secret', { stdin: 'piped' });
    expect(await key).toMatchObject({ value: 'secret' });
  });

  it.each<[string | string[], RegExp]>([
    ['echo secret; exit 7', /^key_command \(echo\) ended with exit code 7$/],
    ['set -x; echo secret >&2; exit 2', /^key_command \(set\) ended with exit code 2$/],
    ['PASS="hunter secret more" false', /^key_command \(a shell\) ended with exit code 1$/],
    ['A=$(echo secret x) false', /^key_command \(a shell\) ended with exit code 1$/],
    ['A=b sk-proj-secret', /^key_command \(a shell\) ended with exit code 127$/],
    ['A=b C=d/e false', /^key_command \(false\) ended with exit code 1$/],
    [['KEY=secret', 'x'], /^cannot run key_command \(a shell\): there is no such program$/],
    ['/bin/sh/x', /^cannot run key_command \(\/bin\/sh\/x\): a part of the path is not a directory$/],
    [['no-such-program', 'secret'], /^cannot run key_command \(no-such-program\): there is no such program$/],
    ['TOKEN=secret no-such-program', /^key_command \(no-such-program\) ended with exit code 127/],
    ['kill -9 $$', /^key_command \(kill\) was ended by SIGKILL$/],
    ['head -c 100000 /dev/zero', /^key_command \(head\) prints more than a key$/],
  ])('%j fails as auth and shows no output of it', async (command, message) => {
    const { key, context } = await keyBy(command);
    const failure = await failureOf(key);
    expect(failure.kind).toBe('auth');
    expect(failure.message).toMatch(message);
    expect(`${shown(failure)}${context.stderr.text}`).not.toContain('secret');
  });

  it('that fails says how to find out why, unless that was said on the terminal', async () => {
    expect((await failureOf((await keyBy('false')).key)).hint).toMatch(/^run it by hand/);
    const { key } = await keyBy('exit 3 #', { stderr: new CapturedOutput({ isTTY: true }) });
    expect(await failureOf(key)).toMatchObject({
      message: 'key_command (exit) ended with exit code 3',
      hint: undefined,
    });
  });
});
