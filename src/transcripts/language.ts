import { usageError } from '../errors.ts';

/** English names of languages by their codes. */
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

/** `ko` for `Korean`; undefined for what no code of two letters has as its English name, or its own. */
function codeOfName(name: string): string | undefined {
  const wanted = name.toLowerCase();
  for (const first of LETTERS) {
    for (const second of LETTERS) {
      const code = first + second;
      if (names.of(code) === undefined) continue;
      const own = new Intl.DisplayNames([code], { type: 'language', fallback: 'none' }).of(code);
      if (names.of(code)?.toLowerCase() === wanted || own?.toLowerCase() === wanted) return code;
    }
  }
  return undefined;
}

/**
 * The code of ISO 639-1 for what the user calls a language: `ko`, `ko-KR`, `Korean`, `한국어`.
 * @throws Failure (usage)
 */
export function languageCode(text: string, flag: string): string {
  const [, code = ''] = /^([a-z]{2})(?:[-_]\w+)*$/i.exec(text) ?? [];
  if (code !== '' && names.of(code.toLowerCase()) !== undefined) return code.toLowerCase();
  const named = text === '' ? undefined : codeOfName(text);
  if (named !== undefined) return named;
  throw usageError(
    `${flag} ${text === '' ? "''" : text} is no language that is known here`,
    'give its code of two letters (ISO 639-1), such as ko',
  );
}

/** A language that a text is to be in. */
export interface Language {
  /** In English, for a model: `Korean`, `Portuguese (Brazil)`; what is no code stands as it was typed. */
  readonly name: string;
  /** For the name of a file: `ko`, `pt-BR`. */
  readonly tag: string;
  readonly isEnglish: boolean;
}

/** Reads the language of `--to`: a code, a name, or words that a model will understand. @throws Failure (usage) */
export function readLanguage(text: string, flag: string): Language {
  if (text.trim() === '') throw usageError(`${flag} is empty`);
  const tag = codeOfName(text.trim()) ?? canonicalTag(text.trim().replaceAll('_', '-'));
  if (tag === undefined) return { name: text.trim(), tag: fileTag(text), isEnglish: false };
  const name = names.of(tag) ?? tag;
  return { name, tag, isEnglish: tag === 'en' };
}

/** @returns undefined for what is no tag of BCP 47, or names no known language */
function canonicalTag(text: string): string | undefined {
  if (!/^[a-z]{2,3}(?:-\w+)*$/i.test(text)) return undefined;
  try {
    const [tag] = Intl.getCanonicalLocales(text);
    return tag !== undefined && names.of(tag) !== undefined ? tag : undefined;
  } catch {
    return undefined;
  }
}

/** Words as a part of a file's name. */
function fileTag(text: string): string {
  return (
    text
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu)
      ?.join('-') ?? 'translated'
  );
}
