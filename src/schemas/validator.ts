import type { Ajv, Options, ValidateFunction } from 'ajv';
import { Failure, usageError } from '../errors.ts';
import { didYouMean } from '../settings/nearest.ts';
import { boundedPattern } from './bounded-pattern.ts';
import { withoutDraft04 } from './draft-04.ts';
import { isTooDeep, type JsonSchema, subschemas } from './json-schema.ts';
import { placeWords } from './strict-report.ts';
import { validationLines } from './validation-lines.ts';

/** Tells what is wrong with a value, a line for each thing; none if it is valid. */
export type Validate = (value: unknown) => string[];

/** More schemas in a schema than this are refused: four times the properties that the API takes. */
const MOST_SCHEMAS = 20_000;

/** OpenAPI's keywords, which say nothing of what is valid. (`nullable` does, and Ajv knows it.) */
const OPENAPI_KEYWORDS = ['discriminator', 'example', 'externalDocs', 'xml'];

const OPTIONS: Options = {
  allErrors: true,
  // The data of each error is shown in its line.
  verbose: true,
  // Unknown keywords are looked for here, so that all are named with their places; the rest of Ajv's strict mode
  // refuses valid schemas.
  strict: false,
  logger: false,
  // `constructor` is no property of every object.
  ownProperties: true,
  code: { regExp: Object.assign(boundedPattern, { code: '' }) },
};

/**
 * Makes the check of values against a schema, by the draft that its `$schema` names: 2020-12 where it names none,
 * 2019-09, or 7, which 6 and 4 are read as. Formats are checked too; one that is unknown means nothing.
 *
 * The check throws Failure (incomplete) when a pattern of the schema takes forever.
 * @param name what the schema is called in errors: `--schema person.json`
 * @param whole what a value itself is called in the lines
 * @throws Failure (usage) when it is no JSON Schema: unknown keywords, which are all named, wrong values of known
 *   ones, a `$ref` that leads nowhere, a pattern that is none, or too much of it
 */
export async function validator(
  schema: JsonSchema,
  name = 'the schema',
  whole = 'the answer',
): Promise<Validate> {
  if (isTooDeep(schema)) throw usageError(`${name} nests too deep to be read`);
  const { $schema: draft, ...rules } = withoutDraft04(schema);
  const ajv = await ajvFor(draft, name);
  checkKeywords(ajv, rules, name);
  checkMeta(ajv, rules, name);
  const isValid = compiled(ajv, rules, name);
  return (value) => {
    try {
      return isValid(value) ? [] : validationLines(isValid.errors ?? [], whole);
    } catch (error) {
      if (error instanceof RangeError) return [`${whole} nests too deep to be checked`];
      throw error;
    }
  };
}

async function ajvFor(draft: unknown, name: string): Promise<Ajv> {
  const { Ajv, Ajv2019, Ajv2020, addFormats } = await import('./ajv.ts');
  const text = typeof draft === 'string' ? draft : '';
  const make = () => {
    if (draft === undefined || text.includes('/draft/2020-12/')) return new Ajv2020(OPTIONS);
    if (text.includes('/draft/2019-09/')) return new Ajv2019(OPTIONS);
    if (/\/draft-0[467]\//.test(text)) return new Ajv(OPTIONS);
    const known = 'https://json-schema.org/draft/2020-12/schema is the newest';
    throw usageError(`${name} has the $schema ${JSON.stringify(draft)}, which is not known here`, known);
  };
  const ajv = make();
  addFormats(ajv);
  ajv.addVocabulary(OPENAPI_KEYWORDS);
  return ajv;
}

function checkKeywords(ajv: Ajv, schema: JsonSchema, name: string): void {
  const known = Object.keys(ajv.RULES.keywords);
  let count = 0;
  const unknown: string[] = [];
  for (const { schema: part, at } of subschemas(schema)) {
    count += 1;
    if (count > MOST_SCHEMAS) throw usageError(`${name} has more than ${MOST_SCHEMAS} schemas in it`);
    for (const key of Object.keys(part)) {
      // With Ajv's own $async the check would be a promise, and so always true.
      if ((ajv.RULES.keywords[key] === true && key !== '$async') || key.startsWith('x-')) continue;
      unknown.push(`${key} (in ${placeWords(at)})${didYouMean(key, known)}`);
    }
  }
  if (unknown.length === 0) return;
  const shown =
    unknown.slice(0, 5).join(', ') + (unknown.length > 5 ? ` and ${unknown.length - 5} more` : '');
  throw usageError(
    `${name} has ${unknown.length === 1 ? 'a keyword' : 'keywords'} that JSON Schema has not: ${shown}`,
  );
}

function checkMeta(ajv: Ajv, schema: JsonSchema, name: string): void {
  if (ajv.validateSchema(schema) === true) return;
  const [first = 'it is not valid', ...more] = validationLines(ajv.errors ?? [], 'it');
  throw usageError(
    `${name} is no JSON Schema: ${first}`,
    more.length > 0 ? more.slice(0, 3).join('; ') : undefined,
  );
}

function compiled(ajv: Ajv, schema: JsonSchema, name: string): ValidateFunction {
  try {
    const isValid = ajv.compile(schema);
    // A schema that is a circle of references recurses for any value: better now than after the answer is paid for.
    isValid(null);
    return isValid;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw usageError(`${name} ${compileWords(schema, error)}`, undefined, error);
  }
}

function compileWords(schema: JsonSchema, error: unknown): string {
  if (error instanceof RangeError) return 'refers to itself in a circle, without end';
  if (error instanceof Error && 'missingRef' in error) {
    const missing = String(error.missingRef);
    const place = [...subschemas(schema)].find(({ schema: part }) => missing.endsWith(String(part['$ref'])));
    return `refers to ${missing}${place === undefined ? '' : ` (in ${placeWords(place.at)})`}, which is not in it`;
  }
  return `cannot be used: ${error instanceof Error ? error.message : String(error)}`;
}
