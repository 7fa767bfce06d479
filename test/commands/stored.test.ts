import { describe, expect, it } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { chat, hello, sandbox } from '../sandbox/ask.ts';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import { CapturedOutput } from '../support/context.ts';
import { oai, type Run } from '../support/oai.ts';

/** What `of` keeps is asked for over a network that it stands in for. */
function network(of: Sandbox): typeof fetch {
  return (input, init) => of.answer(new Request(input, init));
}

/** A sandbox that keeps these texts. */
async function keeping(...texts: readonly (string | [text: string, fields: object])[]) {
  const of = sandbox();
  const ids: string[] = [];
  for (const one of texts) {
    const [content, fields] = typeof one === 'string' ? [one, {}] : one;
    const asked = hello({ messages: [{ role: 'user', content }], store: true, ...fields });
    ids.push((await chat(asked, of)).id);
  }
  const run = (argv: readonly string[], options: Parameters<typeof oai>[1] = {}) =>
    oai(['stored', ...argv], { fetch: network(of), ...options });
  return { of, ids, run };
}

const rowsOf = ({ stdout }: Run) =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const idsOf = (result: Run) => rowsOf(result).map(({ id }) => id);

describe('a list', () => {
  it('is JSON Lines in a pipe, the API’s own objects', async () => {
    const { ids, run } = await keeping(['a', { metadata: { k: 'v' } }], 'b');
    const result = await run(['list']);
    expect({ code: result.code, stderr: result.stderr }).toEqual({ code: 0, stderr: '' });
    expect(idsOf(result)).toEqual(ids);
    expect(rowsOf(result)[0]).toMatchObject({ object: 'chat.completion', metadata: { k: 'v' } });
  });

  it('is one document with --json', async () => {
    const { ids, run } = await keeping('a', 'b');
    const { stdout } = await run(['list', '--json']);
    expect(JSON.parse(stdout).map(({ id }: { id: string }) => id)).toEqual(ids);
  });

  it('is a table on a terminal, harmless to it', async () => {
    const { ids, run } = await keeping(['say \u001b[2J it', { metadata: { who: '\u001b]0;x\u0007' } }]);
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['list'], { stdout });
    expect(stdout.text.split('\n')).toEqual([
      `ID       ${ids[0]}`,
      'CREATED  2026-01-01 00:00',
      `MODEL    ${defaultModels.chat}`,
      expect.stringMatching(/^LABELS {3}who=/),
      expect.stringMatching(/^ANSWER {3}You said: say /),
      '',
    ]);
    expect(stdout.text).not.toContain('\u001b');
  });

  it('of nothing is empty, and says so to a person', async () => {
    const { run } = await keeping();
    expect(await run(['list'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await run(['list', '--json'])).stdout).toBe('[]\n');
    const { stderr } = await run(['list'], { stdout: new CapturedOutput({ isTTY: true }) });
    expect(stderr).toBe('oai: nothing is kept that fits\n');
  });

  it.each<[string[], number[]]>([
    [
      ['--metadata', 'even=yes'],
      [0, 2],
    ],
    [['--metadata', 'even=yes', '--metadata', 'at=2'], [2]],
    [['--metadata', 'empty='], [3]],
    [['-m', 'gpt-4o'], [1]],
    [
      ['--order', 'desc', '--limit', '2'],
      [3, 2],
    ],
    [['--limit', '1'], [0]],
  ])('%j has those that fit', async (flags, places) => {
    const { ids, run } = await keeping(
      ['a', { metadata: { even: 'yes', at: '0' } }],
      ['b', { model: 'gpt-4o' }],
      ['c', { metadata: { even: 'yes', at: '2' } }],
      ['d', { metadata: { empty: '' } }],
    );
    expect(idsOf(await run(['list', ...flags]))).toEqual(places.map((place) => ids[place]));
  });

  it('goes through all pages, and after an id', async () => {
    const { ids, run } = await keeping(...Array.from({ length: 205 }, (_, at) => String(at)));
    expect(idsOf(await run(['list']))).toEqual(ids);
    expect(idsOf(await run(['list', '--limit', '150']))).toEqual(ids.slice(0, 150));
    expect(idsOf(await run(['list', '--after', ids[199] ?? '']))).toEqual(ids.slice(200));
  });

  const item = (id: string) => ({ id, object: 'chat.completion', created: 1, model: 'm', choices: [] });

  it('keeps what came before a failure', async () => {
    const pages = () => [
      jsonAnswer({ object: 'list', data: [item('a')], has_more: true }),
      errorAnswer(500, { message: 'oh' }),
    ];
    const piped = await oai(['stored', 'list', '--retries', '0'], { fetch: stubApi(...pages()).fetch });
    expect([piped.code, idsOf(piped)]).toEqual([6, ['a']]);
    const whole = await oai(['stored', 'list', '--retries', '0', '--json'], {
      fetch: stubApi(...pages()).fetch,
    });
    expect([whole.code, JSON.parse(whole.stdout)]).toEqual([6, [item('a')]]);
  });

  it('ends where a server gives the same page for ever', async () => {
    const page = () => jsonAnswer({ object: 'list', data: [item('a')], has_more: true });
    const result = await oai(['stored', 'list'], { fetch: stubApi(page(), page()).fetch });
    expect([result.code, idsOf(result)]).toEqual([0, ['a']]);
  });

  it('takes no more than was asked for from a server that gives more', async () => {
    const page = jsonAnswer({ object: 'list', data: [item('a'), item('b')], has_more: true });
    expect(idsOf(await oai(['stored', 'list', '--limit', '1'], { fetch: stubApi(page).fetch }))).toEqual([
      'a',
    ]);
  });

  it.each([
    ['no list', {}],
    ['a list of something else', { data: [{ id: 'x' }] }],
    ['a text', 'hello'],
  ])('that is %s is no answer', async (_, body) => {
    const { code, stdout, stderr } = await oai(['stored', 'list'], {
      fetch: stubApi(jsonAnswer(body)).fetch,
    });
    expect({ code, stdout }).toEqual({ code: 6, stdout: '' });
    expect(stderr).toMatch(/^oai: api\.openai\.com answered, but not with/);
  });

  it('bears a time and labels that are none', async () => {
    const odd = { ...item('a'), created: 'soon', metadata: null };
    const stdout = new CapturedOutput({ isTTY: true });
    const api = stubApi(jsonAnswer({ data: [odd], has_more: false }));
    expect(await oai(['stored', 'list'], { fetch: api.fetch, stdout })).toMatchObject({ code: 0 });
    expect(stdout.text).toMatch(/^ID +CREATED +MODEL +LABELS +ANSWER\na +- +m +-\n$/);
  });
});

