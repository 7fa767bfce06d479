import { type Mp3Frame, mp3Header, sideInfoBytes } from './mp3-frames.ts';

/**
 * What encoders write of an MP3 into its first frame, which decodes to silence and is not played by who knows it: the
 * frame of `Xing` or `Info` (Xing's SDK; LAME's extension: gabriel.mp3-tech.org/mp3infotag.html), or Fraunhofer's
 * `VBRI`.
 */
export interface Mp3Info {
  /** Samples that players leave out, as LAME's extension tells them to; undefined where there is none. */
  readonly leftOut: LeftOut | undefined;
}

/** What an encoder added to whole frames at both ends, in samples. */
export interface LeftOut {
  readonly start: number;
  readonly end: number;
}

/** What a decoder delays the sound by, in samples (LAME's `DECDELAY` and one): the extension does not count it. */
const DECODER_DELAY = 529;

const EXTENSION_BYTES = 36;

/** Bytes of the parts of a tag, each of which is there when its flag is set: frames, bytes, seek table, quality. */
const FIELDS = [4, 4, 100, 4] as const;
const ALL_FIELDS = 0b1111;

/** @returns undefined where a frame is one of sound */
export function mp3Info(frame: Pick<Mp3Frame, 'bytes' | 'header'>): Mp3Info | undefined {
  const { bytes, header } = frame;
  if (header.layer !== 3) return undefined;
  // Always 32 bytes after the header.
  if (bytes.toString('latin1', 36, 40) === 'VBRI') return { leftOut: undefined };
  // Some encoders leave out the checksum when they look for its place, some do not.
  const places = [4 + sideInfoBytes(header.version, header.channels), header.mainDataAt];
  const at = places.find((place) => /^(?:Xing|Info)$/.test(bytes.toString('latin1', place, place + 4)));
  if (at === undefined || bytes.length < at + 8) return undefined;
  const flags = bytes.readUInt32BE(at + 4);
  const fields = FIELDS.reduce((sum, size, bit) => sum + ((flags >> bit) & 1) * size, 0);
  return { leftOut: leftOutOf(bytes.subarray(at + 8 + fields, at + 8 + fields + EXTENSION_BYTES)) };
}

/** Of the names of encoders those that FFmpeg listens to. */
function leftOutOf(extension: Buffer): LeftOut | undefined {
  if (extension.length < EXTENSION_BYTES || !/^(?:LAME|Lav[fc])/.test(extension.toString('latin1', 0, 4))) {
    return undefined;
  }
  // Twelve bits of delay, then twelve of padding.
  const both = extension.readUIntBE(21, 3);
  return { start: (both >> 12) + DECODER_DELAY, end: Math.max((both & 0xfff) - DECODER_DELAY, 0) };
}

/** What a frame is to tell of a stream. */
export interface Mp3Facts {
  /** How many frames follow. */
  readonly frames: number;
  /** Bytes of the whole, this frame included. */
  readonly bytes: number;
  /** The start is one decoder delay at least. */
  readonly leftOut: LeftOut | undefined;
}

/** A frame that tells what follows on it. @param like a frame of the stream */
export function makeMp3Info(like: Pick<Mp3Frame, 'bytes'>, { frames, bytes, leftOut }: Mp3Facts): Buffer {
  const size = 8 + FIELDS.reduce((sum, field) => sum + field, 0) + EXTENSION_BYTES;
  const { frame, mainDataAt: at } = silentFrame(like, size);
  frame.write('Xing', at, 'latin1');
  frame.writeUInt32BE(ALL_FIELDS, at + 4);
  frame.writeUInt32BE(frames, at + 8);
  frame.writeUInt32BE(bytes, at + 12);
  // Where each hundredth of the time is, in 256ths of the bytes: evenly.
  for (let hundredth = 0; hundredth < 100; hundredth++) {
    frame[at + 16 + hundredth] = Math.floor((hundredth * 256) / 100);
  }
  if (leftOut !== undefined) {
    const extension = at + size - EXTENSION_BYTES;
    const padding = leftOut.end === 0 ? 0 : leftOut.end + DECODER_DELAY;
    frame.write('LAME3.100', extension, 'latin1');
    frame.writeUIntBE(((leftOut.start - DECODER_DELAY) << 12) | padding, extension + 21, 3);
  }
  return frame;
}

/**
 * A frame of layer III that decodes to silence: side information that is all zero gives no sample a bit.
 * @param like a frame of the stream
 * @param room bytes of main data, which are zero, that it must have
 */
export function silentFrame(like: Pick<Mp3Frame, 'bytes'>, room: number) {
  const start = Buffer.from(like.bytes.subarray(0, 4));
  // No checksum and no padding.
  start.writeUInt8(start.readUInt8(1) | 1, 1);
  start.writeUInt8(start.readUInt8(2) & 0b1111_1101, 2);
  for (let index = 1; index < 15; index++) {
    start.writeUInt8((start.readUInt8(2) & 0x0f) | (index << 4), 2);
    const header = mp3Header(start);
    if (header !== undefined && header.length - header.mainDataAt >= room) {
      return { frame: Buffer.concat([start], header.length), header, mainDataAt: header.mainDataAt };
    }
  }
  throw new Error(`no frame has ${room} bytes of main data`);
}
