import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Stopped } from '../../src/errors.ts';
import { run as main } from '../../src/main.ts';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput, FakeClock, fakeContext } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkResponse, openapi } from '../support/openapi.ts';
import { answer, lasting as sandboxFor } from '../support/responses.ts';

const KEY = { OPENAI_API_KEY: 'sk-test-0123456789' };

/** One sandbox for several command lines. */
const lasting = (env?: Record<string, string>) => sandboxFor(env).run;

/** What a command line does with one answer of the API. */
const with1 = (whole: Response, ...argv: string[]) =>
  oai(['response', ...argv], { fetch: stubApi(whole).fetch });

describe('a response in the background', () => {
  it('is waited for', async () => {
    const run = lasting();
    const begun = await run(['respond', '--background', 'a story']);
    expect(begun).toMatchObject({ code: 0, stdout: expect.stringMatching(/^resp_\w+\n$/) });
    const id = begun.stdout.trim();
    expect(await run(['response', 'get', id])).toMatchObject({
      code: 8,
      stdout: '',
      stderr: `oai: the response is not done: it is in progress\n     oai response wait ${id}\n`,
    });
    expect(await run(['response', 'wait', id])).toMatchObject({ code: 0, stdout: 'You said: a story\n' });
    expect(await run(['response', 'get', id])).toMatchObject({ code: 0, stdout: 'You said: a story\n' });
  });

  it('is told whole with --json, when it is begun and when it is done', async () => {
    const run = lasting();
    const begun = JSON.parse((await run(['respond', '--background', '--json', 'a story'])).stdout);
    expect(begun).toMatchObject({ status: 'queued', background: true });
    const done = JSON.parse((await run(['response', 'wait', begun.id, '--json'])).stdout);
    expect(done).toMatchObject({ id: begun.id, status: 'completed' });
    if (openapi !== undefined) checkResponse('GET', '/responses/{response_id}', 200, done);
  });

  it('is looked at less and less often', async () => {
    const pending = () => jsonAnswer(answer({ status: 'in_progress', output: [] }));
    const api = stubApi(pending(), pending(), pending(), jsonAnswer(answer()));
    const clock = new FakeClock({ leap: true });
    const { code, stdout } = await oai(['response', 'wait', 'resp_1'], { fetch: api.fetch, clock });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'ok\n' });
    expect(clock.delays.filter((delay) => [1000, 1500, 2250].includes(delay))).toEqual(
      expect.arrayContaining([1000, 1500, 2250]),
    );
  });

  it('is cancelled', async () => {
    const run = lasting();
    const id = (await run(['respond', '--background', 'a story'])).stdout.trim();
    expect(await run(['response', 'cancel', id])).toMatchObject({ code: 0, stdout: 'cancelled\n' });
    expect(await run(['response', 'wait', id])).toMatchObject({
      code: 8,
      stderr: 'oai: the response was cancelled\n',
    });
  });

  it('goes on when the wait is stopped, and is picked up by the same command', async () => {
    const pending = () => jsonAnswer(answer({ status: 'in_progress', output: [] }));
    const api = stubApi(pending(), pending(), jsonAnswer(answer()));
    const context = fakeContext({ fetch: api.fetch, env: KEY });
    const running = main(['response', 'wait', 'resp_1'], context);
    await context.clock.asked(1000);
    context.stop(new Stopped('SIGINT'));
    expect(await running).toBe(130);
    expect(context.stderr.text).toContain('oai: it goes on by itself: oai response wait resp_1\n');
    const again = await oai(['response', 'wait', 'resp_1'], {
      fetch: api.fetch,
      clock: new FakeClock({ leap: true }),
    });
    expect(again).toMatchObject({ code: 0, stdout: 'ok\n' });
  });
});

