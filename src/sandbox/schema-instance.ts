import { patternText } from './pattern-text.ts';
import { isObject, type JsonObject } from './request-check.ts';

/** Optional properties and items are left out below this depth, so that a schema that contains itself ends. */
const DEEPEST_OPTIONAL = 4;
/** Where a schema that cannot end is given up. (The API takes ten levels of objects.) */
const DEEPEST = 24;
/** The same for one that branches without end. */
const MOST_VALUES = 20_000;

const FORMATS: Readonly<Record<string, string>> = {
  'date-time': '2026-01-01T00:00:00Z',
  date: '2026-01-01',
  time: '12:00:00Z',
  duration: 'PT1M',
  email: 'person@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

/**
 * A value that a JSON Schema allows: the same one each time. Texts are named after the property they stand in.
 */
export function schemaInstance(schema: unknown): unknown {
  return new Maker(schema).make(schema, 'text', 0);
}

class Maker {
  readonly #root: unknown;
  #values = 0;

  constructor(root: unknown) {
    this.#root = root;
  }

  make(schema: unknown, name: string, depth: number): unknown {
    this.#values += 1;
    if (!isObject(schema) || depth > DEEPEST || this.#values > MOST_VALUES) return null;
    const node = this.#merged(schema);
    if (node['const'] !== undefined) return node['const'];
    if (Array.isArray(node['enum'])) return node['enum'][0];
    const choices = node['anyOf'] ?? node['oneOf'];
    if (Array.isArray(choices)) return this.#choose(node, choices, name, depth);
    switch (typeOf(node, depth)) {
      case 'object':
        return this.#object(node, depth);
      case 'array':
        return this.#array(node, name, depth);
      case 'integer':
        return numberIn(node, true);
      case 'number':
        return numberIn(node, false);
      case 'boolean':
        return true;
      case 'null':
        return null;
      default:
        return stringOf(node, name);
    }
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
      const key = decoded(step).replaceAll('~1', '/').replaceAll('~0', '~');
      node = isObject(node) ? node[key] : Array.isArray(node) ? node[Number(key)] : undefined;
    }
    return isObject(node) ? node : {};
  }

  /** The first choice; deep down the one that ends soonest, as `null` does. */
  #choose(node: JsonObject, choices: readonly unknown[], name: string, depth: number): unknown {
    const { anyOf: _, oneOf: __, ...rest } = node;
    const isLeaf = (choice: unknown) => {
      const merged = isObject(choice) ? this.#merged(choice) : {};
      return !['object', 'array'].includes(typeOf(merged, depth));
    };
    const deep = depth > DEEPEST_OPTIONAL ? choices.find(isLeaf) : undefined;
    const choice = deep ?? choices[0];
    return this.make(isObject(choice) ? mergeTwo(rest, choice) : rest, name, depth + 1);
  }

  #object(node: JsonObject, depth: number): JsonObject {
    const properties = isObject(node['properties']) ? node['properties'] : {};
    const required: readonly unknown[] = Array.isArray(node['required']) ? node['required'] : [];
    const names = Object.keys(properties).filter(
      (name) => required.includes(name) || depth < DEEPEST_OPTIONAL,
    );
    for (const name of required) if (typeof name === 'string' && !names.includes(name)) names.push(name);
    const rest = isObject(node['additionalProperties']) ? node['additionalProperties'] : { type: 'string' };
    const least = Number(node['minProperties'] ?? 0);
    for (let extra = 1; names.length < least; extra += 1) names.push(`property_${extra}`);
    return Object.fromEntries(
      names.map((name) => [
        name,
        this.make(Object.hasOwn(properties, name) ? properties[name] : rest, name, depth + 1),
      ]),
    );
  }

  #array(node: JsonObject, name: string, depth: number): unknown[] {
    const first: readonly unknown[] = Array.isArray(node['prefixItems']) ? node['prefixItems'] : [];
    const least = Math.max(Number(node['minItems'] ?? 0), first.length);
    const most = Number(node['maxItems'] ?? Number.POSITIVE_INFINITY);
    const wanted = Math.min(most, depth < DEEPEST_OPTIONAL ? Math.max(least, 1) : least);
    return Array.from({ length: wanted }, (_, index) => {
      const item = this.make(first[index] ?? node['items'] ?? {}, name, depth + 1);
      return node['uniqueItems'] === true ? this.#different(item, node['items'], index) : item;
    });
  }

  /** The item, unlike those before it. */
  #different(item: unknown, schema: unknown, index: number): unknown {
    const node = isObject(schema) ? this.#merged(schema) : {};
    if (Array.isArray(node['enum'])) return node['enum'][index];
    if (index === 0) return item;
    if (typeof item === 'string') return `${item}${index + 1}`;
    if (typeof item === 'number') return item + index * Number(node['multipleOf'] ?? 1);
    return item;
  }
}

/** A step of a `$ref`; as it stands where it is not encoded well. */
function decoded(step: string): string {
  try {
    return decodeURIComponent(step);
  } catch {
    return step;
  }
}

function mergeTwo(a: JsonObject, b: JsonObject): JsonObject {
  const both = (key: string) => ({
    ...(isObject(a[key]) ? a[key] : {}),
    ...(isObject(b[key]) ? b[key] : {}),
  });
  const merged: Record<string, unknown> = { ...a, ...b };
  if (a['properties'] !== undefined) merged['properties'] = both('properties');
  if (Array.isArray(a['required']) && Array.isArray(b['required'])) {
    merged['required'] = [...new Set([...a['required'], ...b['required']])];
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
  if (isObject(node['properties']) || Array.isArray(node['required'])) return 'object';
  if (node['items'] !== undefined || node['prefixItems'] !== undefined) return 'array';
  if (node['minimum'] !== undefined || node['maximum'] !== undefined) return 'number';
  return 'string';
}

/** The first of a few likely numbers that the limits allow. */
function numberIn(node: JsonObject, whole: boolean): number {
  const limit = (key: string, otherwise: number) => (typeof node[key] === 'number' ? node[key] : otherwise);
  const min = limit('minimum', Number.NEGATIVE_INFINITY);
  const max = limit('maximum', Number.POSITIVE_INFINITY);
  const above = limit('exclusiveMinimum', Number.NEGATIVE_INFINITY);
  const below = limit('exclusiveMaximum', Number.POSITIVE_INFINITY);
  const unit = limit('multipleOf', whole ? 1 : 0);
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
  return [1, unit, ...overLow, low, high, underHigh, (low + high) / 2, 0].find(fits) ?? 0;
}

function stringOf(node: JsonObject, name: string): string {
  const format = FORMATS[String(node['format'])];
  if (format !== undefined) return format;
  if (typeof node['pattern'] === 'string') return patternText(node['pattern']);
  const least = Number(node['minLength'] ?? 0);
  const most = Number(node['maxLength'] ?? Number.POSITIVE_INFINITY);
  const text = name.length >= least ? name : name.padEnd(least, '.');
  return text.length <= most ? text : text.slice(0, most);
}
