import { deflateRawSync } from 'node:zlib';
import OpenAI from 'openai';
import type { VectorStoreFileBatch } from 'openai/resources/vector-stores/file-batches';
import type { VectorStoreFile } from 'openai/resources/vector-stores/files';
import type { VectorStore, VectorStoreSearchResponse } from 'openai/resources/vector-stores/vector-stores';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../support/context.ts';
import { checkRequest } from '../support/openapi.ts';
import { pdf } from '../support/pdf.ts';
import { ask, BASE, sandbox } from './ask.ts';
import { given, refused, STORES, storeOf, upload } from './ask-vector-stores.ts';

interface List<Item> {
  readonly data: readonly Item[];
  readonly first_id: string;
  readonly last_id: string;
  readonly has_more: boolean;
}

const TEXTS = {
  'cats.md': 'Cats sleep on the sofa by the window.',
  'dogs.md': 'Dogs bark at the postman in the morning.',
  'tax.txt': 'The tax return is due in July.',
};

describe('a store', () => {
  it('is made, told, changed, listed from the newest on, and deleted', async () => {
    const of = sandbox();
    const asked = {
      name: 'notes',
      metadata: { project: 'x' },
      expires_after: { anchor: 'last_active_at', days: 7 },
    };
    const { body: made } = await ask<VectorStore>('POST', STORES, asked, { of });
    expect(made).toMatchObject({
      id: expect.stringMatching(/^vs_[0-9a-f]{32}$/),
      object: 'vector_store',
      name: 'notes',
      status: 'completed',
      usage_bytes: 0,
      file_counts: { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: 0 },
      expires_after: { anchor: 'last_active_at', days: 7 },
      metadata: { project: 'x' },
    });
    expect(made.expires_at).toBe(made.created_at + 7 * 86_400);
    const path = `${STORES}/${made.id}`;
    const change = { name: 'other', metadata: {}, expires_after: null };
    checkRequest('POST', path, { name: 'other', metadata: {} });
    const changed = await given<VectorStore>('POST', path, of, change);
    expect(changed).toMatchObject({ name: 'other', metadata: {}, expires_at: null });
    const { id: second } = await given<VectorStore>('POST', STORES, of, {});
    const { data } = await given<List<VectorStore>>('GET', STORES, of);
    expect(data.map(({ id }) => id)).toEqual([second, made.id]);
    expect(await given('DELETE', path, of)).toEqual({
      id: made.id,
      object: 'vector_store.deleted',
      deleted: true,
    });
    expect(await refused('GET', path, of)).toEqual([404, `Vector store with id '${made.id}' not found.`]);
  });

  it('is listed page by page, both ways', async () => {
    const of = sandbox();
    const ids: string[] = [];
    for (let at = 0; at < 5; at++) ids.push((await given<VectorStore>('POST', STORES, of, {})).id);
    const page = async (query: string) =>
      (await given<List<VectorStore>>('GET', STORES, of, undefined, query)).data.map(({ id }) =>
        ids.indexOf(id),
      );
    expect(await page('?limit=2')).toEqual([4, 3]);
    expect(await page(`?limit=2&after=${ids[3]}`)).toEqual([2, 1]);
    expect(await page('?order=asc&limit=2')).toEqual([0, 1]);
    expect(await page(`?before=${ids[2]}`)).toEqual([4, 3]);
    expect(await page(`?order=asc&before=${ids[2]}`)).toEqual([0, 1]);
    for (const field of ['before', 'after']) {
      const told = `Invalid value for '${field}': no item with id 'vs_none' found.`;
      expect(await refused('GET', STORES, of, undefined, `?${field}=vs_none`)).toEqual([400, told]);
    }
  });

  it('ends so many days after it was last used', async () => {
    const clock = new FakeClock({ leap: true });
    const of = sandbox(undefined, { clock });
    const expires_after = { anchor: 'last_active_at', days: 2 };
    const { id } = await given<VectorStore>('POST', STORES, of, { name: 'a', expires_after });
    const path = `${STORES}/${id}`;
    clock.advance(86_400_000);
    await given('POST', `${path}/search`, of, { query: 'x' });
    clock.advance(86_400_000);
    expect((await given<VectorStore>('GET', path, of)).status).toBe('completed');
    clock.advance(86_400_000);
    expect((await given<VectorStore>('GET', path, of)).status).toBe('expired');
    const file = await upload('a.md', 'x', of);
    for (const [where, body] of [
      ['search', { query: 'x' }],
      ['files', { file_id: file }],
      ['file_batches', { file_ids: [file] }],
    ] as const) {
      expect(await refused('POST', `${path}/${where}`, of, body)).toEqual([
        400,
        `Vector store ${id} is expired.`,
      ]);
    }
  });

  it.each<[string, unknown, string]>([
    [
      'a name that is none',
      { name: 7 },
      "Invalid type for 'name': expected a string, but got an integer instead.",
    ],
    ['a field that is not known', { nam: 'x' }, "Unknown parameter: 'nam'."],
    [
      'a year and a day',
      { expires_after: { anchor: 'last_active_at', days: 366 } },
      "Invalid 'expires_after.days': integer above maximum value. Expected a value <= 365, but got 366 instead.",
    ],
    [
      'another anchor',
      { expires_after: { anchor: 'created_at', days: 3 } },
      "Invalid value: 'created_at'. Supported values are: 'last_active_at'.",
    ],
    ['a file that is not there', { file_ids: ['file-x'] }, 'No such File object: file-x'],
  ])('is refused %s', async (_, body, message) => {
    expect((await refused('POST', STORES, sandbox(), body))[1]).toBe(message);
  });
});

