import type { AudioKind } from './containers.ts';

/**
 * Whether a container has sound in it, or may have. One that does not say so in these bytes may.
 * @param start of the file
 */
export function hasSound(kind: AudioKind, start: Buffer): boolean {
  const judge = judges[kind];
  return judge === undefined || judge(start);
}

const judges: Readonly<Partial<Record<AudioKind, (start: Buffer) => boolean>>> = {
  mp4: mp4HasSound,
  mov: mp4HasSound,
  '3gp': mp4HasSound,
  webm: webmHasSound,
  ogg: oggHasSound,
  wma: asfHasSound,
  // ISO 13818-1, table 2-22: a packet of audio, or of private data, such as AC-3.
  mpeg: (start) => /\0\0\x01[\xbd\xc0-\xdf]/.test(latin1(start)),
};

function latin1(bytes: Buffer): string {
  return bytes.toString('latin1');
}

/** ISO 14496-12, section 8.4.3: a track has a handler, that of sound is `soun`. */
function mp4HasSound(start: Buffer): boolean {
  const index = mp4Index(start);
  return index === undefined || !index.whole || /hdlr.{8}soun/s.test(latin1(index.bytes));
}

/**
 * The box `moov` of an MP4: ISO 14496-12, sections 4.2 and 8.2.
 * @returns `whole` when all of it is there; undefined when none of it is
 */
export function mp4Index(start: Buffer): { bytes: Buffer; whole: boolean } | undefined {
  for (let at = 0; at + 16 <= start.length; ) {
    const size = start.readUInt32BE(at);
    // 1: the size follows in 64 bits. 0: up to the end.
    const length = size === 1 ? Number(start.readBigUInt64BE(at + 8)) : size === 0 ? start.length - at : size;
    if (start.toString('latin1', at + 4, at + 8) === 'moov') {
      return { bytes: start.subarray(at, at + length), whole: at + length <= start.length };
    }
    if (length < 8) return undefined;
    at += length;
  }
  return undefined;
}

/** RFC 9559: the element `Tracks`, in which `TrackType` 2 is audio. */
function webmHasSound(start: Buffer): boolean {
  const tracks = webmTracks(start);
  return tracks === undefined || !tracks.whole || tracks.bytes.includes(Buffer.from([0x83, 0x81, 0x02]));
}

/** @returns `whole` when all of the tracks are there; undefined when none is */
export function webmTracks(start: Buffer): { bytes: Buffer; whole: boolean } | undefined {
  for (let at = 0; ; ) {
    const element = ebmlElement(start, at);
    if (element === undefined) return undefined;
    const { id, from, to } = element;
    if (id === TRACKS) return { bytes: start.subarray(from, to), whole: to <= start.length };
    at = id === SEGMENT ? from : to;
  }
}

/** RFC 9559, section 5.1: all is in the segment. */
const SEGMENT = 0x18538067;
const TRACKS = 0x1654ae6b;

/** RFC 8794, sections 4 to 6: name and size each have as many bytes as the first has zeros in front, and one. */
function ebmlElement(bytes: Buffer, at: number): { id: number; from: number; to: number } | undefined {
  const idBytes = Math.clz32(bytes[at] ?? 0) - 23;
  const sizeAt = at + idBytes;
  const sizeBytes = Math.clz32(bytes[sizeAt] ?? 0) - 23;
  const from = sizeAt + sizeBytes;
  if (idBytes > 4 || sizeBytes > 8 || from > bytes.length) return undefined;
  const first = bytes.readUInt8(sizeAt) & (0xff >> sizeBytes);
  const size = bytes.subarray(sizeAt + 1, from).reduce((sum, byte) => sum * 256 + byte, first);
  return { id: bytes.readUIntBE(at, idBytes), from, to: from + size };
}

/** What the first packets of the codecs for sound begin with: RFC 7845, Vorbis I, the mappings of FLAC and Speex. */
const OGG_SOUND = /^(?:OpusHead|\x01vorbis|\x7fFLAC|Speex {3})/;

/** RFC 3533: the first pages, marked as such, are the starts of all streams. */
function oggHasSound(start: Buffer): boolean {
  for (let at = 0; at + 27 <= start.length && start.toString('latin1', at, at + 4) === 'OggS'; ) {
    const isFirst = (start.readUInt8(at + 5) & 2) !== 0;
    if (!isFirst) return false;
    const dataAt = at + 27 + start.readUInt8(at + 26);
    if (OGG_SOUND.test(latin1(start.subarray(dataAt, dataAt + 8)))) return true;
    at = start.subarray(at + 27, dataAt).reduce((sum, segment) => sum + segment, dataAt);
    if (at > start.length) return true;
  }
  // It breaks off.
  return start.length < 27 + 255;
}

/** The stream type of audio (ASF specification, section 10.4), looked for where all of the header is here. */
function asfHasSound(start: Buffer): boolean {
  if (start.length < 24 || start.readBigUInt64LE(16) > BigInt(start.length)) return true;
  return start.includes(Buffer.from('409e69f84d5bcf11a8fd00805f5c442b', 'hex'));
}
