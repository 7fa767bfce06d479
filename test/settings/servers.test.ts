import { describe, expect, it } from 'vitest';
import type { GlobalOptions } from '../../src/flags/global.ts';
import { loadSettings, type Settings } from '../../src/settings/settings.ts';
import { chatChunks, eventStream, stubApi } from '../support/api.ts';
import { oai } from '../support/oai.ts';
import { world } from './world.ts';

type Traits = Pick<Settings, 'maxTokensField' | 'streamUsage' | 'takesImageUrls'>;

const traits = (
  maxTokensField: Traits['maxTokensField'],
  streamUsage: boolean,
  takesImageUrls: boolean,
): Traits => ({ maxTokensField, streamUsage, takesImageUrls });

const OPENAI = traits('max_completion_tokens', true, true);
const LOCAL = traits('max_tokens', true, false);
const UNKNOWN = traits('max_tokens', false, false);

const AZURE = { AZURE_OPENAI_ENDPOINT: 'https://me.openai.azure.com' };

async function load(
  flags: GlobalOptions,
  { config, env = {} }: { config?: string; env?: Record<string, string> } = {},
): Promise<Settings> {
  return loadSettings(flags, (await world({ config, env })).context);
}

describe('what a server takes is known', () => {
  it.each<[string, Record<string, string>, Traits]>([
    ['openai', {}, OPENAI],
    ['azure', AZURE, OPENAI],
    ['openrouter', {}, OPENAI],
    ['groq', {}, OPENAI],
    ['gemini', {}, LOCAL],
    ['ollama', {}, LOCAL],
    ['ollama', { OLLAMA_HOST: 'gpu.example' }, LOCAL],
    ['lmstudio', {}, LOCAL],
    ['sandbox', {}, OPENAI],
  ])('by the profile %s %j', async (profile, env, expected) => {
    expect(await load({ profile }, { env })).toMatchObject(expected);
  });

  it.each<[string, GlobalOptions, Traits]>([
    ['OpenAI', { baseUrl: 'https://eu.api.openai.com/v1', profile: 'ollama' }, OPENAI],
    ['Groq', { baseUrl: 'https://api.groq.com/openai/v1' }, OPENAI],
    ['OpenRouter', { baseUrl: 'https://openrouter.ai/api/v1' }, OPENAI],
    ['OpenRouter in Europe', { baseUrl: 'https://eu.openrouter.ai/api/v1' }, OPENAI],
    ['Gemini', { baseUrl: 'https://generativelanguage.googleapis.com/v1beta/openai' }, LOCAL],
    ['nobody', { baseUrl: 'http://localhost:8000/v1' }, UNKNOWN],
    ['one that poses as OpenRouter', { baseUrl: 'https://openrouter.ai.evil.example/v1' }, UNKNOWN],
    ['a word of JavaScript', { baseUrl: 'https://constructor/v1' }, UNKNOWN],
    ['a proxy of a profile', { baseUrl: 'https://proxy.example/v1', profile: 'groq' }, OPENAI],
  ])('by its host: %s', async (_, flags, expected) => {
    expect(await load(flags)).toMatchObject(expected);
  });

  it('by the host where OPENAI_BASE_URL leads elsewhere', async () => {
    expect(await load({}, { env: { OPENAI_BASE_URL: 'http://localhost:11434/v1' } })).toMatchObject(UNKNOWN);
  });

  it('by the config before all, for a built-in profile and for one of its own', async () => {
    const own = 'max_tokens_field = "max_completion_tokens"\nstream_usage = true\nimage_urls = true\n';
    const config = `[profiles.work]\nbase_url = "https://w.example/v1"\n${own}[profiles.groq]\nstream_usage = false\nimage_urls = false\n`;
    expect(await load({ profile: 'work' }, { config })).toMatchObject(OPENAI);
    expect(await load({ profile: 'groq' }, { config })).toMatchObject(
      traits('max_completion_tokens', false, false),
    );
  });

  it('whatever the config says of the sandbox', async () => {
    const config = '[profiles.sandbox]\nmax_tokens_field = "max_tokens"\nstream_usage = false\n';
    expect(await load({ sandbox: true }, { config })).toMatchObject(OPENAI);
  });
});

it.each(['stream_usage', 'image_urls'])('%s is true or false', async (setting) => {
  const config = `[profiles.work]\n${setting} = "yes"\n`;
  await expect(load({}, { config })).rejects.toMatchObject({
    kind: 'usage',
    message: `~/.config/oai/config.toml: profiles.work.${setting} takes true or false, not "yes"`,
  });
});

describe('a question', () => {
  const limit = (field: string) => ({ [field]: 9, reasoning_effort: 'none' });

  it.each<[string, string, Record<string, string>, string, string | null, object]>([
    [
      'gemini',
      'gemini-2.5-flash',
      { GEMINI_API_KEY: 'g-key' },
      'https://generativelanguage.googleapis.com/v1beta/openai/chat/completions',
      'Bearer g-key',
      limit('max_tokens'),
    ],
    [
      'azure',
      'my-deployment',
      { ...AZURE, AZURE_OPENAI_API_KEY: 'a-key' },
      'https://me.openai.azure.com/openai/v1/chat/completions',
      'Bearer a-key',
      limit('max_completion_tokens'),
    ],
    [
      'openrouter',
      'openai/gpt-6-luna',
      { OPENROUTER_API_KEY: 'o-key' },
      'https://openrouter.ai/api/v1/chat/completions',
      'Bearer o-key',
      limit('max_completion_tokens'),
    ],
    [
      'groq',
      'qwen/qwen3.6-27b',
      { GROQ_API_KEY: 'q-key' },
      'https://api.groq.com/openai/v1/chat/completions',
      'Bearer q-key',
      limit('max_completion_tokens'),
    ],
    ['ollama', 'qwen3:8b', {}, 'http://localhost:11434/v1/chat/completions', null, limit('max_tokens')],
    ['lmstudio', 'qwen3', {}, 'http://localhost:1234/v1/chat/completions', null, limit('max_tokens')],
  ])('to %s is put as that server takes it', async (profile, model, env, url, authorization, fields) => {
    const api = stubApi(eventStream(chatChunks('ok')));
    const argv = [
      'chat',
      '-P',
      profile,
      '-m',
      model,
      '--max-tokens',
      '9',
      '--reasoning-effort',
      'none',
      '--usage',
      'hi',
    ];
    // The key of OpenAI goes to none of them.
    const { code, stdout } = await oai(argv, { env: { OPENAI_API_KEY: 'sk-own', ...env }, fetch: api.fetch });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok\n' });
    const [request] = api.requests;
    expect(request?.url).toBe(url);
    expect(request?.headers.get('authorization')).toBe(authorization);
    expect(await request?.json()).toMatchObject({
      model,
      messages: [{ role: 'user', content: 'hi' }],
      stream: true,
      stream_options: { include_usage: true },
      ...fields,
    });
  });
});

it('a question to a server that is not known has nothing that a strict one would refuse', async () => {
  const api = stubApi(eventStream(chatChunks('ok')));
  const argv = [
    'chat',
    '--base-url',
    'http://localhost:9/v1',
    '-m',
    'm',
    '--max-tokens',
    '9',
    '--usage',
    'hi',
  ];
  expect((await oai(argv, { env: {}, fetch: api.fetch })).code).toBe(0);
  expect(await api.requests[0]?.json()).toEqual({
    model: 'm',
    messages: [{ role: 'user', content: 'hi' }],
    max_tokens: 9,
    stream: true,
  });
});
