import { isObject } from '../json.ts';
import { isTooDeep, type JsonSchema, type PlacedSchema, pointerSteps, subschemas } from './json-schema.ts';
import { describesObject } from './nullable.ts';
import { placeWords } from './strict-report.ts';

/**
 * What strict mode takes, from OpenAI's guide, the sections from "Objects have limitations on nesting depth and size"
 * on (developers.openai.com/api/docs/guides/structured-outputs#supported-schemas, as of summer 2026; the nesting was
 * 5 levels until 2025, and is still on some deployments of Azure).
 */
const MOST_PROPERTIES = 5000;
const DEEPEST = 10;
const MOST_ENUM_VALUES = 1000;
/** Characters of all names of properties and definitions, and of all values of `enum` and `const`. */
const MOST_NAME_CHARACTERS = 120_000;
/** Characters of the values of one `enum` of texts that has more than `LARGE_ENUM` of them. */
const MOST_LARGE_ENUM_CHARACTERS = 15_000;
const LARGE_ENUM = 250;

/** Where a schema goes over a limit of strict mode, in words. */
export function overLimits(root: JsonSchema): string[] {
  if (isTooDeep(root)) return [tooDeep('the schema')];
  const parts = [...subschemas(root)];
  const properties = parts.reduce((sum, { schema }) => sum + namesIn(schema, 'properties').length, 0);
  const values = parts.flatMap(({ schema }) => enumOf(schema)).length;
  const characters = parts.reduce((sum, { schema }) => sum + nameCharacters(schema), 0);
  const deep = parts.find((part) => levelOf(part) > DEEPEST);
  const large = parts.find(({ schema }) => isTooLargeEnum(enumOf(schema)));
  const said = [
    over('properties', properties, MOST_PROPERTIES),
    over('values in enums', values, MOST_ENUM_VALUES),
    over('characters of names and enum values', characters, MOST_NAME_CHARACTERS),
    deep && tooDeep(deep.at),
    large &&
      `${placeWords(large.at)} has an enum of more than ${LARGE_ENUM} texts that are over ${MOST_LARGE_ENUM_CHARACTERS} characters together: make them shorter`,
  ];
  return said.filter((line) => line !== undefined);
}

function over(what: string, count: number, most: number): string | undefined {
  if (count <= most) return undefined;
  return `the schema has ${count} ${what}, and strict mode takes ${most}: ask for less, or in several calls`;
}

function tooDeep(at: string): string {
  return `${placeWords(at)} nests deeper than the ${DEEPEST} levels that strict mode takes: make it flatter, or put what repeats itself into $defs`;
}

/**
 * How many objects and lists a part stands in. The API's message counts the same way in what was seen of it (15
 * objects in each other are "14 levels of nesting"), and counts texts and numbers as nothing; where that is less than
 * its own count, its answer says so. What `$ref` leads to is counted where it stands.
 */
function levelOf({ schema, at }: PlacedSchema): number {
  if (!describesObject(schema) && schema['items'] === undefined) return 0;
  const steps = pointerSteps(at);
  let level = 0;
  for (let index = 0; index < steps.length; index += 1) {
    const step = steps[index];
    if (step === '$defs' || step === 'definitions') {
      level = 0;
      index += 1;
    } else if (step === 'properties') {
      level += 1;
      index += 1;
    } else if (step === 'items') {
      level += 1;
    }
  }
  return level;
}

function namesIn(schema: JsonSchema, keyword: string): string[] {
  return isObject(schema[keyword]) ? Object.keys(schema[keyword]) : [];
}

function enumOf(schema: JsonSchema): unknown[] {
  return Array.isArray(schema['enum']) ? schema['enum'] : [];
}

function textLength(values: readonly unknown[]): number {
  return values.reduce<number>((sum, value) => sum + (typeof value === 'string' ? value.length : 0), 0);
}

function nameCharacters(schema: JsonSchema): number {
  const names = ['properties', '$defs', 'definitions'].flatMap((keyword) => namesIn(schema, keyword));
  return textLength([...names, ...enumOf(schema), schema['const']]);
}

function isTooLargeEnum(values: readonly unknown[]): boolean {
  return values.length > LARGE_ENUM && textLength(values) > MOST_LARGE_ENUM_CHARACTERS;
}
