import type { HeardAudio } from './audio-decode.ts';
import type { HeardPiece } from './speech-listener.ts';

/** A word as it stands in the text, with the white space before it, and when it is said, in seconds. */
export interface SpokenWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words that belong together. */
export interface SpokenSegment extends SpokenWord {
  /** A sentence ends with it. */
  readonly endsSentence: boolean;
}

export interface Transcript {
  readonly words: readonly SpokenWord[];
  /** Seconds of sound. */
  readonly seconds: number;
}

/** The most words of a segment. */
const MOST_WORDS = 10;

/** The end of a sentence, with the quotes and brackets that close after it. */
const SENTENCE_END = /[.!?…。！？][\p{Pf}\p{Pe}"']*$/u;
/** Scripts in which the next text follows without a space, and their marks. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\u3000-\u303f\uff01-\uff5e]$/u;

/** The words that are heard, each whole. */
export function transcriptOf({ pieces, seconds }: HeardAudio): Transcript {
  const words: SpokenWord[] = [];
  let before: HeardPiece | undefined;
  // White space is kept until the next word comes.
  let space = '';
  for (const piece of pieces) {
    const isNew = before === undefined || before.last || !piece.continues;
    const between = before?.last === true ? spaceBetween(before.text, piece.text) : '';
    const said = space + between + piece.text;
    const text = words.length === 0 ? said.trim() : said.trimEnd();
    space = said.slice(said.trimEnd().length);
    const word = isNew ? undefined : words.pop();
    if (word !== undefined) words.push({ ...word, text: word.text + text, end: piece.end });
    else if (text !== '') words.push({ text, start: piece.start, end: piece.end });
    before = piece;
  }
  return { words, seconds };
}

/** What is between two texts that were spoken one after the other: they may have been one. */
function spaceBetween(before: string, after: string): string {
  return /\s$/.test(before) || /^\s/.test(after) || UNSPACED.test(before) ? '' : ' ';
}

/** All that is said. */
export function textOf(words: readonly SpokenWord[]): string {
  return words.map(({ text }) => text).join('');
}

/** Segments end where sentences and lines do, or after ten words. Their texts together are the whole text. */
export function segmentsOf(words: readonly SpokenWord[]): SpokenSegment[] {
  const segments: SpokenSegment[] = [];
  let open: SpokenWord[] = [];
  for (const [index, word] of words.entries()) {
    open.push(word);
    const next = words[index + 1]?.text ?? '\n';
    const endsSentence = SENTENCE_END.test(word.text) || /^\s*\n/.test(next);
    if (!endsSentence && open.length < MOST_WORDS) continue;
    segments.push(segmentOf(open, endsSentence));
    open = [];
  }
  return segments;
}

function segmentOf(words: readonly SpokenWord[], endsSentence: boolean): SpokenSegment {
  const text = words.map((word) => word.text).join('');
  return { text, start: words[0]?.start ?? 0, end: words.at(-1)?.end ?? 0, endsSentence };
}
