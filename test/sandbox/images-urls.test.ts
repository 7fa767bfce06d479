import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import type { ImagesResponse } from 'openai/resources/images';
import { describe, expect, it, onTestFinished } from 'vitest';
import { serve } from '../../src/sandbox/http.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { decodeImage } from '../support/decode-image.ts';
import { ask, request, sandbox } from './ask.ts';
import { bytesOf, earlier, edit, formOf, generate, imageOf, VARIATIONS } from './ask-images.ts';

/** A sandbox that has made one image, with its URL and its bytes. */
async function withImage(fields: object = {}): Promise<{ of: Sandbox; url: string; bytes: Buffer }> {
  const of = sandbox('urls');
  const [url = ''] = urlsOf(await generate(fields, of));
  return { of, url, bytes: bytesOf(await generate(fields))[0] ?? Buffer.alloc(0) };
}

function urlsOf({ data }: ImagesResponse): string[] {
  return (data ?? []).map(({ url }) => url ?? '');
}

const fetched = (of: Sandbox, url: string, headers: Record<string, string> = {}) =>
  of.answer(new Request(url, { headers }));
const bodyOf = async (response: Response) => Buffer.from(await response.arrayBuffer());

describe('an image by URL', () => {
  it.each([
    [{}, 'png', 'image/png'],
    [{ output_format: 'jpeg' }, 'jpg', 'image/jpeg'],
    [{ output_format: 'webp' }, 'webp', 'image/webp'],
  ])('is what would have come in base64: %o', async (fields, extension, type) => {
    const { of, url, bytes } = await withImage(fields);
    expect(url).toMatch(
      new RegExp(`^http://sandbox\\.invalid/v1/sandbox/images/[\\da-f]{32}-1\\.${extension}$`),
    );
    const response = await fetched(of, url);
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': type,
      'content-length': String(bytes.length),
      'accept-ranges': 'bytes',
      etag: expect.stringMatching(/^"[\da-f]{32}"$/),
    });
    expect((await bodyOf(response)).equals(bytes)).toBe(true);
  });

  it('comes unasked from all endpoints, and with nothing beside it', async () => {
    const of = sandbox('urls');
    const image = await imageOf(64, 64);
    const edited = await edit({ image, n: '2' }, of);
    expect(Object.keys(edited)).toEqual(['created', 'data']);
    const form = formOf({ image, response_format: 'b64_json' });
    const varied = await of.answer(request('POST', VARIATIONS, undefined, { body: form }));
    const urls = [...urlsOf(edited), ...urlsOf((await varied.json()) as ImagesResponse)];
    expect(urls.map((url) => url.replace(/.*-/, ''))).toEqual(['1.png', '2.png', '1.png']);
    for (const url of urls) expect((await fetched(of, url)).status).toBe(200);
    expect(edited.data?.every((one) => one.b64_json === undefined)).toBe(true);
  });

  it('has the same URL for the same request, and another for another', async () => {
    const urlOf = async (fields: object) => (await withImage(fields)).url;
    expect(await urlOf({})).toBe(await urlOf({}));
    const urls = await Promise.all([{}, { prompt: 'q' }, { size: '1024x640' }, { user: 'u' }].map(urlOf));
    expect(new Set(urls).size).toBe(4);
  });

  it('is broken when it was made so', async () => {
    const of = sandbox('urls,broken-image=1');
    const [url = ''] = urlsOf(await generate({}, of));
    const whole = bytesOf(await generate({}))[0];
    const response = await fetched(of, url);
    expect(response.headers.get('content-length')).toBe(String(Math.floor((whole?.length ?? 0) / 2)));
  });

  it('is kept until a hundred more have come', async () => {
    const of = earlier();
    const small = { model: 'dall-e-2', size: '256x256', n: 10 };
    const first = urlsOf(await generate({ ...small, n: 1 }, of))[0] ?? '';
    for (let at = 0; at < 9; at += 1) await generate({ ...small, prompt: `p${at}` }, of);
    await generate({ ...small, prompt: 'p9', n: 9 }, of);
    expect((await fetched(of, first)).status).toBe(200);
    await generate({ ...small, prompt: 'one more', n: 1 }, of);
    expect((await fetched(of, first)).status).toBe(404);
  });

  it.each([
    ['GET', '/sandbox/images/none.png', 404],
    ['GET', '/sandbox/images/', 404],
    ['GET', '/sandbox/images/%2e%2e%2fetc', 404],
    ['DELETE', '/sandbox/images/none.png', 405],
  ])('%s %s is answered %i', async (method, path, status) => {
    expect((await ask(method, path)).status).toBe(status);
  });

  it('is not there in another sandbox', async () => {
    const { url } = await withImage();
    expect((await fetched(sandbox(), url)).status).toBe(404);
  });
});

