import type { JsonValue } from './row.ts';

export interface JsonFields {
  readonly [name: string]: JsonValue;
}

export function isFields(value: JsonValue): value is JsonFields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The field of that very name; where there is none, the one that a dotted name leads to (`author.name`, `tags.0`).
 * Undefined where there is neither.
 */
export function fieldOf(value: JsonValue, name: string): JsonValue | undefined {
  const own = ownField(value, name);
  if (own !== undefined || !name.includes('.')) return own;
  let found: JsonValue | undefined = value;
  for (const step of name.split('.')) {
    if (found === undefined) return undefined;
    found = ownField(found, step);
  }
  return found;
}

function ownField(value: JsonValue, name: string): JsonValue | undefined {
  if (isFields(value)) return Object.hasOwn(value, name) ? value[name] : undefined;
  return Array.isArray(value) && /^\d+$/.test(name) ? value[Number(name)] : undefined;
}

/** What a value is, in words: `an object`. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return 'text';
  return typeof value === 'object' ? 'an object' : `the ${typeof value} ${value}`;
}

const MOST_NAMES = 8;
const MOST_NAME_LENGTH = 40;

/** That a row has no such field, and what it has. */
export function missingField(value: JsonValue, name: string): string {
  const missing = `has no field "${name}"`;
  if (!isFields(value)) return `${missing}: it is ${kindOf(value)}`;
  const names = Object.keys(value);
  if (names.length === 0) return `${missing}: it has no fields`;
  return `${missing} (it has ${listed(names)})`;
}

/** Names of fields for an error: not all of many. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(shortName).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

function shortName(name: string): string {
  return name.length > MOST_NAME_LENGTH ? `${name.slice(0, MOST_NAME_LENGTH)}…` : name;
}

/** Whether JSON.parse may have rounded a number: what it was is not known any more, as of a long id. */
export function isInexact(value: JsonValue): boolean {
  return typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER);
}

/** @param field whose value it is; undefined: the row's own */
export function inexactNumber(field: string | undefined): string {
  const [verb, place] = field === undefined ? ['is', ''] : ['has', ` in its field "${field}"`];
  return `${verb} a number too large to be kept as it is${place}: write it in quotation marks`;
}
