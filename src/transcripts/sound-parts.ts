import { extname } from 'node:path';
import type { StreamedUpload, UploadSource } from '../api/uploads.ts';
import { type AudioPart, partName, stem } from '../audio/audio-part.ts';
import { filePieces } from '../audio/file-pieces.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { audioTypes } from '../input/audio-kind.ts';
import { trace } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
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
  const { path, name, info, source } = recording;
  const most = {
    bytes: limits.bytes ?? Number.POSITIVE_INFINITY,
    ...(limits.seconds !== undefined && { seconds: limits.seconds }),
  };
  const { accepted } = audioTypes[info.kind];
  if (recording.isUnseen || (accepted && fits(recording, limits))) return whole(recording, context);
  const { convertAudio, splitAudio } = await import('../audio/split.ts');
  const make = accepted ? splitAudio : convertAudio;
  const { parts, dispose } = await make(path, name, most, context).catch((error: unknown) => {
    throw source.kind === 'file' ? error : withoutName(error);
  });
  if (parts.length > 1) {
    trace(context, `${name} is ${sizeText(recording.size)}: sent in ${parts.length} parts`);
  }
  const sent = parts.map((part, index): SoundPart => {
    const place = { number: index + 1, count: parts.length, isWhole: parts.length === 1 };
    return {
      ...part,
      name: nameOfPart(part, recording, place.number),
      source: shown(part, recording, place),
    };
  });
  return { parts: sent, dispose };
}

/** Parts are named after the file: what else errors call it, such as an address, is nobody else's business. */
function nameOfPart({ name }: AudioPart, { fileName }: Recording, number: number): string {
  return partName(fileName, number, extname(name).slice(1));
}

interface PartPlace {
  readonly number: number;
  readonly count: number;
  readonly isWhole: boolean;
}

/** How a shell makes about the same part: FFmpeg stands in for what this program does itself. */
function shown(part: AudioPart, { source, name, info }: Recording, place: PartPlace): UploadSource {
  if (source.kind !== 'file') {
    return {
      kind: 'shell',
      line: (target) => `# ${target} is to be part ${place.number} of ${place.count} of ${name}`,
    };
  }
  const cut = place.isWhole ? '' : `-ss ${part.start.toFixed(3)} -t ${part.seconds.toFixed(3)} `;
  const isFlac = extname(part.name) === '.flac';
  const codec = audioTypes[info.kind].accepted ? (isFlac ? '' : ' -c copy') : ' -ac 1 -ar 16000';
  const input = quoted(source.path.startsWith('-') ? `./${source.path}` : source.path);
  return {
    kind: 'shell',
    line: (target) => `ffmpeg -v error ${cut}-i ${input} -map 0:a:0${codec} ${target}`,
  };
}

/** The command that would help has no file to be used on. */
function withoutName(error: unknown): unknown {
  if (!(error instanceof Failure) || error.hint?.startsWith('ffmpeg ') !== true) return error;
  return usageError(error.message, 'install ffmpeg, or give it as WAV, MP3 or FLAC', error.cause);
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
