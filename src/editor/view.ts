import { Chalk, type ChalkInstance } from 'chalk';
import type { Terminal } from '../context.ts';
import { inertText } from '../output/terminal.ts';
import type { Choice } from './choice.ts';
import { fitted, Widths } from './graphemes.ts';
import { Layout, type Prefix, type Row } from './layout.ts';
import { type DrawnRow, Screen } from './screen.ts';

/** Characters that the terminal is asked about at once. */
const ASKED_AT_ONCE = 8;
const WHERE_IS_THE_CURSOR = '\u001b[6n';
const CLEAR_SCREEN = '\u001b[H\u001b[2J';

/** A prompt that takes more of the line than this share is cut to a sign. */
const LONGEST_PROMPT = 0.7;

/** Lines of suggestions that are shown at once. */
const SUGGESTIONS = 10;

/** Before each line of a text that follows the first. */
const CONTINUED: Prefix = { shown: '  ', width: 2 };

/** What is shown of a line that is being written. */
export interface Shown {
  readonly prompt: string;
  /** It is a search. */
  readonly isSearch: boolean;
  readonly text: string;
  /** An offset in the text. */
  readonly cursor: number;
  /** Below the text. */
  readonly choice: Choice | undefined;
  /** Below that; empty for none. */
  readonly note: string;
}

/** Draws the line that is being written, on as many rows as it takes. */
export class EditorView {
  readonly #terminal: Terminal;
  readonly #screen: Screen;
  readonly #style: ChalkInstance;
  readonly #widths = new Widths();
  readonly #layout = new Layout(this.#widths);
  /** Characters whose width was asked for, in this order; undefined asks for the cursor after a resize. */
  #asked: (string | undefined)[] = [];
  /** The first row that is shown, when not all fit. */
  #top = 0;
  /** Where the cursor would be in a longer row, and how far that one was indented. */
  #goal: { readonly column: number; readonly indent: number } | undefined;

  constructor(terminal: Terminal, color: boolean) {
    this.#terminal = terminal;
    this.#screen = new Screen(terminal);
    this.#style = new Chalk({ level: color ? 1 : 0 });
  }

  /** Another line begins, where the cursor stands. */
  begin(): void {
    this.#top = 0;
    this.#goal = undefined;
    this.#screen.forget();
  }