describe('one', () => {
  it('is its answer, and with --json all of it', async () => {
    const { ids, run } = await keeping('hello');
    const [id = ''] = ids;
    expect(await run(['get', id])).toMatchObject({
      code: 0,
      stdout: 'You said: hello\nWith: store true\n',
      stderr: '',
    });
    expect(JSON.parse((await run(['get', id, '--json'])).stdout)).toMatchObject({ id, metadata: {} });
  });

  it('has each of several answers', async () => {
    const { ids, run } = await keeping(['hello', { n: 2 }]);
    expect((await run(['get', ids[0] ?? ''])).stdout.match(/You said: hello/g)).toHaveLength(2);
  });

  it('is its refusal, or the tools that it asks for', async () => {
    const choice = (message: object) =>
      jsonAnswer({ id: 'a', model: 'm', choices: [{ message: { content: null, ...message } }] });
    const get = async (message: object) =>
      (await oai(['stored', 'get', 'a'], { fetch: stubApi(choice(message)).fetch })).stdout;
    expect(await get({ refusal: 'No.' })).toBe('No.\n');
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(JSON.parse(await get({ tool_calls: [call] }))).toEqual([call]);
  });

  it('has what was asked: JSON Lines, or a table', async () => {
    const image = { type: 'image_url', image_url: { url: 'https://x.example/a.png' } };
    const content = [{ type: 'text', text: 'what is it?' }, image];
    const messages = [
      { role: 'system', content: 'brief' },
      { role: 'user', content },
    ];
    const { ids, run } = await keeping(['', { messages }]);
    const [id = ''] = ids;
    expect(rowsOf(await run(['messages', id]))).toMatchObject([
      { id: `${id}-0`, role: 'system', content: 'brief' },
      { role: 'user', content_parts: content },
    ]);
    const stdout = new CapturedOutput({ isTTY: true });
    await run(['messages', id], { stdout });
    expect(stdout.text).toBe('ROLE    MESSAGE\nsystem  brief\nuser    what is it? [image_url]\n');
  });

  it('bears messages that are odd', async () => {
    const odd = [
      { id: 'm', role: 'user', content: null, content_parts: [null, { type: 'text' }, 7] },
      { id: 'n', role: 'user', content_parts: {} },
      { id: 'o', role: 'assistant', tool_calls: [{ id: 'c' }] },
    ];
    const stdout = new CapturedOutput({ isTTY: true });
    const api = stubApi(jsonAnswer({ data: odd, has_more: false }));
    expect((await oai(['stored', 'messages', 'a'], { fetch: api.fetch, stdout })).code).toBe(0);
    expect(stdout.text).toBe('ROLE       MESSAGE\nuser\nuser\nassistant  [{"id":"c"}]\n');
  });

  it('gets other labels, or none', async () => {
    const { ids, run } = await keeping(['a', { metadata: { old: '1' } }]);
    const [id = ''] = ids;
    const updated = await run(['update', id, '--metadata', 'a=b=c', '--metadata', 'd=']);
    expect(rowsOf(updated)).toMatchObject([{ id, metadata: { a: 'b=c', d: '' } }]);
    expect(rowsOf(updated)[0].metadata).not.toHaveProperty('old');
    expect(JSON.parse((await run(['update', id, '--no-metadata', '--json'])).stdout).metadata).toEqual({});
    const both = await run(['update', id, '--no-metadata', '--metadata', 'x=y', '--json']);
    expect(JSON.parse(both.stdout).metadata).toEqual({ x: 'y' });
  });

  it.each([['get'], ['messages'], ['delete', '--yes'], ['update', '--metadata', 'a=b']])(
    'that is not there is exit 4, with a hint: %s',
    async (action, ...flags) => {
      const { run } = await keeping('a');
      const { code, stdout, stderr } = await run([action, 'chatcmpl-nope', ...flags]);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      expect(stderr).toMatch(
        /^oai: Chat completion with id 'chatcmpl-nope' not found\. \(request \w+\)\n {5}`oai stored list` shows what is kept: answers that were asked for with --store\n$/,
      );
    },
  );

  it('of the sandbox of one command is never there', async () => {
    const { code, stderr } = await oai(['stored', 'get', 'a', '--sandbox']);
    expect(code).toBe(4);
    expect(stderr).toContain('`oai sandbox` remembers while it runs');
  });

  it('of a server that keeps none', async () => {
    const api = stubApi(errorAnswer(405, { message: 'Method Not Allowed' }));
    const { code, stderr } = await oai(['stored', 'list', '--base-url', 'http://localhost:9/v1'], {
      fetch: api.fetch,
    });
    expect(code).toBe(4);
    expect(stderr).toContain('of a server that keeps any');
  });
});

