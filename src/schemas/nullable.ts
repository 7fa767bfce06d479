import { isObject } from '../json.ts';
import { type JsonSchema, namedTypes, resolved, typeOfValue } from './json-schema.ts';

/** What describes a schema and belongs on the outside when it is wrapped. */
const DESCRIBING = ['title', 'description'];

/**
 * Whether null is a value of a schema, as far as its `type`, `enum`, `const`, `$ref` and unions tell.
 * @param root what `$ref` points into
 */
export function allowsNull(schema: unknown, root: JsonSchema, hops = 0): boolean {
  const target = resolved(root, schema);
  // A union of unions that contain each other is none of this file's business; null is then added once too often.
  if (target === undefined || hops > 20) return false;
  const types = namedTypes(target);
  if (types.length > 0 && !types.includes('null')) return false;
  if (Array.isArray(target['enum'])) return target['enum'].includes(null);
  if (target['const'] !== undefined) return target['const'] === null;
  const branches = target['anyOf'] ?? target['oneOf'];
  if (Array.isArray(branches)) return branches.some((branch) => allowsNull(branch, root, hops + 1));
  return types.includes('null');
}

/**
 * The same schema with null allowed as well: `type: [T, 'null']` for scalars, `anyOf` with null for lists, objects
 * and references, as in OpenAI's guide
 * (developers.openai.com/api/docs/guides/structured-outputs#all-fields-must-be-required).
 */
export function nullable(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (allowsNull(schema, root)) return schema;
  if (Array.isArray(schema['anyOf'])) return { ...schema, anyOf: [...schema['anyOf'], { type: 'null' }] };
  const types = namedTypes(schema);
  const isScalar = types.length > 0 && types.every((type) => type !== 'object' && type !== 'array');
  return isScalar ? nullableScalar(schema, types) : besideNull(schema);
}

function nullableScalar(schema: JsonSchema, types: readonly string[]): JsonSchema {
  const { const: only, ...rest } = schema;
  const values = only === undefined ? schema['enum'] : [only];
  const type = types.includes('null') ? types : [...types, 'null'];
  if (!Array.isArray(values)) return { ...rest, type };
  return { ...rest, type, enum: [...values, null] };
}

function besideNull(schema: JsonSchema): JsonSchema {
  const outside = Object.entries(schema).filter(([key]) => DESCRIBING.includes(key));
  const inside = Object.entries(schema).filter(([key]) => !DESCRIBING.includes(key));
  return { ...Object.fromEntries(outside), anyOf: [Object.fromEntries(inside), { type: 'null' }] };
}

/** The types of the values of an `enum` or a `const`, each once, for a schema that names none. */
export function typesOfValues(values: readonly unknown[]): string[] {
  const types = new Set(values.map(typeOfValue));
  if (types.has('number')) types.delete('integer');
  return [...types];
}

/** Whether a schema is an object with names for its values: one that has, or may have, `properties`. */
export function describesObject(schema: JsonSchema): boolean {
  return namedTypes(schema).includes('object') || isObject(schema['properties']);
}
