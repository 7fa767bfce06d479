import { chmod, mkdir, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/doctor/finding.ts';
import {
  chatChunk,
  chatChunks,
  connectionError,
  errorAnswer,
  eventStream,
  jsonAnswer,
  stubApi,
} from '../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';
import { checkRequest, openapi } from '../support/openapi.ts';

const KEY = 'sk-test-0123456789';
const NOW = Date.parse('2026-11-21T12:00:00Z');

/** The models that this program uses. */
const IN_USE = [
  'gpt-6-luna',
  'gpt-image-2.5-sunburst',
  'gpt-4o-mini-tts',
  'gpt-transcribe',
  'whisper-1',
  'gpt-4o-transcribe-diarize',
  'text-embedding-3-small',
  'omni-moderation-latest',
  'gpt-realtime-2.1-mini',
];

const FACTS = { date: new Date(NOW).toUTCString(), 'openai-organization': 'acme' };

function modelList(names: readonly string[] = IN_USE, headers: Record<string, string> = FACTS): Response {
  const data = names.map((id) => ({ id, object: 'model', created: 1, owned_by: 'openai' }));
  return jsonAnswer({ object: 'list', data }, 200, headers);
}

const greeting = () =>
  eventStream([
    ...chatChunks('Hi', '!'),
    { ...chatChunk({}), choices: [], usage: { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 } },
  ]);

interface Report {
  readonly ok: boolean;
  readonly broken: readonly string[];
  readonly warnings: readonly string[];
  readonly checks: readonly {
    readonly check: string;
    readonly status: string;
    readonly message: string;
    readonly advice: string | null;
    readonly details: Record<string, unknown>;
  }[];
}

interface Examined extends Run {
  readonly report: Report;
  /** The findings of a check. */
  of(check: string): Report['checks'];
}

/** Runs `oai doctor --json` with an empty home and an empty working directory. */
async function doctor(words: readonly string[] = [], options: FakeContextOptions = {}): Promise<Examined> {
  const home = await temporaryFolder();
  const ran = await oai(['doctor', '--json', ...words], { home, cwd: await temporaryFolder(), ...options });
  const report: Report = JSON.parse(ran.stdout);
  expect(ran.stdout + ran.stderr).not.toContain(KEY);
  expect(ran.code).toBe(report.broken.length === 0 ? 0 : 11);
  expect([...new Set(report.checks.map(({ check }) => check))].sort()).toEqual([...CHECKS].sort());
  for (const { status, advice } of report.checks) {
    if (status === 'broken' || status === 'warning') expect(advice).toMatch(/\w/);
    else expect(advice).toBeNull();
  }
  return { ...ran, report, of: (check) => report.checks.filter((one) => one.check === check) };
}

/** A network that works. */
const network = () => ({ fetch: stubApi(modelList(), greeting()).fetch });

async function homeWith(config: string, mode = 0o600): Promise<string> {
  const home = await temporaryFolder();
  const path = join(home, '.config', 'oai', 'config.toml');
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, config, { mode });
  await chmod(path, mode);
  return home;
}