describe('what is kept of it', () => {
  const keep = async () => ({ ...KEY, OAI_HOME: await temporaryFolder() });
  type Run = ReturnType<typeof lasting>;
  const begin = async (run: Run, ...argv: string[]) =>
    (await run(['respond', '--background', '--history', ...argv])).stdout.trim();
  const exchanges = async (run: Run) =>
    JSON.parse((await run(['history', 'show', '--json'])).stdout).exchanges;

  it('runs until it is waited for', async () => {
    const run = lasting(await keep());
    const id = await begin(run, '-s', 'be brief', 'a story');
    expect(JSON.parse((await run(['history', 'list'])).stdout)).toMatchObject({ exchanges: 1, running: 1 });
    expect(await exchanges(run)).toMatchObject([{ state: 'running', responseId: id }]);
    expect((await run(['history', 'show'])).stdout).toContain(
      `*(running in the background: oai response wait ${id})*`,
    );
    const stdout = new CapturedOutput({ isTTY: true });
    expect((await run(['history', 'list'], { stdout })).stdout).toContain('1 (1 running)');
    await run(['response', 'wait', id]);
    expect(await exchanges(run)).toMatchObject([
      {
        state: 'answered',
        responseId: id,
        inputTokens: expect.any(Number),
        messages: [
          { role: 'developer', content: 'be brief' },
          { role: 'user', content: 'a story' },
          { role: 'assistant', content: 'You said: a story\nAs told: be brief' },
        ],
      },
    ]);
    expect(JSON.parse((await run(['history', 'list'])).stdout)).toMatchObject({ running: 0 });
  });

  it('is not touched by a look at what is not done, or by another response', async () => {
    const run = lasting(await keep());
    const id = await begin(run, 'a story');
    const other = (await run(['respond', '--background', '--no-history', 'another'])).stdout.trim();
    await run(['response', 'get', id]);
    await run(['response', 'wait', other]);
    expect(await exchanges(run)).toMatchObject([{ state: 'running' }]);
  });

  it('is picked up by `respond -c`, which prints it', async () => {
    const run = lasting(await keep());
    const id = await begin(run, 'a story');
    expect(await run(['respond', '-c'])).toMatchObject({ code: 0, stdout: 'You said: a story\n' });
    expect(await exchanges(run)).toMatchObject([{ state: 'answered', responseId: id }]);
  });

  it('is waited for where something else is asked after it', async () => {
    const run = lasting(await keep());
    const id = await begin(run, 'a story');
    const { stdout } = await run(['respond', '-c', '--json', 'and then?']);
    expect(JSON.parse(stdout).previous_response_id).toBe(id);
    expect((await exchanges(run)).map(({ state }: { state: string }) => state)).toEqual([
      'answered',
      'answered',
    ]);
  });

  it('is left out by a chat, which says so', async () => {
    const run = lasting(await keep());
    const id = await begin(run, 'a story');
    expect(await run(['chat', '-c'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining(`oai response wait ${id}`),
    });
    const { stdout, stderr } = await run(['chat', '-c', 'hello']);
    expect(stdout).toBe('You said: hello\n');
    expect(stderr).toContain(`is being answered in the background, and is left out: oai response wait ${id}`);
    await run(['response', 'wait', id]);
    expect((await run(['chat', '-c', 'again'])).stdout).toContain('“a story”');
  });

  it('has failed once it is cancelled, deleted, or forgotten by the API', async () => {
    const env = await keep();
    const run = lasting(env);
    await run(['response', 'cancel', await begin(run, 'one')]);
    expect(await exchanges(run)).toMatchObject([{ state: 'failed', error: 'the response was cancelled' }]);
    await run(['response', 'delete', await begin(run, 'two')]);
    expect(await exchanges(run)).toMatchObject([{ state: 'failed', error: 'the response was deleted' }]);
    const id = await begin(run, 'three');
    expect(await lasting(env)(['response', 'wait', id])).toMatchObject({ code: 4 });
    expect(await exchanges(run)).toMatchObject([{ state: 'failed', error: expect.stringContaining(id) }]);
    // It can be asked again, here and in the foreground.
    expect(await run(['respond', '-c'])).toMatchObject({ code: 0, stdout: 'You said: three\n' });
  });

  it('has failed where it could not even be begun', async () => {
    const env = await keep();
    const fetch = stubApi(errorAnswer(400, { message: 'no' })).fetch;
    const run = lasting(env);
    expect(await oai(['respond', '--background', '--history', 'x'], { env, fetch })).toMatchObject({
      code: 4,
    });
    expect(await exchanges(run)).toMatchObject([{ state: 'failed', error: 'no' }]);
  });

  it('is not needed: a history that is no database is a warning', async () => {
    const { writeFile } = await import('node:fs/promises');
    const env = await keep();
    const { mkdir } = await import('node:fs/promises');
    const run = lasting(env);
    const id = await begin(run, 'x');
    const files = (await import('node:fs')).readdirSync(env.OAI_HOME, { recursive: true, encoding: 'utf8' });
    const database = files.find((name) => name.endsWith('.db') || name.endsWith('.sqlite')) ?? '';
    expect(database).not.toBe('');
    for (const name of files.filter((one) => one.startsWith(database))) {
      await writeFile(join(env.OAI_HOME, name), 'this is something else entirely, and long enough to tell');
    }
    await mkdir(env.OAI_HOME, { recursive: true });
    const { code, stdout, stderr } = await run(['response', 'wait', id]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'You said: x\n' });
    expect(stderr).toContain('what is kept is not completed:');
  });
});

