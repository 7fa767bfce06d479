import { Failure } from '../errors.ts';

/** Whether a text given for something else is probably an API key, by the beginnings that providers give theirs. */
export function looksLikeKey(text: string): boolean {
  return /^\s*["']?((sk|pk|rk|gsk|xai|sess)[-_]|AIza)/.test(text) || /^\s*[\w-]{40,}\s*$/.test(text);
}

/**
 * Checks that a key can go into a header. The error never shows it.
 * @param source where it came from, for the error
 * @throws Failure (auth) when it is empty or holds anything but visible ASCII
 */
export function checkKey(key: string, source: string): string {
  const problem = keyProblem(key);
  if (problem === undefined) return key;
  throw new Failure('auth', `the key from ${source} ${problem}`, {
    hint: 'a key is one word: check for a line break, space or quote that came along when it was copied',
  });
}

/** What keeps a text from being a key, or undefined. */
export function keyProblem(key: string): string | undefined {
  if (key === '') return 'is empty';
  if (/[\r\n]/.test(key)) return 'holds a line break';
  if (/\s/.test(key)) return 'holds a space';
  if (/^["']|["']$/.test(key)) return 'is in quotes';
  if (/[^\x21-\x7e]/.test(key))
    return 'holds a character that no key has (a control character, or not ASCII)';
  return undefined;
}
