import { Failure } from '../errors.ts';

/** The beginnings that providers give their keys; Google's are AIza and AQ. */
const KEY_BEGINNING = /^["']?((sk|pk|rk|gsk|xai|sess)[-_]|AIza|AQ\.)/;

/** Words of capitals joined by underscores, as variables are named. */
const VARIABLE_NAME = /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/;

/**
 * Whether a text given for something else is probably an API key: by how it begins, or because it is one long word
 * (Azure's keys are 32 hexadecimal digits) and no variable's name.
 */
export function looksLikeKey(text: string): boolean {
  const word = text.trim();
  if (KEY_BEGINNING.test(word) || /^[0-9a-f]{32,}$/i.test(word)) return true;
  return /^[\w-]{40,}$/.test(word) && /[A-Za-z0-9]/.test(word) && !VARIABLE_NAME.test(word);
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
