import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { expandHome } from '../settings/paths.ts';

/** A path as it was typed: in quotes, with backslashes before blanks (as terminals write what is dropped on them), or bare. */
export function withoutQuotes(typed: string): string {
  const [word, ...more] = wordsOf(typed);
  return more.length === 0 && word !== undefined ? word : typed;
}

/**
 * The words of a line, as a shell parts them.
 * @throws Failure (usage) where a quote does not end
 */
export function wordsOf(line: string): string[] {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== '') {
    const match = /^((?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'\\])+)\s*/s.exec(rest);
    if (match === null) throw usageError(`a quote does not end: ${rest}`);
    words.push(unquoted(match[1] ?? ''));
    rest = rest.slice(match[0].length);
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(
    /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs,
    (_, double?: string, single?: string, escaped?: string) =>
      double === undefined ? (single ?? escaped ?? '') : double.replace(/\\(["\\])/g, '$1'),
  );
}

/** The file that a typed path names. @returns an absolute path */
export function pathOf(typed: string, { cwd, home }: Pick<Context, 'cwd' | 'home'>): string {
  return resolve(cwd, expandHome(typed, home));
}
