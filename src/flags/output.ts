import { usageError } from '../errors.ts';
import type { AnswerFlags } from './answers.ts';
import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { text } from './values.ts';

/** The flags that say where the text of an answer goes, and which of it, read. */
export interface OutputFlags {
  /** Only the first fenced block of code. */
  readonly extract?: boolean;
  /** Only code in this language. */
  readonly extractLang?: string;
  /** All blocks of code. */
  readonly extractAll?: boolean;
  /** Markdown is not rendered. */
  readonly raw?: boolean;
  /** A file, a directory, a pattern, or `-`. */
  readonly output?: string;
  readonly force?: boolean;
}

export const outputFlags: readonly Flag[] = [
  { flags: '-x, --extract', help: 'only the first fenced block of code, without its fences' },
  { flags: '--extract-lang <language>', help: 'only code in this language: ts, python', read: text },
  { flags: '--extract-all', help: 'all of its blocks of code, a blank line between them' },
  { flags: '--raw', help: 'Markdown as it is written, on a terminal as well' },
  {
    flags: '-o, --output <file>',
    help: 'save the text: a file or a directory; of rows, the file of results',
    read: text,
  },
  { flags: '--force', help: 'replace the file of -o; of rows, begin it anew' },
];

/** Which code of an answer is wanted. */
export interface ExtractWish {
  /** As it was typed; undefined for any. */
  readonly language: string | undefined;
  /** Not the first block alone. */
  readonly all: boolean;
}

/** @returns undefined where all of the text is wanted */
export function extractWish({
  extract,
  extractLang,
  extractAll,
}: Pick<OutputFlags, 'extract' | 'extractLang' | 'extractAll'>): ExtractWish | undefined {
  if (extract !== true && extractLang === undefined && extractAll !== true) return undefined;
  return { language: extractLang, all: extractAll === true };
}

/** @throws Failure (usage) on flags that contradict each other */
export function checkOutputFlags(options: OutputFlags & AnswerFlags & Pick<GlobalOptions, 'json'>): void {
  if (extractWish(options) === undefined) return;
  const flag =
    options.extract === true ? '-x' : options.extractAll === true ? '--extract-all' : '--extract-lang';
  const other = [
    options.json === true && '--json',
    options.events === true && '--events',
    (options.logprobs === true || options.topLogprobs !== undefined) && '--logprobs',
    options.jsonObject === true && '--json-object',
    options.schema !== undefined && '--schema',
  ].find((name) => name !== false);
  if (other !== undefined) {
    throw usageError(
      `${flag} takes code out of a text, and ${other} asks for JSON`,
      'leave out one of the two',
    );
  }
}
