import { crc32, deflateSync } from 'node:zlib';
import type { ImagesResponse } from 'openai/resources/images';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImageInfo } from '../../src/input/image-kind.ts';
import { decodeImage } from '../support/decode-image.ts';
import { ask, sandbox } from './ask.ts';
import {
  askForm,
  bytesOf,
  EDITS,
  earlier,
  edit,
  fileOf,
  formOf,
  GENERATIONS,
  generate,
  imageOf,
  only,
} from './ask-images.ts';

const MIDDLE = 512;

/** The number of colours on a coarse grid over an image. */
function coloursOf(image: Awaited<ReturnType<typeof only>>): number {
  const colours = new Set<string>();
  for (let y = 0; y < 40; y += 1) {
    for (let x = 0; x < 40; x += 1) {
      colours.add(
        image
          .at(Math.floor(((x + 0.5) * image.width) / 40), Math.floor(((y + 0.5) * image.height) / 40))
          .join(),
      );
    }
  }
  return colours.size;
}

describe('an image', () => {
  it.each([
    [undefined, 1024, 1024],
    ['auto', 1024, 1024],
    ['1536x1024', 1536, 1024],
    ['640x1024', 640, 1024],
    ['1536x864', 1536, 864],
  ])('of size %s is one', async (size, width, height) => {
    const answer = await generate({ size });
    expect(answer.size).toBe(`${width}x${height}`);
    const image = await only(answer);
    expect([image.width, image.height]).toEqual([width, height]);
    expect(coloursOf(image)).toBeGreaterThan(3);
    expect(coloursOf(image)).toBeLessThan(60);
  });

  it('of the largest size takes little time', async () => {
    const started = performance.now();
    const answer = await generate({ size: '3840x2160' });
    expect(performance.now() - started).toBeLessThan(3000);
    expect(bytesOf(answer)[0]?.length).toBeLessThan(1_000_000);
    const image = await only(answer);
    expect([image.width, image.height]).toEqual([3840, 2160]);
  });

  it('is symmetric, and opaque', async () => {
    const image = await only(await generate({}));
    for (let at = 3; at < 1024; at += 101) expect(image.at(at, at)).toEqual(image.at(1023 - at, at));
    expect([...Array(64).keys()].map((at) => image.at(at * 16, at * 16)[3])).toEqual(Array(64).fill(255));
  });

  it.each([
    ['png', 'png'],
    ['jpeg', 'jpeg'],
    ['webp', 'webp'],
  ])('in %s is one', async (output_format, kind) => {
    const answer = await generate({ output_format });
    expect(answer.output_format).toBe(output_format);
    const info = readImageInfo(bytesOf(answer)[0] ?? Buffer.alloc(0));
    expect(info).toMatchObject({ kind, width: 1024, height: 1024, whole: true });
    // The same picture in every format, but for what compression loses.
    const [image, png] = [await only(answer), await only(await generate({}))];
    for (const at of [10, 200, 340, 660, 1000]) {
      image.at(at, 60).forEach((value, channel) => {
        expect(Math.abs(value - (png.at(at, 60)[channel] ?? 0))).toBeLessThan(12);
      });
    }
  });

  it.each(['jpeg', 'webp'])('in %s is smaller the more it is compressed', async (output_format) => {
    const lengthOf = async (output_compression?: number) =>
      bytesOf(await generate({ output_format, output_compression }))[0]?.length ?? 0;
    const [none, some, most, unsaid] = [
      await lengthOf(100),
      await lengthOf(50),
      await lengthOf(0),
      await lengthOf(),
    ];
    expect(most).toBeLessThan(some);
    expect(some).toBeLessThan(none);
    expect(unsaid).toBe(none);
  });

  it.each(['png', 'webp'])('with transparency in %s has some, and a shape', async (output_format) => {
    const answer = await generate({ background: 'transparent', output_format });
    expect(answer.background).toBe('transparent');
    const image = await only(answer);
    expect(image.at(0, 0)[3]).toBe(0);
    const alphas = new Set([...Array(1024).keys()].map((at) => image.at(MIDDLE, at)[3]));
    expect(alphas).toEqual(new Set([0, 255]));
  });
});