describe('oai doctor, where all is well', () => {
  it('says what it found, and ends with 0', async () => {
    const api = stubApi(modelList(), greeting());
    const { code, report, stderr, of } = await doctor([], { fetch: api.fetch });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(report).toMatchObject({ ok: true, broken: [], warnings: [] });
    expect(of('key')).toMatchObject([{ status: 'ok', details: { source: 'OPENAI_API_KEY' } }]);
    expect(of('access')[0]?.message).toBe('the key from OPENAI_API_KEY is accepted: 9 models');
    expect(of('organization')).toMatchObject([{ details: { organization: 'acme' } }]);
    expect(of('clock')).toMatchObject([{ status: 'ok', details: { skew_ms: 0 } }]);
    expect(of('latency')).toMatchObject([
      { details: { model: 'gpt-6-luna', first_token_ms: 0, tokens: 11 } },
    ]);
    expect(of('models')[0]?.message).toBe(
      'the 9 in use are there; the first to end is gpt-4o-mini-tts (for speak), on 2027-01-06',
    );
  });

  it('makes two requests: a list, and a question that costs little', async () => {
    const api = stubApi(modelList(), greeting());
    await doctor([], { fetch: api.fetch });
    const [list, question] = api.requests;
    expect([list?.method, list?.url]).toEqual(['GET', 'https://api.openai.com/v1/models']);
    const body = await question?.json();
    expect(body).toMatchObject({ model: 'gpt-6-luna', max_completion_tokens: 16, reasoning_effort: 'none' });
    if (openapi !== undefined) checkRequest('POST', '/chat/completions', body);
  });

  it('is a list for people, with marks on a terminal and words elsewhere', async () => {
    const home = await temporaryFolder();
    const plain = await oai(['doctor', '--offline'], { home });
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/^ok {6}key {11}it comes from OPENAI_API_KEY$/m);
    expect(plain.stdout).toMatch(/^skipped server {8}nothing is sent with --offline$/m);
    const stdout = new CapturedOutput({ isTTY: true, color: true });
    const shown = await oai(['doctor', '--offline'], { home, stdout, env: {} });
    expect(shown.code).toBe(11);
    expect(shown.stdout).toContain('\u001b[31m✗\u001b[39m key');
    expect(shown.stdout).toMatch(/\n {16}export OPENAI_API_KEY=…/);
    expect(shown.stderr).toBe('oai: broken: key\n');
  });

  it('writes nothing into the home', async () => {
    const home = await temporaryFolder();
    await doctor([], { home, ...network() });
    expect(await readdir(home)).toEqual([]);
  });

  it('asks no question with --no-question, and sends nothing with --offline', async () => {
    const { of } = await doctor(['--no-question'], { fetch: stubApi(modelList()).fetch });
    expect(of('latency')).toMatchObject([{ status: 'skipped' }]);
    const offline = await doctor(['--offline'], { fetch: stubApi().fetch });
    expect(offline.report.ok).toBe(true);
    expect(offline.of('models')).toMatchObject([{ status: 'ok' }]);
  });

  it('knows the sandbox', async () => {
    const { report, of } = await doctor(['--sandbox'], { env: {} });
    expect(report.ok).toBe(true);
    expect(of('organization')).toMatchObject([{ details: { organization: 'sandbox' } }]);
    expect(of('latency')).toMatchObject([{ status: 'ok' }]);
  });

  it('asks a server on this machine, which needs no key and has no models of its own', async () => {
    const api = stubApi(jsonAnswer({ object: 'list', data: [{ id: 'llama' }] }));
    const { report, of } = await doctor(['-P', 'ollama'], { fetch: api.fetch, env: {} });
    expect(report.ok).toBe(true);
    expect(api.requests[0]?.headers.get('authorization')).toBeNull();
    expect(of('latency')).toMatchObject([{ status: 'skipped' }]);
    // `oai doctor` itself takes no model.
    for (const check of ['models', 'latency'] as const) {
      expect(of(check)[0]?.message).toContain('`oai config set models.chat NAME` sets one');
    }
  });
});

