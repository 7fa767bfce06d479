import { type AudioKind, audioKind, audioTypes, START_BYTES } from '../audio/containers.ts';
import { readStreamInfo, STREAM_START_BYTES } from '../audio/flac-stream.ts';
import { mp3Header } from '../audio/mp3-frames.ts';
import { mp4Index, webmTracks } from '../audio/sound-tracks.ts';
import { id3v2Length } from '../audio/tags.ts';
import { readWavHeader } from '../audio/wav.ts';

export type { AudioKind };
export { audioTypes, START_BYTES };

/** What the bytes of a file with sound say of themselves. */
export interface AudioInfo {
  readonly kind: AudioKind;
  /** How long it is, in seconds; undefined where the header does not tell. */
  readonly seconds: number | undefined;
  /** What is wrong with it, as what the file is: `a WAV whose header breaks off`. */
  readonly problem: string | undefined;
}

/**
 * Looks at the bytes of a file with sound, never at its name.
 * @param bytes `START_BYTES` of them from its start, or all where it has fewer
 * @returns undefined where they are none: text, an image, a film without sound
 */
export function readAudioInfo(bytes: Uint8Array): AudioInfo | undefined {
  const kind = audioKind(bytes);
  if (kind === undefined) return undefined;
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { seconds, problem } = readers[kind]?.(start, bytes.length < START_BYTES) ?? {};
  return { kind, seconds, problem };
}

type Facts = Partial<Omit<AudioInfo, 'kind'>>;

/** @param isAll the bytes are the whole file: what is not in them is nowhere */
type Reader = (start: Buffer, isAll: boolean) => Facts;

const readers: Readonly<Partial<Record<AudioKind, Reader>>> = {
  wav: readWav,
  flac: readFlac,
  mp3: readMp3,
  mp4: (start, isAll) => brokenOff(isAll && mp4Index(start) === undefined, 'an MP4 without its index (moov)'),
  webm: (start, isAll) =>
    brokenOff(isAll && webmTracks(start) === undefined, 'a WebM whose header breaks off'),
  ogg: (start) => brokenOff(start.length < 28, 'an Ogg whose header breaks off'),
};

function brokenOff(isSo: boolean, problem: string): Facts {
  return isSo ? { problem } : {};
}

function readWav(start: Buffer, isAll: boolean): Facts {
  const header = readWavHeader(start);
  if (header === undefined) return {};
  if ('problem' in header) return header.short && !isAll ? {} : { problem: `a WAV ${header.problem}` };
  const { dataLength, format } = header;
  if (dataLength === undefined || format.bytesPerSecond === 0) return {};
  return { seconds: dataLength / format.bytesPerSecond };
}

function readFlac(start: Buffer): Facts {
  const stream = start.subarray(id3v2Length(start));
  if (stream.length < STREAM_START_BYTES) return { problem: 'a FLAC whose header breaks off' };
  const info = readStreamInfo(stream);
  if (info === undefined) return { problem: 'a FLAC whose header makes no sense' };
  return info.totalSamples === 0 ? {} : { seconds: info.totalSamples / info.sampleRate };
}

function readMp3(start: Buffer, isAll: boolean): Facts {
  const tag = id3v2Length(start);
  if (!isAll || mp3Header(start, tag) !== undefined) return {};
  // Zeros before the first frame are common, and no harm.
  const hasFrames = start.subarray(tag).some((byte) => byte === 0xff);
  return brokenOff(!hasFrames, 'an MP3 that has no sound after its ID3 tag');
}
