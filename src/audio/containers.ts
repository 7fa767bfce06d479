import { adtsFormat } from './adts-frames.ts';
import { isFlac } from './flac-stream.ts';
import { mp3Format } from './mp3-frames.ts';
import { hasSound } from './sound-tracks.ts';
import { type FrameFormat, type FrameHeader, isConfirmed } from './sync-frames.ts';
import { id3v2Length } from './tags.ts';

/** The kinds of files with sound: those that the API takes, and those that it is often given in vain. */
export type AudioKind =
  | 'wav'
  | 'mp3'
  | 'mp4'
  | 'webm'
  | 'ogg'
  | 'flac'
  | 'mpeg'
  | 'aac'
  | 'aiff'
  | 'amr'
  | 'caf'
  | 'wma'
  | 'au'
  | 'mov'
  | '3gp';

export interface AudioType {
  readonly extension: string;
  readonly mime: string;
  /** Transcriptions take it: `CreateTranscriptionRequest.file` of OpenAI's document. */
  readonly accepted: boolean;
}

/** How files of a kind are named, and what HTTP calls them. */
export const audioTypes: Readonly<Record<AudioKind, AudioType>> = {
  wav: { extension: 'wav', mime: 'audio/wav', accepted: true },
  // Layer II as well: mpga.
  mp3: { extension: 'mp3', mime: 'audio/mpeg', accepted: true },
  mp4: { extension: 'm4a', mime: 'audio/mp4', accepted: true },
  webm: { extension: 'webm', mime: 'audio/webm', accepted: true },
  ogg: { extension: 'ogg', mime: 'audio/ogg', accepted: true },
  flac: { extension: 'flac', mime: 'audio/flac', accepted: true },
  mpeg: { extension: 'mpeg', mime: 'video/mpeg', accepted: true },
  aac: { extension: 'aac', mime: 'audio/aac', accepted: false },
  aiff: { extension: 'aiff', mime: 'audio/aiff', accepted: false },
  amr: { extension: 'amr', mime: 'audio/amr', accepted: false },
  caf: { extension: 'caf', mime: 'audio/x-caf', accepted: false },
  wma: { extension: 'wma', mime: 'audio/x-ms-wma', accepted: false },
  au: { extension: 'au', mime: 'audio/basic', accepted: false },
  mov: { extension: 'mov', mime: 'video/quicktime', accepted: false },
  '3gp': { extension: '3gp', mime: 'audio/3gpp', accepted: false },
};

/** As many bytes of a file as its kind is told by. */
export const START_BYTES = 64 * 1024;

/** First bytes, as Latin-1 text, of the kinds that have a name of their own in a file. */
const STARTS: readonly (readonly [RegExp, AudioKind])[] = [
  [/^(?:RIFF|RF64|BW64).{4}WAVE/s, 'wav'],
  [/^OggS\0/, 'ogg'],
  [/^\x1a\x45\xdf\xa3/, 'webm'],
  [/^.{4}ftyp3g[pegrs2]/s, '3gp'],
  [/^.{4}ftypqt {2}/s, 'mov'],
  // Images have brands of their own.
  [/^.{4}ftyp(?!hei[cmsx]|hev[cmsx]|mif1|msf1|avi[fs]|crx )/s, 'mp4'],
  [/^FORM.{4}AIF[FC]/s, 'aiff'],
  [/^#!AMR(?:-WB)?(?:_MC1\.0)?\n/, 'amr'],
  [/^caff\0\x01/, 'caf'],
  [/^\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6\xd9/, 'wma'],
  // Length of the header, which is small; size of the samples; encoding.
  [/^\.snd\0\0.{6}\0\0\0[\x01-\x1b]/s, 'au'],
  [/^\0\0\x01\xba/, 'mpeg'],
];

/**
 * The kind of a file with sound, by its first bytes, never by its name.
 * @param bytes `START_BYTES` of them, or all
 * @returns undefined where they are none, or only pictures
 */
export function audioKind(bytes: Uint8Array): AudioKind | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, START_BYTES));
  const text = start.toString('latin1');
  const kind = STARTS.find(([pattern]) => pattern.test(text))?.[1] ?? kindByFrames(start);
  return kind !== undefined && hasSound(kind, start) ? kind : undefined;
}

/** A stream of frames has no name, but for a tag before it. */
function kindByFrames(start: Buffer): AudioKind | undefined {
  const frames = start.subarray(id3v2Length(start));
  if (isFlac(frames)) return 'flac';
  if (beginsWithFrames(frames, adtsFormat)) return 'aac';
  return frames.length < start.length || beginsWithFrames(frames, mp3Format) ? 'mp3' : undefined;
}

/** Whether a frame begins here, and a second one after it: four bytes that look like a header are in any data. */
function beginsWithFrames<H extends FrameHeader>(bytes: Buffer, format: FrameFormat<H>): boolean {
  const header = format.read(bytes, 0);
  return header !== undefined && isConfirmed(bytes, header, format);
}