describe('oai doctor and the key', () => {
  it('looks at the rest where there is none', async () => {
    const refusal = errorAnswer(401, { message: 'no key' }, FACTS);
    const { report, of, stderr } = await doctor([], { env: {}, fetch: stubApi(refusal).fetch });
    expect(report.broken).toEqual(['key']);
    expect(of('key')[0]).toMatchObject({ message: 'no key for profile openai: OPENAI_API_KEY is not set' });
    expect(of('server')).toMatchObject([{ status: 'ok' }]);
    expect(of('clock')).toMatchObject([{ status: 'ok' }]);
    expect(of('access')).toMatchObject([{ status: 'skipped' }]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { exitCode: 11, message: 'broken: key' } });
  });

  it('says that a wrong one is refused', async () => {
    const refusal = errorAnswer(
      401,
      { message: `Incorrect API key: ${KEY}`, code: 'invalid_api_key' },
      FACTS,
    );
    const { report, of } = await doctor([], { fetch: stubApi(refusal).fetch });
    expect(report.broken).toEqual(['access']);
    expect(of('access')[0]).toMatchObject({
      message: 'Incorrect API key: [key]',
      advice: 'the key came from OPENAI_API_KEY; `oai config init` sets up another',
      details: { status: 401, code: 'invalid_api_key', request_id: 'req_stub' },
    });
    expect(of('latency')).toMatchObject([{ status: 'skipped' }]);
  });

  it.each([
    ['a space', ` ${KEY}`, 'holds a space'],
    ['quotes', `"${KEY}"`, 'is in quotes'],
    ['a line break', `${KEY}\n`, 'holds a line break'],
  ])('says that it has %s', async (_, key, problem) => {
    const env = { OPENAI_API_KEY: key };
    const { report, of } = await doctor([], {
      env,
      fetch: stubApi(errorAnswer(401, { message: 'x' })).fetch,
    });
    expect(report.broken).toEqual(['key']);
    expect(of('key')[0]?.message).toBe(`the key from OPENAI_API_KEY ${problem}`);
    expect(of('key')[0]?.advice).toContain('check for a line break, space or quote');
  });

  it('warns of a file that others can read', async () => {
    const home = await homeWith('[profiles.openai]\nkey_file = "openai.key"\n');
    const file = join(home, '.config', 'oai', 'openai.key');
    await writeFile(file, `${KEY}\n`);
    await chmod(file, 0o644);
    const { report, of } = await doctor([], { home, env: {}, ...network() });
    expect(report).toMatchObject({ ok: true, warnings: ['key'] });
    expect(of('key')[1]).toMatchObject({
      message: '~/.config/oai/openai.key is open to others',
      advice: 'chmod 600 ~/.config/oai/openai.key',
    });
  });

  it('says that one goes before another', async () => {
    const home = await homeWith('[profiles.openai]\nkey_command = "pass show openai"\n');
    const { of } = await doctor([], { home, ...network() });
    expect(of('key')[0]?.message).toBe('it comes from OPENAI_API_KEY, which goes before key_command (pass)');
  });

  it('runs no key_command with --offline', async () => {
    const home = await homeWith('[profiles.openai]\nkey_command = "touch ran"\n');
    const { of } = await doctor(['--offline'], { home, env: {} });
    expect(of('key')).toMatchObject([{ status: 'skipped' }]);
    expect(await readdir(join(home, '.config', 'oai'))).toEqual(['config.toml']);
  });

  it('does not go to a base URL of .env', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, '.env'), 'OPENAI_BASE_URL=https://project.test/v1\n');
    const api = stubApi(errorAnswer(401, { message: 'no' }));
    const { report, of } = await doctor([], { cwd, fetch: api.fetch });
    expect(report.broken).toEqual(['key']);
    expect(of('key')[0]?.advice).toContain('allow_base_urls https://project.test/v1');
    expect(of('config')[0]?.message).toContain('.env here sets OPENAI_BASE_URL');
    expect(api.requests[0]?.headers.get('authorization')).toBeNull();
  });

  it('is known to come with --header', async () => {
    const api = stubApi(modelList(), greeting());
    const { of } = await doctor(['--header', `Authorization: Bearer ${KEY}`], { env: {}, fetch: api.fetch });
    expect(of('key')).toMatchObject([{ status: 'ok', details: { source: '--header' } }]);
    expect(of('access')[0]?.message).toContain('the key from --header is accepted');
  });
});

