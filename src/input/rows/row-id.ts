import { fieldOf, inexactNumber, isInexact, kindOf, missingField } from './fields.ts';
import type { BadRow, JsonValue, Row, RowPlace, RowProblem } from './row.ts';

/**
 * What was read, with its place and its name.
 * @param idField that of `--id`; where there is none, a row is named by its number
 */
export function namedRow(
  place: RowPlace,
  read: { readonly value: JsonValue } | RowProblem,
  idField: string | undefined,
): Row | BadRow {
  if ('problem' in read)
    return { ...place, id: idField === undefined ? place.row : null, problem: read.problem };
  const { value } = read;
  const id = idField === undefined ? place.row : idOf(value, idField);
  if (typeof id === 'object') return { ...place, id: null, problem: id.problem };
  return { ...place, id, value };
}

function idOf(value: JsonValue, field: string): string | number | RowProblem {
  const id = fieldOf(value, field);
  if (id === undefined) return { problem: missingField(value, field) };
  if (id === '') return { problem: `has nothing in its field "${field}"` };
  if (typeof id !== 'string' && typeof id !== 'number') {
    return { problem: `has ${kindOf(id)} in its field "${field}", which is no name` };
  }
  return isInexact(id) ? { problem: inexactNumber(field) } : id;
}
