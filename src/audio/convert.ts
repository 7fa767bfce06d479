import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Failure, usageError } from '../errors.ts';
import { withAudio } from './audio-file.ts';
import {
  type AudioPart,
  type AudioParts,
  checkParts,
  hasNoSound,
  type PartLimits,
  type SplitRequest,
  type Surroundings,
} from './audio-part.ts';
import { type AudioKind, audioTypes } from './containers.ts';
import { type Ffmpeg, FfmpegFailed, fileWord, findFfmpeg, soundOf } from './ffmpeg.ts';
import { convertCommand } from './ffmpeg-commands.ts';
import { splitFlac } from './split-flac.ts';
import { inTemporaryFolder } from './temporary-parts.ts';

/**
 * Speech as a model hears it: one channel of 16 kHz, the rate of Whisper (arXiv 2212.04356, section 2.2). FLAC, because
 * every FFmpeg can make it, which is not so of MP3 (a library of its own); because nothing is lost a second time; and
 * because it is then split to the sample. Times are those of the file: where its sound begins late, or has a gap, there
 * is silence.
 */
const AS_SPEECH = [
  ...['-ac', '1', '-ar', '16000', '-af', 'aresample=async=1:first_pts=0', '-sample_fmt', 's16'],
  ...['-c:a', 'flac', '-f', 'flac'],
];

/**
 * Makes FLAC of a file of audio, with FFmpeg: of one that the API does not take. In one part, or several.
 * @param path absolute
 * @param name what errors call the file, and parts are named after
 * @returns to be disposed of
 * @throws Failure (usage) when the file cannot be read, is damaged or has no sound, and, with the command that does it,
 *   when FFmpeg is not installed; the reason of the signal
 */
export function convertAudio(
  path: string,
  name: string,
  limits: PartLimits,
  surroundings: Surroundings,
): Promise<AudioParts> {
  return withAudio(path, name, limits, surroundings, async ({ request, kind }) => {
    const ffmpeg = await findFfmpeg(surroundings);
    if (ffmpeg === undefined) throw cannotConvert(request, kind);
    return inTemporaryFolder((folder) => convertInto(folder, request, ffmpeg));
  });
}

/**
 * @param folder where the FLAC is made that the parts are read from
 * @throws Failure (usage) when FFmpeg fails, where there is no sound, and for limits that cannot be kept; the reason of the signal
 */
export async function convertInto(
  folder: string,
  request: SplitRequest,
  ffmpeg: Ffmpeg,
): Promise<readonly AudioPart[]> {
  const path = join(folder, 'whole.flac');
  try {
    await ffmpeg.run([...soundOf(request.path), ...AS_SPEECH, '-y', fileWord(path)]);
  } catch (error) {
    if (!(error instanceof FfmpegFailed)) throw error;
    throw ffmpegCannotRead(request, error);
  }
  const made = await stat(path).catch(() => undefined);
  if (made === undefined || made.size === 0) throw hasNoSound(request.name);
  return checkParts(request, await splitFlac({ ...request, path, size: made.size }));
}

function ffmpegCannotRead({ name, path }: SplitRequest, error: FfmpegFailed): Failure {
  const reason = error.message.replaceAll(fileWord(path), name);
  return usageError(`ffmpeg cannot read ${name}: ${reason}`, undefined, error);
}

function cannotConvert({ name }: SplitRequest, kind: AudioKind): Failure {
  const { accepted, extension } = audioTypes[kind];
  const reason = accepted ? 'it is to be converted' : `the API takes no ${extension.toUpperCase()}`;
  return usageError(
    `${name}: ${reason}, and ffmpeg, which converts it, is not installed`,
    convertCommand(name),
  );
}
