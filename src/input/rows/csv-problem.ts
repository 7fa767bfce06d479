import type { CsvRecord } from './split-csv.ts';

/** Why the fields of a record cannot be told apart; undefined where they can. */
export function csvProblem({ bytes, misquoted, unclosed }: CsvRecord): string | undefined {
  const tooLong = bytes === undefined ? 'is longer than 4 MB' : undefined;
  const quotation = unclosed ? 'opens a quotation mark that is never closed' : undefined;
  if (tooLong !== undefined) return quotation === undefined ? tooLong : `${tooLong}: it ${quotation}`;
  if (quotation !== undefined) return quotation;
  return misquoted
    ? 'has text after a closing quotation mark; inside of a quoted field a mark is doubled'
    : undefined;
}
