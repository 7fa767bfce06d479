import type { JsonObject } from '../json.ts';
import { cellOf } from './rows.ts';

/**
 * Rows as CSV (RFC 4180), the header first, one by one, each with its line break. Lines end with LF, not CRLF: the
 * tools of a shell keep the CR as part of the last column, and every reader of CSV takes LF.
 *
 * Lists and objects stand as JSON. Null is an empty field and an empty text is `""`, as in PostgreSQL's CSV. Texts
 * that a spreadsheet would take for formulas stay as they are: the file is data, and who opens it decides.
 */
export function* csvLines(rows: Iterable<JsonObject>, names: readonly string[]): Generator<string> {
  yield csvLine(names);
  for (const row of rows) yield csvLine(names.map((name) => cellOf(row, name)));
}

function csvLine(cells: readonly unknown[]): string {
  const line = cells.map(csvField).join(',');
  // A line without anything in it would be no row to a reader.
  return `${line === '' ? '""' : line}\n`;
}

function csvField(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  const text = typeof cell === 'string' ? cell : JSON.stringify(cell);
  // Some readers cut spaces at the ends of a field that is not quoted.
  const isPlain = text !== '' && !/[",\r\n]|^\s|\s$/.test(text);
  return isPlain ? text : `"${text.replaceAll('"', '""')}"`;
}
