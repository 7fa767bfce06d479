import type { FileHandle } from 'node:fs/promises';
import { type Failure, usageError } from '../errors.ts';
import { sizeText } from '../output/size.ts';
import { withAudio } from './audio-file.ts';
import {
  type AudioPart,
  type AudioParts,
  checkParts,
  mostSeconds,
  type PartLimits,
  type SplitRequest,
  type Surroundings,
} from './audio-part.ts';
import { type AudioKind, audioTypes } from './containers.ts';
import { convertInto } from './convert.ts';
import { type Ffmpeg, FfmpegFailed, findFfmpeg } from './ffmpeg.ts';
import { convertCommand, splitCommand } from './ffmpeg-commands.ts';
import { splitFlac } from './split-flac.ts';
import { splitMp3 } from './split-mp3.ts';
import { type SegmentedKind, splitSegments } from './split-segments.ts';
import { splitWav } from './split-wav.ts';
import { inTemporaryFolder } from './temporary-parts.ts';

export type { AudioPart, AudioParts, PartLimits, Surroundings } from './audio-part.ts';
export { convertAudio } from './convert.ts';

/** They give nothing where they cannot split what is in the container. */
const splitters: Readonly<
  Partial<
    Record<
      AudioKind,
      (request: SplitRequest, handle: FileHandle) => Promise<readonly AudioPart[] | undefined>
    >
  >
> = { wav: splitWav, mp3: splitMp3, flac: splitFlac };

/**
 * Splits a file of audio into parts that the API takes. The sound of the parts is that of the whole, in order.
 *
 * A WAV is split where it is quiet, an MP3 or a FLAC between two frames, without encoding anew and without a copy: the
 * file is read once for that, and each part again when it is opened; none is ever held whole in memory. FFmpeg, where it
 * is installed, splits MP4, WebM and Ogg, also without encoding anew, and makes FLAC of all else; the parts are then
 * files in a temporary folder.
 * @param path absolute
 * @param name what errors call the file, and parts are named after
 * @returns to be disposed of
 * @throws Failure (usage) when it cannot be read or is damaged, when limits cannot be kept, and, with the command that
 *   does it, when FFmpeg is needed and not installed; the reason of the signal
 */
export function splitAudio(
  path: string,
  name: string,
  limits: PartLimits,
  surroundings: Surroundings,
): Promise<AudioParts> {
  return withAudio(path, name, limits, surroundings, async ({ request, kind, handle }) => {
    const parts = await splitters[kind]?.(request, handle);
    if (parts !== undefined) return { parts: checkParts(request, parts), dispose: () => Promise.resolve() };
    const ffmpeg = await findFfmpeg(surroundings);
    if (ffmpeg === undefined) throw needsFfmpeg(request, kind);
    return inTemporaryFolder(async (folder) =>
      checkParts(request, await splitByFfmpeg(folder, request, kind, ffmpeg)),
    );
  });
}

async function splitByFfmpeg(
  folder: string,
  request: SplitRequest,
  kind: AudioKind,
  ffmpeg: Ffmpeg,
): Promise<readonly AudioPart[]> {
  if (!isSegmented(kind)) return convertInto(folder, request, ffmpeg);
  try {
    return await splitSegments(folder, request, kind, ffmpeg);
  } catch (error) {
    if (!(error instanceof FfmpegFailed)) throw error;
    // What begins like WebM may be a Matroska with any codec.
    return convertInto(folder, request, ffmpeg);
  }
}

function isSegmented(kind: AudioKind): kind is SegmentedKind {
  return kind === 'mp4' || kind === 'webm' || kind === 'ogg';
}

function needsFfmpeg({ name, size, limits }: SplitRequest, kind: AudioKind): Failure {
  const reason =
    size < limits.bytes && limits.seconds !== undefined
      ? `${name} may be longer than the ${limits.seconds} s that the API takes`
      : `${name} is ${sizeText(size)}; the API takes ${sizeText(limits.bytes)}`;
  const command = isSegmented(kind)
    ? splitCommand(name, audioTypes[kind].extension, mostSeconds(limits))
    : convertCommand(name);
  return usageError(`${reason}, and without ffmpeg only WAV, MP3 and FLAC are split here`, command);
}