describe('a response that the API keeps', () => {
  it('is shown, and deleted', async () => {
    const run = lasting();
    const { id } = JSON.parse((await run(['respond', '--json', 'hello'])).stdout);
    expect(JSON.parse((await run(['response', 'get', id, '--json'])).stdout).id).toBe(id);
    expect(await run(['response', 'delete', id])).toMatchObject({ code: 0, stdout: `${id}\n` });
    expect(await run(['response', 'get', id])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(id),
    });
  });

  it('has its items listed, page after page', async () => {
    const page = (ids: readonly string[], has_more: boolean) =>
      jsonAnswer({
        object: 'list',
        data: ids.map((id) => ({ id })),
        first_id: ids[0],
        last_id: ids.at(-1),
        has_more,
      });
    const api = stubApi(page(['a', 'b'], true), page(['c'], false));
    const { stdout } = await oai(['response', 'items', 'resp_1'], { fetch: api.fetch });
    expect(stdout).toBe('{"id":"a"}\n{"id":"b"}\n{"id":"c"}\n');
    expect(api.requests.map(({ url }) => new URL(url).searchParams.get('after'))).toEqual([null, 'b']);
  });

  it('has its items as one list with --json, and none where there are none', async () => {
    const run = lasting();
    const { id } = JSON.parse((await run(['respond', '--json', 'hello'])).stdout);
    const { stdout } = await run(['response', 'items', id, '--json']);
    expect(JSON.parse(stdout)).toMatchObject([{ role: 'user', content: [{ text: 'hello' }] }]);
    const empty = jsonAnswer({ object: 'list', data: [], first_id: '', last_id: '', has_more: false });
    expect(await with1(empty, 'items', 'resp_1', '--json')).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  it('has what it cites listed, and its files saved where they are wanted', async () => {
    const cwd = await temporaryFolder();
    const run = lasting();
    const made = await run(['respond', '--web-search', '--code-interpreter', '--json', 'squares'], { cwd });
    const { id } = JSON.parse(made.stdout);
    const { stdout, stderr } = await run(['response', 'get', id, '-o', 'out'], { cwd });
    expect(stdout).toBe('You said: squares\nout/result.csv\n');
    expect(stderr).toContain('[1] A page of the sandbox https://example.com/sandbox\n');
    expect(await readFile(join(cwd, 'out', 'result.csv'), 'utf8')).toContain('n,square');
  });

  it('that waits for tools prints their calls: exit 10', async () => {
    const call = { type: 'function_call', id: 'f', call_id: 'c', name: 'w', arguments: '{}' };
    const { code, stdout, stderr } = await with1(jsonAnswer(answer({ output: [call] })), 'get', 'resp_1');
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({
      code: 10,
      id: 'resp_1',
      calls: [{ call_id: 'c' }],
    });
    expect(stderr).toContain('oai respond --previous resp_1 --tool-result CALL=@FILE');
  });

  it.each<[string, object, number, string]>([
    [
      'failed',
      { status: 'failed', error: { code: 'server_error', message: 'oh' } },
      6,
      'the response failed: oh',
    ],
    [
      'incomplete',
      { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } },
      8,
      'the answer is cut',
    ],
    [
      'incomplete by a filter',
      { status: 'incomplete', incomplete_details: { reason: 'content_filter' } },
      7,
      'filter',
    ],
    ['incomplete for no reason', { status: 'incomplete' }, 8, 'the response is incomplete'],
    ['empty', { output: [] }, 8, 'the answer is empty'],
  ])('that is %s says so by its exit code, with what came', async (_, fields, code, words) => {
    const run = await with1(jsonAnswer(answer(fields)), 'get', 'resp_1');
    expect(run).toMatchObject({ code, stderr: expect.stringContaining(words) });
    expect(run.stdout).toBe('output' in fields ? '' : 'ok\n');
  });

  it('cannot command a terminal', async () => {
    const content = [
      {
        type: 'output_text',
        text: '\u001b[2Ja',
        annotations: [{ type: 'url_citation', url: 'x', title: '\u001b]0;x\u0007' }],
      },
    ];
    const whole = jsonAnswer(answer({ output: [{ type: 'message', content }] }));
    const stdout = new CapturedOutput({ isTTY: true });
    const run = await oai(['response', 'get', 'resp_1'], { fetch: stubApi(whole).fetch, stdout });
    expect(`${run.stdout}${run.stderr}`).not.toContain('\u001b');
  });

  it('has an id that stays within its path', async () => {
    const api = stubApi(jsonAnswer(answer()));
    await oai(['response', 'get', '../models?x'], { fetch: api.fetch });
    expect(api.requests[0]?.url).toBe('https://api.openai.com/v1/responses/..%2Fmodels%3Fx');
  });

  it.each(['get', 'wait', 'cancel', 'delete', 'items'])(
    'has no id that leads out of it: %s',
    async (what) => {
      const api = stubApi();
      const { code, stderr } = await oai(['response', what, '..'], { fetch: api.fetch });
      expect({ code, stderr, asked: api.requests }).toEqual({
        code: 2,
        stderr: 'oai: .. is no id\n',
        asked: [],
      });
    },
  );
});

