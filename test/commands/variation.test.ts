import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { defaultModels } from '../../src/api/models.ts';
import { errorAnswer, jsonAnswer, stubApi } from '../support/api.ts';
import type { FakeContextOptions } from '../support/context.ts';
import { decodeImage } from '../support/decode-image.ts';
import { temporaryFolder } from '../support/folder.ts';
import { type FormFile, formOf } from '../support/forms.ts';
import { fill, image, imagesAnswer, png } from '../support/images.ts';
import { oai } from '../support/oai.ts';

const corgi = png(64, 64);
const wide = png(64, 32);
const made = png(10, 10);
const file = (name: string, bytes: Buffer): FormFile => ({ name, type: 'image/png', bytes });
const elsewhere = ['--base-url', 'http://localhost:9/v1'];

interface Desk extends FakeContextOptions {
  files?: Record<string, Uint8Array | string>;
}

async function vary(
  argv: readonly string[],
  { files = {}, ...options }: Desk = {},
  answers: Parameters<typeof stubApi> = [jsonAnswer(imagesAnswer(made))],
) {
  const cwd = await temporaryFolder();
  await fill(cwd, { 'corgi.png': corgi, 'wide.png': wide, ...files });
  const api = stubApi(...answers);
  const run = await oai(['variation', ...argv], { cwd, fetch: api.fetch, ...options });
  const left = (await readdir(cwd)).filter(
    (name) => !['corgi.png', 'wide.png', ...Object.keys(files)].includes(name),
  );
  return { ...run, cwd, requests: api.requests, left };
}

describe('the route by edits', () => {
  it('asks for a variation with a prompt', async () => {
    const { code, stdout, requests } = await vary(['corgi.png', '-n', '2', '--size', '1024x1024'], {}, [
      jsonAnswer(imagesAnswer(made, made)),
    ]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'corgi-variation-1.png\ncorgi-variation-2.png\n' });
    expect(requests[0]?.url).toBe('https://api.openai.com/v1/images/edits');
    const form = await formOf(requests[0]);
    expect(form).toEqual({
      model: defaultModels.image,
      prompt: expect.stringMatching(/^Make a variation of this image: .*details\.$/),
      image: file('corgi.png', corgi),
      n: '2',
      size: '1024x1024',
    });
  });

  it('adds what it is to be like', async () => {
    const { requests } = await vary(['corgi.png', '--like', 'in watercolour']);
    expect(await formOf(requests[0])).toMatchObject({
      prompt: expect.stringMatching(/^Make a variation of this image: .*\r?\n\r?\nin watercolour$/s),
    });
  });

  it('takes an image that is no square, and one from stdin', async () => {
    expect(await vary(['wide.png'])).toMatchObject({ code: 0, stdout: 'wide-variation.png\n' });
    expect(await vary(['-'], { stdin: corgi })).toMatchObject({ code: 0, stdout: 'image-variation.png\n' });
  });
});

describe('the route by variations', () => {
  it('calls the endpoint of old', async () => {
    const argv = ['corgi.png', '--via', 'variations', '-n', '1', '--size', '512x512', ...elsewhere];
    const { code, requests } = await vary(argv);
    expect(code).toBe(0);
    expect(requests[0]?.url).toBe('http://localhost:9/v1/images/variations');
    expect(await formOf(requests[0])).toEqual({ image: file('corgi.png', corgi), size: '512x512' });
  });

  it('names what an alias stands for', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'config.toml'), 'aliases = { old = "dall-e-2" }\n', { mode: 0o600 });
    const env = { OAI_HOME: cwd };
    const { requests } = await vary(['corgi.png', '--via', 'variations', '-m', 'old', ...elsewhere], { env });
    expect(await formOf(requests[0])).toMatchObject({ model: 'dall-e-2' });
  });

  it('decodes the name of a URL', async () => {
    const url = 'http://localhost:9/my%20dog.png?x=1';
    const { stdout } = await vary([url, ...elsewhere], {}, [
      new Response(corgi, { headers: { 'content-type': 'image/png' } }),
      jsonAnswer(imagesAnswer(made)),
    ]);
    expect(stdout).toBe('my-dog-variation.png\n');
  });

  it('names a model only where one is given', async () => {
    const { requests } = await vary(['corgi.png', '--via', 'variations', '-m', 'dall-e-2', ...elsewhere]);
    expect(await formOf(requests[0])).toMatchObject({ model: 'dall-e-2' });
  });

  it('says at OpenAI that the endpoint is closed', async () => {
    const { code, stderr } = await vary(['corgi.png', '--via', 'variations'], {}, [
      errorAnswer(404, { message: 'gone' }),
    ]);
    expect(code).toBe(4);
    expect(stderr).toContain(
      'oai: OpenAI closed /images/variations; without --via an edit takes its place\n',
    );
  });

  it('makes an image fit', async () => {
    const files = { 'x.gif': await image('gif', 3000, 1000) };
    const { code, requests, stdout } = await vary(['x.gif', '--via', 'variations', '--fit', ...elsewhere], {
      files,
    });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'x-variation.png\n' });
    const form = (await formOf(requests[0])) as { image: FormFile };
    expect(form.image.type).toBe('image/png');
    const { width, height, at } = await decodeImage(form.image.bytes);
    expect({ width, height }).toEqual({ width: 1024, height: 1024 });
    expect(at(512, 10)[3]).toBe(0);
    expect(at(512, 512)).toEqual([200, 80, 20, 255]);
  });

  it('makes an image fit the way up that people see', async () => {
    const plain = { create: { width: 60, height: 30, channels: 3, background: 'red' } } as const;
    const files = { 'x.jpg': await sharp(plain).jpeg().withMetadata({ orientation: 6 }).toBuffer() };
    const { requests } = await vary(['x.jpg', '--via', 'variations', '--fit', ...elsewhere], { files });
    const form = (await formOf(requests[0])) as { image: FormFile };
    expect(form.image.name).toBe('image.png');
    const { width, at } = await decodeImage(form.image.bytes);
    expect(width).toBe(60);
    // Bars on both sides of an image that stands, and none above it.
    expect([at(5, 30)[3], at(30, 1)[3]]).toEqual([0, 255]);
  });

  it('says what is missing where nothing can make it fit', async () => {
    vi.doMock('sharp', () => {
      throw new Error('Cannot find package');
    });
    const { code, stderr } = await vary(['wide.png', '--via', 'variations', '--fit', ...elsewhere], {}, []);
    vi.doUnmock('sharp');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: --fit needs the package sharp\n     npm install -g sharp\n',
    });
  });
});