describe('oai doctor and the network', () => {
  it.each([
    ['ENOTFOUND', 'there is no host named api.openai.com'],
    ['ENETUNREACH', 'the network cannot be reached'],
    ['ECONNREFUSED', 'nothing listens at api.openai.com'],
  ])('says what %s means, and looks at the rest', async (code, message) => {
    const { report, of } = await doctor([], { fetch: stubApi(connectionError(code)).fetch });
    expect(report.broken).toEqual(['server']);
    expect(of('server')[0]).toMatchObject({ message });
    expect(of('server')[0]?.advice).toContain('is this machine online');
    expect(of('models')).toMatchObject([{ status: 'ok' }]);
    expect(of('storage')).toMatchObject([{ status: 'ok' }]);
  });

  it('tells a captive portal from an API', async () => {
    const portal = new Response('<html>sign in</html>', { headers: { 'content-type': 'text/html' } });
    const { report, of } = await doctor([], { fetch: stubApi(portal).fetch });
    expect(report.broken).toEqual(['server']);
    expect(of('server')[0]?.message).toContain('answered with a web page');
    expect(of('server')[0]?.advice).toContain('is this network asking to sign in');
  });

  it.each([
    ['an answer that is something else', () => jsonAnswer({ hello: 1 }), 'not with a list of models'],
    [
      'JSON that breaks off',
      () => new Response('{"da', { headers: { 'content-type': 'application/json' } }),
      'garbled',
    ],
    ['a server that is down', () => errorAnswer(503, { message: 'overloaded' }), 'overloaded'],
  ])('tells of %s', async (_, answer, message) => {
    const { report, of } = await doctor([], { fetch: stubApi(answer()).fetch });
    expect(report.broken).toEqual(['server']);
    expect(of('server')[0]?.message).toContain(message);
  });

  it('says that a certificate is not trusted, and that the server was not reached', async () => {
    const error = connectionError('DEPTH_ZERO_SELF_SIGNED_CERT');
    const { report, of } = await doctor([], { fetch: stubApi(error).fetch });
    expect(report.broken).toEqual(['tls']);
    expect(of('tls')[0]?.advice).toContain('NODE_EXTRA_CA_CERTS');
    expect(of('server')).toMatchObject([{ status: 'skipped' }]);
  });

  it('doubts the clock where a certificate seems to have ended', async () => {
    const { of } = await doctor([], { fetch: stubApi(connectionError('CERT_HAS_EXPIRED')).fetch });
    expect(of('tls')[0]?.advice).toBe('is the clock of this machine right? It says 2026-11-21T12:00 UTC');
  });

  it.each([
    [
      'no URL',
      { HTTPS_PROXY: 'proxy.corp' },
      'broken',
      'the proxy in HTTPS_PROXY is no http:// or https:// URL',
    ],
    [
      'one with a password',
      { https_proxy: 'http://me:secret@proxy.corp:3128' },
      'ok',
      'api.openai.com is reached through proxy.corp:3128 (https_proxy)',
    ],
    [
      'passed by',
      { HTTPS_PROXY: 'http://proxy.corp', NO_PROXY: '.openai.com' },
      'ok',
      'NO_PROXY names api.openai.com: it is reached without that of HTTPS_PROXY',
    ],
  ])('knows of a proxy that is %s', async (_, env, status, message) => {
    const { of, stdout } = await doctor(['--offline'], { env: { OPENAI_API_KEY: KEY, ...env } });
    expect(of('proxy')).toMatchObject([{ status, message }]);
    expect(stdout).not.toContain('secret');
  });

  it('makes no request where the proxy cannot be meant', async () => {
    const env = { OPENAI_API_KEY: KEY, HTTPS_PROXY: 'proxy.corp' };
    const { report, of } = await doctor([], { env, fetch: stubApi().fetch });
    expect(report.broken).toEqual(['proxy']);
    expect(of('server')).toMatchObject([{ status: 'skipped' }]);
  });

  it('warns where nobody checks certificates, or those to be trusted are not there', async () => {
    const env = { OPENAI_API_KEY: KEY, NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_EXTRA_CA_CERTS: '/no/ca.pem' };
    const { of } = await doctor(['--offline'], { env });
    expect(of('tls').map(({ status }) => status)).toEqual(['warning', 'warning']);
    expect(of('tls')[1]?.message).toBe('NODE_EXTRA_CA_CERTS names no file: /no/ca.pem');
  });

  it('warns of a key that travels in the open', async () => {
    const { of } = await doctor(['--base-url', 'http://api.test/v1', '--no-question'], {
      fetch: stubApi(modelList()).fetch,
    });
    expect(of('tls')).toMatchObject([{ status: 'warning' }]);
  });

  it.each([
    [3_600_000, 'broken', 'this machine is 1 hour ahead of the server'],
    [-3_600_000, 'broken', 'this machine is 1 hour behind the server'],
    [-90_000, 'warning', 'this machine is 2 minutes behind the server'],
    [20_000, 'ok', 'as the server has it'],
  ])('compares the clocks: off by %i ms', async (skew, status, message) => {
    const clock = new FakeClock({ now: NOW + skew });
    const { of } = await doctor([], { ...network(), clock });
    expect(of('clock')).toMatchObject([{ status, message, details: { skew_ms: skew } }]);
  });

  it('takes no time from a server that says none, or says nonsense', async () => {
    for (const date of ['', 'yesterday']) {
      const api = stubApi(modelList(IN_USE, date === '' ? {} : { date }), greeting());
      expect((await doctor([], { fetch: api.fetch })).of('clock')).toMatchObject([{ status: 'skipped' }]);
    }
  });

  it('makes what a server says inert', async () => {
    const organization = 'ac\u001b[31mme'.replace('\u001b', '\u009b');
    const api = stubApi(
      errorAnswer(
        404,
        { message: 'gone \u001b]0;title\u0007\nnext' },
        { ...FACTS, 'openai-organization': organization },
      ),
    );
    const { stdout } = await oai(['doctor'], {
      fetch: api.fetch,
      stdout: new CapturedOutput({ isTTY: true }),
    });
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
    expect(stdout).toContain('gone ␛]0;title␇ next');
  });
});

