import { describe, expect, it } from 'vitest';
import { jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { temporaryFolder } from '../support/folder.ts';
import { oai } from '../support/oai.ts';
import { checkResponse, openapi } from '../support/openapi.ts';

const DAY_S = 86_400;
const model = (id: string, more: object = {}) => ({
  id,
  object: 'model',
  created: 1000 * DAY_S,
  owned_by: 'me',
  ...more,
});

/** A server that has these models. */
function serverOf(...models: object[]) {
  return stubApi(jsonAnswer({ object: 'list', data: models }));
}

const lines = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));

describe('the list of models', () => {
  it('says when each ends, and what it is used for: the newest first', async () => {
    const api = serverOf(
      model('gpt-6-luna'),
      model('own', { created: 2000 * DAY_S, shutdown_date: '2026-11-25' }),
      model('gpt-4o', { shutdown_date: null }),
    );
    const { code, stdout } = await oai(['models'], { fetch: api.fetch });
    expect(code).toBe(0);
    expect(lines(stdout)).toEqual([
      {
        id: 'own',
        owned_by: 'me',
        created: 2000 * DAY_S,
        shutdown_date: '2026-11-25',
        days_left: 4,
        used_for: [],
      },
      // The server says nothing of its end; OpenAI has announced one.
      {
        id: 'gpt-4o',
        owned_by: 'me',
        created: 1000 * DAY_S,
        shutdown_date: '2027-01-14',
        days_left: 54,
        used_for: [],
      },
      {
        id: 'gpt-6-luna',
        owned_by: 'me',
        created: 1000 * DAY_S,
        shutdown_date: null,
        days_left: null,
        used_for: ['chat', 'structured'],
      },
    ]);
  });

  it('is a table on a terminal', async () => {
    const api = serverOf(model('gpt-6-luna'), model('own', { shutdown_date: '2026-11-25' }));
    const { stdout } = await oai(['models'], {
      fetch: api.fetch,
      stdout: new CapturedOutput({ isTTY: true }),
    });
    expect(stdout).toBe(
      'model       owner  made        ends        days left  used for\n' +
        'gpt-6-luna  me     1972-09-27  -           -          chat, structured\n' +
        'own         me     1972-09-27  2026-11-25  4\n',
    );
  });

  it("is the server's answer with --json", async () => {
    const answer = { object: 'list', data: [model('b'), model('a')], extra: 1 };
    const { stdout } = await oai(['models', 'list', '--json'], { fetch: stubApi(jsonAnswer(answer)).fetch });
    expect(JSON.parse(stdout)).toEqual(answer);
  });

  it('takes what servers leave out: everything but the name', async () => {
    const url = ['--base-url', 'http://localhost:9/v1'];
    const { stdout } = await oai(['models', ...url], {
      fetch: stubApi(jsonAnswer([{ id: 'gpt-4o' }])).fetch,
    });
    expect(lines(stdout)).toMatchObject([
      { id: 'gpt-4o', owned_by: null, created: null, shutdown_date: null },
    ]);
  });

  it('knows what the settings use in place of the defaults', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_MODEL: 'own' };
    const { stdout } = await oai(['models'], {
      fetch: serverOf(model('own'), model('gpt-6-luna')).fetch,
      env,
    });
    expect(lines(stdout).map(({ used_for }) => used_for)).toEqual([[], ['chat', 'structured']]);
  });

  it.each([
    ['no list', { data: 'x' }],
    ['models without a name', { data: [{}] }],
    ['nothing', null],
  ])('is no answer of the API when it has %s', async (_, answer) => {
    const { code, stderr } = await oai(['models', '--retries', '0'], {
      fetch: stubApi(jsonAnswer(answer)).fetch,
    });
    expect({ code, stderr }).toMatchObject({
      code: 6,
      stderr: expect.stringContaining('not with a list of models'),
    });
  });
});

