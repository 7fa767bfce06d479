import type { Context } from '../context.ts';
import { writeJson } from './json.ts';
import { inertText } from './terminal.ts';

/** One row of a list, as JSON has it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * Writes a list: a table on a terminal, JSON Lines elsewhere, one JSON document with `--json`.
 * @param columns the fields that the table shows, with their headings
 */
export async function writeRows(
  context: Pick<Context, 'stdout'>,
  rows: readonly Row[],
  columns: Readonly<Record<string, string>>,
  json: boolean,
): Promise<void> {
  const { stdout } = context;
  if (json) {
    await writeJson(stdout, rows);
  } else if (stdout.isTTY) {
    const cells = rows.map((row) => Object.keys(columns).map((name) => cellText(row[name])));
    await stdout.write(await alignedTable([Object.values(columns), ...cells]));
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
