import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { patternText } from './pattern-text.ts';
import { percentDecoded } from './percent.ts';

/** Optional properties and items are left out below this depth, so that a schema that contains itself ends. */
const DEEPEST_OPTIONAL = 4;
/** Where a schema that cannot end is given up. (The API takes ten levels of objects.) */
const DEEPEST = 24;
/** The most that an instance holds: its values and the characters of its texts, together. */
const LARGEST = 100_000;
/** How many ways are tried: another choice, another member of an `enum`, another branch of a pattern. */
const WAYS = 4;

const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date-time', '2026-01-01T00:00:00Z'],
  ['date', '2026-01-01'],
  ['time', '12:00:00Z'],
  ['duration', 'PT1M'],
  ['email', 'person@example.com'],
  ['hostname', 'example.com'],
  ['ipv4', '192.0.2.1'],
  ['ipv6', '2001:db8::1'],
  ['uri', 'https://example.com/'],
  ['url', 'https://example.com/'],
  ['uuid', '00000000-0000-4000-8000-000000000000'],
  ['json-pointer', '/text'],
  ['byte', 'AAAA'],
]);

/** Knows what a schema is; the schemas of requests are never put into it. */
const judge = new Ajv2020({ strict: false, logger: false });

/**
 * A value that a JSON Schema allows: the same one each time, checked by a validator. Texts are named after the
 * property they stand in.
 * @param subject what the schema is for: `response_format 'person'`
 * @throws ApiError 400 when the schema is none, allows nothing, or allows nothing that is found
 */
export function schemaInstance(schema: JsonObject, subject: string, param: string): unknown {
  const refuse = (reason: string) => invalidRequest(`Invalid schema for ${subject}: ${reason}`, param);
  const { $schema: _, $async: __, ...root } = schema;
  const isInstance = validator(root, refuse);
  try {
    for (let way = 0; way < WAYS; way += 1) {
      const instance = new Maker(root, way).make(root, 'text', 0, 0);
      if (isInstance(instance)) return instance;
    }
  } catch (error) {
    if (error instanceof RangeError) throw refuse('what it asks for is larger than an answer can be.');
    throw error;
  }
  throw refuse(`no value was found that it allows (${judge.errorsText(isInstance.errors)}).`);
}

/** A validator of its own for each schema: names that one gives with `$id` mean nothing in the next. */
function validator(schema: JsonObject, refuse: (reason: string) => Error): ValidateFunction {
  if (judge.validateSchema(schema) !== true) {
    throw refuse(`${judge.errorsText(judge.errors, { dataVar: 'schema' })}.`);
  }
  const ajv = new Ajv2020({ strict: false, logger: false, meta: false, validateSchema: false });
  addFormats(ajv);
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw refuse(`${error instanceof Error ? error.message : String(error)}.`);
  }
}

/** Makes one value. What it makes is right for most schemas, and checked for all. */
class Maker {
  readonly #root: JsonObject;
  readonly #way: number;
  #size = 0;

  constructor(root: JsonObject, way: number) {
    this.#root = root;
    this.#way = way;
  }