describe('--retiring', () => {
  const served = ['gpt-6-luna', 'gpt-image-2.5-sunburst', 'gpt-4o-mini-tts', 'gpt-transcribe', 'whisper-1'];
  const others = [
    'gpt-4o-transcribe-diarize',
    'text-embedding-3-small',
    'omni-moderation-latest',
    'gpt-realtime-2.1-mini',
  ];
  const all = () => serverOf(...[...served, ...others].map((id) => model(id)));

  it('is silent when none of those in use ends', async () => {
    const { code, stdout, stderr } = await oai(['models', '--retiring', '45'], { fetch: all().fetch });
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('is exit 11 for a default that ends, the day that it is within', async () => {
    const { code, stdout, stderr } = await oai(['models', '--retiring', '46'], { fetch: all().fetch });
    expect(code).toBe(11);
    expect(lines(stdout)).toMatchObject([{ id: 'gpt-4o-mini-tts', days_left: 46, used_for: ['speak'] }]);
    expect(stderr).toBe(
      'oai: within 46 days: gpt-4o-mini-tts ends on 2027-01-06\n     in their place: gpt-realtime-2.1-mini\n',
    );
  });

  it('looks at --model as well, which may be gone', async () => {
    const { code, stdout, stderr } = await oai(
      ['models', '--retiring', '0', '--model', 'dall-e-3', '--model', 'none'],
      {
        fetch: all().fetch,
      },
    );
    expect(code).toBe(11);
    expect(lines(stdout).map(({ id }) => id)).toEqual(['dall-e-3', 'none']);
    expect(stderr).toContain('within 0 days: dall-e-3 ended on 2026-05-12, none is not there\n');
  });

  it('looks at what the config uses, and not at what it replaces', async () => {
    const env = { OPENAI_API_KEY: 'sk-x', OAI_MODEL: 'own' };
    const fetch = serverOf(
      ...[...served, ...others].map((id) => model(id)),
      model('own', { shutdown_date: '2026-11-22' }),
    );
    const { code, stdout } = await oai(['models', '--retiring', '1', '--json'], { fetch: fetch.fetch, env });
    expect(code).toBe(11);
    expect(JSON.parse(stdout)).toMatchObject([{ id: 'own', days_left: 1, used_for: ['chat', 'structured'] }]);
  });

  it('says nothing of the defaults of OpenAI on another server', async () => {
    const url = ['--base-url', 'http://localhost:9/v1'];
    const run = await oai(['models', '--retiring', '900', ...url], { fetch: serverOf(model('llama')).fetch });
    expect(run).toMatchObject({ code: 0, stdout: '' });
  });

  it.each([
    [['--retiring', '-1'], '--retiring -1 is not a whole number from 0 to 36500'],
    [['--retiring', 'soon'], '--retiring soon is not a whole number'],
    [['--model', 'x'], '--model goes with --retiring'],
    [['get', 'x', '--retiring', '1'], '--retiring means nothing to models get'],
    [['get'], 'models get needs a model'],
    [['get', ''], 'models get: a model is empty'],
    [['get', 'x', 'y'], 'models get takes a model, and there is y beside it'],
    [['list', 'x'], 'models list takes no words: x'],
    [['lst'], 'models lst is no action; did you mean list?'],
  ])('and its kin refuse %j', async (argv, words) => {
    const { code, stderr } = await oai(['models', ...argv]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(words) });
  });
});

describe('one model', () => {
  it('is got by its name', async () => {
    const { code, stdout } = await oai(['models', 'get', 'gpt-6-luna', '--sandbox', '--json']);
    expect(code).toBe(0);
    if (openapi !== undefined) checkResponse('GET', '/models/gpt-6-luna', 200, JSON.parse(stdout));
  });

  it('that is not there is exit 4', async () => {
    expect(await oai(['models', 'get', 'nope', '--sandbox'])).toMatchObject({ code: 4, stdout: '' });
  });

  it('may have been made at no time that there is', async () => {
    const stdout = new CapturedOutput({ isTTY: true });
    const odd = serverOf(model('a', { created: 1e20 }), model('b', { created: '2024-01-01' }));
    expect(await oai(['models'], { fetch: odd.fetch, stdout })).toMatchObject({ code: 0 });
  });

  it('is deleted with --yes, and its name printed', async () => {
    const api = stubApi(jsonAnswer({ id: 'ft:a', object: 'model', deleted: true }));
    expect(await oai(['models', 'delete', 'ft:a', '--yes'], { fetch: api.fetch })).toMatchObject({
      code: 0,
      stdout: 'ft:a\n',
    });
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'DELETE https://api.openai.com/v1/models/ft:a',
    ]);
  });

  it('is not deleted where nobody can be asked', async () => {
    const { code, stderr } = await oai(['models', 'delete', 'ft:a']);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: nobody is asked here whether to delete ft:a\n     --yes deletes it\n',
    });
  });

  it("that is not one's own is not deleted", async () => {
    expect(await oai(['models', 'delete', 'gpt-6-luna', '--yes', '--sandbox'])).toMatchObject({
      code: 3,
      stdout: '',
    });
  });
});

it('the sandbox lists its models as the document says', async () => {
  const { stdout } = await oai(['models', '--json', '--sandbox'], { cwd: await temporaryFolder() });
  if (openapi !== undefined) checkResponse('GET', '/models', 200, JSON.parse(stdout));
  expect(JSON.parse(stdout).data.length).toBeGreaterThan(20);
});

describe('a model that is not there', () => {
  it.each([
    ['get', ['get', 'nope']],
    ['delete', ['delete', 'nope', '--yes']],
  ])('is answered by %s with where to look', async (_, argv) => {
    const { code, stderr } = await oai(['models', ...argv, '--sandbox']);
    expect(code).toBe(4);
    expect(stderr).toMatch(/nope.*\n {5}`oai models` lists those there are\n$/);
    expect(stderr).not.toContain('-m ');
  });
});
