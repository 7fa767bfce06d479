import { extname } from 'node:path';
import { usageError } from '../errors.ts';
import type { TranscriptFormat } from '../flags/transcripts.ts';

const FORMATS: Readonly<Record<string, TranscriptFormat>> = {
  '.srt': 'srt',
  '.vtt': 'vtt',
  '.txt': 'text',
  '.json': 'json',
};

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
 * @throws Failure (usage) where the two contradict each other, or lines are laid out in no subtitles
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
  const named = output === undefined ? undefined : FORMATS[extname(output).toLowerCase()];
  if (format !== undefined && named !== undefined && extensionOf(format) !== extensionOf(named)) {
    throw usageError(`--format ${format} and -o ${output} contradict each other`);
  }
  const chosen = format ?? named;
  const lineFlag = maxLine !== undefined ? '--max-line' : '--max-lines';
  if ((maxLine ?? maxLines) !== undefined && (chosen === undefined || !isSubtitles(chosen))) {
    throw usageError(`${lineFlag} is for subtitles`, 'add -f srt or -f vtt');
  }
  return chosen;
}
