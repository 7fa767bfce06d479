import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { readImageInfo } from '../../src/input/image-kind.ts';
import { image, png } from '../support/images.ts';

const canvas = (channels: 3 | 4) =>
  sharp({ create: { width: 30, height: 20, channels, background: { r: 1, g: 2, b: 3, alpha: 0.5 } } });
const size = { width: 30, height: 20 };

describe('the kind of an image', () => {
  it.each<[string, () => Promise<Uint8Array>, object]>([
    ['PNG', async () => png(30, 20), { kind: 'png', ...size, alpha: false, whole: true }],
    [
      'PNG with alpha',
      async () => png(30, 20, { alpha: true }),
      { kind: 'png', ...size, alpha: true, whole: true },
    ],
    [
      'PNG of a palette with a transparent colour',
      () => canvas(4).png({ palette: true }).toBuffer(),
      { kind: 'png', ...size, alpha: true, whole: true },
    ],
    ['JPEG', () => image('jpeg', 30, 20), { kind: 'jpeg', ...size, alpha: false, whole: true }],
    [
      'progressive JPEG',
      () => canvas(3).jpeg({ progressive: true }).toBuffer(),
      { kind: 'jpeg', ...size, alpha: false, whole: true },
    ],
    ['lossy WebP', () => canvas(3).webp().toBuffer(), { kind: 'webp', ...size, alpha: false, whole: true }],
    [
      'lossy WebP with alpha',
      () => canvas(4).webp().toBuffer(),
      { kind: 'webp', ...size, alpha: true, whole: true },
    ],
    [
      'lossless WebP',
      () => canvas(3).webp({ lossless: true }).toBuffer(),
      { kind: 'webp', ...size, alpha: false, whole: true },
    ],
    [
      'lossless WebP with alpha',
      () => canvas(4).webp({ lossless: true }).toBuffer(),
      { kind: 'webp', ...size, alpha: true, whole: true },
    ],
    ['GIF', () => image('gif', 30, 20), { kind: 'gif', ...size, alpha: false, whole: true }],
    ['TIFF', () => image('tiff', 30, 20), { kind: 'tiff', width: 0, height: 0 }],
    [
      'SVG',
      async () => Buffer.from('<?xml version="1.0"?>\n<!-- a -->\n<svg xmlns="x"/>'),
      { kind: 'svg', whole: true },
    ],
    ['SVG with a body', async () => Buffer.from('<svg><a/></svg>\n'), { kind: 'svg', whole: true }],
    ['SVG that breaks off', async () => Buffer.from('<svg><a/></sv'), { kind: 'svg', whole: false }],
    [
      'JPEG on its side',
      () => canvas(3).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
      { kind: 'jpeg', ...size, turned: true, whole: true },
    ],
    [
      'JPEG upside down',
      () => canvas(3).jpeg().withMetadata({ orientation: 3 }).toBuffer(),
      { kind: 'jpeg', ...size, turned: false, whole: true },
    ],
    ['BMP', async () => Buffer.from('BM\x10\0\0\0\0\0\0\0\x36'), { kind: 'bmp' }],
    ['HEIC', async () => Buffer.from('\0\0\0\x18ftypheic\0\0\0\0'), { kind: 'heic' }],
  ])('%s is known by its bytes', async (_, bytes, info) => {
    expect(readImageInfo(await bytes())).toMatchObject(info);
  });

  it('is told of a JPEG that something follows, and of one with a preview in it', async () => {
    const jpeg = await image('jpeg', 30, 20);
    expect(readImageInfo(Buffer.concat([jpeg, Buffer.from('trailer')]))).toMatchObject({ whole: true });
    // A segment that holds an end marker of its own, and the real one cut off.
    const segment = Buffer.from([0xff, 0xe1, 0x00, 0x06, 0xff, 0xd9, 0x00, 0x00]);
    const cut = Buffer.concat([jpeg.subarray(0, 2), segment, jpeg.subarray(2, jpeg.length - 2)]);
    expect(readImageInfo(cut)).toMatchObject({ kind: 'jpeg', whole: false });
  });

  it.each(['png', 'jpeg', 'webp', 'gif'] as const)(
    '%s that breaks off anywhere is not whole',
    async (kind) => {
      const bytes = await image(kind, 60, 40);
      for (let length = 12; length < bytes.length; length += 7) {
        const info = readImageInfo(bytes.subarray(0, length));
        if (info !== undefined) expect({ length, ...info }).toMatchObject({ length, kind, whole: false });
      }
    },
  );

  it.each([
    ['nothing', ''],
    ['text', 'hello, I am no image'],
    ['a web page', '<!doctype html><html><svg></svg></html>'],
    ['JSON', '{"svg":1}'],
    ['two bytes', '\xff\xd8'],
  ])('%s is none', (_, text) => {
    expect(readImageInfo(Buffer.from(text, 'latin1'))).toBeUndefined();
  });

  it('looks only at its own part of a larger buffer', async () => {
    const bytes = png(30, 20);
    const padded = Buffer.concat([Buffer.from('padding'), bytes]);
    expect(readImageInfo(new Uint8Array(padded.buffer, padded.byteOffset + 7, bytes.length))).toMatchObject(
      size,
    );
  });
});
