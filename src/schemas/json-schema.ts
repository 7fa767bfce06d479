import { isObject, type JsonObject } from '../json.ts';

/** A JSON Schema that is an object; `true` and `false`, which are schemas too, are judged where they stand. */
export type JsonSchema = JsonObject;

/** A schema and the JSON pointer to where it stands in the whole, `''` for the whole itself. */
export interface PlacedSchema {
  readonly schema: JsonSchema;
  readonly at: string;
}

/** Keywords that hold one schema, a list of them, or schemas by name (JSON Schema 2020-12 and the drafts before). */
const ONE = [
  'additionalItems',
  'additionalProperties',
  'contains',
  'contentSchema',
  'else',
  'if',
  'items',
  'not',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const LIST = ['allOf', 'anyOf', 'items', 'oneOf', 'prefixItems'];
const NAMED = ['$defs', 'definitions', 'dependencies', 'dependentSchemas', 'patternProperties', 'properties'];

/** One step of a JSON pointer (RFC 6901), escaped. */
export function pointerStep(name: string | number): string {
  return `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The steps of a JSON pointer, unescaped; none for `''`. */
export function pointerSteps(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The schemas that stand directly in one: never what an `enum`, a `const` or a `default` holds. */
function* children({ schema, at }: PlacedSchema): Generator<PlacedSchema> {
  for (const keyword of ONE) {
    const held = schema[keyword];
    if (isObject(held)) yield { schema: held, at: at + pointerStep(keyword) };
  }
  for (const keyword of LIST) {
    const held = schema[keyword];
    if (!Array.isArray(held)) continue;
    for (const [index, item] of held.entries()) {
      if (isObject(item)) yield { schema: item, at: at + pointerStep(keyword) + pointerStep(index) };
    }
  }
  for (const keyword of NAMED) {
    const held = schema[keyword];
    if (!isObject(held)) continue;
    for (const [name, item] of Object.entries(held)) {
      if (isObject(item)) yield { schema: item, at: at + pointerStep(keyword) + pointerStep(name) };
    }
  }
}

/** A schema and all that stand in it, from the top down. Needs no stack, however deep they stand. */
export function* subschemas(root: JsonSchema): Generator<PlacedSchema> {
  const left: PlacedSchema[] = [{ schema: root, at: '' }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    left.push(...[...children(next)].reverse());
  }
}

/**
 * What is deeper than this is not walked: any JSON value nests less. (The API takes 10 levels of objects, each of
 * which is two or three levels of its schema.)
 */
const DEEPEST = 400;

/** Whether a JSON value nests so deep that walking it could exhaust the stack. */
export function isTooDeep(value: unknown): boolean {
  const left: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 0 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue;
    if (next.depth > DEEPEST) return true;
    for (const item of Object.values(next.value)) left.push({ value: item, depth: next.depth + 1 });
  }
  return false;
}

/**
 * The pointer that a `$ref` holds, where it points into the same document: `#/$defs/step` gives `/$defs/step`.
 * @returns undefined for another document, or a name (`#step`)
 */
export function localPointer(root: JsonSchema, reference: string): string | undefined {
  const { $id: id } = root;
  const own = typeof id === 'string' ? id.replace(/#$/, '') : undefined;
  const fragment =
    own !== undefined && reference.startsWith(`${own}#`) ? reference.slice(own.length) : reference;
  if (fragment !== '#' && !fragment.startsWith('#/')) return undefined;
  try {
    return decodeURIComponent(fragment.slice(1));
  } catch {
    return fragment.slice(1);
  }
}

/** What stands at a JSON pointer; undefined where nothing does. */
export function atPointer(root: unknown, pointer: string): unknown {
  let value = root;
  for (const step of pointerSteps(pointer)) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = Reflect.get(value, step);
  }
  return value;
}

/**
 * The schema itself, or the one that its `$ref`, or a chain of them, leads to.
 * @returns undefined where it leads nowhere, out of the document, or round in a circle
 */
export function resolved(root: JsonSchema, schema: unknown): JsonSchema | undefined {
  const seen = new Set<unknown>();
  let found = schema;
  while (isObject(found) && typeof found['$ref'] === 'string') {
    const pointer = localPointer(root, found['$ref']);
    if (pointer === undefined || seen.has(found)) return undefined;
    seen.add(found);
    found = atPointer(root, pointer);
  }
  return isObject(found) ? found : undefined;
}

/** The types that a schema names: none where it leaves them open. */
export function namedTypes(schema: JsonSchema): string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((name) => typeof name === 'string') : [];
}

/** The type of a JSON value, in JSON Schema's words; whole numbers are integers. */
export function typeOfValue(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}
