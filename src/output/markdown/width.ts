/** East Asian characters of two columns, between which a line may be broken without a space. */
export const IDEOGRAPH = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\u3000-\u303f\uff00-\uffef]/u;

/** Text whose characters take a column each: ASCII, letters of Latin, the marks of typesetters. */
const NARROW = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e]*$/;

/** What is `NARROW` in the pieces of a text that may hold line breaks and tabs. */
const ALL_NARROW = /^[\t\n\r\x20-\x7e\u00a0-\u00ac\u00ae-\u024f\u2010-\u2027\u2030-\u205e]*$/;

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
  if (text.length === 1 && IDEOGRAPH.test(text)) return 2;
  return others?.stringWidth(text) ?? text.length;
}

/** The characters of a text as a person counts them. Call `widthsFor` first. */
export function charactersOf(text: string): readonly string[] {
  if (NARROW.test(text) || others === undefined) return [...text];
  return [...others.segmenter.segment(text)].map(({ segment }) => segment);
}

/** The character at the end of a text, where more of it may come: an emoji is made of several. */
export function unsureEnd(text: string): string {
  return NARROW.test(text.slice(-1)) ? '' : (charactersOf(text).at(-1) ?? '');
}
