import { access, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Batch } from 'openai/resources/batches';
import { describe, expect, it } from 'vitest';
import type { Timer } from '../../src/context.ts';
import { Failure, Stopped } from '../../src/errors.ts';
import { run as main } from '../../src/main.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { sandbox } from '../sandbox/ask.ts';
import { lineOf, linesOf } from '../sandbox/ask-batches.ts';
import { connectionError, errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, fakeContext, HurriedClock } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai, type Run } from '../support/oai.ts';
import { sandboxNetwork } from '../support/sandbox-network.ts';

const words = (count: number) => Array.from({ length: count }, (_, at) => `word${at + 1}`);

/** What happens to a request on its way; undefined: nothing. */
type Mishap = (name: string, answer: () => Promise<Response>) => Promise<Response> | undefined;

interface Desk {
  readonly cwd: string;
  /** The requests that arrived: `GET /batches/ID`. */
  asked(): string[];
  mishap: Mishap | undefined;
  readonly fetch: typeof fetch;
  run(argv: readonly string[], options?: Parameters<typeof oai>[1]): Promise<Run>;
  text(name: string): Promise<string>;
  rows(name: string): Promise<ReturnType<typeof parsed>>;
  /** @returns the id of a new batch */
  begin(): Promise<string>;
  count(name: string): number;
}

/** A sandbox that remembers from one command to the next, and a folder with requests. Requests and answers obey the document. */
async function desk(faults = '', text = linesOf(...words(6))): Promise<Desk> {
  const of: Sandbox = sandbox(faults);
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, 'in.jsonl'), text);
  const nameOf = (method: string, path: string) =>
    `${method} ${path.replace(/(?<=\/(?:files|batches)\/)[\w-]+/, 'ID')}`;
  const { fetch, exchanges } = sandboxNetwork(of, {
    around: (method, path, answer) => own.mishap?.(nameOf(method, path), answer),
  });
  const names = () => exchanges.map(({ method, path }) => nameOf(method, path));
  const own: Desk = {
    cwd,
    asked: names,
    mishap: undefined,
    fetch,
    run: (argv, options = {}) =>
      oai(['batch', ...argv], { cwd, fetch, clock: new HurriedClock(), ...options }),
    text: (name) => readFile(join(cwd, name), 'utf8'),
    rows: async (name) => parsed(await readFile(join(cwd, name), 'utf8')),
    begin: async () => (await own.run(['create', 'in.jsonl'])).stdout.trim(),
    count: (name) => names().filter((one) => one === name).length,
  };
  return own;
}

const parsed = (text: string) =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const idsOf = (rows: readonly { custom_id: string }[]) => rows.map(({ custom_id }) => custom_id);
const shown = ({ code, stdout }: Run) => ({ code, stdout });
const WAIT = ['create', 'in.jsonl', '--wait', '-o', 'out.jsonl'];