describe('oai doctor and secrets', () => {
  it('shows no key that a server says after it, whatever field that is in', async () => {
    const refusal = errorAnswer(401, { message: KEY, code: `x${KEY}` }, { ...FACTS, 'x-request-id': KEY });
    const { of } = await doctor(['--no-question'], { fetch: stubApi(refusal).fetch });
    expect(of('access')[0]?.details).toEqual({ status: 401, code: 'x[key]', request_id: '[key]' });
    const named = { ...FACTS, 'openai-organization': KEY, 'openai-project': KEY };
    const list = await doctor(['--no-question'], {
      fetch: stubApi(modelList([...IN_USE, KEY], named)).fetch,
    });
    expect(list.of('organization')[0]?.details).toMatchObject({ organization: '[key]', project: '[key]' });
  });
});

describe('oai doctor and a cassette', () => {
  it('says that its requests could not be recorded', async () => {
    const home = await temporaryFolder();
    const cwd = await temporaryFolder();
    const fetch: typeof globalThis.fetch = async () => {
      // Gone since it was looked at.
      await writeFile(join(cwd, 'tapes'), '');
      return modelList();
    };
    const ran = await oai(['doctor', '--no-question', '--record', 'tapes'], { home, cwd, fetch });
    expect(ran).toMatchObject({ code: 8, stderr: expect.stringContaining('cannot record into tapes') });
  });
});

