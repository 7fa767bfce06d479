import { OpenAI } from 'openai';
import type { ChatCompletion } from 'openai/resources/chat/completions';
import { describe, expect, it } from 'vitest';
import { CompletionShelf } from '../../src/sandbox/completion-shelf.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { ask, BASE, chat, type ErrorAnswer, hello, sandbox, stream } from './ask.ts';

const PATH = '/chat/completions';

interface List<Item> {
  readonly data: readonly Item[];
  readonly first_id: string;
  readonly last_id: string;
  readonly has_more: boolean;
}

interface Message {
  readonly id: string;
  readonly role: string;
  readonly content: string | null;
  readonly content_parts: readonly object[] | null;
}

/** The path without its query is what the document knows. */
async function list<Item = ChatCompletion>(of: Sandbox, query = '', path = PATH): Promise<List<Item>> {
  const response = await of.answer(new Request(`${BASE}${path}${query}`));
  const body = (await response.json()) as List<Item> & ErrorAnswer;
  if (response.status !== 200) throw new Error(`refused: ${response.status} ${body.error.message}`);
  return body;
}

async function refused(of: Sandbox, query: string, path = PATH): Promise<string> {
  return list(of, query, path).then(
    () => 'accepted',
    (error: Error) => error.message,
  );
}

const stored = (text: string, fields: object = {}) =>
  hello({ messages: [{ role: 'user', content: text }], store: true, ...fields });

describe('what is stored', () => {
  it('is what was asked for with store, as it was answered, with its labels', async () => {
    const of = sandbox();
    const first = await chat(stored('a', { metadata: { project: 'x' } }), of);
    await chat(hello(), of);
    await chat(hello({ store: false }), of);
    const second = await chat(stored('b'), of);
    const { body } = await ask<List<ChatCompletion>>('GET', PATH, undefined, { of });
    expect(body).toEqual({
      object: 'list',
      data: [
        { ...first, metadata: { project: 'x' } },
        { ...second, metadata: {} },
      ],
      first_id: first.id,
      last_id: second.id,
      has_more: false,
    });
    expect((await ask('GET', `${PATH}/${first.id}`, undefined, { of })).body).toEqual(body.data[0]);
  });

  it('is nothing at first', async () => {
    expect((await ask('GET', PATH)).body).toMatchObject({ data: [], has_more: false });
  });

  it('may have been streamed, also where the stream was cut', async () => {
    const of = sandbox('cut@1');
    const { chunks } = await stream(stored('a b c d e'), of);
    const { data } = await list(of);
    expect(data.map(({ id }) => id)).toEqual([chunks[0]?.id]);
    expect(data[0]?.choices[0]?.message.content).toContain('a b c d e');
  });

  it('has a name of its own each time that the same is asked', async () => {
    const of = sandbox();
    const ids = [await chat(stored('a'), of), await chat(stored('a'), of), await chat(stored('a'), of)].map(
      ({ id }) => id,
    );
    expect(new Set(ids).size).toBe(3);
    expect((await list(of)).data.map(({ id }) => id)).toEqual(ids);
    // In the next sandbox they are the same.
    expect((await chat(stored('a'), sandbox())).id).toBe(ids[0]);
  });

  it('is kept to 10,000, the newest', () => {
    const shelf = new CompletionShelf();
    const request = { model: 'm', messages: [] };
    for (let at = 0; at <= 10_000; at++) shelf.add({ id: String(at), model: 'm' }, request);
    expect([shelf.all().length, shelf.get('0'), shelf.get('1')?.told.id]).toEqual([10_000, undefined, '1']);
  });
});

describe('a list', () => {
  async function five(): Promise<{ of: Sandbox; ids: string[] }> {
    const of = sandbox();
    const asked = ['a', 'b', 'c', 'd', 'e'].map((text, at) =>
      stored(text, {
        model: at === 3 ? 'gpt-4o' : 'gpt-6-luna',
        metadata: { at: String(at), even: String(at % 2 === 0) },
      }),
    );
    const ids: string[] = [];
    for (const body of asked) ids.push((await chat(body, of)).id);
    return { of, ids };
  }

  const pick = (ids: readonly string[], ...places: number[]) => places.map((place) => ids[place]);

  it.each<[string, number[], boolean]>([
    ['?limit=2', [0, 1], true],
    ['?order=desc', [4, 3, 2, 1, 0], false],
    ['?order=desc&limit=2', [4, 3], true],
    ['?model=gpt-4o', [3], false],
    ['?model=gpt-6-luna&limit=4', [0, 1, 2, 4], false],
    ['?metadata%5Beven%5D=true', [0, 2, 4], false],
    ['?metadata[even]=true&metadata[at]=4', [4], false],
    ['?metadata[even]=maybe', [], false],
    ['?metadata[constructor]=x', [], false],
  ])('%s has %j', async (query, places, more) => {
    const { of, ids } = await five();
    const { data, has_more } = await list(of, query);
    expect(data.map(({ id }) => id)).toEqual(pick(ids, ...places));
    expect(has_more).toBe(more);
  });

  it('goes on after an id, either way', async () => {
    const { of, ids } = await five();
    expect((await list(of, `?after=${ids[1]}&limit=2`)).data.map(({ id }) => id)).toEqual(pick(ids, 2, 3));
    expect((await list(of, `?after=${ids[1]}&order=desc`)).data.map(({ id }) => id)).toEqual(pick(ids, 0));
    expect(await list(of, `?after=${ids[4]}`)).toMatchObject({ data: [], has_more: false });
  });

  it('has 20 where nobody says how many', async () => {
    const of = sandbox();
    for (let at = 0; at < 21; at++) await chat(stored(String(at)), of);
    expect(await list(of)).toMatchObject({ data: { length: 20 }, has_more: true });
  });

  it.each([
    ['?limit=0', /integer below minimum/],
    ['?limit=101', /integer above maximum/],
    ['?limit=many', /expected an integer, but got a string/],
    ['?order=up', /Invalid value: 'up'/],
    ['?after=nope', /no item with id 'nope'/],
    ['?before=x', /Unknown parameter: 'before'/],
    [`?metadata[${'k'.repeat(65)}]=v`, /key too long/],
  ])('%s is refused', async (query, message) => {
    expect(await refused(sandbox(), query)).toMatch(message);
  });
});

