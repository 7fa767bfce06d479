import { PLACES } from '../places.ts';
import { fieldOf, inexactNumber, isFields, isInexact, missingField } from './fields.ts';
import type { JsonValue, Row, RowProblem } from './row.ts';
import { textOf } from './row-text.ts';

/** A text with places for what a row has. */
export interface Template {
  /**
   * The text with a row's values in their places. What a value holds is not searched for placeholders.
   * @param field that of `--field`, for `{{input}}`
   */
  fill(row: Row, field?: string | undefined): string | RowProblem;
}

type Part = { readonly text: string } | { readonly name: string };

/**
 * Reads a text with placeholders, or gives undefined where there is none:
 *
 * - `{{title}}`, `{{ title }}` are the row's field `title`, `{{author.name}}` is a field of a field (unless a field is
 *   called just so), `{{tags.0}}` the first of a list
 * - `{{input}}` is the row's text, `{{row}}` its number, `{{id}}` its name, unless it has fields called so
 * - `{{{{` is a literal `{{`, so that `{{{{title}}` gives `{{title}}`; `}}` and a `{{` without its `}}` are text
 *
 * Lists and objects become JSON, null becomes nothing, as an empty field of a CSV is.
 */
export function template(text: string): Template | undefined {
  const parts = partsOf(text);
  if (!parts.some((part) => 'name' in part)) return undefined;
  return { fill: (row, field) => fillParts(parts, row, field) };
}

function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const found of text.matchAll(PLACES)) {
    const [whole, inner] = found;
    parts.push({ text: text.slice(end, found.index) });
    const name = inner?.trim();
    if (inner === undefined) parts.push({ text: '{{' });
    else parts.push(name === undefined || name === '' ? { text: whole } : { name });
    end = found.index + whole.length;
  }
  parts.push({ text: text.slice(end) });
  return parts;
}

function fillParts(parts: readonly Part[], row: Row, field: string | undefined): string | RowProblem {
  let filled = '';
  const empty = new Set<string>();
  let somethingFilled = false;
  for (const part of parts) {
    if ('text' in part) {
      filled += part.text;
      continue;
    }
    const text = placeText(part.name, row, field);
    if (typeof text !== 'string') return text;
    if (text.trim() === '') empty.add(`"${part.name}"`);
    else if (!isNumbering(part.name, row)) somethingFilled = true;
    filled += text;
  }
  // A prompt with nothing of the row in it would be paid for, and answered with something made up.
  if (empty.size > 0 && !somethingFilled)
    return {
      problem: `has nothing in its ${empty.size === 1 ? 'field' : 'fields'} ${[...empty].join(', ')}`,
    };
  return filled;
}

/** Whether a name stands for what names the row, and for nothing that the row says. */
function isNumbering(name: string, row: Row): boolean {
  return (name === 'row' || name === 'id') && fieldOf(row.value, name) === undefined;
}

function placeText(name: string, row: Row, field: string | undefined): string | RowProblem {
  const found = fieldOf(row.value, name);
  if (found !== undefined) return valueText(found, name);
  if (name === 'input') return textOf(row, field);
  if (name === 'row') return String(row.row);
  if (name === 'id') return String(row.id);
  const missing = missingField(row.value, name);
  return { problem: isFields(row.value) ? missing : `${missing}; {{input}} stands for it` };
}

function valueText(value: JsonValue, name: string): string | RowProblem {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  return isInexact(value) ? { problem: inexactNumber(name) } : JSON.stringify(value);
}

/** A text without placeholders as it is meant: `{{{{` is `{{` here too. */
export function literalText(text: string): string {
  return text.replaceAll('{{{{', '{{');
}