  /**
   * @param name what texts are named after
   * @param variant counts the items of a list whose items must differ
   * @throws RangeError when there would be too much of it
   */
  make(schema: unknown, name: string, variant: number, depth: number): unknown {
    this.#spend(1);
    if (!isObject(schema) || depth > DEEPEST) return null;
    const node = this.#merged(schema);
    if (node['const'] !== undefined) return node['const'];
    if (Array.isArray(node['enum'])) return node['enum'][(variant + this.#way) % node['enum'].length];
    const choices = node['anyOf'] ?? node['oneOf'];
    if (Array.isArray(choices)) return this.#choose(node, choices, name, variant, depth);
    switch (typeOf(node, depth)) {
      case 'object':
        return this.#object(node, variant, depth);
      case 'array':
        return this.#array(node, name, variant, depth);
      case 'integer':
        return numberIn(node, true, variant);
      case 'number':
        return numberIn(node, false, variant);
      case 'boolean':
        return variant % 2 === 0;
      case 'null':
        return null;
      default:
        return this.#text(node, name, variant);
    }
  }

  #spend(size: number): void {
    this.#size += size;
    if (this.#size > LARGEST) throw new RangeError('too large');
  }

  /** The schema with what it refers to and all of `allOf` in it. */
  #merged(schema: JsonObject, hops = 0): JsonObject {
    const { $ref: reference, allOf, ...own } = schema;
    const parts: JsonObject[] = [own];
    if (typeof reference === 'string' && hops < DEEPEST) {
      parts.unshift(this.#merged(this.#resolve(reference), hops + 1));
    }
    for (const part of Array.isArray(allOf) && hops < DEEPEST ? allOf : []) {
      if (isObject(part)) parts.push(this.#merged(part, hops + 1));
    }
    return parts.reduce(mergeTwo);
  }

  #resolve(reference: string): JsonObject {
    let node: unknown = this.#root;
    for (const step of reference.replace(/^#\/?/, '').split('/').filter(Boolean)) {
      const key = percentDecoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
      node = isObject(node) ? node[key] : Array.isArray(node) ? node[Number(key)] : undefined;
    }
    return isObject(node) ? node : {};
  }

  /** One choice; deep down the one that ends soonest, as `null` does. */
  #choose(
    node: JsonObject,
    choices: readonly unknown[],
    name: string,
    variant: number,
    depth: number,
  ): unknown {
    const { anyOf: _, oneOf: __, ...rest } = node;
    const isLeaf = (choice: unknown) => {
      const merged = isObject(choice) ? this.#merged(choice) : {};
      return !['object', 'array'].includes(typeOf(merged, depth));
    };
    const deep = depth > DEEPEST_OPTIONAL ? choices.find(isLeaf) : undefined;
    const choice = deep ?? choices[(variant + this.#way) % choices.length];
    const inner = Math.floor(variant / choices.length);
    return this.make(isObject(choice) ? mergeTwo(rest, choice) : rest, name, inner, depth + 1);
  }

  #object(node: JsonObject, variant: number, depth: number): JsonObject {
    const properties = isObject(node['properties']) ? node['properties'] : {};
    const required = Array.isArray(node['required']) ? node['required'].map(String) : [];
    const optional = Object.keys(properties).filter((name) => !required.includes(name));
    const least = limit(node, 'minProperties', 0);
    const wanted = depth < DEEPEST_OPTIONAL ? limit(node, 'maxProperties', Infinity) : least;
    const chosen = new Set([...required, ...optional.slice(0, Math.max(0, wanted - required.length))]);
    // In the order of the schema, as the API answers.
    const names = [...Object.keys(properties), ...required].filter((name) => chosen.has(name));
    const made = new Map<string, unknown>();
    for (const name of names) made.set(name, undefined);
    const rest = node['additionalProperties'];
    for (let extra = 1; made.size < least && rest !== false; extra += 1) {
      this.#spend(1);
      made.set(`property_${extra}`, undefined);
    }
    for (const name of made.keys()) {
      const schema = Object.hasOwn(properties, name) ? properties[name] : isObject(rest) ? rest : TEXT;
      made.set(name, this.make(schema, name, variant, depth + 1));
    }
    return Object.fromEntries(made);
  }

  #array(node: JsonObject, name: string, variant: number, depth: number): unknown[] {
    const first: readonly unknown[] = Array.isArray(node['prefixItems']) ? node['prefixItems'] : [];
    const least = Math.max(limit(node, 'minItems', 0), first.length);
    const most = limit(node, 'maxItems', node['items'] === false ? first.length : Infinity);
    const wanted = Math.min(most, depth < DEEPEST_OPTIONAL ? Math.max(least, 1) : least);
    const items: unknown[] = [];
    while (items.length < wanted) {
      const schema = first[items.length] ?? node['items'] ?? node['contains'] ?? {};
      const different = node['uniqueItems'] === true ? variant + items.length : variant;
      items.push(this.make(schema, name, different, depth + 1));
    }
    return items;
  }

  #text(node: JsonObject, name: string, variant: number): string {
    const format = FORMATS.get(node['format']);
    if (format !== undefined) return format;
    const least = limit(node, 'minLength', 0);
    if (typeof node['pattern'] === 'string') {
      const text = this.#patternText(node['pattern'], least, variant);
      this.#spend(text.length);
      return text;
    }
    this.#spend(least);
    const ending = variant === 0 ? '' : String(variant + 1);
    const most = limit(node, 'maxLength', Number.POSITIVE_INFINITY);
    const start = [...name].slice(0, Math.max(0, most - ending.length)).join('');
    const text = start + ending;
    return text + '.'.repeat(Math.max(0, least - [...text].length));
  }

  /** Texts for one pattern differ in their length. */
  #patternText(pattern: string, least: number, variant: number): string {
    const limits = { least, branch: this.#way, longest: LARGEST };
    const text = patternText(pattern, limits);
    return variant === 0 ? text : patternText(pattern, { ...limits, least: text.length + variant });
  }
}

const TEXT: JsonObject = { type: 'string' };

function limit(node: JsonObject, key: string, otherwise: number): number {
  const value = node[key];
  return typeof value === 'number' ? value : otherwise;
}

/** Limits of which the stricter one holds, where two schemas have them. */
const STRICTER: Readonly<Record<string, (a: number, b: number) => number>> = {
  minimum: Math.max,
  exclusiveMinimum: Math.max,
  minLength: Math.max,
  minItems: Math.max,
  minProperties: Math.max,
  maximum: Math.min,
  exclusiveMaximum: Math.min,
  maxLength: Math.min,
  maxItems: Math.min,
  maxProperties: Math.min,
};

function mergeTwo(a: JsonObject, b: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...a, ...b };
  if (isObject(a['properties']) && isObject(b['properties'])) {
    merged['properties'] = { ...a['properties'], ...b['properties'] };
  }
  if (Array.isArray(a['required']) && Array.isArray(b['required'])) {
    merged['required'] = [...new Set([...a['required'], ...b['required']])];
  }
  for (const [key, stricter] of Object.entries(STRICTER)) {
    const [one, other] = [a[key], b[key]];
    if (typeof one === 'number' && typeof other === 'number') merged[key] = stricter(one, other);
  }
  return merged;
}

