import type { Row, RowProblem } from './row.ts';
import { textOf } from './row-text.ts';
import { literalText, type Template } from './template.ts';

/**
 * The prompt for a row. With a template it is that, filled; else the row's text, a blank line, and the words; without
 * words the row's text.
 * @param words those of the command line; a text has no placeholders in it
 * @param field that of `--field`
 */
export function promptFor(
  words: Template | string | undefined,
  row: Row,
  field: string | undefined,
): string | RowProblem {
  if (typeof words === 'object') return words.fill(row, field);
  const text = textOf(row, field);
  if (typeof text !== 'string' || words === undefined || words === '') return text;
  return `${text}\n\n${literalText(words)}`;
}
