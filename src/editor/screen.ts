import type { Terminal } from '../context.ts';
import type { Place } from './layout.ts';

/** A line as it is drawn. */
export interface DrawnRow {
  /** Text and colours. */
  readonly text: string;
  /** Columns; no more than the terminal has. */
  readonly width: number;
}

const ERASE_LINE = '\u001b[K';
const ERASE_BELOW = '\u001b[J';

/**
 * The last lines of the terminal, drawn over and over: only what has changed is written, and what stands above is never
 * touched. It begins at the line on which the cursor stands when it is drawn for the first time.
 */
export class Screen {
  readonly #terminal: Terminal;
  #rows: readonly DrawnRow[] = [];
  #cursor: Place = { row: 0, column: 0 };

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Draws these lines in place of the last ones. @param before is written first, with the cursor where it stood */
  draw(rows: readonly DrawnRow[], cursor: Place, before = ''): void {
    const old = this.#rows;
    const pen = new Pen(this.#cursor.row, old.length);
    pen.write(before);
    const changed = (row: DrawnRow, at: number) => before !== '' || row.text !== old[at]?.text;
    for (const [at, row] of rows.entries()) {
      if (!changed(row, at)) continue;
      pen.goTo(at);
      // To erase behind a line that fills the screen would erase its last character.
      const isFull = row.width >= this.#terminal.columns;
      pen.write(`\r${isFull ? ERASE_LINE : ''}${row.text}${isFull ? '' : ERASE_LINE}`);
    }
    if (old.length > rows.length) {
      pen.goTo(rows.length);
      pen.write(`\r${ERASE_BELOW}`);
    }
    pen.goTo(cursor.row);
    pen.write(cursor.column === 0 ? '\r' : `\r\u001b[${cursor.column}C`);
    this.#rows = rows;
    this.#cursor = cursor;
    this.#terminal.write(pen.text);
  }

  /** Leaves what is drawn, and goes to the line below it. */
  leave(): void {
    if (this.#rows.length === 0) return;
    const pen = new Pen(this.#cursor.row, this.#rows.length);
    pen.goTo(this.#rows.length - 1);
    this.#terminal.write(`${pen.text}\r\n`);
    this.forget();
  }

  /** Erases what is drawn. What is drawn next begins there. */
  erase(): void {
    if (this.#rows.length === 0) return;
    this.#terminal.write(`${up(this.#cursor.row)}\r${ERASE_BELOW}`);
    this.forget();
  }

  /**
   * After the terminal has become narrower: erases what is left of what was drawn.
   * @param wraps it breaks lines that have become too long, so that they take more than one
   */
  eraseWrapped(columns: number, wraps: boolean): void {
    const lines = (width: number) => (wraps ? Math.max(1, Math.ceil(width / columns)) : 1);
    const above = this.#rows.slice(0, this.#cursor.row).reduce((sum, { width }) => sum + lines(width), 0);
    const here = wraps ? Math.floor(Math.min(this.#cursor.column, this.#widthHere) / columns) : 0;
    this.#terminal.write(`${up(above + here)}\r${ERASE_BELOW}`);
    this.forget();
  }

  /** Whether a line above the cursor, or the one in front of it, no longer fits. */
  hasOutgrown(columns: number): boolean {
    const above = this.#rows.slice(0, this.#cursor.row).some(({ width }) => width > columns);
    return above || this.#cursor.column >= columns;
  }

  get cursor(): Place {
    return this.#cursor;
  }

  /** What was drawn is gone, or belongs to others now. */
  forget(): void {
    this.#rows = [];
    this.#cursor = { row: 0, column: 0 };
  }

  get #widthHere(): number {
    return this.#rows[this.#cursor.row]?.width ?? 0;
  }
}

function up(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A` : '';
}

/** Writes line by line, and knows on which one it is. */
class Pen {
  text = '';
  #row: number;
  /** Lines that are there: to go further, the terminal has to make new ones. */
  #there: number;

  constructor(row: number, there: number) {
    this.#row = row;
    this.#there = Math.max(there, 1);
  }

  write(text: string): void {
    this.text += text;
  }

  goTo(row: number): void {
    this.text += up(this.#row - row);
    const last = this.#there - 1;
    const down = Math.min(row, last) - this.#row;
    if (down > 0) this.text += `\u001b[${down}B`;
    if (row > last) {
      this.text += '\r\n'.repeat(row - Math.max(last, this.#row));
      this.#there = row + 1;
    }
    this.#row = row;
  }
}
