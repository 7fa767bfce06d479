import { isObject } from '../json.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';

/**
 * Looks at one value of a request; `path` is its name in errors (`messages[0].content`).
 * @throws ApiError in the API's words
 */
export type Check = (value: unknown, path: string) => void;

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'an integer' : 'a decimal';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

export function wrongType(path: string, expected: string, value: unknown): ApiError {
  const place = path === '' ? 'Invalid type' : `Invalid type for '${path}'`;
  const message = `${place}: expected ${expected}, but got ${typeName(value)} instead.`;
  return invalidRequest(message, path || null, 'invalid_type');
}

export function missing(path: string): ApiError {
  return invalidRequest(`Missing required parameter: '${path}'.`, path, 'missing_required_parameter');
}

export function unsupportedParameter(name: string, hint = ''): ApiError {
  const message = `Unsupported parameter: '${name}' is not supported with this model.${hint}`;
  return invalidRequest(message, name, 'unsupported_parameter');
}

export function unsupportedValue(name: string, value: unknown, hint = ''): ApiError {
  const message = `Unsupported value: '${name}' does not support ${quoted(value)} with this model.${hint}`;
  return invalidRequest(message, name, 'unsupported_value');
}

/** A model that is not one of those that an endpoint has. */
export function unsupportedModel(model: string, supported: readonly string[]): ApiError {
  const message = `Invalid value: '${model}'. Supported values are: ${listed(supported)}.`;
  return invalidRequest(message, 'model', 'invalid_value');
}

/** `'a', 'b', and 'c'` */
export function listed(values: readonly unknown[]): string {
  const words = values.map(quoted);
  if (words.length < 3) return words.join(' and ');
  return `${words.slice(0, -1).join(', ')}, and ${words.at(-1)}`;
}

function quoted(value: unknown): string {
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}

export const boolean: Check = (value, path) => {
  if (typeof value !== 'boolean') throw wrongType(path, 'a boolean', value);
};

/** A text; its length is counted in characters, of which an emoji is one. */
export function string({
  max = Number.POSITIVE_INFINITY,
  filled = false,
  pattern,
}: {
  max?: number;
  filled?: boolean;
  pattern?: RegExp;
} = {}): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string', value);
    if (filled && value === '') {
      throw invalidRequest(
        `Invalid '${path}': empty string. Expected a string with minimum length 1, but got an empty string instead.`,
        path,
        'empty_string',
      );
    }
    const length = value.length > max ? [...value].length : value.length;
    if (length > max) {
      throw invalidRequest(
        `Invalid '${path}': string too long. Expected a string with maximum length ${max}, but got a string with length ${length} instead.`,
        path,
        'string_above_max_length',
      );
    }
    if (pattern !== undefined && !pattern.test(value)) {
      throw invalidRequest(
        `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '${pattern.source}'.`,
        path,
        'invalid_value',
      );
    }
  };
}

function ranged(kind: 'integer' | 'decimal', min: number, max: number): Check {
  return (value, path) => {
    const fits = typeof value === 'number' && (kind === 'decimal' || Number.isInteger(value));
    if (!fits) throw wrongType(path, kind === 'integer' ? 'an integer' : 'a decimal', value);
    if (value >= min && value <= max) return;
    const [side, sign, bound] = value < min ? ['below_min', '>=', min] : ['above_max', '<=', max];
    const words = value < min ? 'below minimum' : 'above maximum';
    throw invalidRequest(
      `Invalid '${path}': ${kind} ${words} value. Expected a value ${sign} ${bound}, but got ${value} instead.`,
      path,
      `${kind}_${side}_value`,
    );
  };
}

/** A whole number in a range, both ends included. */
export function integer(min: number, max: number = Number.POSITIVE_INFINITY): Check {
  return ranged('integer', min, max);
}

/** A number in a range, both ends included. */
export function decimal(min: number, max: number): Check {
  return ranged('decimal', min, max);
}

export function oneOf(...values: readonly string[]): Check {
  return (value, path) => {
    if (typeof value !== 'string') throw wrongType(path, 'a string', value);
    if (!values.includes(value)) {
      const message = `Invalid value: '${value}'. Supported values are: ${listed(values)}.`;
      throw invalidRequest(message, path, 'invalid_value');
    }
  };
}

export function nullable(check: Check): Check {
  return (value, path) => {
    if (value !== null) check(value, path);
  };
}