describe('files of a store', () => {
  it('are in progress until somebody looks', async () => {
    const of = sandbox();
    const { id } = await given<VectorStore>('POST', STORES, of, {});
    const file_id = await upload('a.md', 'hello', of);
    const body = {
      file_id,
      attributes: { lang: 'en', year: 2026, done: true },
      chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 50 } },
    };
    const path = `${STORES}/${id}/files`;
    const { body: made } = await ask<VectorStoreFile>('POST', path, body, { of });
    expect(made).toMatchObject({
      id: file_id,
      status: 'in_progress',
      last_error: null,
      attributes: body.attributes,
      chunking_strategy: body.chunking_strategy,
    });
    expect((await given<List<VectorStoreFile>>('GET', path, of)).data[0]?.status).toBe('in_progress');
    const seen = await given<VectorStoreFile>('GET', `${path}/${file_id}`, of);
    expect(seen).toMatchObject({ status: 'completed', usage_bytes: 5 });
    const attributes = { lang: 'de' };
    checkRequest('POST', `${path}/${file_id}`, { attributes });
    expect(await given('POST', `${path}/${file_id}`, of, { attributes })).toMatchObject({ attributes });
    expect(await given('DELETE', `${path}/${file_id}`, of)).toMatchObject({ id: file_id, deleted: true });
    expect(await given(`GET`, `/files/${file_id}`, of)).toMatchObject({ id: file_id });
    expect((await refused('GET', `${path}/${file_id}`, of))[0]).toBe(404);
  });

  it('are gone when the file is deleted', async () => {
    const of = sandbox();
    const id = await storeOf({ 'a.md': 'hello' }, of);
    const { data } = await given<List<VectorStoreFile>>('GET', `${STORES}/${id}/files`, of);
    await given('DELETE', `/files/${data[0]?.id}`, of);
    expect((await given<VectorStore>('GET', `${STORES}/${id}`, of)).file_counts.total).toBe(0);
  });

  it('are listed by status', async () => {
    const of = sandbox();
    const id = await storeOf({ 'a.md': 'hello', 'b.md': '', 'c.md': 'there' }, of);
    const list = async (query: string) =>
      (await given<List<VectorStoreFile>>('GET', `${STORES}/${id}/files`, of, undefined, query)).data.length;
    expect([await list(''), await list('?filter=completed'), await list('?filter=failed&order=asc')]).toEqual(
      [3, 2, 1],
    );
  });

  it.each<[string, string | Uint8Array, object | null]>([
    ['a.txt', 'hello', null],
    ['a.pdf', pdf('Invoice 7'), null],
    ['a.docx', zipOf('word/document.xml', '<w:p><w:t>Hello</w:t></w:p>'), null],
    ['a.pptx', zipOf('ppt/slides/slide1.xml', '<a:p><a:t>Hello</a:t></a:p>'), null],
    ['a.txt', Buffer.from('\ufeffhello', 'utf16le'), null],
    ['a.txt', '', { code: 'invalid_file', message: 'The file could not be parsed because it is empty.' }],
    [
      'a.txt',
      Buffer.from([0xff, 0, 0x41]),
      { code: 'invalid_file', message: 'The file could not be parsed because it is corrupted.' },
    ],
    [
      'a.pdf',
      'no pdf',
      { code: 'invalid_file', message: 'The file could not be parsed because it is corrupted.' },
    ],
    [
      'a.docx',
      'PK\x03\x04 and no more',
      { code: 'invalid_file', message: 'The file could not be parsed because it is corrupted.' },
    ],
    ['a.csv', 'a,b', { code: 'unsupported_file', message: 'The file type is not supported.' }],
    ['a', 'text', { code: 'unsupported_file', message: 'The file type is not supported.' }],
  ])('%s is indexed, or says why not', async (name, content, error) => {
    const of = sandbox();
    const id = await storeOf({ [name]: content }, of);
    const { data } = await given<List<VectorStoreFile>>('GET', `${STORES}/${id}/files`, of);
    expect(data[0]).toMatchObject({ status: error === null ? 'completed' : 'failed', last_error: error });
  });

  it.each<[string, object, string]>([
    ['nothing', {}, "Missing required parameter: 'file_id'."],
    ['a file that is not there', { file_id: 'file-x' }, 'No such File object: file-x'],
    [
      '17 attributes',
      { attributes: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`k${at}`, at])) },
      "Invalid 'attributes': too many properties. Expected an object with at most 16 properties, but got an object with 17 properties instead.",
    ],
    [
      'a long attribute',
      { attributes: { a: 'x'.repeat(513) } },
      "Invalid 'attributes.a': string too long. Expected a string with maximum length 512, but got a string with length 513 instead.",
    ],
    [
      'an attribute that is a list',
      { attributes: { a: [1] } },
      "Invalid type for 'attributes.a': expected one of a string, number, or boolean, but got an array instead.",
    ],
    [
      'chunks of 99',
      {
        chunking_strategy: { type: 'static', static: { max_chunk_size_tokens: 99, chunk_overlap_tokens: 0 } },
      },
      "Invalid 'chunking_strategy.static.max_chunk_size_tokens': integer below minimum value. Expected a value >= 100, but got 99 instead.",
    ],
    [
      'more overlap than half',
      {
        chunking_strategy: {
          type: 'static',
          static: { max_chunk_size_tokens: 100, chunk_overlap_tokens: 51 },
        },
      },
      "Invalid 'chunking_strategy.static.chunk_overlap_tokens': must not exceed half of max_chunk_size_tokens.",
    ],
  ])('%s is refused', async (_, fields, message) => {
    const of = sandbox();
    const id = await storeOf({}, of);
    const file =
      'attributes' in fields || 'chunking_strategy' in fields
        ? { file_id: await upload('a.md', 'x', of) }
        : {};
    expect((await refused('POST', `${STORES}/${id}/files`, of, { ...file, ...fields }))[1]).toBe(message);
  });
});