describe('oai doctor and what a key may do', () => {
  it('takes a list that is forbidden for a warning, and asks its question', async () => {
    const refusal = errorAnswer(403, { message: 'Missing scopes: api.model.read' }, FACTS);
    const { report, of } = await doctor([], { fetch: stubApi(refusal, greeting()).fetch });
    expect(report).toMatchObject({ ok: true, warnings: ['access'] });
    expect(of('latency')).toMatchObject([{ status: 'ok' }]);
  });

  it('says that the account is out of credit', async () => {
    const quota = errorAnswer(429, { message: 'You exceeded your quota', code: 'insufficient_quota' });
    const { report, of } = await doctor([], { fetch: stubApi(modelList(), quota).fetch });
    expect(report.broken).toEqual(['latency']);
    expect(of('latency')[0]?.advice).toContain('out of credit');
  });

  it('takes one request too many for a warning', async () => {
    const limit = errorAnswer(429, { message: 'slow down', code: 'rate_limit_exceeded' });
    const { report } = await doctor([], { fetch: stubApi(modelList(), limit).fetch });
    expect(report).toMatchObject({ ok: true, warnings: ['latency'] });
  });

  it('tells of a stream that is cut', async () => {
    const cut = eventStream([chatChunk({ content: 'H' })], { done: false });
    const { report, of } = await doctor([], { fetch: stubApi(modelList(), cut).fetch });
    expect(report.broken).toEqual(['latency']);
    expect(of('latency')[0]?.message).toContain('cut');
  });

  it('gives up after 20 seconds, and looks at the rest', async () => {
    const clock = new FakeClock({ leap: true });
    const fetch: typeof globalThis.fetch = (_, init) =>
      new Promise((_, reject) => init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)));
    const { report, of } = await doctor([], { clock, fetch });
    expect(report.broken).toEqual(['server']);
    expect(of('server')[0]?.message).toBe('api.openai.com did not finish within 20s');
    expect(of('storage')).toMatchObject([{ status: 'ok' }]);
  });
});

describe('oai doctor and the models', () => {
  it('says that one of the settings has ended', async () => {
    const env = { OPENAI_API_KEY: KEY, OAI_MODEL: 'gpt-4o-2024-05-13' };
    const { report, of } = await doctor(['--offline'], { env });
    expect(report.broken).toEqual(['models']);
    expect(of('models')).toMatchObject([
      {
        message: 'gpt-4o-2024-05-13 (for chat, structured) ended on 2026-10-23',
        advice: 'gpt-6-luna takes its place: `oai config list` shows where it is set',
        details: { id: 'gpt-4o-2024-05-13', shutdown_date: '2026-10-23' },
      },
    ]);
  });

  it('warns of one of the settings that ends soon', async () => {
    const env = { OPENAI_API_KEY: KEY, OAI_MODEL: 'gpt-5' };
    const { report, of } = await doctor(['--offline'], { env });
    expect(report).toMatchObject({ ok: true, warnings: ['models'] });
    expect(of('models')[0]?.message).toBe('gpt-5 (for chat, structured) ends on 2026-12-11, in 20 days');
  });

  it('warns of a default that has ended, whose place another takes', async () => {
    const clock = new FakeClock({ now: Date.parse('2027-01-10T12:00:00Z') });
    const { report, of } = await doctor(['--offline'], { clock });
    expect(report).toMatchObject({ ok: true, warnings: ['models'] });
    expect(of('models')).toMatchObject([
      {
        message: 'gpt-4o-mini-tts (for speak) ended on 2027-01-06',
        advice: 'oai takes gpt-realtime-2.1-mini in its place; -m chooses another',
      },
    ]);
  });

  it('says that the default of chat has been shut down, whose place nothing takes', async () => {
    const data = IN_USE.map((id) => ({ id, shutdown_date: id === 'gpt-6-luna' ? '2026-11-01' : null }));
    const gone = errorAnswer(404, { message: 'gone', code: 'model_not_found' });
    const api = stubApi(jsonAnswer({ data }, 200, FACTS), gone);
    const { report, of } = await doctor([], { fetch: api.fetch });
    expect(report.broken).toEqual(['models', 'latency']);
    expect(of('models')[0]?.message).toBe('gpt-6-luna (for chat, structured) ended on 2026-11-01');
  });

  it('says which the key may not use', async () => {
    const list = modelList(IN_USE.filter((id) => !['gpt-6-luna', 'whisper-1'].includes(id)));
    const { report, of } = await doctor([], { fetch: stubApi(list, greeting()).fetch });
    expect(report).toMatchObject({ broken: ['models'], warnings: ['models'] });
    expect(of('models').map(({ status, message }) => [status, message])).toEqual([
      ['broken', 'gpt-6-luna (for chat, structured) is not among the models that this key may use'],
      ['warning', 'whisper-1 (for translate, subtitles) is not among the models that this key may use'],
    ]);
  });
});

