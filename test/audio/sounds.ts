import { createHash } from 'node:crypto';

/** Samples of a tone: 16 bits, little-endian, one channel. */
export function tone(seconds: number, { rate = 24_000, hertz = 440, level = 0.5 } = {}): Buffer {
  const pcm = Buffer.alloc(Math.round(seconds * rate) * 2);
  for (let at = 0; at < pcm.length; at += 2) {
    pcm.writeInt16LE(Math.round(Math.sin((Math.PI * hertz * at) / rate) * level * 0x7fff), at);
  }
  return pcm;
}

/** Noise that is the same each time, and hard to encode: 16 bits, one channel. */
export function noise(samples: number, level = 0.5): Buffer {
  const pcm = Buffer.alloc(samples * 2);
  let state = 1;
  for (let at = 0; at < pcm.length; at += 2) {
    state = (state * 48_271) % 0x7fffffff;
    pcm.writeInt16LE(Math.round((state / 0x7fffffff - 0.5) * 2 * level * 0x7fff), at);
  }
  return pcm;
}

export interface WavOptions {
  readonly rate?: number;
  readonly channels?: number;
  readonly bits?: number;
  /** 1 is PCM, 3 float. */
  readonly tag?: number;
  /** What the header says of the length, in place of the truth. */
  readonly sizes?: number;
  /** Chunks before and after the samples. */
  readonly before?: Buffer;
  readonly after?: Buffer;
}

/** A WAV, by the book. */
export function wav(samples: Uint8Array, options: WavOptions = {}): Buffer {
  const { rate = 24_000, channels = 1, bits = 16, tag = 1, sizes, before, after } = options;
  const block = (channels * bits) / 8;
  const format = Buffer.from(
    [u16(tag), u16(channels), u32(rate), u32(rate * block), u16(block), u16(bits)].flat(),
  );
  const body = [
    chunk('fmt ', format),
    before ?? Buffer.alloc(0),
    chunk('data', samples, sizes),
    after ?? Buffer.alloc(0),
  ];
  return chunk('RIFF', Buffer.concat([Buffer.from('WAVE'), ...body]), sizes);
}

/** A chunk of RIFF. @param size what it says of its length, in place of the truth */
export function chunk(id: string, content: Uint8Array, size = content.length): Buffer {
  return Buffer.concat([
    Buffer.from(id, 'latin1'),
    Buffer.from(u32(size)),
    content,
    Buffer.alloc(content.length % 2),
  ]);
}

function u16(value: number): number[] {
  return [value & 0xff, value >> 8];
}

function u32(value: number): number[] {
  return [0, 8, 16, 24].map((bits) => (value >>> bits) & 0xff);
}

/** Bytes as they come from a network: in pieces of a size. */
export async function* pieces(bytes: Uint8Array, size = 1000): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The answers of several requests. */
export async function* answers(parts: readonly Uint8Array[], size?: number) {
  for (const part of parts) yield pieces(part, size);
}

export async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of bytes) all.push(piece);
  return Buffer.concat(all);
}

/** For comparing what is too long to be shown. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, ${createHash('sha256').update(bytes).digest('hex')}`;
}
