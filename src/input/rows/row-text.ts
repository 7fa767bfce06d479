import { fieldOf, inexactNumber, isFields, isInexact, kindOf, missingField } from './fields.ts';
import type { JsonValue, Row, RowProblem } from './row.ts';

/**
 * The text of a row: the value itself where it is one; of an object the named field, else `text`, else the only field
 * there is. Numbers and truth values are texts too; a text of nothing but spaces is a problem.
 * @param field that of `--field`
 */
export function textOf({ value }: Row, field: string | undefined): string | RowProblem {
  if (field !== undefined) return textOfField(value, field);
  if (!isFields(value)) return scalarText(value, undefined);
  const names = Object.keys(value);
  const [only] = names;
  if (Object.hasOwn(value, 'text')) return textOfField(value, 'text');
  if (only !== undefined && names.length === 1) return textOfField(value, only);
  return { problem: `${missingField(value, 'text')}; --field names another` };
}

function textOfField(value: JsonValue, field: string): string | RowProblem {
  const found = fieldOf(value, field);
  if (found === undefined) return { problem: missingField(value, field) };
  return scalarText(found, field);
}

/** @param field whose value it is; undefined: the row's own */
function scalarText(value: JsonValue, field: string | undefined): string | RowProblem {
  if (isInexact(value)) return { problem: inexactNumber(field) };
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string' && value.trim() !== '') return value;
  if (typeof value === 'string') {
    return { problem: field === undefined ? 'has no text in it' : `has nothing in its field "${field}"` };
  }
  const kind = kindOf(value);
  return {
    problem:
      field === undefined ? `is ${kind}, and no text` : `has ${kind} in its field "${field}", and no text`,
  };
}
