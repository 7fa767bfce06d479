import { usageError } from '../../errors.ts';
import { csvFields } from './csv-fields.ts';
import { csvProblem } from './csv-problem.ts';
import type { CsvRecord } from './split-csv.ts';
import { rowText } from './utf8.ts';

/** The header of a CSV. */
export interface CsvHeader {
  readonly names: readonly string[];
  readonly delimiter: string;
}

/** What may stand between fields: comma, semicolon (Excel where the comma is the decimal sign), tab. */
export const DELIMITERS = ',;\t';

const QUOTED = /"[^"]*"/g;

/**
 * The names of the fields, without spaces round them, and the delimiter, which is the one that the header has most of
 * outside of quotation marks; a comma where it has none.
 * @param name whose header it is, for errors
 * @throws Failure (usage) where a name is missing or stands there twice, or the record cannot be read
 */
export function readHeader(record: CsvRecord, name: string): CsvHeader {
  const what = `the header of ${name}, line ${record.line},`;
  const problem = csvProblem(record);
  if (problem !== undefined || record.bytes === undefined) throw usageError(`${what} ${problem}`);
  const text = rowText(record.bytes);
  if (typeof text !== 'string') throw usageError(`${what} ${text.problem}`);
  const delimiter = delimiterOf(text);
  const names = csvFields(text, delimiter).map((field) => field.trim());
  const empty = names.indexOf('');
  if (empty !== -1) throw usageError(`${what} has no name in column ${empty + 1}`, HINT);
  const twice = firstRepeated(names);
  if (twice !== undefined) throw usageError(`${what} has the name "${twice}" twice`, HINT);
  return { names, delimiter };
}

const HINT = 'the first line of a CSV names its fields, each with a name of its own';

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

function delimiterOf(header: string): string {
  const plain = header.replace(QUOTED, '');
  const counts = [...DELIMITERS].map((delimiter) => plain.split(delimiter).length);
  return DELIMITERS.charAt(counts.indexOf(Math.max(...counts)));
}
