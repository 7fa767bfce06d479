import { OpenAI } from 'openai';
import { toStreamingFile } from 'openai/core/uploads';
import { describe, expect, it } from 'vitest';
import {
  outgoing,
  type RequestPlace,
  readRequest,
  requestKey,
  type TapedRequest,
} from '../../../../src/api/transport/cassette/taped-request.ts';

const baseUrl = 'https://api.test/v1';
const place: RequestPlace = { baseUrl, secrets: new Set(['hush-hush-hush']) };
const url = `${baseUrl}/chat/completions`;

function read(body: RequestInit['body'], headers: Record<string, string> = {}): Promise<TapedRequest> {
  return readRequest(url, { method: 'post', headers, ...(body != null && { body }) }, place);
}

async function keyOf(body: RequestInit['body'], headers?: Record<string, string>): Promise<string> {
  return requestKey(await read(body, headers));
}

function formOf(...fields: readonly (readonly [string, string | File])[]): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

const sound = (name: string, text = 'abc') => new File([text], name, { type: 'audio/wav' });

/** A form as the SDK streams it, with a boundary of its own. */
async function streamed(pieces: readonly string[]): Promise<TapedRequest> {
  let seen: Promise<TapedRequest> | undefined;
  const caught: typeof fetch = async (input, init) => {
    seen = readRequest(input, init, place);
    await seen;
    return Response.json({ text: '' });
  };
  const client = new OpenAI({ apiKey: 'x', baseURL: baseUrl, fetch: Object.assign(caught, { Response }) });
  const open = async function* () {
    for (const piece of pieces) yield Buffer.from(piece);
  };
  const file = toStreamingFile(open(), 'talk.wav', { type: 'audio/wav' });
  await client.audio.transcriptions.create({ model: 'm', file });
  return seen ?? expect.fail('nothing was sent');
}

describe('a request', () => {
  it('is its method, its path below the base URL, and its JSON', async () => {
    expect(await read('{"b":[1,{"c":null}],"a":"x"}', { authorization: 'Bearer hush-hush-hush' })).toEqual({
      method: 'POST',
      base_url: baseUrl,
      path: '/chat/completions',
      json: { b: [1, { c: null }], a: 'x' },
    });
  });

  it('is the same whatever the order of its fields, the server and the headers', async () => {
    const one = await keyOf('{"a":1,"b":{"c":1,"d":2}}');
    expect(await keyOf('{ "b": {"d":2,"c":1}, "a": 1.0 }', { 'x-odd': '1' })).toBe(one);
    const elsewhere = { baseUrl: 'http://localhost:9', secrets: place.secrets };
    const moved = await readRequest(
      'http://localhost:9/chat/completions',
      { method: 'POST', body: '{"a":1,"b":{"c":1,"d":2}}' },
      elsewhere,
    );
    expect(requestKey(moved)).toBe(one);
  });

  it.each([
    ['another value', '{"a":2}'],
    ['another type', '{"a":"1"}'],
    ['one field more', '{"a":1,"b":null}'],
    ['a list in place of an object', '[["a",1]]'],
    ['no JSON', '{"a":1'],
    ['nothing', ''],
  ])('is another one with %s', async (_, body) => {
    expect(await keyOf(body)).not.toBe(await keyOf('{"a":1}'));
  });

  it('is another one with another order of a list', async () => {
    expect(await keyOf('[1,2]')).not.toBe(await keyOf('[2,1]'));
  });

  it('holds no key that the run knows, and nothing that looks like one', async () => {
    const like = 'sk-proj-A1b2C3d4E5f6G7h8I9j0K1l2M3n4';
    const request = await read(JSON.stringify({ 'hush-hush-hush': `Bearer hush-hush-hush, ${like}` }));
    expect(request.json).toEqual({ '[key]': 'Bearer [key], [key]' });
    // A run without the key asks for the same.
    const other = await readRequest(
      url,
      { method: 'POST', body: JSON.stringify({ a: like }) },
      { baseUrl, secrets: new Set() },
    );
    expect(other.json).toEqual({ a: '[key]' });
  });

  it('names no organization, as error messages do', async () => {
    const text =
      'Rate limit reached in organization org-A1b2C3d4E5f6G7h8I9j0 on tokens; org-chart-of-acme stays';
    expect((await read(JSON.stringify({ text }))).json).toEqual({
      text: 'Rate limit reached in organization [organization] on tokens; org-chart-of-acme stays',
    });
  });

  it('keeps words that only begin like a key, and short secrets', async () => {
    const words =
      'sk-learn-regression-model-selection gsk_customer_identifier_name risk-A1b2C3d4E5f6G7h8I9j0K1';
    const place = { baseUrl, secrets: new Set(['ollama']) };
    const body = JSON.stringify({ words, name: 'ollama' });
    expect((await readRequest(url, { method: 'POST', body }, place)).json).toEqual({ words, name: 'ollama' });
  });

  it('stays JSON where a key is a number', async () => {
    const body = '{"seed":12345678,"text":"12345678"}';
    const request = await readRequest(
      url,
      { method: 'POST', body },
      { baseUrl, secrets: new Set(['12345678']) },
    );
    expect(request.json).toEqual({ seed: 12_345_678, text: '[key]' });
  });

  it('has a hash in place of a long image or sound', async () => {
    const data = Buffer.alloc(3000, 7).toString('base64');
    const body = (data: string) =>
      JSON.stringify({ url: `data:image/png;base64,${data}`, data, text: 'x'.repeat(5000) });
    const { json } = await read(body(data));
    expect(json).toEqual({
      url: expect.stringMatching(/^data:image\/png;base64,sha256:[0-9a-f]{64}$/),
      data: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      // Base64 by its letters: nobody reads it either.
      text: expect.stringMatching(/^sha256:/),
    });
    expect(await keyOf(body(data))).not.toBe(await keyOf(body(`${data.slice(4)}AAAA`)));
  });

  it('bears an image of 40 MB', async () => {
    const data = Buffer.alloc(30_000_000, 7).toString('base64');
    const { json } = await read(JSON.stringify({ url: `data:image/png;base64,${data}` }));
    expect(json).toEqual({ url: expect.stringMatching(/^data:image\/png;base64,sha256:/) });
  });

  it('has the query of the API in its path, and of a download only a hash', async () => {
    const listed = await readRequest(`${baseUrl}/files?limit=2`, {}, place);
    expect(listed).toEqual({ method: 'GET', base_url: baseUrl, path: '/files?limit=2' });
    const link = 'https://files.test/cat.png?sig=abc';
    const downloaded = await readRequest(link, {}, { ...place, baseUrl: undefined });
    expect(downloaded).toMatchObject({ method: 'GET', url: 'https://files.test/cat.png' });
    expect(JSON.stringify(downloaded)).not.toContain('abc');
    const other = await readRequest(`${link}d`, {}, { ...place, baseUrl: undefined });
    const rest = await readRequest(
      link,
      { headers: { range: 'bytes=3-' } },
      { ...place, baseUrl: undefined },
    );
    expect(new Set([downloaded, other, rest].map(requestKey)).size).toBe(3);
  });
});

