import type { ByteWindow } from './byte-window.ts';
import { crc8, crc16 } from './crc.ts';
import type { StreamInfo } from './flac-stream.ts';
import { ID3V1_BYTES, id3v1Length } from './tags.ts';

/** The header of a frame: RFC 9639, section 9.1. */
export interface FlacHeader {
  /** Samples of each channel. */
  readonly blockSize: number;
  /** The number is that of the first sample, not that of the frame. */
  readonly variable: boolean;
  readonly number: number;
  /** Bytes that the number takes. */
  readonly numberBytes: number;
  /** Bytes of the header, its checksum included. */
  readonly length: number;
}

export interface FlacFrame {
  readonly header: FlacHeader;
  /** Bytes from the start of the whole. */
  readonly offset: number;
  readonly bytes: Buffer;
}

/** What is before the number. */
const FIXED_BYTES = 4;

/** The longest header: a number of seven bytes, two each for block size and sample rate, one of checksum. */
const MAX_HEADER_BYTES = FIXED_BYTES + 7 + 2 + 2 + 1;

/** Bytes after the header and its subframes: a checksum. */
const FOOTER_BYTES = 2;

/** @returns undefined where there is no header whose checksum is right */
export function flacHeader(bytes: Buffer, at = 0): FlacHeader | undefined {
  if (bytes.length < at + 6) return undefined;
  // Fifteen bits of sync (the last is zero), one that tells what is numbered.
  if ((bytes.readUInt16BE(at) & 0xfffe) !== 0xfff8) return undefined;
  const sizeCode = bytes.readUInt8(at + 2) >> 4;
  const rateCode = bytes.readUInt8(at + 2) & 15;
  const layoutCode = bytes.readUInt8(at + 3) >> 4;
  const depthCode = (bytes.readUInt8(at + 3) >> 1) & 7;
  const reserved = (bytes.readUInt8(at + 3) & 1) !== 0;
  if (reserved || sizeCode === 0 || rateCode === 15 || layoutCode > 10 || depthCode === 3) return undefined;

  const coded = readCodedNumber(bytes, at + FIXED_BYTES);
  if (coded === undefined) return undefined;
  const sizeAt = at + FIXED_BYTES + coded.bytes;
  const sizeBytes = sizeCode === 6 ? 1 : sizeCode === 7 ? 2 : 0;
  const rateBytes = rateCode === 12 ? 1 : rateCode === 13 || rateCode === 14 ? 2 : 0;
  const length = sizeAt + sizeBytes + rateBytes + 1 - at;
  if (bytes.length < at + length || crc8(bytes.subarray(at, at + length)) !== 0) return undefined;
  const blockSize = sizeBytes > 0 ? bytes.readUIntBE(sizeAt, sizeBytes) + 1 : codedBlockSize(sizeCode);
  const variable = (bytes.readUInt8(at + 1) & 1) !== 0;
  return { blockSize, variable, number: coded.number, numberBytes: coded.bytes, length };
}

/** Section 9.1.1. */
function codedBlockSize(code: number): number {
  if (code === 1) return 192;
  return code <= 5 ? 144 * 2 ** code : 2 ** code;
}

/** Section 9.1.5: a number of up to 36 bits, coded as UTF-8 codes a character. */
function readCodedNumber(bytes: Buffer, at: number): { number: number; bytes: number } | undefined {
  const first = bytes.readUInt8(at);
  if (first < 0x80) return { number: first, bytes: 1 };
  const length = Math.clz32(~(first << 24));
  if (length < 2 || length > 7 || bytes.length < at + length) return undefined;
  let number = first & (0x7f >> length);
  for (const byte of bytes.subarray(at + 1, at + length)) {
    if (byte >> 6 !== 2) return undefined;
    number = number * 64 + (byte & 0x3f);
  }
  return { number, bytes: length };
}

/** Bytes that a number takes: seven bits fit one, then five bits fewer in the first of each length, six in the rest. */
export function codedNumberBytes(number: number): number {
  if (number < 0x80) return 1;
  for (let length = 2; length < 7; length++) if (number < 2 ** (5 * length + 1)) return length;
  return 7;
}

function codedNumber(number: number): Buffer {
  const length = codedNumberBytes(number);
  if (length === 1) return Buffer.from([number]);
  const coded = Buffer.alloc(length);
  let rest = number;
  for (let i = length - 1; i > 0; i--) {
    coded[i] = 0x80 | (rest % 64);
    rest = Math.floor(rest / 64);
  }
  coded[0] = ((0xff00 >> length) & 0xff) | rest;
  return coded;
}

