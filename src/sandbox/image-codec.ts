import type { DecodedPng } from 'fast-png';
import type { ImageInfo } from '../input/image-kind.ts';
import type { Pixels } from './image-picture.ts';
import type { ImageFormat } from './image-request.ts';

/** An image of more pixels is not decoded: it would be 200 MB. */
const MOST_PIXELS = 50_000_000;

type Sharp = typeof import('sharp')['default'];

/** The package sharp, which is not on every machine: it brings machine code. */
async function loadSharp(): Promise<Sharp | undefined> {
  try {
    return (await import('sharp')).default;
  } catch {
    return undefined;
  }
}

/** The formats that can be made here. @param wanted the one that is asked for: nothing is loaded for PNG */
export async function formatsFor(wanted: unknown): Promise<readonly ImageFormat[]> {
  const isAll =
    wanted === undefined || wanted === null || wanted === 'png' || (await loadSharp()) !== undefined;
  return isAll ? ['png', 'jpeg', 'webp'] : ['png'];
}

export interface Encoding {
  readonly format: ImageFormat;
  /** 0 to 100, of JPEG and WebP. */
  readonly compression: number;
  readonly transparent: boolean;
}

/** The bytes of an image file. */
export async function encodeImage(pixels: Pixels, encoding: Encoding): Promise<Uint8Array> {
  const { width, height, data } = pixels;
  const { format, compression, transparent } = encoding;
  if (format === 'png') return encodePng(pixels, transparent);
  const channels = transparent ? 4 : 3;
  const samples = transparent ? data : withoutAlpha(data);
  const sharp = await loadSharp();
  if (sharp === undefined) throw new Error(`nothing here makes ${format}`);
  const image = sharp(samples, { raw: { width, height, channels } });
  // sharp counts from 1. Effort 0 takes a quarter of the time.
  const quality = Math.max(1, compression);
  return format === 'jpeg'
    ? image.jpeg({ quality }).toBuffer()
    : image.webp({ quality, effort: 0 }).toBuffer();
}

async function encodePng({ width, height, data }: Pixels, transparent: boolean): Promise<Uint8Array> {
  const { encode } = await import('fast-png');
  if (transparent) return encode({ width, height, channels: 4, depth: 8, data });
  const indexed = indexedColours(data);
  if (indexed !== undefined) return encode({ width, height, channels: 1, depth: 8, ...indexed });
  return encode({ width, height, channels: 3, depth: 8, data: withoutAlpha(data) });
}

/** Opaque pixels by the number of their colour, where there are no more than a palette has: packed in a third of the time. */
function indexedColours(data: Uint8Array): { data: Uint8Array; palette: number[][] } | undefined {
  const view = new DataView(data.buffer, data.byteOffset);
  const indices = new Uint8Array(data.length / 4);
  const known = new Map<number, number>();
  const palette: number[][] = [];
  let [last, index] = [-1, 0];
  for (let at = 0; at < indices.length; at += 1) {
    const colour = view.getUint32(at * 4);
    if (colour !== last) {
      last = colour;
      index = known.get(colour) ?? palette.length;
      if (index === palette.length) {
        if (index > 255) return undefined;
        known.set(colour, index);
        palette.push([...data.subarray(at * 4, at * 4 + 3)]);
      }
    }
    indices[at] = index;
  }
  return { data: indices, palette };
}

function withoutAlpha(data: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    rgb[to] = data[from] ?? 0;
    rgb[to + 1] = data[from + 1] ?? 0;
    rgb[to + 2] = data[from + 2] ?? 0;
  }
  return rgb;
}

/**
 * The pixels of an image, or undefined where nothing here can read its kind, or there are too many of them.
 * @throws Error where the file is broken
 */
export async function decodeImage(bytes: Uint8Array, info: ImageInfo): Promise<Pixels | undefined> {
  if (info.width * info.height > MOST_PIXELS) return undefined;
  if (info.kind === 'png') {
    const { decode } = await import('fast-png');
    return pixelsOf(decode(bytes, { checkCrc: true }));
  }
  const sharp = await loadSharp();
  if (sharp === undefined) return undefined;
  const image = sharp(bytes).toColourspace('srgb').ensureAlpha().raw();
  const { data, info: found } = await image.toBuffer({ resolveWithObject: true });
  return { width: found.width, height: found.height, data };
}

/** PNG, third edition, sections 11.2.1, 11.2.2 and 11.3.1.1: samples of 1 to 16 bits, grey, colour, or of a palette. */
function pixelsOf(png: DecodedPng): Pixels {
  const { width, height, channels, palette } = png;
  const data = new Uint8ClampedArray(width * height * 4);
  const sample = sampleReader(png);
  const scale = 255 / (2 ** png.depth - 1);
  const [green, blue] = channels > 2 ? [1, 2] : [0, 0];
  const alphaOf = alphaReader(png, sample);
  for (let at = 0, to = 0; to < data.length; at += 1, to += 4) {
    const colour = palette?.[sample(at, 0)];
    data[to] = colour?.[0] ?? sample(at, 0) * scale;
    data[to + 1] = colour?.[1] ?? sample(at, green) * scale;
    data[to + 2] = colour?.[2] ?? sample(at, blue) * scale;
    data[to + 3] = colour === undefined ? alphaOf(at) * scale : (colour[3] ?? 255);
  }
  return { width, height, data: new Uint8Array(data.buffer) };
}

type SampleReader = (at: number, channel: number) => number;

/** Reads the alpha of a pixel: from a channel, or by the one colour that stands for nothing. */
function alphaReader(
  { channels, depth, transparency }: DecodedPng,
  sample: SampleReader,
): (at: number) => number {
  const full = 2 ** depth - 1;
  if (channels === 2 || channels === 4) return (at) => sample(at, channels - 1);
  if (transparency === undefined) return () => full;
  return (at) => (transparency.every((value, channel) => sample(at, channel) === value) ? 0 : full);
}

/** Reads a sample of a pixel; several of fewer than 8 bits are in one byte, and rows begin with a byte of their own. */
function sampleReader({ width, channels, depth, data }: DecodedPng): SampleReader {
  if (depth >= 8) return (at, channel) => data[at * channels + channel] ?? 0;
  const rowBytes = Math.ceil((width * depth) / 8);
  return (at) => {
    const bit = (at % width) * depth;
    const byte = data[Math.floor(at / width) * rowBytes + (bit >> 3)] ?? 0;
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  };
}
