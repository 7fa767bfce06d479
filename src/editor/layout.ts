import { graphemes, type Widths } from './graphemes.ts';

/** What stands in front of a line and is no part of its text. */
export interface Prefix {
  /** With its colours. */
  readonly shown: string;
  /** Columns. */
  readonly width: number;
}

/** One line of the screen. */
export interface Row {
  /** Where its text begins and ends, in UTF-16 units of the whole text; the break behind a line is not part of it. */
  readonly start: number;
  readonly end: number;
  readonly prefix: Prefix;
  /** What is drawn behind the prefix. */
  readonly shown: string;
  /** Columns, the prefix included. */
  readonly width: number;
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

const NOTHING: Prefix = { shown: '', width: 0 };

/** The rows of one line, from the beginning of that line. */
type LineRows = readonly Omit<Row, 'prefix'>[];

/**
 * Breaks a text into rows of a screen. What it found for a line is kept for the next time, so that a key in a text of
 * thousands of lines costs no more than one line.
 */
export class Layout {
  readonly #widths: Widths;
  #lines = new Map<string, LineRows>();
  #madeFor = '';
  #last: { text: string; name: string; rows: readonly Row[] } | undefined;

  constructor(widths: Widths) {
    this.#widths = widths;
  }

  /**
   * @param columns of the screen
   * @param first stands before the first line, `next` before each that follows
   */
  rows(text: string, columns: number, first: Prefix, next: Prefix): readonly Row[] {
    const width = Math.max(columns, 2);
    const madeFor = `${width} ${this.#widths.edition}`;
    const name = `${madeFor} ${first.shown} ${next.shown}`;
    if (this.#last?.text === text && this.#last.name === name) return this.#last.rows;
    if (madeFor !== this.#madeFor) this.#lines = new Map();
    this.#madeFor = madeFor;
    const rows = this.#broken(text, width, first, next);
    this.#last = { text, name, rows };
    return rows;
  }

  #broken(text: string, width: number, first: Prefix, next: Prefix): Row[] {
    const kept = new Map<string, LineRows>();
    const rows: Row[] = [];
    let start = 0;
    for (const [number, line] of text.split('\n').entries()) {
      const prefix = number === 0 ? first : next;
      const name = `${prefix.width} ${line}`;
      const broken = this.#lines.get(name) ?? breakLine(line, width, prefix.width, this.#widths);
      kept.set(name, broken);
      for (const [part, row] of broken.entries()) {
        rows.push({
          ...row,
          start: start + row.start,
          end: start + row.end,
          prefix: part === 0 ? prefix : NOTHING,
        });
      }
      start += line.length + 1;
    }
    this.#lines = kept;
    return rows;
  }

  /** The row and column of an offset in the text. */
  place(rows: readonly Row[], text: string, offset: number): Place {
    // At the edge of two rows the cursor stands at the beginning of the second.
    const row = rows.findLastIndex(({ start }) => start <= offset);
    const found = rows[row];
    if (found === undefined) return { row: 0, column: 0 };
    return { row, column: found.prefix.width + this.#widths.width(text.slice(found.start, offset)) };
  }

  /** The offset in the text that is nearest to a column of a row. */
  offset(row: Row, text: string, column: number): number {
    let at = row.start;
    let width = row.prefix.width;
    for (const grapheme of graphemes(text.slice(row.start, row.end))) {
      width += this.#widths.cell(grapheme).width;
      if (width > column) break;
      at += grapheme.length;
    }
    return at;
  }
}

/**
 * @param width columns of the screen
 * @param taken of the first row, by its prefix
 */
function breakLine(line: string, width: number, taken: number, widths: Widths): LineRows {
  const rows: { start: number; end: number; shown: string; width: number }[] = [];
  let row = { start: 0, end: 0, shown: '', width: taken };
  for (const grapheme of graphemes(line)) {
    const cell = widths.cell(grapheme);
    if (row.width + cell.width > width && row.width > 0) {
      rows.push(row);
      row = { start: row.end, end: row.end, shown: '', width: 0 };
    }
    row.end += grapheme.length;
    row.shown += cell.shown;
    row.width += cell.width;
  }
  rows.push(row);
  // Behind a row that is full the cursor stands in the next one.
  if (row.width >= width) rows.push({ start: row.end, end: row.end, shown: '', width: 0 });
  return rows;
}
