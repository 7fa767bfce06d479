import { usageError } from '../../errors.ts';
import { jsonValue } from './json-row.ts';
import type { BadRow, JsonValue, Row, RowFormat, RowProblem, RowsEnd } from './row.ts';
import { namedRow } from './row-id.ts';
import { type RawRecord, RecordSplitter } from './split-records.ts';
import { rowText, withoutMark } from './utf8.ts';

export interface RowsOptions {
  readonly format: RowFormat;
  /** The field that names a row (`--id`); else its number does. */
  readonly idField?: string | undefined;
  /** What errors call the input: `stdin`. */
  readonly name: string;
}

const LF = 0x0a;
const CR = 0x0d;
const NUL = 0x00;

/**
 * Reads rows as they come, and holds one piece of the input and one row at a time, whatever their sizes.
 *
 * Blank lines are left out. A row that cannot be read (no UTF-8, no JSON, more than 4 MB, a wrong number of fields) is
 * given as a `BadRow`, and those after it are read. Lines end in LF or CRLF; those of a CSV in CR as well.
 * @returns at the end, how many blank lines there were
 * @throws Failure (usage) on UTF-16, on the header of a CSV that cannot be used, on `--id` where rows have no fields;
 *   what the bytes throw
 */
export function readRows(
  bytes: AsyncIterable<Uint8Array>,
  { format, idField, name }: RowsOptions,
): AsyncGenerator<Row | BadRow, RowsEnd, undefined> {
  const pieces = withoutMark(bytes, name);
  return format === 'csv' ? readCsv(pieces, idField, name) : readPlainRows(pieces, format, idField);
}

async function* readCsv(
  pieces: AsyncIterable<Uint8Array>,
  idField: string | undefined,
  name: string,
): AsyncGenerator<Row | BadRow, RowsEnd, undefined> {
  // Loaded here: the other formats do without the package.
  const { readCsvRows } = await import('./csv-rows.ts');
  return yield* readCsvRows(pieces, idField, name);
}

async function* readPlainRows(
  pieces: AsyncIterable<Uint8Array>,
  format: 'lines' | 'jsonl' | 'nul',
  idField: string | undefined,
): AsyncGenerator<Row | BadRow, RowsEnd, undefined> {
  if (idField !== undefined && format !== 'jsonl') {
    throw usageError(
      `--id ${idField} names a field, and rows of ${format} have none`,
      '--rows jsonl and --rows csv have fields; without --id a row is named by its number',
    );
  }
  let blank = 0;
  const splitter = new RecordSplitter(format === 'nul' ? NUL : LF);
  const rowOf = (record: RawRecord) => {
    const value = readRecord(record, format);
    if (value === undefined) blank += 1;
    const place = { row: record.number, line: record.number };
    return value === undefined ? undefined : namedRow(place, value, idField);
  };
  for await (const piece of pieces) {
    for (const record of splitter.push(piece)) {
      const row = rowOf(record);
      if (row !== undefined) yield row;
    }
  }
  for (const record of splitter.end()) {
    const row = rowOf(record);
    if (row !== undefined) yield row;
  }
  return { blank };
}

/** Undefined for a blank one. */
function readRecord(
  { bytes }: RawRecord,
  format: 'lines' | 'jsonl' | 'nul',
): { readonly value: JsonValue } | RowProblem | undefined {
  if (bytes === undefined) return { problem: 'is longer than 4 MB' };
  // A name of `find -print0` may be any bytes but NUL: nothing of it is a line break, or blank.
  if (format === 'nul') return bytes.length === 0 ? undefined : textRow(rowText(bytes));
  const text = rowText(bytes.at(-1) === CR ? bytes.subarray(0, -1) : bytes);
  if (typeof text !== 'string') return text;
  if (text.trim() === '') return undefined;
  return format === 'lines' ? { value: text } : jsonValue(text);
}

function textRow(text: string | RowProblem): { readonly value: string } | RowProblem {
  return typeof text === 'string' ? { value: text } : text;
}
