import { cellsOf } from './block-starts.ts';
import type { Align } from './blocks.ts';
import { InlineText } from './inline.ts';
import type { Lines } from './lines.ts';
import { QUIET, STRONG } from './spans.ts';
import { type Cell, layOut, rowLines, rowList, ruleLine, type TableLayout } from './table.ts';
import type { Theme } from './theme.ts';

/** From so many rows on nobody waits for the rest: the columns are as wide as these need. */
const KNOWN_ROWS = 20;

/** Shows a table when its last row has come, or when there are many; those that follow then keep to the columns. */
export class TableBlock {
  readonly #align: readonly Align[];
  readonly #lines: Lines;
  readonly #theme: Theme;
  readonly #room: () => number;
  #rows: (readonly Cell[])[] = [];
  #header: readonly Cell[] = [];
  #layout: TableLayout | undefined;
  #line = '';
  #shown = 0;

  constructor(align: readonly Align[], lines: Lines, theme: Theme, room: () => number) {
    this.#align = align;
    this.#lines = lines;
    this.#theme = theme;
    this.#room = room;
  }

  text(piece: string): void {
    const lines = (this.#line + piece).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) this.#row(line);
  }

  end(): void {
    if (this.#layout === undefined) this.#show(true);
  }

  #row(line: string): void {
    // Cells that the header has no column for are no part of the table (GFM), but lost they must not be.
    const row = cellsOf(line).map(spansOf);
    if (this.#layout !== undefined) {
      this.#showRow(row, this.#layout);
    } else {
      this.#rows.push(row);
      if (this.#rows.length > KNOWN_ROWS) this.#show(false);
    }
  }

  #show(complete: boolean): void {
    const [header = [], ...rows] = this.#rows.map((row, index) => (index === 0 ? row.map(inBold) : row));
    this.#header = header;
    const layout = layOut([header, ...rows], this.#room(), complete, this.#theme);
    this.#layout = layout;
    this.#rows = [];
    if (layout.widths !== undefined) {
      for (const line of rowLines(header, layout.widths, this.#align, this.#theme)) this.#lines.literal(line);
      this.#lines.literal(ruleLine(layout.widths, this.#theme));
    }
    // A header alone is shown all the same.
    if (layout.widths === undefined && rows.length === 0) this.#showRow([], layout);
    for (const row of rows) this.#showRow(row, layout);
  }

  #showRow(row: readonly Cell[], { widths, ruled }: TableLayout): void {
    this.#shown++;
    if (widths === undefined) {
      if (this.#shown > 1) this.#lines.literal(this.#theme.paint({ text: '───', look: QUIET }));
      for (const span of rowList(row, this.#header)) this.#lines.add(span);
      this.#lines.end();
    } else {
      if (ruled && this.#shown > 1) this.#lines.literal(ruleLine(widths, this.#theme, '┈'));
      for (const line of rowLines(row, widths, this.#align, this.#theme)) this.#lines.literal(line);
    }
  }
}

function spansOf(cell: string): Cell {
  const inline = new InlineText();
  return [...inline.push(cell), ...inline.end()];
}

function inBold(cell: Cell): Cell {
  return cell.map((span) => ({ ...span, look: span.look | STRONG }));
}