describe('a batch of files', () => {
  async function begun(faults?: string) {
    const of = sandbox(faults);
    const id = await storeOf({}, of);
    const files = [];
    for (const name of ['a.md', 'b.md', 'c.md']) files.push(await upload(name, name, of));
    const path = `${STORES}/${id}/file_batches`;
    const { body } = await ask<VectorStoreFileBatch>(
      'POST',
      path,
      { file_ids: files, attributes: { a: 1 } },
      { of },
    );
    return { of, files, batch: body, path: `${path}/${body.id}` };
  }

  it('is done at the first look', async () => {
    const { of, batch, path } = await begun();
    expect(batch).toMatchObject({ status: 'in_progress', file_counts: { in_progress: 3, total: 3 } });
    expect(await given('GET', path, of)).toMatchObject({
      status: 'completed',
      file_counts: { completed: 3 },
    });
    const { data } = await given<List<VectorStoreFile>>('GET', `${path}/files`, of);
    expect(data.map(({ attributes }) => attributes)).toEqual(Array(3).fill({ a: 1 }));
  });

  it('is done part by part with slow-index, and can be cancelled', async () => {
    const { of, path } = await begun('slow-index=3');
    expect(await given('GET', path, of)).toMatchObject({ file_counts: { completed: 1, in_progress: 2 } });
    expect(await given('POST', `${path}/cancel`, of)).toMatchObject({
      status: 'cancelled',
      file_counts: { completed: 1, cancelled: 2 },
    });
    expect(await given('GET', path, of)).toMatchObject({ status: 'cancelled' });
  });

  it('has one that fails with broken-file', async () => {
    const { of, path, files } = await begun('broken-file=2');
    expect(await given('GET', path, of)).toMatchObject({ status: 'completed', file_counts: { failed: 1 } });
    const { data } = await given<List<VectorStoreFile>>(
      'GET',
      `${path}/files`,
      of,
      undefined,
      '?filter=failed',
    );
    expect(data).toMatchObject([{ id: files[1], last_error: { code: 'server_error' } }]);
  });

  it.each<[object, string]>([
    [{}, "Exactly one of 'file_ids' and 'files' must be given."],
    [
      { file_ids: [] },
      "Invalid 'file_ids': empty array. Expected an array with minimum length 1, but got an empty array instead.",
    ],
    [{ files: [{ attributes: {} }] }, "Missing required parameter: 'files[0].file_id'."],
    [
      { file_ids: Array(2001).fill('f') },
      "Invalid 'file_ids': array too long. Expected an array with maximum length 2000, but got an array with length 2001 instead.",
    ],
  ])('is refused', async (body, message) => {
    const of = sandbox();
    const id = await storeOf({}, of);
    expect((await refused('POST', `${STORES}/${id}/file_batches`, of, body))[1]).toBe(message);
  });
});