describe('bad input', () => {
  it.each<[string[], string]>([
    [[], 'response needs one of get, wait'],
    [['got', 'x'], 'got'],
    [['get'], 'response get needs the id of a response'],
    [['delete', ''], 'the id of a response is empty'],
    [['get', 'a', 'b'], 'b'],
    [['cancel', 'a', '-o', 'x'], '--output means nothing to response cancel'],
  ])('%j is answered', async (argv, words) => {
    const { code, stderr } = await oai(['response', ...argv], { fetch: stubApi().fetch });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });

  it.each(['get', 'wait', 'cancel', 'delete', 'items'])(
    '%s of a response that is not there is exit 4',
    async (action) => {
      expect(await lasting()(['response', action, 'resp_x'])).toMatchObject({
        code: 4,
        stdout: '',
        stderr: expect.stringContaining("Response with id 'resp_x' not found."),
      });
    },
  );

  it('is a response in the foreground that is to be cancelled', async () => {
    const run = lasting();
    const { id } = JSON.parse((await run(['respond', '--json', 'hello'])).stdout);
    expect(await run(['response', 'cancel', id])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('background'),
    });
  });

  it('is shown as a request with --dry-run', async () => {
    const run = await oai(['response', 'cancel', 'resp_1', '--dry-run'], { fetch: stubApi().fetch });
    expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining('/v1/responses/resp_1/cancel') });
  });
});
