import type { Cue, TimedWord } from './cue.ts';
import { balancedLines } from './lines.ts';
import { partTimes } from './part-times.ts';
import { joinPieces, oneLine, piecesOf } from './pieces.ts';
import { type Screen, screensOf } from './screens.ts';
import { SpokenWords } from './spoken-words.ts';

/**
 * 42 characters in a line, two lines at most: what Netflix asks of most languages ("Timed Text Style Guide: General
 * Requirements", line treatment, and "English Timed Text Style Guide", character limitation;
 * https://partnerhelp.netflixstudios.com/hc/articles/215758617).
 */
const USUAL: Screen = { maxLine: 42, maxLines: 2 };

/** What fits on the screen. */
export interface Layout {
  /** The width of a line in columns of a terminal, at least 1: a Hangul or Chinese character takes two. */
  readonly maxLine?: number | undefined;
  /** The lines of a cue, at least 1. */
  readonly maxLines?: number | undefined;
}

/**
 * Fits cues to a reading width. Lines end between words, or within a word that is wider than a line, and are of about
 * the same width; only a grapheme that is wider than a line by itself is wider than `maxLine`. A cue that needs more
 * lines than `maxLines` becomes several, best after a sentence or a clause, each with the time in which it is said.
 * Where one of the limits is not given it is the usual one (42 columns, two lines); with neither, every cue is one
 * line. Texts are kept but for their white space, speakers too; cues without a text are left out.
 * @param words the words of the whole transcript: without them, the parts of a cue share its time by their widths
 */
export function layOut(
  cues: readonly Cue[],
  { maxLine, maxLines }: Layout,
  words: readonly TimedWord[] = [],
): Cue[] {
  const written = cues.filter(({ text }) => text.trim() !== '');
  if (maxLine === undefined && maxLines === undefined) {
    return written.map((cue) => ({ ...cue, text: oneLine(cue.text) }));
  }
  const screen = { maxLine: maxLine ?? USUAL.maxLine, maxLines: maxLines ?? USUAL.maxLines };
  const spoken = words.length === 0 ? undefined : new SpokenWords(words);
  return written.flatMap((cue) => fitted(cue, screen, spoken));
}

function fitted(cue: Cue, screen: Screen, words: SpokenWords | undefined): Cue[] {
  const screens = screensOf(piecesOf(cue.text, screen.maxLine), screen);
  const texts = screens.map((pieces) => balancedLines(pieces, screen.maxLine).join('\n'));
  if (texts.length === 1) return [{ ...cue, text: texts.join() }];
  const times = partTimes(screens.map(joinPieces), cue, words);
  return texts.map((text, index) => ({ ...cue, ...times[index], text }));
}