describe('from requests to results', () => {
  it('is one command: results in the order of the rows, as the API wrote them', async () => {
    const { run, rows, cwd } = await desk('', linesOf(...words(20)));
    const result = await run(WAIT);
    expect(shown(result)).toEqual({ code: 0, stdout: 'out.jsonl\n' });
    expect(result.stderr).toMatch(
      /^oai: batch_\w+: 20 requests, done within 24h; Ctrl-C leaves it running\n$/,
    );
    const lines = await rows('out.jsonl');
    expect(idsOf(lines)).toEqual(words(20).map((_, at) => String(at + 1)));
    expect(lines[2]).toMatchObject({
      response: { status_code: 200, body: { choices: [{ message: { content: 'You said: word3' } }] } },
      error: null,
    });
    expect((await readdir(cwd)).sort()).toEqual(['in.jsonl', 'out.jsonl']);
  });

  it('makes the folder of its results, before anything is begun', async () => {
    const { run, cwd } = await desk();
    const result = await run(['create', 'in.jsonl', '--wait', '-o', 'new/deep/out.jsonl']);
    expect(shown(result)).toEqual({ code: 0, stdout: 'new/deep/out.jsonl\n' });
    expect(await readdir(join(cwd, 'new', 'deep'))).toEqual(['out.jsonl']);
  });

  it.each([
    [['create', 'in.jsonl', '--wait'], 'in.jsonl'],
    [['create', './in.jsonl', '--wait'], 'in.jsonl'],
    [['create', 'in.jsonl', '--wait'], 'link.jsonl'],
    [['results', 'batch_1', '--input', 'in.jsonl'], './in.jsonl'],
    [['results', 'batch_1', '--input', 'in.jsonl'], 'link.jsonl'],
  ])('never takes the place of the requests: %j -o %s', async (words, output) => {
    const { run, cwd, text, asked } = await desk();
    await symlink('in.jsonl', join(cwd, 'link.jsonl'));
    const before = await text('in.jsonl');
    const { code, stderr } = await run([...words, '-o', output, '--force']);
    expect({ code, asked: asked(), after: await text('in.jsonl') }).toEqual({
      code: 2,
      asked: [],
      after: before,
    });
    expect(stderr).toContain(`oai: -o ${output} is the file of the requests`);
  });

  it.each([[''], ['-o out.jsonl']])('is not lost where the first look at it fails (%s)', async (output) => {
    const api = await desk();
    const argv = [
      'create',
      'in.jsonl',
      '--wait',
      '-q',
      '--retries',
      '0',
      ...output.split(' ').filter(Boolean),
    ];
    let looks = 0;
    api.mishap = (name) => {
      looks += name === 'GET /batches/ID' ? 1 : 0;
      return looks === 1 ? Promise.reject(connectionError('ECONNREFUSED')) : undefined;
    };
    expect(await api.run(argv)).toMatchObject({ code: 0, stderr: '' });
    expect(api.count('POST /batches')).toBe(1);
  });

  it('says how to come back where no look at it is allowed', async () => {
    const api = await desk();
    api.mishap = (name) =>
      name === 'GET /batches/ID' ? Promise.resolve(errorAnswer(403, { message: 'no look' })) : undefined;
    const { code, stderr } = await api.run(['create', 'in.jsonl', '--wait', '-q']);
    expect(code).toBe(3);
    expect(stderr).toMatch(/\n {5}it goes on by itself: oai batch results batch_\w+ --wait\n$/);
  });

  it('goes to stdout without -o, and takes stdin', async () => {
    const { run } = await desk();
    const result = await run(['create', '-', '--wait'], { stdin: linesOf('a', 'b') });
    expect(idsOf(parsed(result.stdout))).toEqual(['1', '2']);
    const piped = await run(['create', '--wait', '-q'], { stdin: linesOf('a', 'b', 'c') });
    expect([idsOf(parsed(piped.stdout)), piped.stderr]).toEqual([['1', '2', '3'], '']);
  });

  it('prints the id, which the other actions take', async () => {
    const { run } = await desk();
    const created = await run(['create', 'in.jsonl', '--metadata', 'job=nightly']);
    expect(created).toMatchObject({ code: 0, stdout: expect.stringMatching(/^batch_\w+\n$/), stderr: '' });
    const id = created.stdout.trim();
    expect(parsed((await run(['get', id])).stdout)).toMatchObject([
      { id, status: 'in_progress', metadata: { job: 'nightly' } },
    ]);
    const waited = await run(['wait', id]);
    expect(waited).toMatchObject({ code: 0, stderr: '' });
    expect(parsed(waited.stdout)).toMatchObject([{ id, status: 'completed' }]);
    expect(idsOf(parsed((await run(['results', id])).stdout))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('sends what the flags say', async () => {
    const { run } = await desk();
    const flags = ['--endpoint', 'chat/completions', '--completion-window', '24h'];
    const more = ['--metadata', 'a=b', '--metadata', 'c=', '--output-expires-after', '2h'];
    const { stdout } = await run(['create', 'in.jsonl', ...flags, ...more, '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      object: 'batch',
      endpoint: '/v1/chat/completions',
      metadata: { a: 'b', c: '' },
    });
    const refused = await run(['create', 'in.jsonl', '--completion-window', '1h']);
    expect(refused).toMatchObject({ code: 4, stderr: expect.stringContaining("Invalid value: '1h'") });
    const unknown = await run(['create', 'in.jsonl', '--param', 'priority=1']);
    expect(unknown.stderr).toContain("Unknown parameter: 'priority'");
  });

  it('keeps its results as long as is asked', async () => {
    const api = await desk();
    const { stdout } = await api.run([...WAIT, '--output-expires-after', '2h', '--json']);
    const batch: Batch = JSON.parse(stdout);
    const file = await oai(['files', 'get', batch.output_file_id ?? '', '--json'], { fetch: api.fetch });
    const { created_at: from, expires_at: to } = JSON.parse(file.stdout);
    expect(to - from).toBe(7200);
  });

  it('gives a file that is no .jsonl a name that the API takes', async () => {
    const { run, cwd } = await desk();
    await writeFile(join(cwd, 'rows.txt'), linesOf('a'));
    expect(await run(['create', 'rows.txt', '--wait'])).toMatchObject({ code: 0 });
  });

  it('begins one of a file that the API has, once', async () => {
    const api = await desk();
    const uploaded = await oai(['files', 'upload', 'in.jsonl', '--purpose', 'batch'], {
      cwd: api.cwd,
      fetch: api.fetch,
    });
    const file = uploaded.stdout.trim();
    const first = await api.run(['create', file]);
    const second = await api.run(['create', file]);
    expect(second.stdout).toBe(first.stdout);
    expect(second.stderr).toContain('was begun before: going on with it');
    // One that was cancelled is another matter.
    await api.run(['cancel', first.stdout.trim()]);
    expect((await api.run(['create', file])).stdout).not.toBe(first.stdout);
  });

  it('shows the request of a dry run, and leaves nothing behind', async () => {
    const { run, cwd, asked } = await desk();
    const dry = await run([...WAIT, '--dry-run']);
    expect(dry).toMatchObject({ code: 0, stdout: expect.stringContaining('/files') });
    expect(dry.stdout).toContain('purpose=batch');
    const begun = await run(['create', 'file-abc', '--endpoint', '/v1/responses', '--dry-run']);
    expect(begun.stdout).toContain('"input_file_id": "file-abc"');
    expect([asked(), await readdir(cwd)]).toEqual([[], ['in.jsonl']]);
  });
});

describe('rows that fail', () => {
  const some = 'batch-failed=2,batch-expired=3';

  it('are named, rejoined with the others in their order, and end with exit 9', async () => {
    const { run, rows } = await desk(some, linesOf(...words(1000)));
    const { code, stdout, stderr } = await run(WAIT);
    expect({ code, stdout }).toEqual({ code: 9, stdout: 'out.jsonl\n' });
    expect(stderr.split('\n').slice(1)).toEqual([
      expect.stringMatching(
        /^oai: batch_\w+ expired: 995 of 1000 rows are done; 2 failed \(the first: 1: The server had an error while processing your request. Sorry about that!\), 3 expired \(998, 999, 1000\)$/,
      ),
      expect.stringMatching(
        /^ {5}oai batch results batch_\w+ --failed-input -o again.jsonl has what to ask again$/,
      ),
      '',
    ]);
    const lines = await rows('out.jsonl');
    expect(idsOf(lines)).toEqual(words(1000).map((_, at) => String(at + 1)));
    expect([lines[0], lines[2], lines[999]]).toMatchObject([
      { response: { status_code: 500 }, error: null },
      { response: { status_code: 200 }, error: null },
      { response: null, error: { code: 'batch_expired' } },
    ]);
  });

  it('are had alone, and so are their requests: the input of another batch', async () => {
    const { run, begin, text, cwd } = await desk(some);
    const id = await begin();
    await run(['wait', id]);
    const errors = await run(['results', id, '--errors']);
    expect([errors.code, idsOf(parsed(errors.stdout))]).toEqual([9, ['1', '2', '4', '5', '6']]);
    const again = await run(['results', id, '--failed-input', '-o', 'again.jsonl']);
    expect(again).toMatchObject({ code: 9, stdout: 'again.jsonl\n' });
    const input = (await text('in.jsonl')).split('\n');
    expect(await text('again.jsonl')).toBe(`${input.filter((_, at) => at !== 2).join('\n')}`);
    // More than ten are not all named.
    await writeFile(join(cwd, 'in.jsonl'), linesOf(...words(20)));
    const many = await (await desk('batch-expired=15', linesOf(...words(20)))).run(WAIT);
    expect(many.stderr).toContain('15 expired (6, 7, 8, 9, 10, 11, 12, 13, 14, 15 and 5 more)');
  });

  it('refused by the endpoint say why', async () => {
    const text = `${lineOf('cold')}\n${lineOf('hot', {}, { temperature: 9 })}\n`;
    const { run, rows } = await desk('', text);
    const { code, stderr } = await run(WAIT);
    expect(code).toBe(9);
    expect(stderr).toMatch(/1 of 2 rows are done; 1 failed \(hot: /);
    expect(await rows('out.jsonl')).toMatchObject([
      { custom_id: 'cold' },
      { response: { status_code: 400 } },
    ]);
  });

  it('end wait with exit 9 as well', async () => {
    const { run, begin } = await desk('batch-failed=2');
    const id = await begin();
    expect(await run(['wait', id])).toMatchObject({
      code: 9,
      stdout: expect.stringContaining('"failed":2'),
      stderr: `oai: 2 of 6 rows of ${id} failed\n     oai batch results ${id} has the others, and why\n`,
    });
    const expired = await desk('batch-expired=6');
    const late = await expired.begin();
    expect(await expired.run(['wait', late])).toMatchObject({
      code: 9,
      stderr: expect.stringContaining(`${late} expired: 0 of 6 rows are done`),
    });
  });

  it('that are not there at all get a line that says so', async () => {
    const api = await desk();
    const id = await api.begin();
    await api.run(['wait', id]);
    // A server that loses the last line of its results, however often it is asked.
    api.mishap = (name, answer) =>
      name === 'GET /files/ID/content'
        ? answer().then(async (response) => {
            const text = await response.text();
            if (text.includes('"body":{"model"')) return new Response(text);
            return new Response(text.replace(/[^\n]*"custom_id":"4"[^\n]*\n/, ''));
          })
        : undefined;
    const { code, stdout, stderr } = await api.run(['results', id]);
    expect(code).toBe(9);
    expect(stderr).toContain(`the results of ${id}: 5 of 6 lines came; trying again (1 of 3)`);
    expect(stderr).toContain('5 of 6 rows are done; 1 have no result (4)');
    expect(parsed(stdout)[3]).toEqual({
      id: null,
      custom_id: '4',
      response: null,
      error: { code: 'no_result', message: expect.any(String) },
    });
  });
});

/** Hurries where a batch is waited for, and lets a run that is stopped tidy up. */
class TidyClock extends FakeClock {
  override timer(delay: number, ring: () => void): Timer {
    const timer = super.timer(delay, ring);
    if (delay >= 1000 && delay < 60_000) setImmediate(() => this.advance(delay));
    return timer;
  }
}

describe('what is stopped', () => {
  /** Runs until a request begins, and is stopped then. @param lets the request reach the server */
  async function stoppedAt(api: Desk, at: string, { arrives = true } = {}) {
    const env = { OPENAI_API_KEY: 'sk-test-0123456789' };
    const context = fakeContext({ cwd: api.cwd, fetch: api.fetch, clock: new TidyClock(), env });
    api.mishap = (name, answer) => {
      if (name !== at) return undefined;
      return (arrives ? answer() : Promise.resolve(new Response())).then(() => {
        context.stop(new Stopped('SIGINT'));
        // As fetch does.
        throw new DOMException('This operation was aborted', 'AbortError');
      });
    };
    const code = await main(['batch', ...WAIT], context);
    api.mishap = undefined;
    return { code, stdout: context.stdout.text, stderr: context.stderr.text };
  }

  it.each([
    ['while it is sent', 'POST /files', false],
    ['when it was sent', 'POST /files', true],
    ['before the batch begins', 'POST /batches', false],
    ['when the batch has begun, and nobody knows', 'POST /batches', true],
    ['while it waits', 'GET /batches/ID', true],
    ['while the results come', 'GET /files/ID/content', true],
  ])('%s goes on with the same command: nothing lost, no second batch', async (_, at, arrives) => {
    const api = await desk();
    const stopped = await stoppedAt(api, at, { arrives });
    expect(stopped).toMatchObject({ code: 130, stdout: '' });
    expect(await readdir(api.cwd)).not.toContain('out.jsonl');
    expect((await readdir(api.cwd)).filter((name) => /part|lock/.test(name))).toEqual([]);
    const again = await api.run(WAIT);
    expect(shown(again)).toEqual({ code: 0, stdout: 'out.jsonl\n' });
    expect(idsOf(await api.rows('out.jsonl'))).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(parsed((await api.run(['list'])).stdout)).toHaveLength(1);
    expect((await readdir(api.cwd)).sort()).toEqual(['in.jsonl', 'out.jsonl']);
  });

  it('says how to come back, by another command as well', async () => {
    const api = await desk();
    const { stderr } = await stoppedAt(api, 'GET /batches/ID');
    const [, command = ''] = /it goes on by itself: oai batch (.*)\n/.exec(stderr) ?? [];
    expect(command).toMatch(/^results batch_\w+ --wait -o out.jsonl$/);
    expect(shown(await api.run(command.split(' ')))).toEqual({ code: 0, stdout: 'out.jsonl\n' });
    // Nothing is left to go on with.
    expect((await readdir(api.cwd)).sort()).toEqual(['in.jsonl', 'out.jsonl']);
  });

  it('is another for the same requests, where it goes to another endpoint', async () => {
    const { run, begin } = await desk();
    const id = await begin();
    const [{ input_file_id: file }] = parsed((await run(['get', id])).stdout);
    expect((await run(['create', file, '--endpoint', 'chat/completions'])).stdout).toBe(`${id}\n`);
    const other = await run(['create', file, '--endpoint', 'responses']);
    expect(other).toMatchObject({ code: 0, stderr: '' });
    expect(other.stdout).not.toBe(`${id}\n`);
  });

  it('names the uploaded requests where no file tells of them', async () => {
    const api = await desk();
    const env = { OPENAI_API_KEY: 'sk-test-0123456789' };
    const context = fakeContext({ cwd: api.cwd, fetch: api.fetch, env, clock: new HurriedClock() });
    api.mishap = (name, answer) => {
      if (name !== 'POST /batches') return undefined;
      return answer().then(() => {
        context.stop(new Stopped('SIGINT'));
        // As fetch does.
        throw new DOMException('This operation was aborted', 'AbortError');
      });
    };
    expect(await main(['batch', 'create', 'in.jsonl'], context)).toBe(130);
    api.mishap = undefined;
    const [, id = ''] = /oai batch create (file-\w+) goes on\n/.exec(context.stderr.text) ?? [];
    const again = await api.run(['create', id]);
    expect(again.stderr).toContain('was begun before');
    expect(parsed((await api.run(['list'])).stdout)).toHaveLength(1);
  });

  it('does not begin a second batch where the answer to the first was lost', async () => {
    const api = await desk();
    let left = 1;
    api.mishap = (name, answer) =>
      name === 'POST /batches' && left-- > 0
        ? answer().then(() => Promise.reject(connectionError('ECONNRESET')))
        : undefined;
    expect(await api.run(WAIT)).toMatchObject({ code: 0 });
    expect(api.count('POST /batches')).toBe(1);
    expect(parsed((await api.run(['list'])).stdout)).toHaveLength(1);
  });

  it('goes on with --force, too, and begins anew only for other requests', async () => {
    const api = await desk();
    await writeFile(join(api.cwd, 'out.jsonl'), 'old\n');
    const force = [...WAIT, '--force'];
    const fail: Mishap = (name) =>
      name === 'GET /batches/ID' ? Promise.resolve(errorAnswer(401, { message: 'no' })) : undefined;
    api.mishap = fail;
    expect(await api.run(force)).toMatchObject({ code: 3 });
    expect(await api.text('out.jsonl')).toBe('old\n');
    api.mishap = undefined;
    // Other requests want another output, or a word that says so.
    await writeFile(join(api.cwd, 'in.jsonl'), linesOf('x'));
    await writeFile(join(api.cwd, 'other.jsonl'), await api.text('out.jsonl.batch'));
    const state = JSON.parse(await api.text('out.jsonl.batch'));
    await access(join(api.cwd, 'out.jsonl.batch'));
    const begun = await api.run(force);
    expect(begun).toMatchObject({ code: 0, stdout: 'out.jsonl\n' });
    expect(begun.stderr).toContain(`${state.batch}, of other requests, is left alone`);
    expect(idsOf(await api.rows('out.jsonl'))).toEqual(['1']);
    expect(parsed((await api.run(['list'])).stdout)).toHaveLength(2);
  });

  it('is not mixed up with other requests, another server, or a batch that is gone', async () => {
    const api = await desk();
    await stoppedAt(api, 'GET /batches/ID');
    const state = JSON.parse(await api.text('out.jsonl.batch'));
    const write = (fields: object) =>
      writeFile(join(api.cwd, 'out.jsonl.batch'), JSON.stringify({ ...state, ...fields }));
    await write({ input: 'sha256:0' });
    expect(await api.run(WAIT)).toMatchObject({
      code: 2,
      stderr: `oai: out.jsonl.batch tells of ${state.batch}, of other requests, whose results are to go there\n     another name for -o, or --force to begin anew\n`,
    });
    await write({ baseUrl: 'https://other.test/v1' });
    expect((await api.run(WAIT)).stderr).toContain(`${state.batch}, at other.test, whose results`);
    await write({ batch: 'batch_gone' });
    expect(await api.run(WAIT)).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('batch_gone, of which out.jsonl.batch tells, is not there any more'),
    });
    expect(await api.run([...WAIT, '--force'])).toMatchObject({ code: 0 });
  });

  it('sends the requests again where the API has forgotten them', async () => {
    const api = await desk();
    await stoppedAt(api, 'POST /batches', { arrives: false });
    const state = JSON.parse(await api.text('out.jsonl.batch'));
    await writeFile(join(api.cwd, 'out.jsonl.batch'), JSON.stringify({ ...state, file: 'file-gone' }));
    expect(await api.run(WAIT)).toMatchObject({ code: 0 });
  });

  it.each([
    ['something else', '{"batch":1}'],
    ['that of rows', '["batch_1"]'],
    ['no JSON', 'hello'],
  ])('is not begun beside a file that is %s', async (_, text) => {
    const api = await desk();
    await writeFile(join(api.cwd, 'out.jsonl.batch'), text);
    expect(await api.run(WAIT)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('out.jsonl.batch does not tell which batch is under way'),
    });
    expect(api.asked()).toEqual([]);
  });

  it('is not begun by two runs at once', async () => {
    const api = await desk();
    await writeFile(join(api.cwd, 'out.jsonl.lock'), '77\n');
    expect(await api.run(WAIT, { running: [77] })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('another run is writing out.jsonl'),
    });
    expect(api.asked()).toEqual([]);
  });
});

