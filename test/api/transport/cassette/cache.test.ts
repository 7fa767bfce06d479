import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { prune, pruneIfDue } from '../../../../src/api/transport/cassette/cache-prune.ts';
import {
  chatChunk,
  chatChunks,
  errorAnswer,
  eventStream,
  jsonAnswer,
  stubApi,
} from '../../../support/api.ts';
import { CapturedOutput, FakeClock, type FakeContextOptions } from '../../../support/context.ts';
import { temporaryFolder } from '../../../support/folder.ts';
import { spoken } from '../../../support/heard.ts';
import { oai, type Run } from '../../../support/oai.ts';

const KEY = 'sk-test-0123456789';
const DAY = 86_400_000;

/** A home, and runs in it with these answers of a server. */
async function user() {
  const home = await temporaryFolder();
  const folder = join(home, '.cache', 'oai', 'answers');
  const ask = (
    answers: readonly Response[],
    argv: readonly string[],
    options: FakeContextOptions = {},
  ): Promise<Run> => oai(argv, { home, cwd: home, fetch: stubApi(...answers).fetch, ...options });
  const files = async () => {
    const names = await readdir(folder).catch(() => []);
    return names.filter((name) => name !== '.pruned').sort();
  };
  return { home, folder, ask, files };
}

const streamed = (text: string) => eventStream(chatChunks(text));
const completion = (content: string, finish_reason = 'stop') =>
  jsonAnswer({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-6-luna',
    choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason }],
    usage: { prompt_tokens: 1_000_000, completion_tokens: 1_000_000, total_tokens: 2_000_000 },
  });

const hi = ['chat', 'hi', '--cache'];

