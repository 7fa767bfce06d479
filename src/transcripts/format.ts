import { extname } from 'node:path';
import { type Failure, usageError } from '../errors.ts';
import type { TranscriptFormat } from '../flags/transcripts.ts';
import { audioTypes } from '../input/audio-kind.ts';

const FORMATS: Readonly<Record<string, TranscriptFormat>> = {
  '.srt': 'srt',
  '.vtt': 'vtt',
  '.txt': 'text',
  '.json': 'json',
};

/** How files with sound are called. */
const SOUNDS: ReadonlySet<string> = new Set([
  ...Object.values(audioTypes).map(({ extension }) => extension),
  ...['mp4', 'mpga', 'oga', 'opus', 'aif', 'mkv'],
]);

/** Whether a file is named like one with sound. */
export function isNamedSound(path: string): boolean {
  return SOUNDS.has(extname(path).slice(1).toLowerCase());
}

/** The extension of a file in a format. */
export function extensionOf(format: TranscriptFormat): string {
  if (format === 'text') return 'txt';
  return isJson(format) ? 'json' : format;
}

export function isJson(format: TranscriptFormat): boolean {
  return format === 'json' || format === 'verbose_json' || format === 'diarized_json';
}

export function isSubtitles(format: TranscriptFormat): format is 'srt' | 'vtt' {
  return format === 'srt' || format === 'vtt';
}

/**
 * The format that the user chose: by `-f`, else by the name of `-o`.
 * @returns undefined where it is for the command to choose
 * @throws Failure (usage) where `-o` is named like sound, the two contradict each other, or lines are laid out in no subtitles
 */
export function chosenFormat({
  format,
  output,
  maxLine,
  maxLines,
}: {
  readonly format?: TranscriptFormat;
  readonly output?: string;
  readonly maxLine?: number;
  readonly maxLines?: number;
}): TranscriptFormat | undefined {
  const extension = output === undefined ? '' : extname(output).toLowerCase();
  const named = FORMATS[extension];
  if (output !== undefined && isNamedSound(output)) {
    throw usageError(`-o ${output} is named like sound, and a transcript is text`, 'such as -o talk.txt');
  }
  if (format !== undefined && named !== undefined && extensionOf(format) !== extensionOf(named)) {
    throw usageError(`--format ${format} and -o ${output} contradict each other`);
  }
  const chosen = format ?? named;
  if ((maxLine ?? maxLines) !== undefined && (chosen === undefined || !isSubtitles(chosen))) {
    throw onlySubtitles(maxLine);
  }
  return chosen;
}

/** For lines that are to be laid out where no subtitles are made. @param maxLine undefined: it is `--max-lines` */
export function onlySubtitles(maxLine: number | undefined): Failure {
  const flag = maxLine !== undefined ? '--max-line' : '--max-lines';
  return usageError(`${flag} is for subtitles`, 'add -f srt or -f vtt');
}
