import { createHash } from 'node:crypto';
import { isFields } from './fields.ts';
import type { JsonValue, Row } from './row.ts';

const HEX_DIGITS = 12;

/**
 * What tells whether a row was done before: 12 hex digits of the SHA-256 of its value and of what the job asks for.
 * Objects that differ in the order of their fields alone have the same.
 * @param rest what the job asks for: model, words, parameters
 */
export function keyOf({ value }: Row, rest: string): string {
  // No line break in the JSON: where the value ends is plain.
  return createHash('sha256')
    .update(`${canonicalJson(value)}\n${rest}`)
    .digest('hex')
    .slice(0, HEX_DIGITS);
}

/** More of this is shortened, so that it need not be gone through for each row. */
const LONGEST_REST = 65_536;

/** What a job asks for as a text that tells it from any other: of what is long, as attachments are, its SHA-256. */
export function restOf(parts: readonly unknown[]): string {
  const text = JSON.stringify(parts);
  return text.length <= LONGEST_REST ? text : createHash('sha256').update(text).digest('hex');
}

/** JSON whose objects have their fields in the order of code units. */
function canonicalJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isFields(value)) return JSON.stringify(value);
  const fields = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name] ?? null)}`);
  return `{${fields.join(',')}}`;
}