describe('the same request', () => {
  it('gives the same bytes, from another sandbox as well', async () => {
    expect(await generate({ n: 2 })).toEqual(await generate({ n: 2 }));
    const image = await imageOf(64, 64);
    // A form has another boundary each time.
    expect(await edit({ image })).toEqual(await edit({ image }));
  });

  it('gives another picture for each image', async () => {
    const images = bytesOf(await generate({ n: 10, size: '1024x640' })).map((bytes) =>
      bytes.toString('base64'),
    );
    expect(new Set(images).size).toBe(10);
  });

  it('with another prompt, image or mask gives another picture', async () => {
    const [one, other] = [await imageOf(64, 64), await imageOf(64, 65)];
    const mask = await imageOf(64, 64, { alpha: 0 });
    const answers = await Promise.all([
      generate({ prompt: 'a' }),
      generate({ prompt: 'b' }),
      edit({ prompt: 'a', image: one }),
      edit({ prompt: 'b', image: one }),
      edit({ prompt: 'a', image: other, size: '1024x1024' }),
      edit({ prompt: 'a', 'image[]': [one, other] }),
      edit({ prompt: 'a', image: one, mask }),
    ]);
    const images = answers.flatMap(bytesOf).map((bytes) => bytes.toString('base64'));
    expect(new Set(images).size).toBe(answers.length);
  });

  it('in another size and quality gives the same picture', async () => {
    const small = await only(await generate({ size: '1024x1024' }));
    const large = await only(await generate({ size: '2048x2048', quality: 'high' }));
    const same = [...Array(60).keys()].filter((at) => {
      const [x, y] = [at * 17 + 3, (at * 41) % 1024];
      return small.at(x, y).join() === large.at(x * 2, y * 2).join();
    });
    expect(same.length).toBeGreaterThan(50);
  });
});

/** A PNG whose left half is red and whose right half is blue. */
async function twoHalves(
  width: number,
  height: number,
  kind: 'png' | 'jpeg' | 'webp' = 'png',
): Promise<File> {
  const raw = Buffer.alloc(width * height * 3);
  for (let at = 0; at < width * height; at += 1) raw[at * 3 + (at % width < width / 2 ? 0 : 2)] = 255;
  const bytes = await sharp(raw, { raw: { width, height, channels: 3 } })
    [kind]()
    .toBuffer();
  return fileOf(bytes, `image/${kind}`);
}

const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];

/** A mask whose upper half is transparent. */
async function upperHole(width: number, height: number): Promise<File> {
  const raw = Buffer.alloc(width * height * 4, 255);
  for (let at = 0; at < (width * height) / 2; at += 1) raw[at * 4 + 3] = 0;
  return fileOf(
    await sharp(raw, { raw: { width, height, channels: 4 } })
      .png()
      .toBuffer(),
  );
}

interface HandMade {
  readonly depth: number;
  readonly colourType: number;
  /** The bytes of each row. */
  readonly row: readonly number[];
  readonly transparency?: readonly number[];
}