/** A frame with another number, and the checksums that follow from it. */
export function renumbered({ header, bytes }: Omit<FlacFrame, 'offset'>, variable: boolean, number: number) {
  const start = Buffer.concat([
    bytes.subarray(0, FIXED_BYTES),
    codedNumber(number),
    bytes.subarray(FIXED_BYTES + header.numberBytes, header.length - 1),
  ]);
  start.writeUInt8((start.readUInt8(1) & 0xfe) | (variable ? 1 : 0), 1);
  const frame = Buffer.concat([
    start,
    Buffer.from([crc8(start)]),
    bytes.subarray(header.length, bytes.length - FOOTER_BYTES),
    Buffer.alloc(FOOTER_BYTES),
  ]);
  frame.writeUInt16BE(crc16(frame.subarray(0, -FOOTER_BYTES)), frame.length - FOOTER_BYTES);
  return frame;
}

/** A frame has no right end where it must have one by now. */
export class DamagedFlac extends Error {
  /** Bytes from the start of the whole. */
  readonly offset: number;

  constructor(offset: number) {
    super(`a FLAC frame at byte ${offset} is damaged`);
    this.offset = offset;
  }
}

/**
 * The frames of a stream in order. A frame does not tell its length: it ends where the next header is right and the
 * checksum is, too. One that breaks off at the end of the stream is left out.
 * @param window moved on over the metadata
 * @throws DamagedFlac
 */
export async function* flacFrames(
  window: ByteWindow,
  info: StreamInfo,
): AsyncGenerator<FlacFrame, void, undefined> {
  for (;;) {
    await window.reach(MAX_HEADER_BYTES);
    const { offset } = window;
    if (id3v1Length(window.ahead) > 0) return;
    const header = flacHeader(window.ahead);
    if (header === undefined && window.ahead.length < MAX_HEADER_BYTES) return;
    if (header === undefined) throw new DamagedFlac(offset);
    const length = await frameLength(window, header, info);
    if (length === undefined) return;
    yield { header, offset, bytes: window.take(length) };
  }
}

/**
 * @returns undefined where the stream breaks off
 * @throws DamagedFlac when it does not, and yet the frame has no end
 */
async function frameLength(
  window: ByteWindow,
  header: FlacHeader,
  info: StreamInfo,
): Promise<number | undefined> {
  const longest = maxFrameBytes(header, info);
  let crc = crc16(window.ahead.subarray(0, header.length));
  let summed = header.length;
  let isFollowed = false;
  const endsAt = (at: number) => {
    crc = crc16(window.ahead.subarray(summed, at), crc);
    summed = at;
    return crc === 0;
  };
  for (let at = header.length + FOOTER_BYTES; at <= longest; ) {
    // As far as is here, and a header that may begin at the last place.
    const more = await window.reach(at + READ_AHEAD);
    const { ahead } = window;
    const until = more ? ahead.length - MAX_HEADER_BYTES : ahead.length;
    for (at = nextSync(ahead, at); at < until && at <= longest; at = nextSync(ahead, at + 1)) {
      if (!follows(header, flacHeader(ahead, at))) continue;
      if (endsAt(at)) return at;
      isFollowed = true;
    }
    if (!more) {
      const length = lastFrameLength(ahead, endsAt);
      if (length === undefined && (isFollowed || ahead.length > longest)) break;
      return length;
    }
    at = Math.max(at, until);
  }
  throw new DamagedFlac(window.offset);
}

/** Bytes that are looked through before more are asked for. */
const READ_AHEAD = 4096;

function nextSync(bytes: Buffer, at: number): number {
  const found = bytes.indexOf(0xff, at);
  return found === -1 ? bytes.length : found;
}

/** Whether a header can be the next one, or that of a stream which was put behind. */
function follows(before: FlacHeader, next: FlacHeader | undefined): boolean {
  if (next === undefined) return false;
  if (next.number === 0) return true;
  const expected = before.number + (before.variable ? before.blockSize : 1);
  return next.variable === before.variable && next.number === expected;
}

/** The last frame goes on to the end, or to a tag there. */
function lastFrameLength(ahead: Buffer, endsAt: (at: number) => boolean): number | undefined {
  const tagAt = ahead.length - ID3V1_BYTES;
  if (tagAt > 0 && id3v1Length(ahead, tagAt) > 0 && endsAt(tagAt)) return tagAt;
  return endsAt(ahead.length) ? ahead.length : undefined;
}

/**
 * The most that a frame can take: samples as they are, with one more bit where a channel is the difference of two
 * (section 4.2), and room for the headers of its subframes.
 */
function maxFrameBytes(header: FlacHeader, info: StreamInfo): number {
  const samples = Math.ceil((header.blockSize * (info.bitsPerSample + 1)) / 8) * info.channels;
  return header.length + samples + info.channels * 16 + FOOTER_BYTES;
}