describe('a download', () => {
  const content = 'GET /files/ID/content';

  /** A batch that has ended. */
  async function done(faults = '') {
    const api = await desk(faults);
    const id = await api.begin();
    await api.run(['wait', id]);
    return { api, id, cwd: api.cwd };
  }

  it.each([
    ['is cut in the middle of a line', (text: string) => text.slice(0, -30)],
    ['is cut after a line', (text: string) => text.slice(0, text.indexOf('\n') + 1)],
    ['is garbled', (text: string) => text.replace('{"id"', '{"id')],
  ])('that %s comes again', async (_, broken) => {
    const { api, id } = await done();
    let left = 1;
    api.mishap = (name, answer) =>
      name === content && left-- > 0
        ? answer().then(async (response) => new Response(broken(await response.text())))
        : undefined;
    const { code, stdout, stderr } = await api.run(['results', id]);
    expect([code, idsOf(parsed(stdout))]).toEqual([0, ['1', '2', '3', '4', '5', '6']]);
    expect(stderr).toContain('trying again (1 of 3)');
  });

  it('that stays garbled is a failure of the server, and leaves no file', async () => {
    const { api, id, cwd } = await done();
    api.mishap = (name) => (name === content ? Promise.resolve(new Response('{"id":\n')) : undefined);
    expect(await api.run(['results', id, '-o', 'out.jsonl'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`line 1 of the results of ${id} is no result`),
    });
    expect(await readdir(cwd)).toEqual(['in.jsonl']);
  });

  it('without the input has its own order, and says so', async () => {
    const { api, id } = await done('batch-failed=1');
    const { input_file_id } = JSON.parse((await api.run(['get', id])).stdout);
    await oai(['files', 'delete', '--yes', input_file_id], { fetch: api.fetch });
    const { code, stdout, stderr } = await api.run(['results', id]);
    expect(code).toBe(9);
    expect(idsOf(parsed(stdout)).sort()).toEqual(['1', '2', '3', '4', '5', '6']);
    expect(stderr).toContain(`the input of ${id} is no more: results come in the order`);
    const none = await api.run(['results', id, '--failed-input']);
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining('--input names your copy') });
    const own = await api.run(['results', id, '--input', 'in.jsonl']);
    expect(idsOf(parsed(own.stdout))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('has results of rows that are in no input at the end', async () => {
    const { api, id, cwd } = await done();
    await writeFile(join(cwd, 'half.jsonl'), linesOf('a', 'b', 'c'));
    const { stdout, stderr } = await api.run(['results', id, '--input', 'half.jsonl']);
    expect(idsOf(parsed(stdout)).slice(0, 3)).toEqual(['1', '2', '3']);
    expect(parsed(stdout)).toHaveLength(6);
    expect(stderr).toContain('3 results are of no row of the input: they stand at the end');
  });

  it('uses the copy of the API where the file has changed meanwhile', async () => {
    const api = await desk();
    api.mishap = (name, answer) =>
      name === 'GET /batches/ID'
        ? writeFile(join(api.cwd, 'in.jsonl'), 'changed').then(() => answer())
        : undefined;
    expect(await api.run(WAIT)).toMatchObject({ code: 0 });
    expect(idsOf(await api.rows('out.jsonl'))).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('prints nothing that a terminal obeys', async () => {
    const { api, id } = await done();
    const odd =
      '{"id":"r","custom_id":"1","response":{"status_code":200,"body":{"x":"\u009b2J"}},"error":null}\n';
    api.mishap = (name, answer) =>
      name === content
        ? answer().then(
            async (response) =>
              new Response((await response.text()).includes('batch_req') ? odd.repeat(6) : odd),
          )
        : undefined;
    const stdout = new CapturedOutput({ isTTY: true });
    await api.run(['results', id], { stdout });
    expect(stdout.text).toContain('"custom_id":"1"');
    expect(stdout.text).not.toContain('\u009b');
  });
});

describe('a batch that did not end well', () => {
  const bad = `${lineOf('a')}\n${lineOf('b', {}, { model: 'gpt-6-luna', stream: true })}\n${lineOf('a')}\n`;

  it('that fails its validation shows each line, exit 4, and can be begun again', async () => {
    const { run, text, cwd } = await desk('', bad);
    const { code, stdout, stderr } = await run([...WAIT, '--no-lint']);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr.split('\n').slice(1)).toEqual([
      'oai: line 2: Chat Completions: Streaming is not supported in the Batch API. (body.stream)',
      expect.stringMatching(/^oai: line 3: The custom_id 'a' .* \(custom_id\)$/),
      expect.stringMatching(/^oai: batch_\w+ failed before it began: line 2: Chat Completions: /),
      '     no row was done, and nothing is paid',
      '',
    ]);
    expect(await readdir(cwd)).toEqual(['in.jsonl']);
    await writeFile(join(cwd, 'in.jsonl'), linesOf('a'));
    expect(await run(WAIT)).toMatchObject({ code: 0 });
    expect(await text('out.jsonl')).toContain('You said: a');
  });

  it('that fails as a whole says why, and --json too', async () => {
    const { run, begin } = await desk('batch=failed');
    const id = await begin();
    expect(await run(['wait', id, '--json'])).toMatchObject({
      code: 4,
      stdout: expect.stringContaining('"status":"failed"'),
      stderr: expect.stringContaining('"code":"token_limit_exceeded"'),
    });
    expect(await run(['results', id])).toMatchObject({ code: 4, stdout: '' });
  });

  it('that was cancelled gives what was done, and says so', async () => {
    const { run, begin, rows } = await desk();
    const id = await begin();
    await run(['get', id]);
    const cancelled = await run(['cancel', id]);
    expect(parsed(cancelled.stdout)).toMatchObject([{ id, status: 'cancelling' }]);
    expect(cancelled.stderr).toBe(`oai: what is done by then is kept: oai batch results ${id} --wait\n`);
    const waited = await run(['wait', id]);
    expect(waited).toMatchObject({
      code: 9,
      stderr: expect.stringContaining(`${id} was cancelled: 3 of 6 rows`),
    });
    const { code, stderr } = await run(['results', id, '-o', 'out.jsonl']);
    expect(code).toBe(9);
    expect(stderr).toContain(`${id} was cancelled: 3 of 6 rows are done; 3 were not reached (4, 5, 6)`);
    expect(await rows('out.jsonl')).toMatchObject([
      { response: { status_code: 200 } },
      { response: { status_code: 200 } },
      { response: { status_code: 200 } },
      { error: { code: 'batch_cancelled' } },
      { error: { code: 'batch_cancelled' } },
      { error: { code: 'batch_cancelled' } },
    ]);
    // Once more is no mistake.
    expect(await run(['cancel', id])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('"cancelled"'),
    });
  });

  it('that has ended cannot be cancelled', async () => {
    const { run, begin, count } = await desk();
    const id = await begin();
    await run(['wait', id]);
    expect(await run(['cancel', id])).toMatchObject({
      code: 4,
      stderr: `oai: ${id} cannot be cancelled: it has ended (completed)\n     oai batch results ${id} has what it brought\n`,
    });
    expect(count('POST /batches/ID/cancel')).toBe(1);
  });

  it('that has not ended has no results: exit 8', async () => {
    const { run, begin } = await desk('batch-looks=9');
    const id = await begin();
    await run(['get', id]);
    await run(['get', id]);
    expect(await run(['results', id, '-o', 'out.jsonl'])).toMatchObject({
      code: 8,
      stderr: `oai: ${id} is in_progress: 2 of 6 rows are done\n     --wait waits for its results\n`,
    });
  });
});

describe('--input that is no file of requests', () => {
  it.each(['{"messages":[]}\n', 'null\n'])('is left aside, which a line says: %j', async (text) => {
    const api = await desk();
    const { run, begin, cwd } = api;
    const id = await begin();
    await run(['wait', id]);
    await writeFile(join(cwd, 'other.jsonl'), text);
    const { code, stdout, stderr } = await run(['results', id, '--input', 'other.jsonl']);
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr:
        "oai: other.jsonl is no file of requests, as a line has no custom_id: the order is that of the API's copy\n",
    });
    expect(stdout).toBe((await run(['results', id])).stdout);
  });
});