describe('a form', () => {
  it('is its fields, and hashes of its files', async () => {
    const request = await read(formOf(['model', 'm'], ['file', sound('talk.wav')]));
    expect(request.form).toEqual([
      { name: 'model', value: 'm' },
      {
        name: 'file',
        filename: 'talk.wav',
        bytes: 3,
        sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
      },
    ]);
  });

  it('is the same whatever its boundary, the order of its fields, and the names of its files', async () => {
    const one = await keyOf(formOf(['model', 'm'], ['file', sound('talk.wav')]));
    expect(await keyOf(formOf(['file', sound('other.wav')], ['model', 'm']))).toBe(one);
    for (const pieces of [['abc'], ['a', 'b', 'c'], ['', 'ab', 'c']]) {
      const { form } = await streamed(pieces);
      expect(requestKey({ method: 'POST', path: '/chat/completions', ...(form && { form }) })).toBe(one);
    }
  });

  it.each<[string, FormData]>([
    ['another file', formOf(['model', 'm'], ['file', sound('talk.wav', 'abd')])],
    ['another field', formOf(['model', 'n'], ['file', sound('talk.wav')])],
    ['a text in place of the file', formOf(['model', 'm'], ['file', 'abc'])],
    ['two of them', formOf(['model', 'm'], ['file', sound('talk.wav')], ['file', sound('talk.wav')])],
  ])('is another one with %s', async (_, form) => {
    expect(await keyOf(form)).not.toBe(await keyOf(formOf(['model', 'm'], ['file', sound('talk.wav')])));
  });

  it('has long texts whole', async () => {
    const prompt = 'word '.repeat(500_000);
    const form = new Response(formOf(['prompt', prompt]));
    const request = await read(form.body, { 'content-type': form.headers.get('content-type') ?? '' });
    expect(request.form).toEqual([{ name: 'prompt', value: prompt }]);
  });

  it('is another one with several files of one name in another order', async () => {
    const images = (...texts: string[]) =>
      formOf(...texts.map((text) => ['image[]', sound('x', text)] as const));
    expect(await keyOf(images('a', 'b'))).not.toBe(await keyOf(images('b', 'a')));
  });

  it('is read while it is sent, a piece at a time, and sent as it is', async () => {
    const pieces = ['--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n', 'é\r\n', '--b--\r\n'];
    let taken = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces[taken];
          if (piece === undefined) controller.close();
          else controller.enqueue(Buffer.from(piece));
          taken += 1;
        },
      },
      { highWaterMark: 0 },
    );
    const init = { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=b' } };
    const { init: sent, request } = await outgoing(url, init, place);
    expect({ taken, request: request() }).toEqual({ taken: 0, request: undefined });
    const reader = new Response(sent?.body ?? null).body?.getReader() ?? expect.fail('no body');
    const read = [];
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      read.push(Buffer.from(step.value).toString());
      expect(taken).toBe(read.length);
    }
    expect(read).toEqual(pieces);
    expect(request()?.form).toEqual([{ name: 'a', value: 'é' }]);
  });

  it('that is garbled is sent all the same, and is no request that could be kept', async () => {
    const body = ReadableStream.from([Buffer.from('no form')]);
    const init = { method: 'POST', body, headers: { 'content-type': 'multipart/form-data; boundary=b' } };
    const { init: sent, request } = await outgoing(url, init, place);
    expect(await new Response(sent?.body ?? null).text()).toBe('no form');
    expect(request()).toBeUndefined();
  });

  it('that breaks off fails as it would without being read', async () => {
    const failing = async function* () {
      yield Buffer.from('--b\r\n');
      throw new Error('the file changed');
    };
    const init = {
      method: 'POST',
      body: ReadableStream.from(failing()),
      headers: { 'content-type': 'multipart/form-data; boundary=b' },
    };
    const { init: sent, request } = await outgoing(url, init, place);
    await expect(new Response(sent?.body ?? null).text()).rejects.toThrow('the file changed');
    expect(request()).toBeUndefined();
  });
});
