import { encode } from 'fast-png';
import sharp from 'sharp';

/** A picture whose left half is red and whose right half is blue. */
export function redAndBlue(width: number, height: number, { alpha = 255 } = {}) {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < data.length; at += 4) {
    const left = (at / 4) % width < width / 2;
    data.set(left ? [220, 20, 20, alpha] : [20, 20, 220, alpha], at);
  }
  return { width, height, data };
}

export function png(width = 64, height = 64): Uint8Array {
  return encode({ ...redAndBlue(width, height), channels: 4 });
}

export async function jpeg(width = 64, height = 64): Promise<Uint8Array> {
  return sharp(png(width, height)).jpeg({ quality: 95 }).toBuffer();
}

export async function webp(width = 64, height = 64): Promise<Uint8Array> {
  return sharp(png(width, height)).webp().toBuffer();
}

export async function gif(): Promise<Uint8Array> {
  return sharp(png()).gif().toBuffer();
}

/** A file that is whole by its chunks and claims this many pixels, of which it has none. */
export function emptyPng(width: number, height: number): Uint8Array {
  const file = Buffer.from(png(1, 1));
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file;
}