describe('a batch whose id could not be written', () => {
  it.each([[[]], [['--json']]])('is told with the way back to it: %j', async (flags) => {
    const { cwd, fetch } = await desk();
    const stdout = new CapturedOutput();
    const context = fakeContext({ cwd, fetch, stdout, env: { OPENAI_API_KEY: 'sk-x' } });
    stdout.onWrite = () => context.stop(new Failure('incomplete', 'cannot write the result to stdout'));
    expect(await main(['batch', 'create', 'in.jsonl', ...flags], context)).toBe(8);
    expect(context.stderr.text).toMatch(
      /^oai: it goes on by itself: oai batch results batch_\w+ --wait\n.*cannot write the result to stdout/,
    );
  });
});

describe('a list', () => {
  it('is JSON Lines in a pipe, one document with --json, the newest first', async () => {
    const { run, begin } = await desk();
    const ids = [await begin(), await begin(), await begin()].reverse();
    const listed = await run(['list']);
    expect([listed.code, listed.stderr]).toEqual([0, '']);
    expect(parsed(listed.stdout).map(({ id }) => id)).toEqual(ids);
    expect(JSON.parse((await run(['list', '--json'])).stdout).map(({ id }: Batch) => id)).toEqual(ids);
    const one = await run(['list', '--limit', '1', '--after', ids[0] ?? '']);
    expect(parsed(one.stdout).map(({ id }) => id)).toEqual([ids[1]]);
  });

  it('goes through all pages', async () => {
    const item = (at: number) => ({ id: `batch_${at}`, object: 'batch', status: 'completed' });
    const page = (from: number, has_more: boolean) =>
      jsonAnswer({ object: 'list', data: [item(from), item(from + 1)], has_more });
    const api = stubApi(page(1, true), page(3, false));
    const { stdout } = await oai(['batch', 'list'], { fetch: api.fetch });
    expect(parsed(stdout).map(({ id }) => id)).toEqual(['batch_1', 'batch_2', 'batch_3', 'batch_4']);
    expect(api.requests.map(({ url }) => new URL(url).searchParams.get('after'))).toEqual([null, 'batch_2']);
  });

  it('is a table on a terminal, harmless to it, and bears what is odd', async () => {
    const odd = {
      id: 'batch_\u001b[2J',
      object: 'batch',
      status: 'completed',
      created_at: 1_795_000_000,
      endpoint: '/v1/embeddings',
      request_counts: { total: 3, completed: 2, failed: 1 },
      metadata: { job: 'a' },
    };
    const api = stubApi(jsonAnswer({ data: [odd, { id: 'b', status: 'x' }], has_more: false }));
    const stdout = new CapturedOutput({ isTTY: true });
    expect(await oai(['batch', 'list'], { fetch: api.fetch, stdout })).toMatchObject({ code: 0 });
    expect(stdout.text).not.toContain('\u001b');
    expect(stdout.text).toMatch(/^ID +STATUS +DONE +FAILED +CREATED +ENDPOINT +LABELS\n/);
    expect(stdout.text).toMatch(/completed +2\/3 +1 +2026-11-18 \d\d:\d\d +\/v1\/embeddings +job=a/);
    expect(stdout.text).toMatch(/b +x +- +- +- +- +-\n/);
  });

  it('has a dash for what a server gives in another form', async () => {
    const odd = { id: 'b', status: 'x', request_counts: {}, metadata: 'none' };
    const stdout = new CapturedOutput({ isTTY: true });
    const api = stubApi(jsonAnswer({ data: [odd], has_more: false }));
    expect(await oai(['batch', 'list'], { fetch: api.fetch, stdout })).toMatchObject({ code: 0 });
    expect(stdout.text).toMatch(/b +x +- +- +- +- +-\n/);
  });

  it('of nothing says so to a person', async () => {
    const { run } = await desk();
    expect(shown(await run(['list']))).toEqual({ code: 0, stdout: '' });
    const { stderr } = await run(['list'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stderr).toBe('oai: there are no batches\n');
  });

  it.each([[{}], [{ data: [{ id: 'x' }] }], ['hello']])('that is %j is no answer', async (body) => {
    const { code, stderr } = await oai(['batch', 'list'], { fetch: stubApi(jsonAnswer(body)).fetch });
    expect(code).toBe(6);
    expect(stderr).toMatch(/^oai: api\.openai\.com answered, but not with/);
  });
});

describe('an id that is not known', () => {
  it.each([['get'], ['wait'], ['results'], ['cancel']])('%s names the nearest of yours', async (action) => {
    const { run, begin } = await desk();
    const id = await begin();
    const typo = `${id.slice(0, -1)}x`;
    expect(await run([action, typo])).toMatchObject({
      code: 4,
      stdout: '',
      stderr: expect.stringMatching(
        new RegExp(
          `^oai: there is no batch ${typo}; did you mean ${id}\\? \\(request req_\\w+\\)\n {5}\`oai batch list\` shows yours\n$`,
        ),
      ),
    });
  });

  it('in the sandbox of one command is explained', async () => {
    expect(await oai(['batch', 'get', 'batch_1', '--sandbox'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('the sandbox of one command forgets with its end'),
    });
  });

  it('of a server without batches is the refusal as it came', async () => {
    const none = () => errorAnswer(404, { message: 'no such route' });
    const api = stubApi(none(), none());
    expect(await oai(['batch', 'get', 'batch_1'], { fetch: api.fetch })).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^oai: no such route/),
    });
  });

  it('of a file is looked for among files', async () => {
    const { run } = await desk();
    expect(await run(['create', 'file-nope'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('No such File object: file-nope'),
    });
  });
});

