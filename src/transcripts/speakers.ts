import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { audioTypes, readAudioInfo, START_BYTES } from '../input/audio-kind.ts';
import { fileBytes } from '../input/file.ts';
import { sizeText } from '../output/size.ts';

/** Somebody whose voice is known. */
export interface Speaker {
  readonly name: string;
  /** A sound of their voice, as a data URL. */
  readonly reference: string;
}

/** The API's reference: `known_speaker_names`, `known_speaker_references`. Seconds. */
const MOST_SPEAKERS = 4;
const CLIP = { shortest: 2, longest: 10 };
/** Ten seconds are never more; four of them are to fit into one request. */
const MOST_CLIP_BYTES = 4 * 1024 * 1024;

/**
 * Reads `--speaker NAME=clip.wav`.
 * @throws Failure (usage) that names the flag
 */
export async function readSpeakers(flags: readonly string[], context: Context): Promise<Speaker[]> {
  if (flags.length > MOST_SPEAKERS) {
    throw usageError(`--speaker ${flags.length} times: the API knows ${MOST_SPEAKERS} at most`);
  }
  const speakers: Speaker[] = [];
  for (const flag of flags) speakers.push(await readSpeaker(flag, context));
  const names = new Set(speakers.map(({ name }) => name));
  if (names.size < speakers.length) throw usageError('--speaker gives two speakers the same name');
  return speakers;
}

async function readSpeaker(flag: string, context: Context): Promise<Speaker> {
  const equals = flag.indexOf('=');
  const [name, path] = [flag.slice(0, Math.max(equals, 0)).trim(), flag.slice(equals + 1)];
  if (name === '' || path === '') {
    throw usageError(`--speaker ${flag === '' ? "''" : flag} is not of the form NAME=clip.wav`);
  }
  const bytes = await fileBytes(path, path, context, {
    bytes: MOST_CLIP_BYTES,
    tooLarge: () =>
      usageError(
        `--speaker ${flag}: the sound is larger than ${sizeText(MOST_CLIP_BYTES)}`,
        `${lengths()} will do`,
      ),
  });
  const info = readAudioInfo(bytes.subarray(0, START_BYTES));
  if (info === undefined || !audioTypes[info.kind].accepted) {
    throw usageError(`--speaker ${flag}: ${path} is no audio that the API takes`);
  }
  if (info.problem !== undefined) throw usageError(`--speaker ${flag}: ${path} is ${info.problem}`);
  const { seconds } = info;
  if (seconds !== undefined && (seconds < CLIP.shortest || seconds > CLIP.longest)) {
    throw usageError(
      `--speaker ${flag}: ${path} is ${seconds.toFixed(1)} s long; the API takes ${lengths()}`,
    );
  }
  const data = Buffer.from(bytes).toString('base64');
  return { name, reference: `data:${audioTypes[info.kind].mime};base64,${data}` };
}

function lengths(): string {
  return `${CLIP.shortest} to ${CLIP.longest} s`;
}
