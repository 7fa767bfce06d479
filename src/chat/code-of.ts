import { Failure } from '../errors.ts';
import type { ExtractWish } from '../flags/output.ts';
import { extractedCode } from '../output/markdown/extract.ts';

/** What was found when code was looked for. */
export interface FoundCode {
  /** Blocks. */
  readonly count: number;
  /** There is nothing but white space in them. */
  readonly isEmpty: boolean;
  /** The last of them has no end. */
  readonly isOpen: boolean;
}

/**
 * What is wrong with the code that was found in an answer; undefined where it is what was asked for.
 * @param where what came of the answer is to be found
 */
export function problemOf(
  { language }: ExtractWish,
  { count, isEmpty, isOpen }: FoundCode,
  where?: string,
): Failure | undefined {
  if (count === 0) {
    const inLanguage = language === undefined ? '' : ` in ${language}`;
    return new Failure('incomplete', `the answer holds no code block${inLanguage}`, { hint: where });
  }
  if (isOpen) return new Failure('incomplete', 'the code block has no end: the answer may be cut');
  return isEmpty ? new Failure('incomplete', 'the code block is empty') : undefined;
}

/** The code of a whole answer. Where there is none, its text is what came. */
export function codeOf(text: string, wish: ExtractWish): { text: string; failure: Failure | undefined } {
  const { code, ...found } = extractedCode(text, wish);
  return { text: found.count === 0 ? text : code, failure: problemOf(wish, found) };
}
