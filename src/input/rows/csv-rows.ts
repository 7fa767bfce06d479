import { usageError } from '../../errors.ts';
import { csvFields } from './csv-fields.ts';
import { type CsvHeader, DELIMITERS, readHeader } from './csv-header.ts';
import { csvProblem } from './csv-problem.ts';
import { listed } from './fields.ts';
import type { BadRow, JsonValue, Row, RowProblem, RowsEnd } from './row.ts';
import { namedRow } from './row-id.ts';
import { type CsvRecord, CsvSplitter } from './split-csv.ts';
import { rowText } from './utf8.ts';

/**
 * Reads CSV whose first record is the header. Its delimiter is that of comma, semicolon and tab which the header has
 * most of. Each record is an object of texts; records that have nothing in any field are left out.
 * @param name whose rows they are, for errors
 * @throws Failure (usage) where the header cannot be used, or has no such field as `idField`
 */
export async function* readCsvRows(
  pieces: AsyncIterable<Uint8Array>,
  idField: string | undefined,
  name: string,
): AsyncGenerator<Row | BadRow, RowsEnd, undefined> {
  const splitter = new CsvSplitter(DELIMITERS);
  let header: CsvHeader | undefined;
  let row = 0;
  let blank = 0;
  for await (const record of recordsOf(pieces, splitter)) {
    if (isBlank(record)) {
      blank += 1;
    } else if (header === undefined) {
      header = readHeader(record, name);
      checkIdField(idField, header, name);
      splitter.delimiters = header.delimiter;
    } else {
      row += 1;
      const value = readRecord(record, header);
      if (value === undefined) {
        blank += 1;
        continue;
      }
      yield namedRow({ row, line: record.line }, value, idField);
    }
  }
  return { blank };
}

async function* recordsOf(
  pieces: AsyncIterable<Uint8Array>,
  splitter: CsvSplitter,
): AsyncGenerator<CsvRecord, void, undefined> {
  for await (const piece of pieces) yield* splitter.push(piece);
  yield* splitter.end();
}

const SPACE = 0x20;

/** Whether a record is a line of nothing, or of spaces. */
function isBlank({ bytes }: CsvRecord): boolean {
  return bytes?.every((byte) => byte === SPACE) ?? false;
}

function checkIdField(idField: string | undefined, { names }: CsvHeader, name: string): void {
  if (idField === undefined || names.includes(idField)) return;
  throw usageError(`--id ${idField} is no field of ${name}, whose header has ${listed(names)}`);
}

/** Undefined where no field has anything in it: spreadsheets write such records below the last. */
function readRecord(
  record: CsvRecord,
  { names, delimiter }: CsvHeader,
): { readonly value: JsonValue } | RowProblem | undefined {
  const problem = csvProblem(record);
  if (problem !== undefined) return { problem };
  const text = rowText(record.bytes ?? new Uint8Array());
  if (typeof text !== 'string') return text;
  const fields = csvFields(text, delimiter);
  if (fields.every((field) => field.trim() === '')) return undefined;
  if (fields.length !== names.length) {
    return { problem: `has ${counted(fields.length)}, and the header has ${names.length}` };
  }
  return { value: Object.fromEntries(fields.map((field, index) => [names[index], field])) };
}

function counted(fields: number): string {
  return fields === 1 ? '1 field' : `${fields} fields`;
}
