/** Scripts by which the sandbox tells languages, ISO 639-1; the language of Japanese also has Chinese characters. */
const SCRIPTS: readonly (readonly [script: RegExp, code: string])[] = [
  [/\p{Script=Hangul}/u, 'ko'],
  [/[\p{Script=Hiragana}\p{Script=Katakana}]/u, 'ja'],
  [/\p{Script=Han}/u, 'zh'],
  [/\p{Script=Cyrillic}/u, 'ru'],
  [/\p{Script=Arabic}/u, 'ar'],
  [/\p{Script=Hebrew}/u, 'he'],
  [/\p{Script=Greek}/u, 'el'],
  [/\p{Script=Devanagari}/u, 'hi'],
  [/\p{Script=Thai}/u, 'th'],
  [/\p{Script=Latin}/u, 'en'],
];

/** The languages of a text, as far as its scripts tell: what is written in Latin letters is English. */
export function languagesOf(text: string): string[] {
  const found = SCRIPTS.filter(([script]) => script.test(text)).map(([, code]) => code);
  return found.filter((code) => code !== 'zh' || !found.includes('ja'));
}

/** `Korean` for `ko`; undefined where there is no such code of ISO 639-1. */
export function languageName(code: string): string | undefined {
  if (!/^[a-z]{2}$/.test(code)) return undefined;
  return new Intl.DisplayNames(['en'], { type: 'language', fallback: 'none' }).of(code);
}
