import { extname } from 'node:path';
import type { StreamedUpload } from '../api/uploads.ts';
import { stem } from '../audio/audio-part.ts';
import { filePieces } from '../audio/file-pieces.ts';
import type { Context } from '../context.ts';
import { audioTypes } from '../input/audio-kind.ts';
import { trace } from '../output/messages.ts';
import { sizeText } from '../output/size.ts';
import type { Recording } from './opened-input.ts';

/** A part of a recording, or all of it, as it is sent. */
export interface SoundPart extends StreamedUpload {
  /** Seconds from the start of the recording. */
  readonly start: number;
  /** How long it is, in seconds; undefined where that is not known before it is heard. */
  readonly seconds: number | undefined;
}

export interface SoundParts {
  readonly parts: readonly SoundPart[];
  /** Deletes what was made of the recording to be sent. */
  dispose(): Promise<void>;
}

/** What a request takes; undefined where there is no limit that is known. */
export interface SoundLimits {
  /** The sound has fewer bytes. */
  readonly bytes: number | undefined;
  readonly seconds: number | undefined;
}

/**
 * Makes a recording ready to be sent: as it is, in parts where it is too large or too long, encoded anew where the API
 * does not take its kind.
 * @throws Failure (usage) where it cannot be split here, with the command that does it; the reason of the signal
 */
export async function soundParts(
  recording: Recording,
  limits: SoundLimits,
  context: Context,
): Promise<SoundParts> {
  const { path, name, info } = recording;
  const most = {
    bytes: limits.bytes ?? Number.POSITIVE_INFINITY,
    ...(limits.seconds !== undefined && { seconds: limits.seconds }),
  };
  const { accepted } = audioTypes[info.kind];
  if (recording.isUnseen || (accepted && fits(recording, limits))) return whole(recording, context);
  const { convertAudio, splitAudio } = await import('../audio/split.ts');
  const { parts, dispose } = await (accepted ? splitAudio : convertAudio)(path, name, most, context);
  trace(context, `${name} is ${sizeText(recording.size)}: sent in ${parts.length} parts`);
  return { parts: parts.map((part) => ({ ...part, source: { kind: 'made' } })), dispose };
}

function fits({ size, info }: Recording, { bytes, seconds }: SoundLimits): boolean {
  return (bytes === undefined || size < bytes) && (seconds === undefined || (info.seconds ?? 0) <= seconds);
}

function whole(recording: Recording, { signal }: Context): SoundParts {
  const { path, name, size, source, info } = recording;
  const part: SoundPart = {
    name: uploadName(recording),
    type: audioTypes[info.kind].mime,
    source,
    start: 0,
    seconds: info.seconds,
    open: () => filePieces({ path, name, signal }, 0, size),
  };
  return { parts: [part], async dispose() {} };
}

/** Extensions by which the API knows a kind, beside its first (`CreateTranscriptionRequest.file`). */
const OTHER_EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  mp3: ['mpga', 'mpeg'],
  mp4: ['mp4'],
  ogg: ['oga'],
};

/** The name that the API is to see: it goes by the extension, which may be wrong. */
function uploadName({ fileName, info }: Recording): string {
  const { extension } = audioTypes[info.kind];
  const own = extname(fileName).slice(1).toLowerCase();
  const isKnown = own === extension || OTHER_EXTENSIONS[info.kind]?.includes(own) === true;
  return isKnown ? fileName : `${stem(fileName)}.${extension}`;
}