describe('bad input', () => {
  it.each([
    ['a line that is no JSON', `${lineOf('a')}\n{"custom_id":\n`, 'in.jsonl:2:'],
    [
      'a request without an id',
      `${lineOf('a', { custom_id: undefined })}\n`,
      'in.jsonl:1: custom_id is missing',
    ],
    ['an id twice', `${lineOf('a')}\n\n${lineOf('a')}\n`, 'in.jsonl:3: custom_id "a" is that of line 1, too'],
    [
      'two endpoints',
      `${lineOf('a')}\n${lineOf('b', { url: '/v1/embeddings', body: { model: 'gpt-6-luna', input: 'x' } })}\n`,
      'in.jsonl:2: url is /v1/embeddings, and that of line 1 is /v1/chat/completions',
    ],
    ['nothing', '', 'in.jsonl is empty'],
    ['blank lines', '\n\n', 'in.jsonl: the file has no rows'],
    [
      'an endpoint that is none',
      `${lineOf('a', { url: '/v1/nothing' })}\n`,
      'url "/v1/nothing" is no endpoint',
    ],
  ])('%s: nothing is uploaded', async (_, text, message) => {
    const { run, asked, cwd } = await desk('', text);
    const { code, stdout, stderr } = await run(WAIT);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`oai: ${message}`.replace('oai: url', 'url'));
    expect([asked(), await readdir(cwd)]).toEqual([[], ['in.jsonl']]);
  });

  it('a file that changes while it is sent is not begun', async () => {
    const api = await desk();
    const changing: typeof fetch = async (input, init) => {
      if (String(input).endsWith('/files')) await writeFile(join(api.cwd, 'in.jsonl'), linesOf('x'));
      return api.fetch(input, init);
    };
    const { code, stderr } = await api.run(WAIT, { fetch: changing });
    expect(code).toBe(2);
    expect(stderr).toContain('in.jsonl changed while it was sent');
    expect(api.asked()).toEqual([]);
  });

  it.each<[string[], number, string]>([
    [['create', 'in.jsonl', '--endpoint', '/v1/responses'], 2, 'contradicts the rows of in.jsonl'],
    [['create', 'in.jsonl', '--endpoint', 'nothing'], 2, '--endpoint nothing is not one of /v1/responses'],
    [['create', 'in.jsonl', '--endpoint', ''], 2, '--endpoint is empty'],
    [['create', 'missing.jsonl'], 2, 'cannot read missing.jsonl: no such file'],
    [['create', '.'], 2, '. is a directory'],
    [['create', 'https://a.test/x.jsonl'], 2, 'is not fetched here'],
    [['create'], 2, 'batch create needs a file of requests'],
    [['create', 'in.jsonl', 'more.jsonl'], 2, 'there is more.jsonl beside it'],
    [['create', 'in.jsonl', '-o', 'out.jsonl'], 2, '-o is where results go'],
    [['create', 'in.jsonl', '--poll', '1s'], 2, '--poll goes with --wait'],
    [['create', 'in.jsonl', '--wait', '-o', 'here.jsonl'], 2, 'here.jsonl exists'],
    [['create', 'in.jsonl', '--wait', '-o', 'folder/'], 2, 'folder/ is a directory'],
    [['create', 'in.jsonl', '--wait', '-o', 'folder'], 2, 'folder is a directory'],
    [['create', 'in.jsonl', '--metadata', 'a'], 2, '--metadata a is not of the form name=value'],
    [['create', 'in.jsonl', '--metadata', 'a=1', '--metadata', 'a=2'], 2, '--metadata a is given twice'],
    [
      ['create', 'in.jsonl', ...words(17).flatMap((word) => ['--metadata', `${word}=1`])],
      2,
      '--metadata is given 17 times, and 16 fit',
    ],
    [
      ['create', 'in.jsonl', '--metadata', `a=${'é'.repeat(513)}`],
      2,
      '--metadata a: the value has 513 characters, and 512 fit',
    ],
    [
      ['create', 'in.jsonl', '--output-expires-after', '1m'],
      2,
      '--output-expires-after 1m is not from 1h to 30d',
    ],
    [['create', 'in.jsonl', '--limit', '1'], 2, '--limit means nothing to batch create'],
    [['create', 'in.jsonl', '--poll', 'soon', '--wait'], 2, '--poll soon is not a duration'],
    [['results', 'batch_1', '--errors', '--failed-input'], 2, 'leave out one of the two'],
    [['results', 'batch_1', '--poll', '1s'], 2, '--poll goes with --wait'],
    [['results', 'batch_1', '-o', 'here.jsonl'], 2, 'here.jsonl exists'],
    [['results', 'batch_1', '--input', 'a.jsonl', '-o', 'a.jsonl'], 2, 'is the file of the requests'],
    [['results', 'batch_1', '--input', 'a.jsonl'], 2, 'cannot read a.jsonl'],
    [['get', '../models'], 2, '../models is not the id of a batch'],
    [['get', ''], 2, 'the id of a batch is empty'],
    [['get'], 2, 'batch get needs the id of a batch'],
    [['get', 'batch_1', '--param', 'a=b'], 2, '--param is for batch create and list'],
    [['get', 'batch_1', '--wait'], 2, '--wait means nothing to batch get'],
    [['list', '--limit', '0'], 2, '--limit 0 is not a whole number'],
    [['lst'], 2, 'batch lst is no action; did you mean list?'],
    [[], 2, 'batch needs one of create, list, get, wait, results, cancel'],
  ])('%j', async (argv, code, message) => {
    const { run, cwd, asked } = await desk();
    await writeFile(join(cwd, 'here.jsonl'), '');
    await mkdir(join(cwd, 'folder'));
    const result = await run(argv);
    expect([result.code, result.stdout, result.stderr]).toEqual([code, '', expect.stringContaining(message)]);
    expect(result.stderr.split('\n').length).toBeLessThanOrEqual(3);
    expect(asked()).toEqual([]);
  });

  it('a file of the API that is not for batches', async () => {
    const api = await desk();
    await writeFile(join(api.cwd, 'a.jsonl'), '{"hello":"there"}\n');
    const { stdout } = await oai(['files', 'upload', 'a.jsonl', '--purpose', 'batch', '--no-lint'], {
      cwd: api.cwd,
      fetch: api.fetch,
    });
    expect(await api.run(['create', stdout.trim()])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('goes to no endpoint for batches'),
    });
  });
});