/** A PNG of two pixels by two, as sharp does not write it. */
function pngOf({ depth, colourType, row, transparency }: HandMade): Buffer {
  const number = (value: number) => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const chunk = (type: string, data: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(type), data]);
    return Buffer.concat([number(data.length), named, number(crc32(named))]);
  };
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.from([0, 0, 0, 2, 0, 0, 0, 2, depth, colourType, 0, 0, 0])),
    ...(transparency === undefined ? [] : [chunk('tRNS', Buffer.from(transparency))]),
    chunk('IDAT', deflateSync(Buffer.from([0, ...row, 0, ...row]))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

describe('an edit', () => {
  it.each(['png', 'webp'] as const)(
    'of a %s changes what the mask leaves open, and nothing else',
    async (kind) => {
      const image =
        kind === 'png'
          ? await twoHalves(64, 64)
          : fileOf(
              await sharp(Buffer.from(await (await twoHalves(64, 64)).arrayBuffer()))
                .webp({ lossless: true })
                .toBuffer(),
              'image/webp',
            );
      const edited = await only(await edit({ image, mask: await upperHole(64, 64) }));
      for (let y = 512; y < 1024; y += 73) {
        expect([edited.at(100, y), edited.at(511, y)]).toEqual([RED, RED]);
        expect([edited.at(512, y), edited.at(1000, y)]).toEqual([BLUE, BLUE]);
      }
      const above = [...Array(100).keys()].map((at) => edited.at(at * 10, (at * 37) % 512).join());
      expect(above).not.toContain(RED.join());
      expect(above).not.toContain(BLUE.join());
      expect(new Set(above).size).toBeGreaterThan(3);
    },
  );

  it.each(['png', 'jpeg', 'webp'] as const)('of a %s without a mask tints all of it', async (kind) => {
    const edited = await only(await edit({ image: await twoHalves(64, 64, kind) }));
    for (let at = 5; at < 1024; at += 91) {
      const [[r = 0, , b = 0], [r2 = 0, , b2 = 0]] = [edited.at(100, at), edited.at(900, at)];
      expect(r - b).toBeGreaterThan(60);
      expect(b2 - r2).toBeGreaterThan(60);
      expect(edited.at(100, at)).not.toEqual(RED);
    }
  });

  it('keeps every colour of a photo', async () => {
    const raw = Buffer.from([...Array(64 * 64 * 3).keys()].map((at) => (at * 7919) % 251));
    const photo = await sharp(raw, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer();
    const edited = await only(await edit({ image: fileOf(photo), mask: await upperHole(64, 64) }));
    for (let at = 64 * 32; at < 64 * 64; at += 1) {
      const [x, y] = [(at % 64) * 16 + 8, Math.floor(at / 64) * 16 + 8];
      expect(edited.at(x, y)).toEqual([...raw.subarray(at * 3, at * 3 + 3), 255]);
    }
  });

  it('follows the first of several images', async () => {
    const edited = await only(await edit({ 'image[]': [await twoHalves(64, 64), await imageOf(96, 64)] }));
    const [r = 0, , b = 0] = edited.at(100, 100);
    expect(r).toBeGreaterThan(b);
  });

  it.each([
    [64, 64, '1024x1024'],
    [70, 64, '1024x1024'],
    [96, 64, '1536x1024'],
    [640, 64, '1536x1024'],
    [64, 90, '1024x1536'],
  ])('of %i by %i pixels is made in %s', async (width, height, size) => {
    const image = await imageOf(width, height);
    for (const asked of [undefined, 'auto']) {
      const answer = await edit({ image, size: asked });
      const { width: made, height: high } = await only(answer);
      expect([answer.size, `${made}x${high}`]).toEqual([size, size]);
    }
  });

  it('is made in the size that is asked', async () => {
    const answer = await edit({ image: await imageOf(64, 96), size: '1536x864' });
    const { width, height } = await only(answer);
    expect([width, height, answer.size]).toEqual([1536, 864, '1536x864']);
  });

  it('fills what is transparent in an image, or leaves it when asked', async () => {
    const image = await imageOf(64, 64, { alpha: 0 });
    expect((await only(await edit({ image }))).at(0, 0)[3]).toBe(255);
    const clear = await only(await edit({ image, background: 'transparent' }));
    expect(clear.at(0, 0)[3]).toBe(0);
    const mask = await upperHole(64, 64);
    const masked = await only(
      await edit({ image: await twoHalves(64, 64), mask, background: 'transparent' }),
    );
    expect([masked.at(0, 0)[3], masked.at(0, 1000)]).toEqual([0, RED]);
  });

  const grey = (at: number) => (at % 8 < 4 ? 60 : 180);
  it.each([
    ['grey', (image: Sharp) => image.toColourspace('b-w').png()],
    ['a palette', (image: Sharp) => image.png({ palette: true, colours: 4 })],
    ['16 bits', (image: Sharp) => image.toColourspace('rgb16').png()],
    ['rows in another order', (image: Sharp) => image.png({ progressive: true })],
    ['an alpha channel', (image: Sharp) => image.ensureAlpha().png()],
  ])('reads a PNG of %s', async (_, encode) => {
    const raw = Buffer.from([...Array(64 * 3).keys()].map((at) => grey(Math.floor(at / 3))));
    const image = fileOf(await encode(sharp(raw, { raw: { width: 8, height: 8, channels: 3 } })).toBuffer());
    const raised = Buffer.alloc(64 * 4, 255);
    raised[3] = 0;
    const mask = fileOf(
      await sharp(raised, { raw: { width: 8, height: 8, channels: 4 } })
        .png()
        .toBuffer(),
    );
    const edited = await only(await edit({ image, mask }));
    // 16 bits are no exact multiple of 8.
    for (const value of edited.at(200, 1000).slice(0, 3)) expect(Math.abs(value - 60)).toBeLessThan(2);
    for (const value of edited.at(800, 1000).slice(0, 3)) expect(Math.abs(value - 180)).toBeLessThan(2);
  });

  // As made by hand: the right half is white.
  it.each([
    ['one bit', pngOf({ depth: 1, colourType: 0, row: [0b0100_0000] }), 0],
    ['four bits', pngOf({ depth: 4, colourType: 0, row: [0x3f] }), 51],
    [
      'one colour that is nothing',
      pngOf({ depth: 8, colourType: 2, row: [9, 8, 7, 255, 255, 255], transparency: [0, 9, 0, 8, 0, 7] }),
      undefined,
    ],
    [
      'one grey that is nothing',
      pngOf({ depth: 8, colourType: 0, row: [9, 255], transparency: [0, 9] }),
      undefined,
    ],
  ])('reads a PNG of %s', async (_, bytes, left) => {
    const hole = await sharp({ create: { width: 2, height: 2, channels: 4, background: '#fff' } })
      .png()
      .toBuffer();
    const image = await only(
      await edit({ image: fileOf(bytes), mask: fileOf(hole), background: 'transparent', size: '1024x1024' }),
    );
    expect(image.at(1000, 500)).toEqual([255, 255, 255, 255]);
    expect(image.at(10, 500)).toEqual(
      left === undefined
        ? [9, 9, 9, 0].map((v, at) => (at === 3 ? v : expect.any(Number)))
        : [left, left, left, 255],
    );
  });
});

describe('an answer', () => {
  it('tells what was made', async () => {
    const { data, usage, ...rest } = await generate({ output_format: 'png' });
    expect(rest).toEqual({
      created: 1_767_225_600,
      background: 'opaque',
      output_format: 'png',
      quality: 'medium',
      size: '1024x1024',
    });
    expect(data?.map((image) => Object.keys(image))).toEqual([['b64_json']]);
    expect(usage).toEqual({
      input_tokens: 3,
      input_tokens_details: { text_tokens: 3, image_tokens: 0 },
      output_tokens: 1056,
      total_tokens: 1059,
      output_tokens_details: { image_tokens: 1056, text_tokens: 0 },
    });
  });

  it('costs more the finer, the larger and the more the images are', async () => {
    const costs: number[] = [];
    for (const quality of ['low', 'auto', 'high', 'xhigh', 'max']) {
      const answer = await generate({ quality });
      expect(answer.quality).toBe(quality === 'auto' ? 'medium' : quality);
      costs.push(answer.usage?.output_tokens ?? 0);
    }
    expect(costs).toEqual([272, 1056, 4160, 8320, 16_640]);
    expect((await generate({ size: '2048x1024' })).usage?.output_tokens).toBe(2112);
    expect((await generate({ n: 3 })).usage).toMatchObject({ output_tokens: 3168, total_tokens: 3171 });
  });

  it('counts the images that came with the prompt', async () => {
    const image = await imageOf(64, 64);
    const tokensOf = async (fields: Parameters<typeof edit>[0]) =>
      (await edit(fields)).usage?.input_tokens_details;
    expect(await tokensOf({ image })).toEqual({ text_tokens: 3, image_tokens: 194 });
    expect(await tokensOf({ 'image[]': [image, await imageOf(2048, 512)] })).toEqual({
      text_tokens: 3,
      image_tokens: 194 + 65 + 4 * 129,
    });
    const closer = { image, model: 'gpt-image-1.5', input_fidelity: 'high' };
    expect(await tokensOf(closer)).toEqual({ text_tokens: 3, image_tokens: 4354 });
  });

  it.each([
    ['dall-e-2', '256x256', undefined],
    ['dall-e-3', '1792x1024', 'A vivid and detailed picture: a lighthouse'],
  ])('of %s has a URL, or base64 when asked', async (model, size, revised_prompt) => {
    const byUrl = await generate({ model, size }, earlier());
    expect(Object.keys(byUrl)).toEqual(['created', 'data']);
    expect(byUrl.data?.[0]?.url).toMatch(
      /^http:\/\/sandbox\.invalid\/v1\/sandbox\/images\/[\da-f]{32}-1\.png$/,
    );
    expect(byUrl.data?.[0]?.b64_json).toBeUndefined();
    expect(byUrl.data?.[0]?.revised_prompt).toBe(revised_prompt);
    const inBase64 = await generate({ model, size, response_format: 'b64_json' }, earlier());
    expect(inBase64.data?.[0]?.url).toBeUndefined();
    const image = await only(inBase64);
    expect(`${image.width}x${image.height}`).toBe(size);
  });
});

describe('a fault', () => {
  it('refuses as moderation does', async () => {
    const { status, headers, body } = await ask(
      'POST',
      GENERATIONS,
      { prompt: 'p' },
      { of: sandbox('refusal') },
    );
    expect(status).toBe(400);
    expect(body.error).toEqual({
      message: `Your request was rejected by the safety system. If you believe this is an error, contact us at help.openai.com and include the request ID ${headers.get('x-request-id')}. safety_violations=[violence].`,
      type: 'image_generation_user_error',
      param: null,
      code: 'moderation_blocked',
      moderation_details: { moderation_stage: 'input', categories: ['violence'] },
    });
    const edited = await askForm(
      EDITS,
      formOf({ prompt: 'p', image: await imageOf(64, 64) }),
      sandbox('refusal'),
    );
    expect([edited.status, edited.body.error.code]).toEqual([400, 'moderation_blocked']);
  });

  it('does not hide a bad request', async () => {
    const { body } = await ask('POST', GENERATIONS, {}, { of: sandbox('refusal') });
    expect(body.error.code).toBe('missing_required_parameter');
  });

  it('leaves no images', async () => {
    const { data, usage } = await generate({ n: 3 }, sandbox('empty'));
    expect([data, usage?.output_tokens]).toEqual([[], 0]);
  });

  it('breaks one image of the run', async () => {
    const of = sandbox('broken-image=3');
    const whole = bytesOf(await generate({ n: 2 }));
    expect(bytesOf(await generate({ n: 2 }, of))).toEqual(whole);
    await ask('POST', GENERATIONS, { prompt: 5 }, { of });
    const [broken, next] = bytesOf(await generate({ n: 2 }, of));
    expect(broken).toEqual(whole[0]?.subarray(0, Math.floor((whole[0]?.length ?? 0) / 2)));
    expect(readImageInfo(broken ?? Buffer.alloc(0))).toMatchObject({ kind: 'png', whole: false });
    expect(next).toEqual(whole[1]);
    expect(bytesOf(await generate({ n: 2 }, of))).toEqual(whole);
    await expect(decodeImage(broken ?? Buffer.alloc(0))).rejects.toBeDefined();
  });

  it('breaks no image of answers at the same time but one', async () => {
    const of = sandbox('broken-image=2');
    const answers: ImagesResponse[] = await Promise.all([
      generate({}, of),
      generate({}, of),
      generate({}, of),
    ]);
    const lengths = answers.flatMap(bytesOf).map(({ length }) => length);
    expect(lengths[1]).toBe(Math.floor((lengths[0] ?? 0) / 2));
    expect(lengths[2]).toBe(lengths[0]);
  });
});
