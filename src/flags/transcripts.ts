import { usageError } from '../errors.ts';
import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { choice, integer, number, type ReadValue, text } from './values.ts';

export const transcriptFormats = ['text', 'json', 'verbose_json', 'srt', 'vtt', 'diarized_json'] as const;
export type TranscriptFormat = (typeof transcriptFormats)[number];

/** The flags that commands which write down speech have in common, read. */
export interface TranscriptOptions extends GlobalOptions {
  readonly model?: string;
  /** As typed: codes or names. */
  readonly language?: readonly string[];
  /** Text or `@file`. */
  readonly prompt?: string;
  readonly temperature?: number;
  readonly format?: TranscriptFormat;
  /** A file, a directory, or `-`. */
  readonly output?: string;
  readonly force?: boolean;
  /** How many requests are under way at the same time. */
  readonly concurrency?: number;
  /** Columns of a line of a subtitle. */
  readonly maxLine?: number;
  /** Lines of a subtitle. */
  readonly maxLines?: number;
}

export type Granularity = 'word' | 'segment';

const granularity = choice('word', 'segment');

function readGranularities(value: string, flag: string): readonly Granularity[] {
  const read = value.split(',').map((word) => granularity(word.trim(), flag));
  if (new Set(read).size < read.length) throw usageError(`${flag} ${value} says the same twice`);
  return read;
}

/** A list with commas between its words. */
export const granularities: ReadValue<readonly Granularity[]> = Object.assign(readGranularities, {
  choices: granularity.choices,
});

export const languageFlag: Flag = {
  flags: '--language <language>',
  help: 'what is spoken, as a code or a name (ko, Korean); repeatable',
  repeatable: true,
};

export const promptFlag: Flag = {
  flags: '--prompt <text>',
  help: 'what it is about, or how to write; @file reads it from a file',
};

export const temperatureFlag: Flag = {
  flags: '-t, --temperature <number>',
  help: 'from 0 (the likeliest words) to 1',
  read: number(0, 1),
};

/** Where the results go, and how. */
export const transcriptOutputFlags: readonly Flag[] = [
  {
    flags: '-o, --output <path>',
    help: 'a file, a directory, or - for stdout; several inputs go beside them',
    read: text,
  },
  { flags: '--force', help: 'replace files that exist' },
  {
    flags: '-j, --concurrency <n>',
    help: 'requests at the same time, 1 to 64 (default: 4)',
    read: integer(1, 64),
  },
  {
    flags: '--max-line <columns>',
    help: 'columns of a line of a subtitle, 10 to 200 (default: 42 with --max-lines)',
    read: integer(10, 200),
  },
  {
    flags: '--max-lines <n>',
    help: 'lines of a subtitle at once, 1 to 10 (default: 2 with --max-line)',
    read: integer(1, 10),
  },
];