describe('to delete', () => {
  it('needs --yes where nobody can be asked', async () => {
    const { ids, run } = await keeping('a', 'b');
    const refused = await run(['delete', ...ids]);
    expect(refused).toMatchObject({
      code: 2,
      stdout: '',
      stderr: 'oai: nobody is asked here whether to delete 2 completions\n     --yes deletes it\n',
    });
    expect(idsOf(await run(['list']))).toEqual(ids);
  });

  it('prints what is gone', async () => {
    const { ids, run } = await keeping('a', 'b', 'c');
    const [a = '', b = '', c] = ids;
    expect(await run(['delete', a, b, a, '--yes'])).toMatchObject({
      code: 0,
      stdout: `${a}\n${b}\n`,
      stderr: '',
    });
    expect(idsOf(await run(['list']))).toEqual([c]);
  });

  it('prints the API’s words with --json', async () => {
    const { ids, run } = await keeping('a');
    expect(rowsOf(await run(['delete', ids[0] ?? '', '--json', '--yes']))).toEqual([
      { object: 'chat.completion.deleted', id: ids[0], deleted: true },
    ]);
  });

  it('goes on past those that are not there', async () => {
    const { ids, run } = await keeping('a');
    const [a = ''] = ids;
    expect(await run(['delete', 'x', a, 'y', '--yes'])).toMatchObject({
      code: 9,
      stdout: `${a}\n`,
      stderr:
        "oai: Chat completion with id 'x' not found.\noai: Chat completion with id 'y' not found.\noai: 2 of 3 could not be deleted\n",
    });
    expect((await run(['delete', 'x', 'y', '--yes'])).code).toBe(4);
  });

  it('ends at once where nothing can be deleted', async () => {
    const api = stubApi(errorAnswer(401, { message: 'no' }));
    expect((await oai(['stored', 'delete', 'a', 'b', '--yes'], { fetch: api.fetch })).code).toBe(3);
  });
});

