import type { Context } from '../context.ts';
import { writeJson } from './json.ts';
import { inertText } from './terminal.ts';

/** The columns of a table: what stands above each, and what of a row stands in it. */
export type Columns<Row> = Readonly<Record<string, (row: Row) => unknown>>;

/** Writes a list: a table on a terminal, JSON Lines elsewhere, one JSON document with `--json`. */
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
    await stdout.write(await alignedTable([Object.keys(columns), ...cells]));
  } else {
    for (const row of rows) await stdout.write(`${JSON.stringify(row)}\n`);
  }
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '-';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Rows of text in columns two spaces apart, by the width that a terminal gives each character. */
export async function alignedTable(rows: readonly (readonly string[])[]): Promise<string> {
  const { default: stringWidth } = await import('string-width');
  const cells = rows.map((row) => row.map((cell) => inertText(cell.replace(/[\s]+/g, ' '))));
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
