import { isObject } from '../json.ts';
import { didYouMean } from '../settings/nearest.ts';
import { areDisjoint } from './disjoint.ts';
import {
  atPointer,
  type JsonSchema,
  localPointer,
  namedTypes,
  pointerStep,
  resolved,
} from './json-schema.ts';
import { describesObject, nullable, typesOfValues } from './nullable.ts';
import { ANNOTATIONS, FORMATS, KEPT, REFUSED, SILENT } from './strict-keywords.ts';
import type { StrictReport } from './strict-report.ts';

/** What stands beside `$ref` and `anyOf` without saying what is valid. */
const BESIDE = new Set(['$defs', 'definitions', 'description', 'title']);

const NO_TYPE = 'says no type: add one, such as "type": "string"';

/** Formats of addresses, which strict mode does not take, as patterns, which it does. */
const FORMAT_PATTERNS: Readonly<Record<string, string>> = {
  uri: '^[A-Za-z][A-Za-z0-9+.-]*:\\S+$',
  url: '^https?://\\S+$',
};

/** Rewrites the schemas of one document for strict mode, from the top down. */
export class StrictRewriter {
  /** What `$ref` points into. */
  readonly #root: JsonSchema;
  readonly #report: StrictReport;

  constructor(root: JsonSchema, report: StrictReport) {
    this.#root = root;
    this.#report = report;
  }

  /** One schema and all in it. What cannot be rewritten is reported and stays. */
  schema(given: unknown, at: string): JsonSchema {
    if (!isObject(given)) {
      const words =
        given === false ? 'allows nothing: leave it out' : 'allows anything: say what it is with a type';
      this.#report.problem(at, words);
      return {};
    }
    const alone = withoutSingleAllOf(given);
    const { nullable: orNull, ...rest } = this.#keywords(alone, at);
    const rewritten = this.#inner(rest, at);
    // `nullable` is OpenAPI 3.0's way to say it.
    return orNull === true ? nullable(rewritten, this.#root) : rewritten;
  }

  /** Leaves out what the API would refuse and nobody misses, and reports what it would refuse and somebody would. */
  #keywords(given: JsonSchema, at: string): JsonSchema {
    const kept = Object.entries(given).filter(([key, value]) => {
      if (KEPT.has(key) || ['nullable', 'oneOf', 'minLength', 'maxLength'].includes(key)) return true;
      if (SILENT.has(key)) return false;
      if (ANNOTATIONS.has(key) || key.startsWith('x-')) this.#report.change(`${key} is left out`, at);
      else this.#refuse(key, value, at);
      return false;
    });
    return Object.fromEntries(kept);
  }

