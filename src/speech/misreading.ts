/** What is not heard: emoji and what joins them, vowel marks of Arabic and Hebrew, the stroke that stretches Arabic. */
const UNHEARD =
  /\p{Extended_Pictographic}|\p{Emoji_Modifier}|\p{Regional_Indicator}|\u200d|[\u20e3\ufe0e\ufe0f]|[\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]/gu;

/** What is said in words that are not written: digits, and signs such as `$`, `%` and `&`. */
const SIGNS = /[\p{N}\p{S}%&#@*/§]/gu;
/** Letters that one such sign takes when it is said (`7`: seventy; `$`: dollars). */
const LETTERS_A_SIGN = 15;

/** Only what is heard: letters and digits, without case (ß as ss). */
function heardOf(text: string): string {
  const letters = text.normalize('NFKD').replace(UNHEARD, '').normalize('NFKC');
  return (
    letters
      .toUpperCase()
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  ).join('');
}

/**
 * Where what was said is not what the text says.
 * @param said as the model that speaks wrote it down
 * @returns an excerpt of both; undefined where it is the same, or may be: `$5` is said as `5 dollars`
 */
export function misreading(said: string, text: string): string | undefined {
  // No text is said in more letters than that: what follows would only take time.
  const most = EXCERPT + (LETTERS_A_SIGN + 1) * text.length;
  const [saidRun, textRun] = [new HeardRun(said.slice(0, most)), new HeardRun(text)];
  if (saidRun.heard === textRun.heard || isSpelledOut(saidRun, textRun)) return undefined;
  let at = 0;
  while (at < textRun.heard.length && saidRun.heard[at] === textRun.heard[at]) at++;
  return `"${saidRun.excerpt(at)}" for "${textRun.excerpt(at)}"`;
}

/** Whether signs and digits that are not the same in both can be what the difference is. */
function isSpelledOut(said: HeardRun, text: HeardRun): boolean {
  if (said.signs.join('') === text.signs.join('')) return false;
  const [added, left] = [roomFor(said, text), roomFor(text, said)];
  const [saidLength, textLength] = [said.heard.length, text.heard.length];
  if (saidLength - textLength > added || textLength - saidLength > left) return false;
  const common = commonLength(said.heard, text.heard);
  return saidLength - common <= added && textLength - common <= left;
}

/** The most letters and digits of one that signs can explain: the other's spelled out, and its own for words of the other. */
function roomFor(one: HeardRun, other: HeardRun): number {
  return LETTERS_A_SIGN * other.signs.length + Math.min(one.signs.length, other.heard.length);
}

/** The length of the longest text whose letters are, in their order, in both. Takes time by the product of the lengths. */
function commonLength(one: string, other: string): number {
  let row = new Uint32Array(other.length + 1);
  for (const letter of one) {
    const next = new Uint32Array(other.length + 1);
    for (let at = 1; at <= other.length; at++) {
      const same = other[at - 1] === letter ? (row[at - 1] ?? 0) + 1 : 0;
      next[at] = Math.max(same, row[at] ?? 0, next[at - 1] ?? 0);
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Characters of an excerpt, and how many of them are from before the place that it shows. */
const EXCERPT = 40;
const BEFORE = 10;

/** What is heard of a text, and where in the text that is. */
class HeardRun {
  readonly heard: string;
  readonly signs: readonly string[];
  /** What is seen as one character each, white space as one space. */
  readonly #graphemes: readonly string[];
  /** The index of the grapheme that each letter of `heard` is of. */
  readonly #places: readonly number[];

  constructor(text: string) {
    const segments = new Intl.Segmenter().segment(text.replace(/\s+/g, ' ').trim());
    this.#graphemes = Array.from(segments, ({ segment }) => segment);
    const heard = this.#graphemes.map(heardOf);
    this.heard = heard.join('');
    this.#places = heard.flatMap((letters, place) => Array.from({ length: letters.length }, () => place));
    this.signs = text.replace(UNHEARD, '').match(SIGNS) ?? [];
  }

  /** The text round a letter. @param at its index in `heard`; the length of that is the end */
  excerpt(at: number): string {
    const place = this.#places[at] ?? this.#graphemes.length;
    const from = this.#wordStart(Math.max(place - BEFORE, 0), place);
    const shown = this.#graphemes.slice(from, from + EXCERPT);
    const isCut = from + EXCERPT < this.#graphemes.length;
    return `${from > 0 ? '…' : ''}${shown.join('')}${isCut ? '…' : ''}`;
  }

  /** The first place from which on no word is cut; where there is none before `to`, as in scripts without spaces, `from`. */
  #wordStart(from: number, to: number): number {
    if (from === 0) return from;
    const space = this.#graphemes.indexOf(' ', from - 1);
    return space === -1 || space >= to ? from : space + 1;
  }
}
