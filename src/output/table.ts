import type { Context } from '../context.ts';
import { writeJson } from './json.ts';
import { inertText } from './terminal.ts';

/** The columns of a table: what stands above each, and what of a row stands in it. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => unknown>>;

/**
 * Writes a list: a table on a terminal, JSON Lines elsewhere, one JSON document with `--json`. Put the column that may
 * be long last. On a terminal too narrow for most rows, each column of a row has a line of its own.
 */
export async function writeRows<Row>(
  { stdout }: Pick<Context, 'stdout'>,
  rows: readonly Row[],
  columns: Columns<Row>,
  json: boolean,
): Promise<void> {
  if (json) {
    await writeJson(stdout, rows);
  } else if (stdout.isTTY) {
    const cells = rows.map((row) => Object.values(columns).map((cell) => cellText(cell(row))));
    await stdout.write(await laidOut(Object.keys(columns), cells, stdout.columns));
  } else {
    for (const row of rows) await stdout.write(`${JSON.stringify(row)}\n`);
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function laidOut(
  names: readonly string[],
  rows: readonly (readonly string[])[],
  columns: number,
): Promise<string> {
  const { default: stringWidth } = await import('string-width');
  const table = await alignedTable([names, ...rows]);
  const tooWide = table.split('\n').filter((line) => stringWidth(line) > columns);
  if (tooWide.length <= rows.length / 2) return table;
  // A column without a name holds a mark, which stands for itself.
  const named = (name: string, cell: string) => (name.trim() === '' ? [cell, ''] : [name, cell]);
  const blocks = rows.map((row) => {
    const lines = row.map((cell, column) => named(names[column] ?? '', cell));
    return alignedTable(lines.filter(([name]) => name !== ''));
  });
  return (await Promise.all(blocks)).join('\n');
}

/** Rows of text in columns two spaces apart, by the width that a terminal gives each character. */
export async function alignedTable(rows: readonly (readonly string[])[]): Promise<string> {
  const { default: stringWidth } = await import('string-width');
  const cells = rows.map((row) => row.map((cell) => inertText(cell.replace(/\s+/g, ' '))));
  const widths: number[] = [];
  for (const row of cells) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, stringWidth(cell));
    });
  }
  const line = (row: readonly string[]) =>
    row.map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - stringWidth(cell))).join('  ');
  return cells.map((row) => `${line(row).trimEnd()}\n`).join('');
}
