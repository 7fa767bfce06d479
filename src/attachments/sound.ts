import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FfmpegFailed, fileWord, findFfmpeg, soundOf } from '../audio/ffmpeg.ts';
import { AS_WAV, mp3Command } from '../audio/ffmpeg-commands.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { temporaryFolder } from '../output/temporary.ts';

/**
 * Makes a WAV of a sound in a format that is not taken, with FFmpeg.
 * @param name what errors call it
 * @param called what its format is called
 * @throws Failure (usage) where FFmpeg is not there, with the command that would do it, or cannot read it; Stopped
 */
export async function asWav(
  bytes: Uint8Array,
  name: string,
  called: string,
  context: Context,
): Promise<Uint8Array> {
  const ffmpeg = await findFfmpeg(context);
  if (ffmpeg === undefined) {
    throw usageError(
      `${name} is ${called}: models hear WAV and MP3, and ffmpeg, which converts it, is not installed`,
      mp3Command(name),
    );
  }
  const folder = await temporaryFolder();
  try {
    const [input, output] = [join(folder.path, 'input'), join(folder.path, 'sound.wav')];
    await writeFile(input, bytes, { mode: 0o600 });
    await ffmpeg.run([...soundOf(input), ...AS_WAV, '-y', fileWord(output)]);
    return await readFile(output);
  } catch (error) {
    if (!(error instanceof FfmpegFailed)) throw error;
    throw usageError(`ffmpeg cannot read ${name}: ${error.message}`, undefined, error);
  } finally {
    await folder.dispose();
  }
}