  #refuse(key: string, value: unknown, at: string): void {
    if (key === 'uniqueItems' && value === false) return;
    const advice = REFUSED.get(key);
    const words =
      advice === undefined
        ? `has ${key}, which is no keyword of JSON Schema${didYouMean(key, [...KEPT, 'oneOf'])}`
        : `has ${key}, which strict mode does not take: ${advice}`;
    this.#report.problem(at, words);
  }

  #inner(given: JsonSchema, at: string): JsonSchema {
    const schema = this.#withDefinitions(given, at);
    if (schema['$ref'] !== undefined) return this.#reference(schema, at);
    if (schema['anyOf'] !== undefined || schema['oneOf'] !== undefined) return this.#union(schema, at);
    return this.#typed(schema, at);
  }

  #withDefinitions(schema: JsonSchema, at: string): JsonSchema {
    const rewritten = { ...schema };
    for (const keyword of ['$defs', 'definitions']) {
      const definitions = schema[keyword];
      if (isObject(definitions)) rewritten[keyword] = this.#named(definitions, at + pointerStep(keyword));
    }
    return rewritten;
  }

  #named(schemas: JsonSchema, at: string): JsonSchema {
    const rewritten = Object.entries(schemas).map(([name, schema]) => [
      name,
      this.schema(schema, at + pointerStep(name)),
    ]);
    return Object.fromEntries(rewritten);
  }

  #reference(schema: JsonSchema, at: string): JsonSchema {
    const { $ref: reference, ...beside } = schema;
    if (typeof reference !== 'string') {
      this.#report.problem(at, 'has a $ref that is no text');
      return schema;
    }
    const pointer = localPointer(this.#root, reference);
    if (pointer === undefined) {
      const words = reference.startsWith('#') ? 'a name' : 'another document';
      this.#report.problem(
        at,
        `refers to ${words}, ${reference}: put that schema into $defs and refer to #/$defs/name`,
      );
    } else if (atPointer(this.#root, pointer) === undefined) {
      this.#report.problem(at, `refers to ${reference}, where nothing stands${this.#meant(reference)}`);
    } else if (resolved(this.#root, schema) === undefined) {
      this.#report.problem(at, `refers to ${reference}, which leads nowhere but round in a circle`);
    }
    this.#onlyBeside(beside, '$ref', at);
    const own = { $ref: pointer === undefined ? reference : `#${encodePointer(pointer)}` };
    // The API refuses any keyword beside $ref ("$ref cannot have keywords {'description'}"), not beside anyOf.
    return Object.keys(beside).length === 0 ? own : { ...beside, anyOf: [own] };
  }

  #meant(reference: string): string {
    const names = ['$defs', 'definitions'].flatMap((keyword) => {
      const definitions = this.#root[keyword];
      return isObject(definitions) ? Object.keys(definitions).map((name) => `#/${keyword}/${name}`) : [];
    });
    return didYouMean(reference, names);
  }

  #onlyBeside(schema: JsonSchema, keyword: string, at: string): void {
    const others = Object.keys(schema).filter((key) => !BESIDE.has(key));
    if (others.length === 0) return;
    this.#report.problem(
      at,
      `has ${others.join(', ')} beside ${keyword}: put it into what ${keyword} leads to`,
    );
  }

  #union(schema: JsonSchema, at: string): JsonSchema {
    const { anyOf, oneOf, type: _, ...beside } = schema;
    const keyword = anyOf === undefined ? 'oneOf' : 'anyOf';
    const branches = anyOf ?? oneOf;
    if (!Array.isArray(branches) || branches.length === 0 || (anyOf !== undefined && oneOf !== undefined)) {
      this.#report.problem(at, `has a ${keyword} that is no list of schemas, or two of them`);
      return schema;
    }
    this.#onlyBeside(beside, keyword, at);
    if (keyword === 'oneOf') this.#becomesAnyOf(branches, at);
    const where = at + pointerStep(keyword);
    return {
      ...beside,
      anyOf: branches.map((branch, index) => this.schema(branch, where + pointerStep(index))),
    };
  }

  #becomesAnyOf(branches: readonly unknown[], at: string): void {
    if (areDisjoint(branches, this.#root)) this.#report.change('oneOf is written anyOf', at);
    else {
      const advice = 'use anyOf, or give each case a property with a const of its own';
      this.#report.problem(
        at,
        `has a oneOf whose cases may overlap, which strict mode cannot express: ${advice}`,
      );
    }
  }

  #typed(given: JsonSchema, at: string): JsonSchema {
    const schema = this.#withType(given, at);
    const types = namedTypes(schema);
    const steps: JsonSchema[] = [schema];
    const last = () => steps.at(-1) ?? schema;
    if (types.includes('string')) steps.push(this.#text(last(), at));
    if (types.includes('array')) steps.push(this.#array(last(), at));
    if (describesObject(last())) steps.push(this.#object(last(), at));
    return this.#enumWithNull(last(), at);
  }

  #withType(schema: JsonSchema, at: string): JsonSchema {
    if (schema['type'] !== undefined) return schema;
    const values = schema['const'] === undefined ? schema['enum'] : [schema['const']];
    const types = Array.isArray(values)
      ? typesOfValues(values)
      : isObject(schema['properties'])
        ? ['object']
        : schema['items'] !== undefined
          ? ['array']
          : [];
    if (types.length === 0) {
      // What is refused there may well be what would have said it.
      if (!this.#report.hasProblem(at)) this.#report.problem(at, NO_TYPE);
      return schema;
    }
    this.#report.change('a type is added', at);
    return { type: types.length === 1 ? types[0] : types, ...schema };
  }

  #text(schema: JsonSchema, at: string): JsonSchema {
    const { minLength, maxLength, format, ...rest } = schema;
    const formatted = this.#format(rest, format, at);
    if (minLength === undefined && maxLength === undefined) return formatted;
    const least = typeof minLength === 'number' ? minLength : 0;
    if (formatted['pattern'] !== undefined || formatted['format'] !== undefined) {
      for (const key of ['minLength', 'maxLength']) if (schema[key] !== undefined) this.#refuse(key, 0, at);
      return schema;
    }
    // The guide lists pattern and not the lengths, and the API is reported to refuse them ("'minLength' is not
    // permitted", as late as December 2025). Both count characters, not code units.
    this.#report.change('minLength and maxLength are written as a pattern', at);
    return {
      ...formatted,
      pattern: `^[\\s\\S]{${least},${typeof maxLength === 'number' ? maxLength : ''}}$`,
    };
  }

  /** To JSON Schema 2020-12 a format is an annotation, so one that is left out makes nothing else valid. */
  #format(schema: JsonSchema, format: unknown, at: string): JsonSchema {
    if (format === undefined) return schema;
    if (FORMATS.has(format)) return { ...schema, format };
    const pattern = Object.hasOwn(FORMAT_PATTERNS, String(format))
      ? FORMAT_PATTERNS[String(format)]
      : undefined;
    if (pattern !== undefined && schema['pattern'] === undefined) {
      this.#report.change(`format ${format} is written as a pattern`, at);
      return { ...schema, pattern };
    }
    this.#report.change(`format ${format} is left out`, at);
    return schema;
  }

  #array(schema: JsonSchema, at: string): JsonSchema {
    const where = at + pointerStep('items');
    const { items } = schema;
    if (Array.isArray(items)) {
      this.#report.problem(where, 'lists a schema for each place: use an object with a property for each');
      return schema;
    }
    if (items === undefined) {
      this.#report.problem(at, 'is a list of anything: say what its items are');
      return schema;
    }
    return { ...schema, items: this.schema(items, where) };
  }

  #object(schema: JsonSchema, at: string): JsonSchema {
    const properties = isObject(schema['properties']) ? schema['properties'] : {};
    const names = Object.keys(properties);
    this.#closes(schema, names, at);
    const required = new Set<unknown>(Array.isArray(schema['required']) ? schema['required'] : []);
    for (const name of required) {
      if (typeof name === 'string' && Object.hasOwn(properties, name)) continue;
      this.#report.problem(at, `requires ${JSON.stringify(name)}, which is not among its properties`);
    }
    const rewritten = names.map((name) => {
      const where = at + pointerStep('properties') + pointerStep(name);
      const property = this.schema(properties[name], where);
      if (required.has(name)) return [name, property];
      const optional = nullable(property, this.#root);
      this.#report.change('what may be missing is always there, and null instead', where);
      return [name, optional];
    });
    return {
      ...schema,
      properties: Object.fromEntries(rewritten),
      required: names,
      additionalProperties: false,
    };
  }

  #closes(schema: JsonSchema, names: readonly string[], at: string): void {
    const { additionalProperties: others } = schema;
    if (others === false) return;
    if (isObject(others) && Object.keys(others).length > 0) {
      const advice = 'write a list of objects with a name and a value instead';
      this.#report.problem(
        at,
        `takes properties of any name (additionalProperties), strict mode only named ones: ${advice}`,
      );
    } else if (names.length === 0) {
      this.#report.problem(at, 'is an object of anything: name its properties');
    } else {
      this.#report.change('objects take no other properties', at);
    }
  }

  /** The API answers null where the type has it, even if the enum does not (the guide's own example is such). */
  #enumWithNull(schema: JsonSchema, at: string): JsonSchema {
    const values = schema['enum'];
    if (!Array.isArray(values) || !namedTypes(schema).includes('null') || values.includes(null))
      return schema;
    this.#report.change('null joins the enum, as its type has it', at);
    return { ...schema, enum: [...values, null] };
  }
}

/** A pointer as the fragment of a URI: what no URI has is escaped, `$` and `/` are not. */
function encodePointer(pointer: string): string {
  return encodeURI(pointer).replaceAll('#', '%23');
}

/** A schema of one `allOf` is what stands in it; Pydantic 1 writes references that way. */
export function withoutSingleAllOf(given: JsonSchema): JsonSchema {
  const { allOf, ...rest } = given;
  if (!Array.isArray(allOf) || allOf.length !== 1 || !isObject(allOf[0])) return given;
  const [only] = allOf;
  const onlyBeside = Object.keys(rest).every(
    (key) => BESIDE.has(key) || SILENT.has(key) || ANNOTATIONS.has(key),
  );
  return onlyBeside ? { ...only, ...rest } : given;
}
