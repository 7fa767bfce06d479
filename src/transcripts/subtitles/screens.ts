import { columnsOf } from './columns.ts';
import { countLines } from './lines.ts';
import type { Piece } from './pieces.ts';

/** How much is on the screen at a time. */
export interface Screen {
  /** The width of a line in columns of a terminal. */
  readonly maxLine: number;
  readonly maxLines: number;
}

/** What a break between two cues costs, in cues: to be rid of a bad one is worth one more cue that is not too empty. */
const BREAK = { sentence: 0, clause: 0.3, none: 1.25 } as const;

/** The weight of cues that are far from full. It keeps a single word from being a cue. */
const EMPTINESS = 0.5;

/** Marks of tags among them. */
const CLOSING = '["\'\\p{Pe}\\p{Pf}\\u206a-\\u206f]*$';
const ENDS_SENTENCE = new RegExp(`[\\p{Sentence_Terminal}…‥]${CLOSING}`, 'u');
const ENDS_CLAUSE = new RegExp(`[\\p{Terminal_Punctuation}–—―]${CLOSING}`, 'u');
/** Where words are not spaced, a space ends a clause: Thai has no comma. */
const ENDS_UNSPACED =
  /[\p{sc=Han}\p{sc=Hira}\p{sc=Kana}\p{sc=Thai}\p{sc=Laoo}\p{sc=Khmr}\p{sc=Mymr}]\p{M}*$/u;

interface Best {
  readonly cost: number;
  /** The piece that the last screen begins with. */
  readonly from: number;
}

/** Shares pieces out among screens that hold them: few of them, not too empty, best ending with a sentence. */
export function screensOf(pieces: readonly Piece[], screen: Screen): Piece[][] {
  if (countLines(pieces, screen.maxLine) <= screen.maxLines) return [[...pieces]];
  const best: Best[] = [{ cost: 0, from: 0 }];
  for (let end = 1; end <= pieces.length; end++) best.push(bestScreen(pieces, end, screen, best));
  const screens: Piece[][] = [];
  for (let end = pieces.length; end > 0; end = best[end]?.from ?? 0) {
    screens.push(pieces.slice(best[end]?.from ?? 0, end));
  }
  return screens.reverse();
}

function bestScreen(
  pieces: readonly Piece[],
  end: number,
  { maxLine, maxLines }: Screen,
  earlier: readonly Best[],
): Best {
  const ending = breakCost(pieces, end);
  let best: Best | undefined;
  let lines = 1;
  let line = 0;
  let filled = 0;
  // Lines are filled from the last to the first: they are as many as from the first to the last.
  for (let from = end - 1; from >= 0; from--) {
    const width = pieces[from]?.width ?? 0;
    const gap = from === end - 1 ? 0 : columnsOf(pieces[from + 1]?.gap ?? '');
    if (from < end - 1 && line + gap + width > maxLine) {
      lines += 1;
      line = width;
    } else line += gap + width;
    if (lines > maxLines) break;
    filled += gap + width;
    const empty = Math.max(0, 1 - filled / (maxLine * maxLines));
    const cost = (earlier[from]?.cost ?? 0) + 1 + ending + EMPTINESS * empty * empty;
    if (best === undefined || cost < best.cost) best = { cost, from };
  }
  return best ?? { cost: 0, from: end - 1 };
}

function breakCost(pieces: readonly Piece[], end: number): number {
  const before = pieces[end - 1]?.text ?? '';
  const after = pieces[end];
  if (after === undefined || ENDS_SENTENCE.test(before)) return BREAK.sentence;
  if (ENDS_CLAUSE.test(before) || (after.gap !== '' && ENDS_UNSPACED.test(before))) return BREAK.clause;
  return BREAK.none;
}
