import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from 'fast-png';
import sharp from 'sharp';

/** Bytes of a PNG of one colour. */
export function png(width: number, height: number, { alpha = false } = {}): Buffer {
  const channels = alpha ? 4 : 3;
  const data = new Uint8Array(width * height * channels).fill(120);
  return Buffer.from(encode({ width, height, data, channels, depth: 8 }));
}

/** Bytes of an image of one colour, of any kind that sharp writes. */
export function image(
  kind: 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff',
  width: number,
  height: number,
): Promise<Buffer> {
  const plain = { create: { width, height, channels: 3, background: { r: 200, g: 80, b: 20 } } } as const;
  return sharp(plain)[kind]().toBuffer();
}

/** An answer of the images API with these bytes in it. */
export function imagesAnswer(...images: readonly (Uint8Array | object)[]): object {
  return {
    created: 1,
    data: images.map((bytes) =>
      bytes instanceof Uint8Array ? { b64_json: Buffer.from(bytes).toString('base64') } : bytes,
    ),
  };
}

/** Writes files into a folder. */
export async function fill(
  folder: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): Promise<void> {
  for (const [name, data] of Object.entries(files)) await writeFile(join(folder, name), data);
}