describe('a wait', () => {
  it('shows how far it is on a terminal, and what it took in the end', async () => {
    const api = await desk('batch-looks=8', linesOf(...words(80)));
    const id = await api.begin();
    const stderr = new CapturedOutput({ isTTY: true });
    const isDrawn = () => /in progress · [█░]{12} \d0 of 80 rows/.test(stderr.text);
    let looks = 0;
    // On a clock whose waits are over at once, all looks are over before a spinner is drawn.
    const whenDrawn = async (answer: () => Promise<Response>) => {
      while (!isDrawn()) await new Promise((resolve) => setImmediate(resolve));
      return answer();
    };
    api.mishap = (name, answer) => {
      looks += name === 'GET /batches/ID' ? 1 : 0;
      return looks === 6 ? whenDrawn(answer) : undefined;
    };
    const result = await api.run(['results', id, '--wait', '--poll', '10s', '--timeout', '99d'], { stderr });
    expect(result.code).toBe(0);
    expect(stderr.text).toMatch(new RegExp(`oai: ${id}: (?:took [\\w ]+, )?[\\d,]+ tokens in, [\\d,]+ out`));
  });

  it('says nothing in a pipe', async () => {
    const { run, begin } = await desk('batch-looks=3');
    expect(await run(['wait', await begin()])).toMatchObject({ code: 0, stderr: '' });
  });

  it('tells what it cost, at half the price, where the price is known', async () => {
    const batch = {
      id: 'batch_1',
      object: 'batch',
      status: 'completed',
      model: 'gpt-4o-mini',
      created_at: 1000,
      completed_at: 4900,
      request_counts: { total: 1, completed: 1, failed: 0 },
      usage: {
        input_tokens: 1_000_000,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 1_000_000,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 2_000_000,
      },
    };
    const stderr = new CapturedOutput({ isTTY: true });
    const api = stubApi(jsonAnswer(batch));
    await oai(['batch', 'wait', 'batch_1'], { fetch: api.fetch, stderr });
    // 0.15 and 0.60 dollars for a million tokens of each.
    expect(stderr.text).toContain(
      'oai: batch_1: took 1 h 5 min, 1,000,000 tokens in, 1,000,000 out, $0.375 at half the price\n',
    );
  });
});
