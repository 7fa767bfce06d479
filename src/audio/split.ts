import type { FileHandle } from 'node:fs/promises';
import { extname } from 'node:path';
import { type Failure, usageError } from '../errors.ts';
import { sizeText } from '../output/size.ts';
import { type AudioPart, type SplitRequest, stem } from './audio-part.ts';
import { type AudioKind, audioKind, audioTypes, START_BYTES } from './containers.ts';
import { readAt, withFile } from './file-pieces.ts';
import { splitFlac } from './split-flac.ts';
import { splitMp3 } from './split-mp3.ts';
import { splitWav } from './split-wav.ts';

export type { AudioPart } from './audio-part.ts';

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
 * Splits a file of audio into parts that the API takes, without encoding anew: a WAV where it is quiet, an MP3 or a
 * FLAC between two frames. The file is read once for that, and each part again when it is opened; none is ever held
 * whole in memory. The sound of the parts is that of the whole, in order.
 * @param path absolute
 * @param name what errors call the file, and parts are named after
 * @param limit bytes that a part must stay below
 * @throws Failure (usage) when it cannot be read or is damaged, and, with the command that does it, when a container
 *   cannot be split here; the reason of the signal
 */
export function splitAudio(
  path: string,
  name: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly AudioPart[]> {
  return withFile({ path, name, signal }, async (handle) => {
    const { size } = await handle.stat();
    const request: SplitRequest = { path, name, signal, size, limit };
    const kind = audioKind(await readAt(handle, request, 0, START_BYTES));
    if (kind === undefined) throw usageError(`${name} is no audio that is known here`);
    const parts = await splitters[kind]?.(request, handle);
    if (parts === undefined) throw notSplitHere(request, kind);
    if (parts.length === 0) throw usageError(`${name} has no sound in it`);
    if (parts.some(({ bytes }) => bytes >= limit)) throw tooSmall(request);
    return parts;
  });
}

function notSplitHere({ name, size, limit }: SplitRequest, kind: AudioKind): Failure {
  // A film in an MP4 is split as what it is.
  const extension = kind === 'mp4' && extname(name) === '.mp4' ? 'mp4' : audioTypes[kind].extension;
  const pattern = `${stem(name).replaceAll('%', '%%')}-%03d.${extension}`;
  return usageError(
    `${name} is ${sizeText(size)}; the API takes ${sizeText(limit)}, and only WAV, MP3 and FLAC are split here`,
    `ffmpeg -i ${word(name)} -f segment -segment_time 600 -c copy ${word(pattern)}`,
  );
}

/** A file name as one word of a shell, which no program takes for a flag, nor FFmpeg for the name of a protocol. */
function word(name: string): string {
  const path = /^-|^[^/]*:/.test(name) ? `./${name}` : name;
  return /^[\w%+,./:@-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function tooSmall({ name, limit }: SplitRequest): Failure {
  return usageError(`${name} cannot be split into parts below ${sizeText(limit)}`);
}
