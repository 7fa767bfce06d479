import { columnsOf } from './columns.ts';
import { joinPieces, type Piece } from './pieces.ts';

/** How many lines of that width the pieces take at least. */
export function countLines(pieces: readonly Piece[], width: number): number {
  let lines = 0;
  let line = Number.POSITIVE_INFINITY;
  for (const piece of pieces) {
    const longer = line + widthAfter(piece);
    if (longer <= width) line = longer;
    else {
      lines += 1;
      line = piece.width;
    }
  }
  return lines;
}

interface Best {
  readonly lines: number;
  /** The sum of the squares of the widths of the lines: the smaller it is, the more even they are. */
  readonly squares: number;
  /** The piece that the last line begins with. */
  readonly from: number;
}

/**
 * Lays pieces out on as few lines as they need, of widths as even as can be, so that the last line is not a lonely
 * word.
 * @param maxLine the width of a line in columns
 */
export function balancedLines(pieces: readonly Piece[], maxLine: number): string[] {
  // best[n] is how to lay out the first n pieces.
  const best: Best[] = [{ lines: 0, squares: 0, from: 0 }];
  for (let end = 1; end <= pieces.length; end++) best.push(bestLine(pieces, end, maxLine, best));
  const lines: Piece[][] = [];
  for (let end = pieces.length; end > 0; end = best[end]?.from ?? 0) {
    lines.push(pieces.slice(best[end]?.from ?? 0, end));
  }
  return lines.reverse().map(joinPieces);
}

function bestLine(pieces: readonly Piece[], end: number, width: number, above: readonly Best[]): Best {
  let best: Best | undefined;
  let line = 0;
  for (let from = end - 1; from >= 0; from--) {
    line += pieces[from]?.width ?? 0;
    if (best !== undefined && line > width) break;
    const { lines, squares } = above[from] ?? { lines: 0, squares: 0 };
    const found = { lines: lines + 1, squares: squares + line * line, from };
    if (best === undefined || isBetter(found, best)) best = found;
    line += columnsOf(pieces[from]?.gap ?? '');
  }
  return best ?? { lines: 0, squares: 0, from: 0 };
}

function isBetter(one: Best, other: Best): boolean {
  return one.lines === other.lines ? one.squares < other.squares : one.lines < other.lines;
}

/** What a piece adds to the line that it does not begin. */
function widthAfter({ gap, width }: Piece): number {
  return columnsOf(gap) + width;
}