  draw(shown: Shown): void {
    const below = [...this.#suggestionRows(shown), ...this.#noteRows(shown)];
    const rows = this.#rows(shown);
    const { row, column } = this.#layout.place(rows, shown.text, shown.cursor);
    const room = Math.max(1, this.#terminal.rows - below.length);
    this.#top = Math.max(Math.min(this.#top, row, Math.max(0, rows.length - room)), row - room + 1);
    const visible = rows.slice(this.#top, this.#top + room).map(drawn);
    this.#screen.draw([...visible, ...below], { row: row - this.#top, column }, this.#questions(shown));
  }

  /** What was written stays on the screen, but for the end of what is longer than it. */
  drawLast(shown: Shown): void {
    const rows = this.#rows(shown);
    const room = Math.max(1, this.#terminal.rows - 1);
    const visible = rows.slice(0, rows.length > room ? room - 1 : room).map(drawn);
    const more = rows.length - visible.length;
    if (more > 0) visible.push(this.#row(`… ${more.toLocaleString('en-US')} more lines`, this.#style.dim));
    this.#screen.draw(visible, { row: visible.length - 1, column: 0 });
    this.#screen.leave();
  }

  /** Leaves what is drawn, and goes to the line below. */
  leave(): void {
    this.#screen.leave();
  }

  erase(): void {
    this.#screen.erase();
  }

  /** What was drawn is gone, or belongs to others now. */
  forget(): void {
    this.#screen.forget();
  }

  clearScreen(): void {
    this.#terminal.write(CLEAR_SCREEN);
    this.#screen.forget();
  }

  /** The offset a row above or below; undefined beyond the first and the last. */
  vertical(shown: Shown, step: -1 | 1): number | undefined {
    const rows = this.#rows(shown);
    const place = this.#layout.place(rows, shown.text, shown.cursor);
    const target = rows[place.row + step];
    if (target === undefined) return undefined;
    this.#goal ??= { column: place.column, indent: rows[place.row]?.prefix.width ?? 0 };
    const { column, indent } = this.#goal;
    // Where both begin a line, what stands before them does not count.
    const shift = indent > 0 && target.prefix.width > 0 ? target.prefix.width - indent : 0;
    return this.#layout.offset(target, shown.text, column + shift);
  }

  /** The next step up or down begins where the cursor is. */
  forgetGoal(): void {
    this.#goal = undefined;
  }

  /**
   * The terminal has another size. One that has become narrower has broken lines anew, or cut them off: it is asked where
   * its cursor is, which tells.
   * @returns whether it was asked; otherwise what was drawn is erased
   */
  resized(): boolean {
    if (!this.#screen.hasOutgrown(this.#terminal.columns)) {
      this.#screen.erase();
      return false;
    }
    this.#asked.push(undefined);
    this.#terminal.write(WHERE_IS_THE_CURSOR);
    return true;
  }

  /** After that: erases what is left of what was drawn. @param column undefined where the terminal did not say */
  eraseOutgrown(column: number | undefined): void {
    const { columns } = this.#terminal;
    const before = this.#screen.cursor.column;
    const wraps = column !== undefined && before >= columns && column - 1 === before % columns;
    this.#screen.eraseWrapped(columns, wraps);
  }

  /**
   * The terminal says where its cursor is: behind a character that was drawn at the left edge, or after a resize.
   * @returns whether it is the last answer after a resize
   */
  answered(column: number): boolean {
    if (this.#asked.length === 0) return false;
    const grapheme = this.#asked.shift();
    // Of several resizes in a row the last one counts.
    if (grapheme === undefined) return !this.#asked.includes(undefined);
    this.#widths.learn(grapheme, column - 1);
    return false;
  }

  /** Draws each character that the terminal has to be asked about at the left edge, and asks where its cursor went. */
  #questions({ prompt, text }: Shown): string {
    const doubtful = this.#widths.doubtful(prompt + text).filter((one) => !this.#asked.includes(one));
    const now = doubtful.slice(0, ASKED_AT_ONCE);
    this.#asked.push(...now);
    return now.map((grapheme) => `\r${grapheme}${WHERE_IS_THE_CURSOR}`).join('');
  }

  #rows({ prompt, isSearch, text }: Shown): readonly Row[] {
    const paint = isSearch ? this.#style.yellow : this.#style.cyan;
    return this.#layout.rows(text, this.#terminal.columns, this.#prefix(prompt, paint), CONTINUED);
  }

  /** A prompt that would take most of the line is a short one. */
  #prefix(text: string, paint: (text: string) => string): Prefix {
    const safe = inertText(text);
    const width = this.#widths.width(safe);
    return width > this.#terminal.columns * LONGEST_PROMPT
      ? { shown: paint('> '), width: 2 }
      : { shown: paint(safe), width };
  }

  #suggestionRows({ choice }: Shown): DrawnRow[] {
    const { columns, rows } = this.#terminal;
    const room = Math.max(1, Math.min(SUGGESTIONS, rows - 4));
    const lines = choice?.lines(room, columns, this.#widths) ?? [];
    return lines.map(({ text, isChosen }) =>
      this.#row(text, isChosen ? this.#style.inverse : this.#style.dim),
    );
  }

  #noteRows({ note }: Shown): DrawnRow[] {
    if (note === '') return [];
    return [this.#row(fitted(note, this.#terminal.columns, this.#widths), this.#style.dim)];
  }

  #row(text: string, paint: (text: string) => string): DrawnRow {
    return { text: paint(text), width: this.#widths.width(text) };
  }
}

function drawn({ prefix, shown, width }: Row): DrawnRow {
  return { text: prefix.shown + shown, width };
}
