import { extname } from 'node:path';
import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import { choice, text } from './values.ts';

/** The formats of a spoken answer (the API's reference, `audio.format` of chat completions). */
export const audioFormats = ['wav', 'mp3', 'flac', 'opus', 'aac', 'pcm16'] as const;
export type AudioFormat = (typeof audioFormats)[number];

/** The flags of an answer that is said, read. */
export interface SpeakingFlags {
  /** The voice. */
  readonly audio?: string;
  readonly audioFormat?: AudioFormat;
}

export const speakingFlags: readonly Flag[] = [
  {
    flags: '--audio <voice>',
    help: 'an answer that is said, into the file of -o: coral, or another of `oai speak --voices`',
    read: text,
  },
  {
    flags: '--audio-format <format>',
    help: 'wav, mp3, flac, opus, aac or pcm16 (default: as -o says, else wav)',
    read: choice(...audioFormats),
  },
];

/** How files of a format end, the usual way first. */
const ENDS: Readonly<Record<AudioFormat, readonly string[]>> = {
  wav: ['wav'],
  mp3: ['mp3'],
  flac: ['flac'],
  opus: ['opus', 'ogg'],
  aac: ['aac'],
  pcm16: ['pcm', 'raw'],
};

export function extensionOf(format: AudioFormat): string {
  return ENDS[format][0] ?? format;
}

/** Names of other formats of sound. */
const OTHERS = /^\.(?:m4a|mp4|webm|wma|aiff?|amr|oga|caf)$/;

/**
 * The format of a spoken answer.
 * @param output the file of `-o`
 * @throws Failure (usage) where flag and name contradict each other, or the name is of another format
 */
export function audioFormatOf({ audioFormat }: SpeakingFlags, output: string | undefined): AudioFormat {
  const extension = extname(output ?? '').toLowerCase();
  const named = audioFormats.find((format) => ENDS[format].includes(extension.slice(1)));
  if (audioFormat !== undefined && named !== undefined && audioFormat !== named) {
    throw usageError(`--audio-format ${audioFormat} and -o ${output} contradict each other`);
  }
  if (audioFormat === undefined && OTHERS.test(extension)) {
    throw usageError(`-o ${output}: the API makes ${audioFormats.join(', ')}`);
  }
  return audioFormat ?? named ?? 'wav';
}

/** @throws Failure (usage) */
export function refuseSpeakingForRows({ audio, audioFormat }: SpeakingFlags): void {
  if ((audio ?? audioFormat) === undefined) return;
  throw usageError(
    `--audio${audio === undefined ? '-format' : ''} is for one answer, and results of rows are JSON Lines`,
    'oai speak says each afterwards',
  );
}
