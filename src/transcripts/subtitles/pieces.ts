import { columnsOf, graphemesOf } from './columns.ts';

/** A part of a text within which no line ends. */
export interface Piece {
  readonly text: string;
  /** In columns. */
  readonly width: number;
  /** The white space before it, which a line break takes the place of. */
  readonly gap: string;
}

/** White space at which no line ends. */
const NO_BREAK = /^[\u00a0\u2007\u202f\ufeff]+$/;

/** A word and the space before it, on one line. */
const SPACED = /([ \u3000]?)([^ \u3000]+)/g;

/**
 * Characters of scripts that put no space between words (Unicode 16, chapter 23.2 and UAX 14), and their marks.
 * Hangul is not among them: Korean has spaces.
 */
const UNSPACED =
  '[\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Bopo}\\p{sc=Thai}\\p{sc=Laoo}\\p{sc=Khmr}\\p{sc=Mymr}\\u3001-\\u303f\\u30fb\\u30fc\\uff01-\\uff60]';
const HAS_UNSPACED = new RegExp(UNSPACED, 'u');
const STARTS_UNSPACED = new RegExp(`^${UNSPACED}`, 'u');
const ENDS_UNSPACED = new RegExp(`${UNSPACED}$`, 'u');

/**
 * What no line begins with: closing marks, small kana, marks of length and repetition (JIS X 4051, in the classes
 * of "Requirements for Japanese Text Layout", W3C, appendix A), and what Thai and Lao have of the kind. A straight
 * quotation mark may be either, and stays with both sides.
 */
const NO_START =
  /^[\p{Pe}\p{Pf}\p{Terminal_Punctuation}\p{Sentence_Terminal}"'…‥・‐゠–〜～ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰ-ㇿ%％‰℃ๆฯໆ]/u;

/** What no line ends with: opening marks and what is written before a number. */
const NO_END = /[\p{Ps}\p{Pi}"'#＃$＄£￡¥￥№]$/u;

const ONLY_MARKS = /^[\p{P}\p{S}]+$/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'word' });

/** A text on one line: every white space is one space; an ideographic one, and no-break spaces, stay what they are. */
export function oneLine(text: string): string {
  const spaceOf = (run: string) => (NO_BREAK.test(run) ? run : run.startsWith('\u3000') ? '\u3000' : ' ');
  return text.trim().replace(/\s+/g, spaceOf);
}

/**
 * Cuts a text where lines may end: at spaces, between the words of scripts that have none, and, in a word that is
 * wider than a line, between its graphemes.
 * @param maxLine in columns; only a grapheme that is wider by itself makes a wider piece
 */
export function piecesOf(text: string, maxLine: number): Piece[] {
  const words: Piece[] = [];
  for (const [, gap = '', run = ''] of oneLine(text).matchAll(SPACED)) {
    for (const [index, word] of wordsOf(run).entries()) addWord(words, word, index === 0 ? gap : '');
  }
  return words.flatMap((word) => fitted(word, maxLine));
}

/** French puts a space before `!` and within « »: there, too, a mark by itself stays with its word. */
function addWord(words: Piece[], text: string, gap: string): void {
  const last = words.at(-1);
  const closes = ONLY_MARKS.test(text) && NO_START.test(text);
  const opened = last !== undefined && ONLY_MARKS.test(last.text) && NO_END.test(last.text);
  if (last === undefined || gap === '' || !(closes || opened)) {
    words.push(piece(text, gap));
    return;
  }
  words[words.length - 1] = piece(last.text + gap + text, last.gap);
}

function wordsOf(run: string): string[] {
  if (!HAS_UNSPACED.test(run)) return [run];
  const segments = Array.from(segmenter.segment(run), ({ segment }) => segment);
  return glued(segments, (before, after) => {
    // A Korean particle stays with the Chinese characters before it.
    if (/^\p{sc=Hangul}/u.test(after) || !mayPart(before, after)) return false;
    return ENDS_UNSPACED.test(before) || STARTS_UNSPACED.test(after);
  });
}

function mayPart(before: string, after: string): boolean {
  return !NO_START.test(after) && !NO_END.test(before);
}

function glued(parts: readonly string[], mayBreak: (before: string, after: string) => boolean): string[] {
  const whole: string[] = [];
  for (const part of parts) {
    const before = whole.at(-1);
    if (before === undefined || mayBreak(before, part)) whole.push(part);
    else whole[whole.length - 1] = before + part;
  }
  return whole;
}

function fitted(word: Piece, maxLine: number): Piece[] {
  if (word.width <= maxLine) return [word];
  // Marks that were put to the word go first.
  const spaced = [...word.text.matchAll(SPACED)];
  if (spaced.length > 1) {
    return spaced.flatMap(([, gap = '', text = ''], index) =>
      fitted(piece(text, index === 0 ? word.gap : gap), maxLine),
    );
  }
  const units = glued(graphemesOf(word.text), mayPart).flatMap((unit) =>
    columnsOf(unit) > maxLine ? graphemesOf(unit) : [unit],
  );
  const pieces: Piece[] = [];
  let gap = word.gap;
  for (const unit of units) {
    if (/^\s+$/.test(unit)) {
      gap += unit;
      continue;
    }
    pieces.push(piece(unit, gap));
    gap = '';
  }
  return pieces;
}

function piece(text: string, gap: string): Piece {
  return { text, gap, width: columnsOf(text) };
}

/** The pieces as one line again. */
export function joinPieces(pieces: readonly Piece[]): string {
  return pieces.map(({ text, gap }, index) => (index === 0 ? text : gap + text)).join('');
}
