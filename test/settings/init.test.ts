import { execFileSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/errors.ts';
import type { GlobalOptions } from '../../src/flags/global.ts';
import type { Ask } from '../../src/input/ask.ts';
import { type CheckKey, initialise } from '../../src/settings/init.ts';
import { loadSettings } from '../../src/settings/settings.ts';
import { failureOf, type WorldOptions, world } from './world.ts';

/** Answers in order; each names a part of its question. A question that was not foreseen fails the test. */
type Script = readonly (readonly [question: RegExp, answer: string | boolean])[];

/** A person who follows a script. Answers are checked as the terminal would: a refused one fails the test. */
function person(script: Script): Ask & { readonly left: (readonly [RegExp, string | boolean])[] } {
  const left = [...script];
  const answer = (question: string) => {
    const next = left.shift();
    if (next === undefined) throw new Error(`unexpected question: ${question}`);
    expect(question).toMatch(next[0]);
    return next[1];
  };
  const checked = (question: string, problem: (text: string) => string | undefined) => {
    const text = String(answer(question));
    expect(problem(text)).toBeUndefined();
    return text;
  };
  return {
    left,
    async choose(question, choices) {
      const wanted = answer(question);
      const found = Object.keys(choices).find((value) => value === wanted);
      if (found === undefined) throw new Error(`${String(wanted)} is no answer to ${question}`);
      return found as never;
    },
    pick: () => Promise.reject(new Error('nothing is picked by letters')),
    find: () => Promise.reject(new Error('nothing is searched for')),
    text: async (question, problem) => checked(question, problem),
    edit: async (question, problem) => checked(question, problem),
    secret: async (question, problem) => checked(question, problem),
    confirm: async (question) => answer(question) === true,
  };
}

interface Case extends WorldOptions {
  readonly flags?: GlobalOptions;
  /** Why the server refuses the key, try by try; undefined is a success. */
  readonly refusals?: readonly (Failure | undefined)[];
}

async function init(script: Script, { flags = {}, refusals = [], ...options }: Case = {}) {
  const made = await world(options);
  const ask = person(script);
  const tried: { key: string | undefined; baseUrl: string; organization: string | undefined }[] = [];
  const check: CheckKey = async (settings) => {
    const refusal = refusals[tried.length];
    tried.push({
      key: (await settings.key())?.value,
      baseUrl: settings.baseUrl,
      organization: settings.organization,
    });
    if (refusal !== undefined) throw refusal;
  };
  const written = initialise(flags, made.context, ask, check);
  const config = () => readFile(made.configPath, 'utf8');
  return { ...made, written, tried, ask, config };
}

const refused = new Failure('auth', 'api.openai.com does not accept the key secret-1');

describe('init', () => {
  it('writes the name of a variable', async () => {
    const { written, tried, config, configPath, ask } = await init(
      [
        [/Where does the key for openai \(https:\/\/api\.openai\.com\/v1\) come from\?/, 'variable'],
        [/variable/, 'MY_KEY'],
      ],
      { env: { MY_KEY: 'secret-1', OPENAI_API_KEY: 'secret-2' } },
    );
    expect(await written).toEqual([configPath]);
    expect(tried).toMatchObject([{ key: 'secret-1', baseUrl: 'https://api.openai.com/v1' }]);
    expect(await config()).toBe('[profiles.openai]\nkey_env = "MY_KEY"\n');
    expect(ask.left).toEqual([]);
  });

  it('writes the key to a file of its own, and nowhere else', async () => {
    const { written, tried, config, configPath, home, context } = await init([
      [/come from/, 'file'],
      [/key/i, 'secret-1'],
    ]);
    const keyPath = join(home, '.config/oai/openai.key');
    expect(await written).toEqual([configPath, keyPath]);
    expect(tried).toMatchObject([{ key: 'secret-1' }]);
    expect(await readFile(keyPath, 'utf8')).toBe('secret-1\n');
    expect((await stat(keyPath)).mode & 0o777).toBe(0o600);
    expect((await stat(configPath)).mode & 0o777).toBe(0o600);
    expect((await stat(join(home, '.config/oai'))).mode & 0o777).toBe(0o700);
    expect(await config()).toBe('[profiles.openai]\nkey_file = "openai.key"\n');
    expect(context.stdout.text + context.stderr.text).toBe('');
    expect(await (await loadSettings({}, context)).key()).toMatchObject({ value: 'secret-1' });
  });

  it('writes a command, and keeps what else is there', async () => {
    const { written, tried, config } = await init(
      [
        [/come from/, 'command'],
        [/command/, 'echo secret-1'],
      ],
      {
        config:
          '# mine\nretries = 1 # few\n\n[profiles.openai]\nkey_file = "old.key"\norganization = "org-1" # ours\n',
      },
    );
    await written;
    expect(tried).toEqual([{ key: 'secret-1', baseUrl: 'https://api.openai.com/v1', organization: 'org-1' }]);
    expect(await config()).toBe(
      '# mine\nretries = 1 # few\n\n[profiles.openai]\norganization = "org-1" # ours\nkey_command = "echo secret-1"\n',
    );
  });

  it('sets up the profile that is named, with its URL, and offers it as the usual one', async () => {
    const { written, tried, config } = await init(
      [
        [/key for azure \(https:\/\/me\.openai\.azure\.com\/openai\/v1\)/, 'variable'],
        [/variable/, 'AZURE_OPENAI_API_KEY'],
        [/Use azure whenever/, true],
      ],
      {
        flags: { profile: 'azure', baseUrl: 'https://me.openai.azure.com/openai/v1/' },
        env: { AZURE_OPENAI_API_KEY: 'secret-1' },
      },
    );
    await written;
    expect(tried).toMatchObject([{ key: 'secret-1', baseUrl: 'https://me.openai.azure.com/openai/v1' }]);
    expect(await config()).toBe(
      'profile = "azure"\n\n[profiles.azure]\nkey_env = "AZURE_OPENAI_API_KEY"\nbase_url = "https://me.openai.azure.com/openai/v1"\n',
    );
  });

  it('leaves the usual profile, if that is wanted', async () => {
    const { written, config } = await init(
      [
        [/come from/, 'variable'],
        [/variable/, 'GROQ_API_KEY'],
        [/Use groq whenever/, false],
      ],
      { flags: { profile: 'groq' }, env: { GROQ_API_KEY: 'secret-1' } },
    );
    await written;
    expect(await config()).toBe('[profiles.groq]\nkey_env = "GROQ_API_KEY"\n');
  });

  it('has no part of the .env of a project', async () => {
    const { written, tried } = await init(
      [
        [/key for openai \(https:\/\/api\.openai\.com\/v1\)/, 'file'],
        [/key/i, 'secret-1'],
      ],
      { dotenv: 'OPENAI_BASE_URL=https://evil.example/v1\nOPENAI_API_KEY=secret-2\nOPENAI_ORG_ID=org\n' },
    );
    await written;
    expect(tried).toEqual([
      { key: 'secret-1', baseUrl: 'https://api.openai.com/v1', organization: undefined },
    ]);
  });

  it('warns that the usual variable goes before a file', async () => {
    const { written, context } = await init(
      [
        [/come from/, 'file'],
        [/key/i, 'secret-1'],
      ],
      { env: { OPENAI_API_KEY: 'secret-2' } },
    );
    await written;
    expect(context.stderr.text).toMatch(/^oai: OPENAI_API_KEY is set in the environment and goes before/);
    expect(context.stderr.text).not.toContain('secret');
  });
});

describe('a key that does not work', () => {
  it('is said without the key, and asked for again', async () => {
    const { written, tried, home, config } = await init(
      [
        [/come from/, 'file'],
        [/key/i, 'secret-1'],
        [/^api\.openai\.com does not accept the key \[key\]\. What now\?$/, 'again'],
        [/come from/, 'file'],
        [/key/i, 'secret-2'],
      ],
      { refusals: [refused] },
    );
    await written;
    expect(tried.map(({ key }) => key)).toEqual(['secret-1', 'secret-2']);
    expect(await readFile(join(home, '.config/oai/openai.key'), 'utf8')).toBe('secret-2\n');
    expect(await config()).toContain('key_file');
  });

  it('is written all the same, if that is wanted', async () => {
    const { written, home } = await init(
      [
        [/come from/, 'file'],
        [/key/i, 'secret-1'],
        [/What now/, 'anyway'],
      ],
      { refusals: [refused] },
    );
    await written;
    expect(await readFile(join(home, '.config/oai/openai.key'), 'utf8')).toBe('secret-1\n');
  });

  it('is not written otherwise, and fails as it failed', async () => {
    const { written, home } = await init(
      [
        [/come from/, 'file'],
        [/key/i, 'secret-1'],
        [/What now/, 'stop'],
      ],
      { refusals: [refused] },
    );
    expect(await failureOf(written)).toBe(refused);
    expect(await readdir(home)).toEqual([]);
  });

  it.each<[string, Script, RegExp]>([
    [
      'a variable that is not set',
      [
        [/from/, 'variable'],
        [/variable/, 'NOT_SET'],
        [/NOT_SET is not set.*What now/, 'stop'],
      ],
      /^no key for profile openai: NOT_SET is not set$/,
    ],
    [
      'a command that fails',
      [
        [/from/, 'command'],
        [/command/, 'false'],
        [/exit code 1.*What now/, 'stop'],
      ],
      /exit code 1$/,
    ],
    [
      'a command that prints two lines',
      [
        [/from/, 'command'],
        [/command/, 'printf "secret\\nsecret"'],
        [/holds a line break/, 'stop'],
      ],
      /holds a line break$/,
    ],
  ])('is not sent: %s', async (_, script, message) => {
    const { written, tried } = await init(script, { env: { PATH: process.env['PATH'] } });
    expect((await failureOf(written)).message).toMatch(message);
    expect(tried).toEqual([]);
  });

  it('is a bug when the check breaks, and not a question', async () => {
    const { context } = await world();
    const ask = person([
      [/come from/, 'file'],
      [/key/i, 'secret-1'],
    ]);
    const broken = () => Promise.reject(new TypeError('broken'));
    await expect(initialise({}, context, ask, broken)).rejects.toThrow(TypeError);
  });
});

it('a key for a server on this machine is tried as any other', async () => {
  const { written, tried } = await init(
    [
      [/come from/, 'variable'],
      [/variable/, 'NOT_SET'],
      [/NOT_SET is not set.*What now/, 'stop'],
    ],
    { flags: { baseUrl: 'http://localhost:9/v1' } },
  );
  expect((await failureOf(written)).message).toMatch(/NOT_SET is not set$/);
  expect(tried).toEqual([]);
});

it('of a config with unknown settings it says so once', async () => {
  const { written, context } = await init(
    [
      [/come from/, 'variable'],
      [/variable/, 'MINE'],
    ],
    { config: 'modle = "x"\n', env: { MINE: 'secret-1' } },
  );
  await written;
  expect(context.stderr.text.match(/modle/g)).toHaveLength(1);
});

describe('init refuses', () => {
  it.each([
    ['variable', 'sk-proj-secret', 'it takes the name of an environment variable, not the key itself'],
    ['variable', 'abcdef12'.repeat(4), 'it takes the name of an environment variable, not the key itself'],
    ['variable', 'MY KEY', 'it takes the name of an environment variable, not the key itself'],
    ['variable', '', 'it takes the name of an environment variable'],
    ['command', 'sk-proj-secret', 'it takes a command that prints the key, not the key itself'],
    ['command', ' ', 'it takes a command line or a list of its words'],
    ['command', 'pass show openai', undefined],
  ])('as a %s %j: %s', async (kind, text, expected) => {
    const { context } = await world();
    let problem: string | undefined;
    const ask: Ask = {
      ...person([[/come from/, kind]]),
      text: async (_, check) => {
        problem = check(text);
        throw new Failure('usage', 'enough');
      },
    };
    await failureOf(initialise({}, context, ask, () => expect.fail('not to be tried')));
    expect(problem).toBe(expected);
  });

  it('to write the key into what is no file', async () => {
    const made = await world({ files: { '.config/oai/other': '' } });
    execFileSync('mkfifo', [join(made.home, '.config/oai/openai.key')]);
    const ask = person([
      [/come from/, 'file'],
      [/key/i, 'secret-1'],
    ]);
    const failure = await failureOf(initialise({}, made.context, ask, async () => {}));
    expect(failure.message).toBe('~/.config/oai/openai.key is no regular file');
  });

  it.each<[string, Case, RegExp]>([
    ['the sandbox', { flags: { sandbox: true } }, /^profile sandbox needs no key$/],
    ['a server that needs no key', { flags: { profile: 'ollama' } }, /^profile ollama needs no key$/],
    [
      'an unknown profile',
      { flags: { profile: 'opnai' } },
      /there is no profile opnai; did you mean openai\?/,
    ],
    ['to write nowhere', { home: undefined }, /^there is no home directory for config\.toml$/],
    ['a broken config', { config: 'a =' }, /line 1, column 4/],
  ])('%s before it asks', async (_, options, message) => {
    const failure = await failureOf((await init([], options)).written);
    expect(failure.kind).toBe('usage');
    expect(failure.message).toMatch(message);
  });

  it('to replace a key file that is not to be replaced', async () => {
    const { written, home } = await init(
      [
        [/come from/, 'file'],
        [/key/i, 'secret-1'],
        [/^~\/\.config\/oai\/openai\.key exists\. Replace it\?$/, false],
      ],
      { files: { '.config/oai/openai.key': 'secret-0\n' } },
    );
    expect((await failureOf(written)).message).toMatch(/exists; nothing was written$/);
    expect(await readdir(join(home, '.config/oai'))).toEqual(['openai.key']);
    expect(await readFile(join(home, '.config/oai/openai.key'), 'utf8')).toBe('secret-0\n');
  });

  it.each(['', 'two words', 'line\nbreak', 'ключ', '"quoted"'])('a typed key such as %j', async (key) => {
    const { context } = await world();
    let problem: string | undefined;
    const ask: Ask = {
      ...person([[/come from/, 'file']]),
      secret: async (_, check) => {
        problem = check(key);
        throw new Failure('usage', 'enough');
      },
    };
    await failureOf(initialise({}, context, ask, () => expect.fail('not to be tried')));
    expect(problem).toMatch(/^it (is|holds) /);
  });
});