describe('a search', () => {
  async function found(
    body: object,
    files: Record<string, string> = TEXTS,
    attributes: Record<string, object> = {},
  ) {
    const of = sandbox();
    const id = await storeOf(files, of, attributes);
    const path = `${STORES}/${id}/search`;
    const answer = await ask<{ search_query: string[]; data: VectorStoreSearchResponse[] }>(
      'POST',
      path,
      body,
      { of },
    );
    expect(answer.status).toBe(200);
    return answer.body;
  }
  const namesOf = ({ data }: { data: readonly VectorStoreSearchResponse[] }) =>
    data.map(({ filename }) => filename);

  it('ranks passages by what they say', async () => {
    const answer = await found({ query: 'where do cats sleep?' });
    expect(namesOf(answer)[0]).toBe('cats.md');
    expect(answer.data).toHaveLength(3);
    expect(answer.data[0]?.content).toEqual([{ type: 'text', text: TEXTS['cats.md'] }]);
    const scores = answer.data.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(namesOf(await found({ query: 'when is the tax return due?' }))[0]).toBe('tax.txt');
  });

  it('gives no more than asked, nothing below a score, and may rewrite the question', async () => {
    expect((await found({ query: 'cats', max_num_results: 1 })).data).toHaveLength(1);
    expect(
      (await found({ query: 'cats', ranking_options: { score_threshold: 0.99, ranker: 'auto' } })).data,
    ).toEqual([]);
    expect((await found({ query: 'where do cats sleep?', rewrite_query: true })).search_query).toEqual([
      'do cats sleep',
    ]);
  });

  it('cuts files as it was told', async () => {
    const long = Array.from({ length: 900 }, (_, at) => `word${at}`).join(' ');
    const { data } = await found({ query: 'word7', max_num_results: 50 }, { 'long.txt': long });
    expect(data.length).toBeGreaterThan(1);
  });

  const attributes = { 'cats.md': { lang: 'de', year: 2020 }, 'dogs.md': { lang: 'en', year: 2024 } };
  const eq = (key: string, value: unknown, type = 'eq') => ({ type, key, value });
  it.each<[object, string[]]>([
    [eq('lang', 'de'), ['cats.md']],
    [eq('lang', 'de', 'ne'), ['dogs.md', 'tax.txt']],
    [eq('year', 2020, 'gt'), ['dogs.md']],
    [eq('year', 2020, 'gte'), ['cats.md', 'dogs.md']],
    [eq('year', 2024, 'lt'), ['cats.md']],
    [eq('year', 2024, 'lte'), ['cats.md', 'dogs.md']],
    [eq('lang', ['de', 'fr'], 'in'), ['cats.md']],
    [eq('lang', ['de', 'fr'], 'nin'), ['dogs.md', 'tax.txt']],
    [{ type: 'and', filters: [eq('lang', 'de'), eq('year', 2024)] }, []],
    [{ type: 'or', filters: [eq('lang', 'de'), eq('year', 2024)] }, ['cats.md', 'dogs.md']],
  ])('keeps to a filter: %j', async (filters, names) => {
    expect(namesOf(await found({ query: 'x', filters }, TEXTS, attributes)).sort()).toEqual(names);
  });

  it.each<[object, string]>([
    [{}, "Missing required parameter: 'query'."],
    [
      { query: '' },
      "Invalid 'query': empty string. Expected a string with minimum length 1, but got an empty string instead.",
    ],
    [
      { query: 'x', max_num_results: 51 },
      "Invalid 'max_num_results': integer above maximum value. Expected a value <= 50, but got 51 instead.",
    ],
    [
      { query: 'x', filters: { type: 'like', key: 'a', value: 'b' } },
      "Invalid value: 'like'. Supported values are: 'eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin', 'and', and 'or'.",
    ],
    [{ query: 'x', filters: { type: 'eq', key: 'a' } }, "Missing required parameter: 'filters.value'."],
    [
      { query: 'x', ranking_options: { ranker: 'best' } },
      "Invalid value: 'best'. Supported values are: 'none', 'auto', and 'default-2024-11-15'.",
    ],
  ])('%j is refused', async (body, message) => {
    const of = sandbox();
    const id = await storeOf({}, of);
    expect((await refused('POST', `${STORES}/${id}/search`, of, body))[1]).toBe(message);
  });
});

