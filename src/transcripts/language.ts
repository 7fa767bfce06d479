import { usageError } from '../errors.ts';

/** English names of languages by their codes. */
const names = new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' });

const LETTERS = [...'abcdefghijklmnopqrstuvwxyz'];

/** Of ISO 639-1, and those of three letters that Whisper knows beside them (`whisper/tokenizer.py`, LANGUAGES). */
function codes(): string[] {
  const short = LETTERS.flatMap((first) => LETTERS.map((second) => first + second));
  return [...short, 'yue', 'haw'].filter((code) => names.of(code) !== undefined);
}

let known: ReadonlyMap<string, string> | undefined;

/** Codes by the names of their languages, in English and their own, in small letters. Made once, when it is needed. */
function codesByName(): ReadonlyMap<string, string> {
  if (known !== undefined) return known;
  const found = new Map<string, string>();
  const put = (name: string | undefined, code: string) => {
    const key = name?.toLowerCase();
    if (key !== undefined && !found.has(key)) found.set(key, code);
  };
  const all = codes();
  for (const code of all) put(names.of(code), code);
  for (const code of all) {
    put(new Intl.DisplayNames([code], { type: 'language', fallback: 'none' }).of(code), code);
  }
  known = found;
  return found;
}

/** `ko` for `Korean`; undefined for what is the name of no language. */
function codeOfName(name: string): string | undefined {
  return codesByName().get(name.toLowerCase());
}

/** Codes that ISO 639-1 has given up, and what it has in the place of one that CLDR prefers. */
const OTHER_CODES: Readonly<Record<string, string>> = {
  iw: 'he',
  in: 'id',
  ji: 'yi',
  jw: 'jv',
  mo: 'ro',
  fil: 'tl',
};

/**
 * The code for what the user calls a language that is spoken, of ISO 639-1 where it has one: `ko` for `ko-KR`, `kor`,
 * `Korean` and `한국어`, `yue` for `Cantonese`.
 * @throws Failure (usage)
 */
export function languageCode(text: string, flag: string): string {
  const code = spokenCode(text) ?? (text === '' ? undefined : codeOfName(text));
  if (code !== undefined) return code;
  throw usageError(
    `${flag} ${text === '' ? "''" : text} is no language that is known here`,
    'give its code of two letters (ISO 639-1), such as ko',
  );
}

function spokenCode(text: string): string | undefined {
  const [, code = ''] = /^([a-z]{2,3})(?:[-_]\w+)*$/i.exec(text) ?? [];
  const given = code.toLowerCase();
  if (given === '' || names.of(given) === undefined) return undefined;
  // Three letters for what has two: kor, cmn.
  const short = given.length === 2 ? given : new Intl.Locale(given).language;
  return OTHER_CODES[short] ?? short;
}

/** A language that a text is to be in. */
export interface Language {
  /** In English, for a model: `Korean`, `Portuguese (Brazil)`; what is no code stands as it was typed. */
  readonly name: string;
  /** For the name of a file: `ko`, `pt-BR`. */
  readonly tag: string;
  readonly isEnglish: boolean;
}

/** Like a code, and like words that may be the name of a language: `Old English`, `formal German (Sie)`. */
const LIKE_CODE = /^[a-z]{1,3}(?:[-_][a-z0-9]{1,4})*$/i;
const LIKE_NAME = /^\p{L}[\p{L}\p{M}\p{N} '’().,&-]{0,79}$/u;

/**
 * Reads the language of `--to`: a code, a name, or words that a model will understand.
 * @throws Failure (usage) on what can be none of them
 */
export function readLanguage(text: string, flag: string): Language {
  const wish = text.trim();
  if (wish === '') throw usageError(`${flag} is empty`);
  const tag = codeOfName(wish) ?? canonicalTag(wish.replaceAll('_', '-'));
  if (tag !== undefined) return { name: names.of(tag) ?? tag, tag, isEnglish: tag === 'en' };
  if (LIKE_CODE.test(wish) || !LIKE_NAME.test(wish)) {
    throw usageError(
      `${flag} ${wish} is no language that is known here`,
      'give its code or its name: ko, Korean',
    );
  }
  return { name: wish, tag: fileTag(wish), isEnglish: false };
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