function typeOf(node: JsonObject, depth: number): string {
  const { type } = node;
  if (Array.isArray(type)) {
    const last = depth > DEEPEST_OPTIONAL && type.includes('null') ? 'null' : undefined;
    return last ?? String(type.find((name) => name !== 'null') ?? 'null');
  }
  if (typeof type === 'string') return type;
  const has = (...keys: readonly string[]) => keys.some((key) => node[key] !== undefined);
  if (has('properties', 'required', 'minProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems')) return 'array';
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf')) return 'number';
  return 'string';
}

/** The first of a few likely numbers that the limits allow; a variant is that many steps away from it. */
function numberIn(node: JsonObject, whole: boolean, variant: number): number {
  const min = limit(node, 'minimum', Number.NEGATIVE_INFINITY);
  const max = limit(node, 'maximum', Number.POSITIVE_INFINITY);
  const above = limit(node, 'exclusiveMinimum', Number.NEGATIVE_INFINITY);
  const below = limit(node, 'exclusiveMaximum', Number.POSITIVE_INFINITY);
  const unit = limit(node, 'multipleOf', whole ? 1 : 0);
  const isMultiple = (value: number) =>
    unit === 0 || Math.abs(value / unit - Math.round(value / unit)) < 1e-9;
  const fits = (value: number) =>
    Number.isFinite(value) &&
    value >= min &&
    value <= max &&
    value > above &&
    value < below &&
    isMultiple(value) &&
    (!whole || Number.isInteger(value));
  const low = Math.max(min, above);
  const high = Math.min(max, below);
  const step = unit || 1;
  const overLow = [Math.ceil(low / step) * step, (Math.floor(low / step) + 1) * step];
  const underHigh = (Math.ceil(high / step) - 1) * step;
  const likely = [1, unit, ...overLow, low, high, underHigh, (low + high) / 2, 0];
  const first = likely.find(fits) ?? 0;
  if (variant === 0) return first;
  const others = [first + variant * step, first - variant * step, low + (high - low) / (variant + 2)];
  return others.find(fits) ?? first;
}
