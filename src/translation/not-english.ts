/** The share of letters from which on a text is of their script. */
const SHARE = 0.3;

/**
 * Whether a text is plainly not English: many of its letters are not of the Latin script. (A known fault of the
 * endpoint: speech in Korean and in other languages comes back as it was spoken.)
 */
export function isVisiblyForeign(text: string): boolean {
  const letters = text.match(/\p{L}/gu) ?? [];
  const foreign = letters.filter((letter) => !/\p{Script=Latin}/u.test(letter));
  return foreign.length > SHARE * letters.length;
}
