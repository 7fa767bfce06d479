/** East Asian characters, between which a line may be broken without a space. */
export const IDEOGRAPH = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** Characters that take two columns each: kana, ideographs, and what stands between them. */
const WIDE =
  /^[\u3000-\u3029\u3030-\u303e\u3041-\u3096\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff01-\uff60]$/;

/**
 * Characters that take a column each, as string-width has it: ASCII, Latin, Greek and Cyrillic letters, the marks of
 * typesetters, arrows, mathematics, lines, and pictures of control characters.
 */
const NARROW_ONES =
  '\\x20-\\x7e\\u00a0-\\u00ac\\u00ae-\\u024f\\u0370-\\u0482\\u048a-\\u052f\\u2010-\\u2027\\u2030-\\u205e\\u2190-\\u22ff\\u2400-\\u2426\\u2500-\\u257f';
const NARROW = new RegExp(`^[${NARROW_ONES}]*$`);
/** The same, of the pieces of a text with its line breaks and tabs. */
const ALL_NARROW = new RegExp(`^[\\t\\n\\r${NARROW_ONES}]*$`);

/** No character is made of more, in UTF-16 units; those that are look broken anyway. */
const LONGEST_CHARACTER = 64;

/** What knows of every character; to load it takes longer than to show a short answer. */
let others: { stringWidth(text: string): number; segmenter: Intl.Segmenter } | undefined;

/**
 * Makes `widthOf` ready for a text.
 * @returns a promise where something must be loaded first
 */
export function widthsFor(text: string): Promise<void> | undefined {
  if (others !== undefined || ALL_NARROW.test(text)) return undefined;
  return import('string-width').then(({ default: stringWidth }) => {
    others = { stringWidth, segmenter: new Intl.Segmenter() };
  });
}

/** The columns that a terminal gives a text. Call `widthsFor` first. */
export function widthOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  if (WIDE.test(text)) return 2;
  return others?.stringWidth(text) ?? text.length;
}

/** The characters of a text as a person counts them. Call `widthsFor` first. */
export function charactersOf(text: string): readonly string[] {
  if (NARROW.test(text) || others === undefined) return [...text];
  return [...others.segmenter.segment(text)].map(({ segment }) => segment);
}

/** The character at the end of a text, where more of it may come: an emoji is made of several. */
export function unsureEnd(text: string): string {
  return NARROW.test(text.slice(-1)) ? '' : (charactersOf(text.slice(-LONGEST_CHARACTER)).at(-1) ?? '');
}