it('--param is any other field', async () => {
  const page = jsonAnswer({ data: [], has_more: false });
  const answer = jsonAnswer({ id: 'a', choices: [] });
  const api = stubApi(page, answer.clone(), answer);
  for (const words of [['list'], ['get', 'a'], ['update', 'a', '--metadata', 'a=b']]) {
    expect((await oai(['stored', ...words, '--param', 'x=7'], { fetch: api.fetch })).code).toBe(0);
  }
  expect(api.requests.slice(0, 2).map(({ url }) => new URL(url).searchParams.get('x'))).toEqual(['7', '7']);
  expect(await api.requests[2]?.json()).toEqual({ metadata: { a: 'b' }, x: 7 });
});

describe('a slip', () => {
  it.each([
    [[], 'stored needs one of list, get, messages, update, delete\n     oai stored list\n'],
    [['lst'], 'stored lst is no action; did you mean list?\n'],
    [
      ['constructor'],
      'stored constructor is no action\n     the actions are list, get, messages, update, delete: oai stored list\n',
    ],
    [['list', 'a'], 'stored list takes no words: a\n'],
    [['get'], 'stored get needs the id of one completion\n'],
    [['get', 'a', 'b'], 'stored get takes the id of one completion, and there is b beside it\n'],
    [['delete'], 'stored delete needs the ids of completions\n'],
    [['get', ''], 'stored get: the id of one completion is empty\n'],
    [['get', '../models'], '../models is not the id of a completion\n'],
    [['delete', 'a', 'b c', '--yes'], 'b c is not the id of a completion\n'],
    [['get', 'a', '--limit', '2'], '--limit means nothing to stored get\n'],
    [['get', 'a', '--metadata', 'a=b'], '--metadata means nothing to stored get\n'],
    [['list', '--yes'], '--yes means nothing to stored list\n'],
    [['list', '--limit', '0'], '--limit 0 is not a whole number of 1 or more\n'],
    [['list', '--order', 'up'], '--order up is not one of asc, desc\n'],
    [['list', '--metadata', 'a'], '--metadata a is not of the form name=value\n'],
    [['list', '--metadata', '=a'], '--metadata =a is not of the form name=value\n'],
    [['list', '--metadata', 'a=1', '--metadata', 'a=2'], '--metadata a is given twice\n'],
    [['delete', 'a', '--yes', '--param', 'x=7'], '--param means nothing to stored delete\n'],
    [['list', '--no-metadata'], '--no-metadata is for stored update\n'],
    [['update', 'a'], 'stored update needs --metadata name=value\n'],
  ])('%j is a usage error, before anything is sent', async (words, message) => {
    const { code, stdout, stderr } = await oai(['stored', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(`oai: ${message}`)).toBe(true);
  });

  it('is shown before a key is missed', async () => {
    expect((await oai(['stored', 'lst'], { env: {} })).code).toBe(2);
    expect((await oai(['stored', 'list'], { env: {} })).code).toBe(3);
  });
});

it('--dry-run asks nothing and sends nothing', async () => {
  const { code, stdout } = await oai(['stored', 'delete', 'a', 'b', '--dry-run']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^curl .*-X DELETE .*\/chat\/completions\/a/);
});
