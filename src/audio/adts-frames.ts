import type { FrameFormat, FrameHeader } from './sync-frames.ts';

/** The header of a frame of AAC in ADTS: ISO 14496-3, section 1.A.2.2. */
export interface AdtsHeader extends FrameHeader {
  /** MPEG-4 audio object type less one. */
  readonly profile: number;
}

/** Hz by index: ISO 14496-3, table 1.18. */
const SAMPLE_RATES = [
  96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8000, 7350,
];

const HEADER_BYTES = 7;

/** @returns undefined where there is no header */
export function adtsHeader(bytes: Buffer, at = 0): AdtsHeader | undefined {
  if (bytes.length < at + HEADER_BYTES) return undefined;
  // Twelve bits of sync, one of the MPEG version, two of the layer, which are zero.
  if ((bytes.readUInt16BE(at) & 0xfff6) !== 0xfff0) return undefined;
  const word = bytes.readUInt32BE(at + 2);
  const sampleRate = SAMPLE_RATES[(word >>> 26) & 15];
  const length = (word >>> 5) & 0x1fff;
  if (sampleRate === undefined || length < HEADER_BYTES) return undefined;
  return {
    profile: word >>> 30,
    sampleRate,
    // 0: the frame itself tells.
    channels: (word >>> 22) & 7,
    length,
    samples: 1024 * ((bytes.readUInt8(at + 6) & 3) + 1),
  };
}

export const adtsFormat: FrameFormat<AdtsHeader> = {
  headerBytes: HEADER_BYTES,
  read: adtsHeader,
  agree: (a, b) => a.profile === b.profile && a.sampleRate === b.sampleRate && a.channels === b.channels,
};