describe('--cache', () => {
  it('answers what was asked before as before, for nothing', async () => {
    const { ask, files, folder } = await user();
    expect(await ask([streamed('one')], hi)).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
    expect(await ask([], hi)).toMatchObject({ code: 0, stdout: 'one\n', stderr: '' });
    const [name = ''] = await files();
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600);
    // What was asked is nobody's business, and a key is nowhere.
    const text = await readFile(join(folder, name), 'utf8');
    expect(text).not.toContain('"messages"');
    expect(text).not.toContain(KEY);
  });

  it('is not there without being asked for', async () => {
    const { ask, files } = await user();
    await ask([streamed('one')], ['chat', 'hi']);
    expect(await files()).toEqual([]);
    await ask([streamed('one')], hi);
    expect(await ask([streamed('two')], ['chat', 'hi'])).toMatchObject({ stdout: 'two\n' });
  });

  it.each<[string, string[], FakeContextOptions]>([
    ['another word', ['chat', 'ho', '--cache'], {}],
    ['another key', hi, { env: { OPENAI_API_KEY: 'sk-other-9876543210' } }],
    ['another organization', hi, { env: { OPENAI_API_KEY: KEY, OPENAI_ORG_ID: 'org-2' } }],
    ['another server', [...hi, '--base-url', 'https://b.test/v1'], {}],
    ['another header', [...hi, '--header', 'OpenAI-Beta: x'], {}],
    [
      'an older answer than --cache-ttl',
      ['chat', 'hi', '--cache-ttl', '1h'],
      { clock: new FakeClock({ now: Date.parse('2026-11-21T13:00:01Z') }) },
    ],
    [
      'an older answer than a week',
      hi,
      { clock: new FakeClock({ now: Date.parse('2026-11-28T12:00:01Z') }) },
    ],
    ['an answer from the future', hi, { clock: new FakeClock({ now: Date.parse('2026-11-19T12:00:00Z') }) }],
    ['--no-cache', ['chat', 'hi', '--no-cache'], {}],
  ])('asks anew for %s', async (_, argv, options) => {
    const { ask } = await user();
    await ask([streamed('one')], hi);
    expect(await ask([streamed('two')], argv, options)).toMatchObject({ code: 0, stdout: 'two\n' });
  });

  it.each<[string, string[], FakeContextOptions]>([
    ['the environment', ['chat', 'hi'], { env: { OPENAI_API_KEY: KEY, OAI_CACHE: '1' } }],
    [
      '--cache-ttl',
      ['chat', 'hi', '--cache-ttl', '2h'],
      { clock: new FakeClock({ now: Date.parse('2026-11-21T13:59:59Z') }) },
    ],
  ])('is asked for by %s', async (_, argv, options) => {
    const { ask } = await user();
    await ask([streamed('one')], hi);
    expect(await ask([], argv, options)).toMatchObject({ code: 0, stdout: 'one\n' });
  });

  it('is asked for by the settings, which --no-cache and OAI_CACHE=0 contradict, and which are not for the sandbox', async () => {
    const { ask, home, files } = await user();
    await mkdir(join(home, '.config', 'oai'), { recursive: true });
    await writeFile(join(home, '.config', 'oai', 'config.toml'), 'cache = true\ncache_ttl = "1h"\n', {
      mode: 0o600,
    });
    await ask([], ['chat', 'hi', '--sandbox']);
    expect(await files()).toEqual([]);
    await ask([streamed('one')], ['chat', 'hi']);
    expect(await ask([], ['chat', 'hi'])).toMatchObject({ stdout: 'one\n' });
    expect(await ask([streamed('two')], ['chat', 'hi', '--no-cache'])).toMatchObject({ stdout: 'two\n' });
    const env = { OPENAI_API_KEY: KEY, OAI_CACHE: '0' };
    expect(await ask([streamed('three')], ['chat', 'hi'], { env })).toMatchObject({ stdout: 'three\n' });
    const clock = new FakeClock({ now: Date.parse('2026-11-21T13:00:01Z') });
    expect(await ask([streamed('four')], ['chat', 'hi'], { clock })).toMatchObject({ stdout: 'four\n' });
  });

  it.each<[string, () => Response, number]>([
    ['an error', () => errorAnswer(400, { message: 'no' }), 4],
    ['an error with status 200', () => jsonAnswer({ error: { message: 'no', code: 'x' } }), 6],
    ['a stream that breaks off', () => eventStream([chatChunk({ content: 'a' })], { done: false }), 6],
    ['an answer at its limit', () => eventStream([chatChunk({ content: 'a' }, 'length')]), 8],
    ['a refusal', () => eventStream([chatChunk({ refusal: 'no' }, 'stop')]), 7],
    ['what a filter cut', () => eventStream([chatChunk({ content: 'a' }, 'content_filter')]), 7],
  ])('does not keep %s', async (_, answer, code) => {
    const { ask, files } = await user();
    expect((await ask([answer()], [...hi, '--retries', '0'])).code).toBe(code);
    expect(await files()).toEqual([]);
    expect(await ask([streamed('well')], hi)).toMatchObject({ code: 0, stdout: 'well\n' });
  });

  it('keeps what came of a later try', async () => {
    const { ask, files } = await user();
    const clock = new FakeClock({ leap: true });
    await ask([errorAnswer(500, { message: 'oh' }), streamed('ok')], hi, { clock });
    expect(await files()).toHaveLength(1);
    expect(await ask([], hi)).toMatchObject({ code: 0, stdout: 'ok\n' });
  });

  it('does not keep what is stored on the server', async () => {
    const { ask, files } = await user();
    await ask([streamed('one')], [...hi, '--param', 'store=true']);
    expect(await files()).toEqual([]);
  });

  it('gives two of the same request two answers, and again the same two', async () => {
    const { ask } = await user();
    const rows = ['chat', '--each', '-j', '1', '--cache'];
    const results = ({ stdout }: Run) => [...stdout.matchAll(/"result":"(\w+)"/g)].map(([, text]) => text);
    expect(results(await ask([completion('a'), completion('b')], rows, { stdin: 'x\nx\n' }))).toEqual([
      'a',
      'b',
    ]);
    expect(results(await ask([completion('c')], rows, { stdin: 'x\nx\nx\n' }))).toEqual(['a', 'b', 'c']);
  });

  it('costs nothing again: --max-cost does not count it', async () => {
    const { ask } = await user();
    const rows = ['chat', '--each', '-j', '1', '--cache', '--max-cost', '0.01'];
    expect(await ask([completion('a')], rows, { stdin: 'x\n' })).toMatchObject({ code: 9 });
    expect(await ask([], rows, { stdin: 'x\n' })).toMatchObject({ code: 0 });
  });

  it('is told by --usage, and counts for nothing in history', async () => {
    const { ask } = await user();
    const usage = { prompt_tokens: 1000, completion_tokens: 1000, total_tokens: 2000 };
    const answer = eventStream([...chatChunks('one'), { ...chatChunk({}), choices: [], usage }]);
    const asked = [...hi, '--usage', '--history'];
    expect((await ask([answer], asked)).stderr).toMatch(/1,000 tokens in, 1,000 out, .*\$[\d.]+\n$/);
    expect((await ask([], asked)).stderr).toMatch(/1,000 tokens in, 1,000 out, .*, from the cache\n$/);
    const { stdout } = await ask([], ['history', 'usage', '--by', 'model', '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ exchanges: 2, inputTokens: 1000, outputTokens: 1000 }]);
  });

  it('reads a damaged answer as none, and mends it', async () => {
    const { ask, files, folder } = await user();
    await ask([streamed('one')], hi);
    const [name = ''] = await files();
    const whole = await readFile(join(folder, name), 'utf8');
    for (const damage of [
      '',
      whole.slice(0, 100),
      whole.replace('"oai_cassette": 1', '"oai_cassette": 9'),
      whole.replace(/"recorded": .*\n/, ''),
    ]) {
      await writeFile(join(folder, name), damage);
      expect(await ask([streamed('new')], hi)).toMatchObject({ code: 0, stdout: 'new\n', stderr: '' });
      expect(await ask([], hi)).toMatchObject({ stdout: 'new\n' });
    }
  });

  it('keeps sounds and uploads, and no image that is only asked for once is given twice', async () => {
    const { ask, home, files } = await user();
    const sound = Buffer.alloc(3000, 1);
    const wav = () => new Response(sound, { headers: { 'content-type': 'audio/wav' } });
    const speak = ['speak', 'hi', '-f', 'wav', '-o', '-', '--cache'];
    const first = await ask([wav()], speak);
    const second = await ask([], speak);
    expect(second.context.stdout.bytes).toEqual(first.context.stdout.bytes);
    expect((await files()).map((name) => name.slice(64))).toEqual(['.json', '.wav']);
    await writeFile(join(home, 'talk.mp3'), await spoken('good morning'));
    const transcribe = ['transcribe', 'talk.mp3', '--json', '--cache'];
    const heard = jsonAnswer({
      text: 'good morning',
      usage: { type: 'tokens', input_tokens: 1, output_tokens: 1, total_tokens: 2 },
    });
    const written = await ask([heard], transcribe);
    expect(written).toMatchObject({ code: 0 });
    expect(await ask([], transcribe)).toMatchObject({ code: 0, stdout: written.stdout });
  });

  it('is told on a terminal once, and each time with --verbose', async () => {
    const { ask } = await user();
    await ask([streamed('one')], hi);
    const stderr = new CapturedOutput({ isTTY: true });
    const clock = new FakeClock({ now: Date.parse('2026-11-21T15:30:00Z') });
    expect((await ask([], [...hi, '--no-history'], { stderr, clock })).stderr).toContain(
      'oai: answered from the cache, after 3 hours; --no-cache asks anew\n',
    );
    expect((await ask([], [...hi, '--verbose'])).stderr).toBe(
      'oai: answered from the cache, after 0 seconds\n',
    );
    expect(
      (await ask([], [...hi, '-q', '--no-history'], { stderr: new CapturedOutput({ isTTY: true }) })).stderr,
    ).toBe('');
  });

  it('is no failure where it cannot be written, or where there is no home', async () => {
    const { ask, home } = await user();
    await writeFile(join(home, '.cache'), 'a file');
    const result = await ask([streamed('one')], hi);
    expect(result).toMatchObject({
      code: 0,
      stdout: 'one\n',
      stderr: 'oai: the answer is not kept in the cache: a part of the path is not a directory\n',
    });
    const homeless = await oai(hi, { fetch: stubApi(streamed('one')).fetch });
    expect(homeless).toMatchObject({
      code: 0,
      stdout: 'one\n',
      stderr: expect.stringContaining('there is no home'),
    });
  });

  it('says what is wrong after the answer, and not in the middle of it', async () => {
    const { ask, home } = await user();
    await writeFile(join(home, '.cache'), 'a file');
    const terminal = new CapturedOutput({ isTTY: true });
    const argv = [...hi, '--no-history', '--raw'];
    await ask([streamed('one')], argv, { stdout: terminal, stderr: terminal });
    expect(terminal.text).toBe(
      'one\noai: the answer is not kept in the cache: a part of the path is not a directory\n',
    );
  });

  it('leaves recording and replaying alone', async () => {
    const { ask, home } = await user();
    await ask([streamed('one')], hi);
    expect(await ask([streamed('live')], [...hi, '--record', 'tapes'])).toMatchObject({ stdout: 'live\n' });
    expect(await ask([], [...hi, '--replay', 'tapes'])).toMatchObject({ stdout: 'live\n' });
    expect(await readdir(join(home, 'tapes'))).toHaveLength(1);
  });
});

describe('the size of the cache', () => {
  const now = Date.parse('2026-11-21T12:00:00Z');

  async function folderOf(
    files: Readonly<Record<string, readonly [bytes: number, days: number]>>,
  ): Promise<string> {
    const folder = await temporaryFolder();
    for (const [name, [bytes, days]] of Object.entries(files)) {
      await writeFile(join(folder, name), Buffer.alloc(bytes));
      await utimes(join(folder, name), new Date(now), new Date(now - days * DAY));
    }
    return folder;
  }

  it('is kept: what is old goes, what was left half written goes, and then the oldest', async () => {
    const files = {
      'a.json': [10, 40],
      'b.json': [40, 3],
      'b.wav': [40, 3],
      'c.json': [40, 2],
      'd.json': [40, 1],
      '.x.part': [1, 2],
      '.y.part': [1, 0],
    } as const;
    const folder = await folderOf(files);
    prune(folder, 7 * DAY, now, 1000, 900);
    expect((await readdir(folder)).sort()).toEqual(['.y.part', 'b.json', 'b.wav', 'c.json', 'd.json']);
    prune(folder, 7 * DAY, now, 100, 81);
    expect((await readdir(folder)).sort()).toEqual(['.y.part', 'c.json', 'd.json']);
  });

  it('is looked at once an hour, or when a run has written much', async () => {
    const folder = await folderOf({ 'a.json': [10, 40] });
    const hour = 3_600_000;
    expect(pruneIfDue(folder, { ttl: DAY, now, written: 1 })).toBe(true);
    expect(await readdir(folder)).toEqual(['.pruned']);
    expect(pruneIfDue(folder, { ttl: DAY, now: now + hour - 1000, written: 1 })).toBe(false);
    expect(pruneIfDue(folder, { ttl: DAY, now: now + hour - 1000, written: 100_000_000 })).toBe(true);
    expect(pruneIfDue(folder, { ttl: DAY, now: now + 2 * hour, written: 1 })).toBe(true);
    // A clock that was set back does not keep it from being looked at.
    expect(pruneIfDue(folder, { ttl: DAY, now: now - DAY, written: 1 })).toBe(true);
  });

  it('leaves what is still good', async () => {
    const folder = await folderOf({ 'a.json': [10, 40] });
    prune(folder, 90 * DAY, now, 1000, 900);
    expect(await readdir(folder)).toEqual(['a.json']);
  });
});