describe('bad input, answered before anything is sent', () => {
  const noise = Buffer.alloc(5 * 1024 * 1024);
  noise.set(corgi);

  it.each<[string, string[], Desk, string]>([
    [
      'two images',
      ['corgi.png', 'wide.png'],
      {},
      "oai: too many arguments for 'variation'. Expected 1 argument but got 2.\n     `oai variation --help` shows what there is\n",
    ],
    ['a file that is not there', ['none.png'], {}, 'oai: cannot read none.png: no such file\n'],
    ['a fit of what fits', ['corgi.png', '--fit'], {}, 'oai: --fit goes with --via variations\n'],
    [
      'no square',
      ['wide.png', '--via', 'variations'],
      {},
      'oai: wide.png is 64x32, and must be square\n     --fit makes it so\n',
    ],
    [
      'too many bytes',
      ['noise.png', '--via', 'variations'],
      { files: { 'noise.png': noise } },
      'oai: noise.png is 5 MB; the API takes images below 4 MB\n     --fit makes it a square PNG below 4 MB\n',
    ],
    [
      'a wish',
      ['corgi.png', '--via', 'variations', '--like', 'x'],
      {},
      'oai: --like does not go with --via variations\n',
    ],
    [
      'a quality',
      ['corgi.png', '--via', 'variations', '--quality', 'low'],
      {},
      'oai: --quality does not go with --via variations\n',
    ],
    [
      'a null',
      ['corgi.png', '--param', 'user=null'],
      {},
      'oai: --param user: a request with files has no null\n',
    ],
    [
      'a fit of what a dry run does not fetch',
      ['https://x.test/a.png', '--via', 'variations', '--fit', '--dry-run'],
      {},
      'oai: --fit: https://x.test/a.png is not fetched in a dry run\n',
    ],
    [
      'a fit of what is broken',
      ['broken.png', '--via', 'variations', '--fit'],
      { files: { 'broken.png': Buffer.concat([corgi.subarray(0, 33), corgi.subarray(-12)]) } },
      'oai: --fit cannot read broken.png\n',
    ],
    ['a route', ['corgi.png', '--via', 'air'], {}, 'oai: --via air is not one of edits, variations\n'],
    [
      'no image',
      [],
      {},
      "oai: missing required argument 'image'\n     `oai variation --help` shows what there is\n",
    ],
  ])('%s', async (_, argv, desk, message) => {
    const { code, stdout, stderr, left } = await vary(argv, desk, []);
    expect({ code, stdout, stderr, left }).toEqual({ code: 2, stdout: '', stderr: message, left: [] });
  });

  it('a JPEG, with the offer to make it fit', async () => {
    const files = { 'x.jpg': await image('jpeg', 20, 20) };
    const { code, stderr } = await vary(['x.jpg', '--via', 'variations'], { files }, []);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'oai: x.jpg is JPEG; it must be PNG\n     --fit makes it a square PNG below 4 MB\n',
    });
  });
});

describe('the sandbox', () => {
  it.each([[], ['--via', 'variations', '--size', '1024x1024']])('varies a corgi %j', async (...flags) => {
    const cwd = await temporaryFolder();
    await fill(cwd, { 'corgi.png': png(256, 256) });
    const { code, stdout } = await oai(['variation', '--sandbox', 'corgi.png', ...flags], { cwd });
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'corgi-variation.png\n' });
    const bytes = await readFile(join(cwd, 'corgi-variation.png'));
    expect(await decodeImage(bytes)).toMatchObject({ width: 1024, height: 1024 });
  });
});