describe('the messages of a stored completion', () => {
  it('are what was asked', async () => {
    const of = sandbox();
    const image = { type: 'image_url', image_url: { url: 'https://x.example/cat.png' } };
    const text = { type: 'text', text: 'what is it?' };
    const call = { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } };
    const messages = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: [text, image] },
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'call_1', content: '7' },
      { role: 'user', content: 'and now?', name: 'ann' },
    ];
    const { id } = await chat(stored('', { messages }), of);
    const path = `${PATH}/${id}/messages`;
    const { body } = await ask<List<Message>>('GET', path, undefined, { of });
    expect(body.data).toMatchObject([
      { id: `${id}-0`, role: 'system', content: 'be brief', content_parts: null },
      { role: 'user', content: null, content_parts: [text, image] },
      { role: 'assistant', content: null, tool_calls: [call] },
      { role: 'tool', content: '7' },
      { id: `${id}-4`, role: 'user', content: 'and now?' },
    ]);
    const page = await list<Message>(of, `?after=${id}-1&limit=2`, path);
    expect(page).toMatchObject({ first_id: `${id}-2`, last_id: `${id}-3`, has_more: true });
    expect((await list<Message>(of, '?order=desc&limit=1', path)).data).toMatchObject([{ id: `${id}-4` }]);
    expect(await refused(of, '?model=x', path)).toMatch(/Unknown parameter/);
  });
});

describe('a stored completion', () => {
  it('has its labels replaced', async () => {
    const of = sandbox();
    const { id } = await chat(stored('a', { metadata: { a: '1', b: '2' } }), of);
    await chat(stored('b'), of);
    const { body } = await ask<ChatCompletion>('POST', `${PATH}/${id}`, { metadata: { c: '3' } }, { of });
    expect(body).toMatchObject({ id, metadata: { c: '3' } });
    expect((await list(of)).data.map(({ metadata }) => metadata)).toEqual([{ c: '3' }, {}]);
    expect((await ask('POST', `${PATH}/${id}`, { metadata: null }, { of })).body).toMatchObject({
      metadata: {},
    });
  });

  it.each([
    [{}, /Missing required parameter: 'metadata'/],
    [{ metadata: { a: 1 } }, /Invalid type for 'metadata.a'/],
    [{ metadata: {}, store: false }, /Unknown parameter: 'store'/],
    [
      { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [at, 'x'])) },
      /too many properties/,
    ],
  ])('is not changed by %j', async (fields, message) => {
    const of = sandbox();
    const { id } = await chat(stored('a'), of);
    const { status, body } = await ask('POST', `${PATH}/${id}`, fields, { of });
    expect([status, body.error.message]).toEqual([400, expect.stringMatching(message)]);
  });

  it('is deleted', async () => {
    const of = sandbox();
    const { id } = await chat(stored('a'), of);
    expect((await ask('DELETE', `${PATH}/${id}`, undefined, { of })).body).toEqual({
      object: 'chat.completion.deleted',
      id,
      deleted: true,
    });
    expect((await list(of)).data).toEqual([]);
    expect((await ask('DELETE', `${PATH}/${id}`, undefined, { of })).status).toBe(404);
  });

  it.each([
    ['GET', ''],
    ['DELETE', ''],
    ['GET', '/messages'],
    ['POST', ''],
  ])('that is not there is a 404: %s %s', async (method, rest) => {
    const body = method === 'POST' ? { metadata: {} } : undefined;
    const { status, body: answer } = await ask(method, `${PATH}/nope${rest}`, body);
    expect([status, answer.error]).toEqual([
      404,
      {
        message: "Chat completion with id 'nope' not found.",
        type: 'invalid_request_error',
        param: 'completion_id',
        code: null,
      },
    ]);
  });

  it('speaks with the SDK', async () => {
    const of = sandbox();
    const client = new OpenAI({
      apiKey: 'sk-any',
      baseURL: BASE,
      fetch: (url, init) => of.answer(new Request(url as string, init as RequestInit)),
    });
    for (const text of ['a', 'b', 'c']) await chat(stored(text, { metadata: { k: 'v' } }), of);
    const seen: string[] = [];
    for await (const { id } of client.chat.completions.list({ limit: 2, metadata: { k: 'v' } }))
      seen.push(id);
    expect(seen).toHaveLength(3);
    const [id = ''] = seen;
    expect((await client.chat.completions.messages.list(id)).data).toMatchObject([{ content: 'a' }]);
    expect((await client.chat.completions.update(id, { metadata: { n: '1' } })).metadata).toEqual({ n: '1' });
    expect((await client.chat.completions.delete(id)).deleted).toBe(true);
  });
});