it('a response that may search a store cites what is in it', async () => {
  const of = sandbox();
  const id = await storeOf(TEXTS, of);
  const client = new OpenAI({
    apiKey: 'x',
    baseURL: BASE,
    fetch: (input, init) => of.answer(new Request(input, init)),
  });
  const answer = await client.responses.create({
    model: 'gpt-6-luna',
    input: 'where do cats sleep?',
    tools: [{ type: 'file_search', vector_store_ids: [id], max_num_results: 1 }],
    include: ['file_search_call.results'],
  });
  expect(answer.output_text).toContain('In cats.md: “Cats sleep on the sofa by the window.”');
  const call = answer.output.find(({ type }) => type === 'file_search_call');
  expect(call).toMatchObject({ results: [{ filename: 'cats.md', text: TEXTS['cats.md'] }] });
});

/** A ZIP file of one member. */
function zipOf(name: string, text: string): Uint8Array {
  const data = deflateRawSync(text);
  const local = Buffer.alloc(30);
  local.write('PK\x03\x04', 'latin1');
  local.writeUInt16LE(8, 8);
  local.writeUInt32LE(data.length, 18);
  local.writeUInt16LE(name.length, 26);
  const entry = Buffer.alloc(46);
  entry.write('PK\x01\x02', 'latin1');
  entry.writeUInt16LE(8, 10);
  entry.writeUInt32LE(data.length, 20);
  entry.writeUInt16LE(name.length, 28);
  return Buffer.concat([local, Buffer.from(name), data, entry, Buffer.from(name)]);
}