/** A list; `of` names its items in errors: `an array of objects`. */
export function array(
  item: Check,
  {
    min = 0,
    max = Number.POSITIVE_INFINITY,
    of = 'objects',
  }: { min?: number; max?: number; of?: string } = {},
): Check {
  return (value, path) => {
    if (!Array.isArray(value)) throw wrongType(path, `an array of ${of}`, value);
    if (value.length < min) {
      throw invalidRequest(
        `Invalid '${path}': empty array. Expected an array with minimum length ${min}, but got an empty array instead.`,
        path,
        'empty_array',
      );
    }
    if (value.length > max) {
      throw invalidRequest(
        `Invalid '${path}': array too long. Expected an array with maximum length ${max}, but got an array with length ${value.length} instead.`,
        path,
        'array_above_max_length',
      );
    }
    value.forEach((entry, index) => {
      item(entry, `${path}[${index}]`);
    });
  };
}

export function unknownParameter(path: string): ApiError {
  return invalidRequest(`Unknown parameter: '${path}'.`, path, 'unknown_parameter');
}

/** A file of a form that is too large. @param most bytes */
export function fileTooLarge(path: string, most: number, length: number): ApiError {
  return invalidRequest(
    `Invalid '${path}': file too large. Expected a file of less than ${most} bytes, but got a file of ${length} bytes instead.`,
    path,
    'file_above_max_size',
  );
}

/** What is said of a field of the request itself that the endpoint does not know; the endpoints differ in it. */
function unrecognizedArgument(name: string): ApiError {
  return invalidRequest(`Unrecognized request argument supplied: ${name}`, null);
}

/** An object with these fields and no others. @param unknown refuses another field of the request itself */
export function object(
  fields: Readonly<Record<string, Check>>,
  required: readonly string[] = [],
  unknown: (name: string) => ApiError = unrecognizedArgument,
): Check {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path, 'an object', value);
    const pathOf = (name: string) => (path === '' ? name : `${path}.${name}`);
    for (const name of required) {
      if (value[name] === undefined) throw missing(pathOf(name));
    }
    for (const [name, entry] of Object.entries(value)) {
      const check = Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (check !== undefined) check(entry, pathOf(name));
      else throw path === '' ? unknown(name) : unknownParameter(pathOf(name));
    }
  };
}

/**
 * Any object whose values all pass the same check.
 * @param limits the most properties, and the longest key in characters
 */
export function map(
  item: Check,
  {
    max = Number.POSITIVE_INFINITY,
    maxKey = Number.POSITIVE_INFINITY,
  }: { max?: number; maxKey?: number } = {},
): Check {
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path, 'an object', value);
    const count = Object.keys(value).length;
    if (count > max) {
      throw invalidRequest(
        `Invalid '${path}': too many properties. Expected an object with at most ${max} properties, but got an object with ${count} properties instead.`,
        path,
        'object_above_max_properties',
      );
    }
    for (const [name, entry] of Object.entries(value)) {
      if (name.length > maxKey) {
        throw invalidRequest(
          `Invalid '${path}': key too long. Expected keys with maximum length ${maxKey}, but got a key with length ${name.length} instead.`,
          path,
          'string_above_max_length',
        );
      }
      item(entry, `${path}.${name}`);
    }
  };
}

/** The most levels of an object that may hold anything. (A schema may have ten, platform.openai.com/docs says.) */
const MOST_LEVELS = 200;

export const anyObject: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object', value);
  if (isDeeper(value, MOST_LEVELS)) {
    const reason = `nested too deeply. Expected at most ${MOST_LEVELS} levels.`;
    throw invalidRequest(`Invalid '${path}': ${reason}`, path, 'invalid_value');
  }
};

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** An object whose field `tag` tells which of the checks holds for it. */
export function tagged(tag: string, kinds: Readonly<Record<string, Check>>): Check {
  const tagCheck = oneOf(...Object.keys(kinds));
  return (value, path) => {
    if (!isObject(value)) throw wrongType(path, 'an object', value);
    const kind = value[tag];
    if (kind === undefined) throw missing(`${path}.${tag}`);
    tagCheck(kind, `${path}.${tag}`);
    kinds[String(kind)]?.(value, path);
  };
}

/** A string, or else what `other` checks; `expected` names both. */
export function stringOr(
  text: Check,
  other: Check,
  takesOther: (value: unknown) => boolean,
  expected: string,
): Check {
  return (value, path) => {
    if (typeof value === 'string') text(value, path);
    else if (takesOther(value)) other(value, path);
    else throw wrongType(path, `one of a string or ${expected}`, value);
  };
}
