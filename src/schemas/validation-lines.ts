import type { ErrorObject } from 'ajv';
import { isObject } from '../json.ts';
import { pointerStep } from './json-schema.ts';
import { isUnion, withoutUnionNoise } from './union-errors.ts';

/** How much of a wrong value is shown, in characters. */
const LONGEST_VALUE = 60;
/** How many values of an enum are shown. */
const MOST_VALUES = 8;
/** How many lines are given: more help nobody. */
const MOST_LINES = 20;

/**
 * What is wrong with a value, a line for each error: `/steps/0/output is missing`, `/age must be an integer, is "12"`.
 * Where a value fits no case of a union, the lines are about what was wrong inside it, if anything was.
 * @param whole what the value itself is called: `the answer`
 */
export function validationLines(errors: readonly ErrorObject[], whole: string): string[] {
  const told = withoutUnionNoise(errors).map((error) =>
    isUnion(error) ? { ...error, params: { expected: expectedOf(errors, error.instancePath) } } : error,
  );
  const lines = [...new Set(told.map((error) => line(error, whole)))];
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`];
}

/** What the cases of a union ask of the value, where each asks for something short. */
function expectedOf(errors: readonly ErrorObject[], place: string): string | undefined {
  const own = errors.filter((error) => error.instancePath === place && !isUnion(error));
  const words = own.map((error) => /^must (?:be )?(.*?), /s.exec(complaint(error))?.[1]);
  return words.includes(undefined) ? undefined : [...new Set(words)].join(' or ');
}

function line(error: ErrorObject, whole: string): string {
  const { instancePath: place, params } = error;
  const named = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  const at = typeof named === 'string' ? place + pointerStep(named) : place;
  return `${at === '' ? whole : at} ${complaint(error)}`;
}

const COMPARISONS: Readonly<Record<string, string>> = {
  '>=': 'at least',
  '>': 'more than',
  '<=': 'at most',
  '<': 'less than',
};

function complaint({ keyword, params, data, message = 'is not valid' }: ErrorObject): string {
  const is = `, is ${shown(data)}`;
  switch (keyword) {
    case 'required':
      return 'is missing';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'is not in the schema';
    case 'type':
      return `must be ${[params['type']].flat().map(withArticle).join(' or ')}${is}`;
    case 'enum':
      return `must be ${oneOf(params['allowedValues'])}${is}`;
    case 'const':
      return `must be ${shown(params['allowedValue'])}${is}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `must be ${COMPARISONS[params['comparison']]} ${params['limit']}${is}`;
    case 'multipleOf':
      return `must be a multiple of ${params['multipleOf']}${is}`;
    case 'minLength':
    case 'maxLength':
      return `must have ${bound(keyword, params['limit'])} ${plural(params['limit'], 'character')}${is}`;
    case 'minItems':
    case 'maxItems':
      return `must have ${bound(keyword, params['limit'])} ${plural(params['limit'], 'item')}${is}`;
    case 'pattern':
      return `must match ${params['pattern']}${is}`;
    case 'format':
      return `must be ${withArticle(params['format'])}${is}`;
    case 'uniqueItems':
      return `has the same item twice, at ${params['j']} and ${params['i']}`;
    case 'anyOf':
    case 'oneOf':
      return params['expected'] === undefined
        ? `fits none of what the schema allows there${is}`
        : `must be ${params['expected']}${is}`;
    default:
      return message;
  }
}

function bound(keyword: string, limit: unknown): string {
  return `${keyword.startsWith('min') ? 'at least' : 'at most'} ${limit}`;
}

function plural(count: unknown, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}

function oneOf(values: unknown): string {
  const all = Array.isArray(values) ? values : [];
  const named = all.slice(0, MOST_VALUES).map(shown);
  if (all.length > MOST_VALUES) named.push(`one of ${all.length - MOST_VALUES} more`);
  return named.join(' or ');
}

function withArticle(noun: unknown): string {
  if (noun === 'null') return 'null';
  return `${/^([aeio]|u(?!u|r))/.test(String(noun)) ? 'an' : 'a'} ${noun === 'array' ? 'list' : noun}`.replace(
    'an list',
    'a list',
  );
}

/** A value in few words: short ones as JSON. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (isObject(value)) return 'an object';
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > LONGEST_VALUE ? `${json.slice(0, LONGEST_VALUE)}…` : json;
}
