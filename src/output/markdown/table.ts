import type { Align } from './blocks.ts';
import { Lines } from './lines.ts';
import { MARK, QUIET, type Span, STRONG } from './spans.ts';
import type { Theme } from './theme.ts';
import { charactersOf, widthOf } from './width.ts';

/** A cell as the pieces of its text. */
export type Cell = readonly Span[];

/** What a theme puts into a text. */
const PAINT = /\u001b\[[\d;]*m|\u001b\]8;;[^\u001b]*\u001b\\/g;

/** Columns that are too narrow for words help nobody. */
const LEAST_WIDTH = 6;
/** Between two columns: a space, a line, a space. */
const GAP = 3;
/** In front of the first column and behind the last. */
const EDGES = 2;

/** How a table is laid out: its columns' widths, or undefined where it does not fit and each row is a list. */
export interface TableLayout {
  readonly widths: readonly number[] | undefined;
  /** There is a line between rows: some of them have several lines. */
  readonly ruled: boolean;
}

/**
 * Finds widths for the columns from the rows that are known.
 * @param room the columns of the terminal that the table may take
 * @param complete no other rows will come: no room is left for them
 */
export function layOut(
  rows: readonly (readonly Cell[])[],
  room: number,
  complete: boolean,
  theme: Theme,
): TableLayout {
  const count = Math.max(...rows.map((row) => row.length));
  const columns = Array.from({ length: count }, (_, column) => rows.map((row) => row[column] ?? []));
  const natural = columns.map((cells) => Math.max(1, ...cells.map((cell) => cellWidth(cell, theme))));
  const available = room - EDGES - GAP * (count - 1);
  const total = natural.reduce((sum, width) => sum + width, 0);
  if (total <= available) {
    return { widths: complete ? natural : withRoom(natural, available - total), ruled: false };
  }
  const least = columns.map((cells, column) =>
    Math.min(
      natural[column] ?? 1,
      Math.max(LEAST_WIDTH, Math.min(longestWord(cells, theme), 2 * LEAST_WIDTH)),
    ),
  );
  if (least.reduce((sum, width) => sum + width, 0) > available) return { widths: undefined, ruled: false };
  return { widths: shrunk(natural, least, available), ruled: true };
}

/** Rows that are still to come may be wider: there is more room for them, as far as there is any. */
function withRoom(natural: readonly number[], spare: number): number[] {
  const wishes = natural.map((width) => Math.max(LEAST_WIDTH, Math.ceil(width / 2)));
  const wished = wishes.reduce((sum, wish) => sum + wish, 0);
  const share = Math.min(1, spare / wished);
  return natural.map((width, column) => width + Math.floor((wishes[column] ?? 0) * share));
}

/** The widest columns give way first. */
function shrunk(natural: readonly number[], least: readonly number[], available: number): number[] {
  const order = natural.map((_, column) => column).sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0));
  const widths = [...least];
  let spare = available - least.reduce((sum, width) => sum + width, 0);
  for (const [done, column] of order.entries()) {
    const share = Math.floor(spare / (order.length - done));
    const more = Math.min((natural[column] ?? 0) - (least[column] ?? 0), share);
    widths[column] = (least[column] ?? 0) + more;
    spare -= more;
  }
  return widths;
}

function shownText(cell: Cell, theme: Theme): string {
  return cell.map(({ text, look }) => (theme.color && (look & MARK) !== 0 ? '' : text)).join('');
}

function cellWidth(cell: Cell, theme: Theme): number {
  return Math.max(0, ...shownText(cell, theme).split('\n').map(widthOf));
}

function longestWord(cells: readonly Cell[], theme: Theme): number {
  return Math.max(0, ...cells.flatMap((cell) => shownText(cell, theme).split(/\s+/).map(widthOf)));
}

/** The lines of one row, side by side. */
export function rowLines(
  row: readonly Cell[],
  widths: readonly number[],
  align: readonly Align[],
  theme: Theme,
): string[] {
  const cells = widths.map((width, column) => {
    // What has no column goes into the last one.
    const own = column === widths.length - 1 ? row.slice(column) : row.slice(column, column + 1);
    return wrapped(joined(own), width, theme);
  });
  const height = Math.max(1, ...cells.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = cells.map((lines, column) => {
      const { text, width } = lines[line] ?? { text: '', width: 0 };
      return padded(text, (widths[column] ?? 0) - width, align[column]);
    });
    return ` ${parts.join(` ${faint('│', theme)} `)}`.trimEnd();
  });
}

function joined(cells: readonly Cell[]): Cell {
  return cells.flatMap((cell, index) => (index === 0 ? cell : [{ text: ' | ', look: 0 }, ...cell]));
}

function padded(text: string, spare: number, align: Align): string {
  const left = align === 'right' ? spare : align === 'center' ? Math.floor(spare / 2) : 0;
  return ' '.repeat(Math.max(0, left)) + text + ' '.repeat(Math.max(0, spare - left));
}

/** The line below the header, or between rows. */
export function ruleLine(widths: readonly number[], theme: Theme, dash = '─'): string {
  return faint(widths.map((width) => dash.repeat(width + 2)).join('┼'), theme);
}

/** A row as a list, where columns have no room side by side: each cell behind its column's name. */
export function rowList(row: readonly Cell[], header: readonly Cell[]): Span[] {
  const columns = Array.from({ length: Math.max(row.length, header.length) }, (_, column) => column);
  return columns.flatMap((column) => [
    ...(column === 0 ? [] : [{ text: '\n', look: 0 }]),
    ...(header[column] ?? []),
    { text: ': ', look: STRONG },
    ...(row[column] ?? []),
  ]);
}

function faint(text: string, theme: Theme): string {
  return theme.paint({ text, look: QUIET });
}

/** A cell as lines, none wider than its column: here a word that is too long is broken. */
function wrapped(cell: Cell, width: number, theme: Theme): { text: string; width: number }[] {
  const lines = new Lines({ theme, width: () => width, margin: () => ({ text: '', width: 0 }) });
  for (const span of cell) for (const part of broken(span, width)) lines.add(part);
  lines.end();
  const texts = lines.take().split('\n').slice(0, -1);
  return texts.map((text) => ({ text, width: widthOf(text.replace(PAINT, '')) }));
}

/** Puts a space where a word would be longer than a line. */
function* broken(span: Span, width: number): Generator<Span> {
  for (const [part] of span.text.matchAll(/\s+|\S+/g)) {
    if (widthOf(part) <= width) {
      yield { ...span, text: part };
      continue;
    }
    let line = '';
    for (const character of charactersOf(part)) {
      if (widthOf(line + character) > width) {
        yield { ...span, text: `${line}\n` };
        line = '';
      }
      line += character;
    }
    yield { ...span, text: line };
  }
}
