import { isObject } from '../json.ts';
import { type JsonSchema, namedTypes, resolved } from './json-schema.ts';

/**
 * Whether no value can fit two of the branches, once each object is closed and has all its properties, as strict mode
 * makes them. Only then do `oneOf` and `anyOf` mean the same. It says no where it cannot tell.
 * @param root what `$ref` points into
 */
export function areDisjoint(branches: readonly unknown[], root: JsonSchema): boolean {
  const known = branches.map((branch) => resolved(root, branch));
  return known.every((one, index) =>
    known.slice(index + 1).every((other) => one !== undefined && other !== undefined && isEither(one, other)),
  );
}

function isEither(one: JsonSchema, other: JsonSchema): boolean {
  const values = [valuesOf(one), valuesOf(other)];
  if (noneInCommon(values[0], values[1])) return true;
  const [types, otherTypes] = [typesOf(one), typesOf(other)];
  if (types.length === 0 || otherTypes.length === 0) return false;
  const shared = types.filter((type) => otherTypes.includes(type));
  if (shared.length === 0) return true;
  return shared.length === 1 && shared[0] === 'object' && areOtherObjects(one, other);
}

/** Objects of other names, or with a property that has other values in each. */
function areOtherObjects(one: JsonSchema, other: JsonSchema): boolean {
  const [properties, others] = [propertiesOf(one), propertiesOf(other)];
  const names = Object.keys(properties);
  const sameNames =
    names.length === Object.keys(others).length && names.every((name) => Object.hasOwn(others, name));
  // What may be missing becomes null in both.
  const inBoth = names.filter((name) => isRequired(one, name) && isRequired(other, name));
  return (
    !sameNames || inBoth.some((name) => noneInCommon(valuesOf(properties[name]), valuesOf(others[name])))
  );
}

function isRequired(schema: JsonSchema, name: string): boolean {
  return Array.isArray(schema['required']) && schema['required'].includes(name);
}

function propertiesOf(schema: JsonSchema): JsonSchema {
  return isObject(schema['properties']) ? schema['properties'] : {};
}

function noneInCommon(values: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  return values !== undefined && others !== undefined && !values.some((value) => others.includes(value));
}

/** The values that an `enum` or a `const` lists, as JSON. */
function valuesOf(schema: unknown): string[] | undefined {
  if (!isObject(schema)) return undefined;
  if (schema['const'] !== undefined) return [JSON.stringify(schema['const'])];
  return Array.isArray(schema['enum']) ? schema['enum'].map((value) => JSON.stringify(value)) : undefined;
}

/** Integers are numbers too. */
function typesOf(schema: JsonSchema): string[] {
  const types = isObject(schema['properties']) ? ['object', ...namedTypes(schema)] : namedTypes(schema);
  return [...new Set(types.map((type) => (type === 'integer' ? 'number' : type)))];
}