const shared = await withImage();

describe('a part of an image', () => {
  it.each([
    ['bytes=0-', 0, undefined],
    ['bytes=100-', 100, undefined],
    ['bytes=100-199', 100, 200],
    ['bytes=100-99999999', 100, undefined],
    ['bytes=0-0', 0, 1],
    ['bytes=-10', -10, undefined],
    ['bytes=-99999999', 0, undefined],
  ])('%s is sent', async (range, start, end) => {
    const { of, url, bytes } = shared;
    const part = bytes.subarray(start, end);
    const response = await fetched(of, url, { range });
    const from = start < 0 ? bytes.length + start : start;
    expect([response.status, response.headers.get('content-range')]).toEqual([
      206,
      `bytes ${from}-${from + part.length - 1}/${bytes.length}`,
    ]);
    expect(response.headers.get('content-length')).toBe(String(part.length));
    expect(response.headers.get('content-type')).toBe('image/png');
    expect((await bodyOf(response)).equals(part)).toBe(true);
  });

  it.each(['bytes=99999999-', 'bytes=-0', 'LENGTH'])('%s is outside', async (asked) => {
    const { of, url, bytes } = shared;
    const range = asked === 'LENGTH' ? `bytes=${bytes.length}-` : asked;
    const response = await fetched(of, url, { range });
    expect([response.status, response.headers.get('content-range'), await response.text()]).toEqual([
      416,
      `bytes */${bytes.length}`,
      '',
    ]);
  });

  it.each(['bytes=5-3', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6', 'nonsense'])(
    '%s is no range: all is sent',
    async (range) => {
      const { of, url, bytes } = shared;
      const response = await fetched(of, url, { range });
      expect([response.status, response.headers.get('content-length')]).toEqual([200, String(bytes.length)]);
    },
  );

  it('is sent only while the image is the same', async () => {
    const { of, url } = shared;
    const etag = (await fetched(of, url)).headers.get('etag') ?? '';
    const statusOf = async (ifRange: string) =>
      (await fetched(of, url, { range: 'bytes=5-', 'if-range': ifRange })).status;
    expect([await statusOf(etag), await statusOf('"another"'), await statusOf(`W/${etag}`)]).toEqual([
      206, 200, 200,
    ]);
    expect(await statusOf('Sat, 21 Nov 2026 12:00:00 GMT')).toBe(200);
  });
});

describe('over HTTP', () => {
  async function served(): Promise<string> {
    const controller = new AbortController();
    onTestFinished(() => controller.abort());
    const { url } = await serve(sandbox('urls'), { port: 0, host: '127.0.0.1', signal: controller.signal });
    return url;
  }
  const made = async (base: string): Promise<string> => {
    const response = await fetch(`${base}/images/generations`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ prompt: 'p' }),
    });
    return urlsOf((await response.json()) as ImagesResponse)[0] ?? '';
  };

  it('an image is fetched from where the client asked', async () => {
    const base = await served();
    const url = await made(base);
    expect(url.startsWith(`${base}/sandbox/images/`)).toBe(true);
    const response = await fetch(url);
    expect(response.headers.get('content-length')).toMatch(/^\d+$/);
    const image = await decodeImage(await bodyOf(response));
    expect([image.width, image.height]).toEqual([1024, 1024]);
    const part = await fetch(url, { headers: { range: 'bytes=1-3' } });
    expect([part.status, await part.text()]).toEqual([206, 'PNG']);
  });

  it('by the name that the client has for it', async () => {
    const base = (await served()).replace('127.0.0.1', 'localhost');
    expect(await made(base)).toMatch(/^http:\/\/localhost:\d+\/v1\/sandbox\/images\//);
  });

  it.each([
    ['example.org', 'http://example.org'],
    ['[::1]:4010', 'http://[::1]:4010'],
    ['a/b', 'http://sandbox.invalid'],
    ['user@evil', 'http://sandbox.invalid'],
    ['a?b', 'http://sandbox.invalid'],
    ['x:99999', 'http://sandbox.invalid'],
  ])('the host %j gives addresses at %s', async (host, origin) => {
    const headers = { host, 'content-type': 'application/json' };
    const asked = httpRequest(`${await served()}/images/generations`, { method: 'POST', headers });
    asked.end(JSON.stringify({ prompt: 'p' }));
    const [response] = await once(asked, 'response');
    let text = '';
    for await (const piece of response) text += String(piece);
    expect(new URL(urlsOf(JSON.parse(text))[0] ?? '').origin).toBe(origin);
  });

  it('an edit is sent as a form', async () => {
    const body = formOf({ prompt: 'p', image: await imageOf(64, 64) });
    const response = await fetch(`${await served()}/images/edits`, { method: 'POST', body });
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { data: [{ url: expect.any(String) }] },
    ]);
  });
});