describe('oai doctor and the settings', () => {
  it('says where a config does not parse, and looks at the rest', async () => {
    const home = await homeWith('timeout = "2m"\n[profiles.work\n');
    const { report, of } = await doctor([], { home, ...network() });
    expect(report.broken).toEqual(['config']);
    expect(of('config')[0]).toMatchObject({
      message: expect.stringMatching(/^~\/\.config\/oai\/config\.toml line 2, column \d+: /),
      advice: 'mend it with an editor: ~/.config/oai/config.toml',
    });
    expect(of('access')).toMatchObject([{ status: 'ok' }]);
  });

  it('passes on what a config draws warnings for', async () => {
    const home = await homeWith('timout = "2m"\n', 0o644);
    const { report, of } = await doctor([], { home, ...network() });
    expect(report).toMatchObject({ ok: true, warnings: ['config'] });
    expect(of('config')).toMatchObject([
      {
        message: '~/.config/oai/config.toml is open to others',
        advice: 'chmod 600 ~/.config/oai/config.toml',
      },
      { message: expect.stringContaining('timout'), advice: 'did you mean timeout?' },
    ]);
  });

  it('says that there is no such profile', async () => {
    const { report, of } = await doctor(['-P', 'opnai'], { fetch: stubApi().fetch });
    expect(report.broken).toEqual(['profile']);
    expect(of('profile')[0]?.message).toBe('--profile: there is no profile opnai; did you mean openai?');
    expect(of('server')).toMatchObject([{ status: 'skipped' }]);
    expect(of('storage')).toMatchObject([{ status: 'ok' }]);
  });

  it.each([
    [{ OPENAI_BASE_URL: 'api.openai.com' }, 'profile', 'OPENAI_BASE_URL'],
    [{ OAI_HISTORY: 'maybe' }, 'config', 'OAI_HISTORY takes true or false'],
    [{ OAI_CACHE: 'maybe' }, 'config', 'OAI_CACHE=maybe'],
  ])('says that a variable cannot be meant: %j', async (env, check, message) => {
    const { report, of } = await doctor([], { env: { OPENAI_API_KEY: KEY, ...env }, fetch: stubApi().fetch });
    expect(report.broken).toEqual([check]);
    expect(of(check).at(check === 'config' ? -1 : 0)?.message ?? '').toContain(message);
  });

  it('warns of a home that is no folder, or is not there', async () => {
    const file = join(await temporaryFolder(), 'file');
    await writeFile(file, '');
    const blocked = await doctor([], { home: file, ...network() });
    expect(blocked.report).toMatchObject({ ok: true });
    expect(blocked.of('storage').map(({ status }) => status)).toEqual(['warning', 'warning', 'warning']);
    const none = await doctor([], { home: undefined, ...network() });
    expect(none.of('storage')).toMatchObject([
      { status: 'warning', advice: 'export HOME, or OAI_HOME=/a/folder' },
    ]);
  });

  it('says that the history cannot be read', async () => {
    const home = await temporaryFolder();
    const folder = join(home, '.local', 'share', 'oai');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'history.db'), 'no database at all, but long enough to be one '.repeat(50));
    const { report, of } = await doctor([], { home, ...network() });
    expect(report.broken).toEqual(['history']);
    expect(of('history')[0]?.advice).toMatch(/\w/);
  });

  it('warns of a terminal whose locale has no UTF-8', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const env = { OPENAI_API_KEY: KEY, LANG: 'POSIX', TERM: 'linux' };
    const { of } = await doctor(['--offline'], { stdout, env });
    expect(of('terminal')).toMatchObject([
      { status: 'warning', details: { utf8: false } },
      { status: 'ok', details: { pictures: 'blocks', columns: 80 } },
    ]);
  });
});

describe('a mistake on the line of oai doctor', () => {
  it.each([
    [['now'], "too many arguments for 'doctor'"],
    [['--dry-run'], '--dry-run means nothing to doctor'],
    [['--header', 'nonsense'], "a --header is not of the form 'Name: value'"],
  ])('%j', async (words, message) => {
    const { code, stderr } = await oai(['doctor', ...words]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });
});
