import type { JsonSchema } from './json-schema.ts';

/**
 * The types that `--fields` knows by a word. The formats are those that strict mode takes
 * (developers.openai.com/api/docs/guides/structured-outputs#supported-schemas); addresses of the web are none of
 * them, so those are patterns.
 */
const TYPES: Readonly<Record<string, JsonSchema>> = {
  string: { type: 'string' },
  int: { type: 'integer' },
  number: { type: 'number' },
  bool: { type: 'boolean' },
  date: { type: 'string', format: 'date' },
  time: { type: 'string', format: 'time' },
  datetime: { type: 'string', format: 'date-time' },
  duration: { type: 'string', format: 'duration' },
  email: { type: 'string', format: 'email' },
  hostname: { type: 'string', format: 'hostname' },
  ipv4: { type: 'string', format: 'ipv4' },
  ipv6: { type: 'string', format: 'ipv6' },
  uuid: { type: 'string', format: 'uuid' },
  url: { type: 'string', pattern: '^https?://\\S+$' },
  uri: { type: 'string', pattern: '^[A-Za-z][A-Za-z0-9+.-]*:\\S+$' },
};

/** Other words for the same. */
const SYNONYMS: Readonly<Record<string, string>> = {
  str: 'string',
  text: 'string',
  integer: 'int',
  float: 'number',
  boolean: 'bool',
  'date-time': 'datetime',
};

/** The words that errors name. */
export const TYPE_WORDS: readonly string[] = Object.keys(TYPES);

/** Every word that is read, for suggestions. */
export const ALL_TYPE_WORDS: readonly string[] = [...TYPE_WORDS, ...Object.keys(SYNONYMS)];

/** The schema of a type's word, a new one each time; undefined where it is no type. */
export function typeByWord(word: string): JsonSchema | undefined {
  const name = Object.hasOwn(SYNONYMS, word) ? SYNONYMS[word] : word;
  const found = name !== undefined && Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  return found && { ...found };
}
