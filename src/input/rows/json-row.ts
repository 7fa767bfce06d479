import { reasonOf } from '../../errors.ts';
import type { JsonValue, RowProblem } from './row.ts';

/** Deeper values are no data: they would only use up the stack of whoever walks through them. */
const MOST_LEVELS = 500;

/** The value of a line of JSON Lines. */
export function jsonValue(text: string): { readonly value: JsonValue } | RowProblem {
  let value: JsonValue;
  try {
    // Files that were put together with `cat` may each have begun with a byte order mark.
    value = JSON.parse(text.startsWith('\ufeff') ? text.slice(1) : text);
  } catch (error) {
    return { problem: `is no JSON: ${shortReason(reasonOf(error))}` };
  }
  // Each level takes two characters at least.
  if (text.length > 2 * MOST_LEVELS && isDeeper(value, MOST_LEVELS)) {
    return { problem: `is nested more than ${MOST_LEVELS} levels deep` };
  }
  return { value };
}

/** V8's reason without the excerpt (`Unexpected token 'a', "abc" is not valid JSON`), which may be long or binary. */
function shortReason(reason: string): string {
  return reason
    .replace(/, (?:\.{3})?".*$/s, '')
    .replace(/ (?:in|after) JSON at position (\d+).*$/s, (_, position) => {
      return ` at character ${Number(position) + 1}`;
    });
}

function isDeeper(value: JsonValue, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}
