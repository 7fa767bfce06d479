import type { ByteWindow } from './byte-window.ts';
import { type Frame, type FrameFormat, type FrameHeader, syncFrames } from './sync-frames.ts';

/** The header of a frame of MPEG audio: ISO 11172-3, section 2.4.1.3, and ISO 13818-3 for lower sample rates. */
export interface Mp3Header extends FrameHeader {
  /** Of MPEG; 2.5 is Fraunhofer's own, for sample rates below 16 kHz. */
  readonly version: 1 | 2 | 2.5;
  readonly layer: 2 | 3;
  readonly channels: 1 | 2;
  /** Where the main data begin: after header, checksum and side information. Bytes; of layer III only. */
  readonly mainDataAt: number;
  /** Where the side information begins. Bytes. */
  readonly sideInfoAt: number;
}

export type Mp3Frame = Frame<Mp3Header>;

/** Version by its two bits. */
const VERSIONS = [2.5, undefined, 2, 1] as const;

/** Layer by its two bits. Layer I (`.mp1`) is not read: nobody has it, and UTF-16 text begins like it. */
const LAYERS = [undefined, 3, 2, undefined] as const;

/** kbit/s by index from 1 on. Index 0 is a free bitrate: a length that only a search would tell. */
const MPEG1_LAYER2 = [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384];
const MPEG1_LAYER3 = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2 = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

/** Hz by index, of MPEG-1; the others divide them. */
const SAMPLE_RATES = [44_100, 48_000, 32_000];
const RATE_DIVISORS = { 1: 1, 2: 2, 2.5: 4 } as const;

/** Bytes of a header, without the checksum that may follow it. */
export const MP3_HEADER_BYTES = 4;

/** @returns undefined where there is no header, and for a free bitrate */
export function mp3Header(bytes: Buffer, at = 0): Mp3Header | undefined {
  if (bytes.length < at + MP3_HEADER_BYTES) return undefined;
  const word = bytes.readUInt32BE(at);
  const version = VERSIONS[(word >>> 19) & 3];
  const layer = LAYERS[(word >>> 17) & 3];
  // Eleven bits of sync; of the emphasis, 2 is reserved.
  if (word >>> 21 !== 0x7ff || version === undefined || layer === undefined || (word & 3) === 2) {
    return undefined;
  }
  const bitrates = version !== 1 ? MPEG2 : layer === 3 ? MPEG1_LAYER3 : MPEG1_LAYER2;
  const bitrate = bitrates[((word >>> 12) & 15) - 1];
  const fullRate = SAMPLE_RATES[(word >>> 10) & 3];
  if (bitrate === undefined || fullRate === undefined) return undefined;

  const sampleRate = fullRate / RATE_DIVISORS[version];
  const samples = layer === 3 && version !== 1 ? 576 : 1152;
  const padding = (word >>> 9) & 1;
  const length = Math.floor(((samples / 8) * bitrate * 1000) / sampleRate) + padding;
  const channels = ((word >>> 6) & 3) === 3 ? 1 : 2;
  const sideInfoAt = ((word >>> 16) & 1) === 0 ? 6 : MP3_HEADER_BYTES;
  const mainDataAt = sideInfoAt + sideInfoBytes(version, channels);
  return { version, layer, sampleRate, channels, samples, length, sideInfoAt, mainDataAt };
}

/** ISO 11172-3, section 2.4.1.7, and ISO 13818-3, section 2.4.1.7. */
export function sideInfoBytes(version: Mp3Header['version'], channels: 1 | 2): number {
  if (version === 1) return channels === 1 ? 17 : 32;
  return channels === 1 ? 9 : 17;
}

export const mp3Format: FrameFormat<Mp3Header> = {
  headerBytes: MP3_HEADER_BYTES,
  read: mp3Header,
  agree: (a, b) => a.version === b.version && a.layer === b.layer && a.sampleRate === b.sampleRate,
};

/** The whole frames of an MP3 in order, those of encoders' information (`mp3-info.ts`) among them. */
export function mp3Frames(window: ByteWindow): AsyncGenerator<Mp3Frame, void, undefined> {
  return syncFrames(window, mp3Format);
}
