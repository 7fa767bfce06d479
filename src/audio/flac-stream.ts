import type { ByteWindow } from './byte-window.ts';
import { id3v2Length } from './tags.ts';

/** What is true of a whole FLAC stream: RFC 9639, section 8.2. */
export interface StreamInfo {
  /** Samples of a block. */
  readonly minBlock: number;
  readonly maxBlock: number;
  /** Bytes of a frame; 0 where that is not known. */
  readonly minFrame: number;
  readonly maxFrame: number;
  /** Hz. */
  readonly sampleRate: number;
  readonly channels: number;
  readonly bitsPerSample: number;
  /** Of each channel; 0 where that is not known. */
  readonly totalSamples: number;
}

/** `fLaC`, and the one metadata block that a stream must have. */
export const STREAM_START_BYTES = 42;

const BLOCK_HEADER_BYTES = 4;
const STREAM_INFO_BYTES = 34;

/** @param start what a stream begins with; @returns undefined where that is none of FLAC or makes no sense */
export function readStreamInfo(start: Buffer): StreamInfo | undefined {
  if (start.length < STREAM_START_BYTES || !isFlac(start) || start.readUIntBE(5, 3) !== STREAM_INFO_BYTES) {
    return undefined;
  }
  const packed = start.readBigUInt64BE(18);
  const info: StreamInfo = {
    minBlock: start.readUInt16BE(8),
    maxBlock: start.readUInt16BE(10),
    minFrame: start.readUIntBE(12, 3),
    maxFrame: start.readUIntBE(15, 3),
    sampleRate: Number(packed >> 44n),
    channels: Number((packed >> 41n) & 7n) + 1,
    bitsPerSample: Number((packed >> 36n) & 31n) + 1,
    totalSamples: Number(packed & 0xfffffffffn),
  };
  // Section 8.2: blocks have 16 samples at least, samples 4 bits.
  return info.sampleRate > 0 && info.maxBlock >= 16 && info.bitsPerSample >= 4 ? info : undefined;
}

/** `fLaC`, and a first metadata block that is the information on the stream. */
export function isFlac(start: Buffer): boolean {
  return start.toString('latin1', 0, 4) === 'fLaC' && (start.length < 5 || (start.readUInt8(4) & 0x7f) === 0);
}

/** The start of a stream: `fLaC` and its information, with no other metadata, and no checksum of the samples. */
export function makeStreamStart(info: StreamInfo): Buffer {
  const start = Buffer.alloc(STREAM_START_BYTES);
  start.write('fLaC', 'latin1');
  // The last metadata block, of type 0.
  start.writeUInt8(0x80, 4);
  start.writeUIntBE(STREAM_INFO_BYTES, 5, 3);
  start.writeUInt16BE(info.minBlock, 8);
  start.writeUInt16BE(info.maxBlock, 10);
  start.writeUIntBE(info.minFrame, 12, 3);
  start.writeUIntBE(info.maxFrame, 15, 3);
  const packed =
    (BigInt(info.sampleRate) << 44n) |
    (BigInt(info.channels - 1) << 41n) |
    (BigInt(info.bitsPerSample - 1) << 36n) |
    BigInt(info.totalSamples);
  start.writeBigUInt64BE(packed, 18);
  return start;
}

/**
 * Moves on over all that is before the frames: an ID3 tag, which some programs put there, and the metadata.
 * @returns undefined where it is no FLAC, or breaks off
 */
export async function passMetadata(window: ByteWindow): Promise<StreamInfo | undefined> {
  await window.reach(10);
  await window.skip(id3v2Length(window.ahead));
  await window.reach(STREAM_START_BYTES);
  const info = readStreamInfo(window.ahead);
  if (info === undefined) return undefined;
  window.take(4);
  for (let last = false; !last; ) {
    if (!(await window.reach(BLOCK_HEADER_BYTES))) return undefined;
    last = (window.ahead.readUInt8(0) & 0x80) !== 0;
    await window.skip(BLOCK_HEADER_BYTES + window.ahead.readUIntBE(1, 3));
  }
  return info;
}
