import { Failure, usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { pointerStep, pointerSteps } from '../schemas/json-schema.ts';
import { didYouMean } from '../settings/nearest.ts';

/** A property's name, or the place of an item in a list, from 0, or below 0 from its end. */
export type PathStep = string | number;

/** How many names an error lists. */
const MOST_NAMES = 12;

/**
 * Reads the path of `--pick`: names with dots between them and places in brackets, `steps[0].output`, `[-1].name`,
 * `a["b.c"]`; or a JSON pointer (RFC 6901), `/steps/0/output`. In a pointer, and between dots, digits are a place
 * where they meet a list and a name where they meet an object.
 * @throws Failure (usage) when it is no path
 */
export function readPath(text: string): PathStep[] {
  if (text.startsWith('/')) return pointerSteps(text);
  const steps: PathStep[] = [];
  let rest = text;
  while (rest !== '') {
    const start = steps.length === 0 ? '' : '\\.';
    const found = new RegExp(
      `^(?:${start}([^.[\\]"]+)|${start}("(?:[^"\\\\]|\\\\.)*")|\\[(-?\\d+)\\]|\\[("(?:[^"\\\\]|\\\\.)*")\\])`,
      'su',
    ).exec(rest);
    if (found === null) throw noPath(text, rest);
    const [whole, name, quoted, place, quotedInBrackets] = found;
    const json = quoted ?? quotedInBrackets;
    steps.push(
      place !== undefined ? Number(place) : json !== undefined ? unquoted(json, text) : (name ?? ''),
    );
    rest = rest.slice(whole.length);
  }
  if (steps.length === 0) throw usageError('--pick is empty');
  return steps;
}

function unquoted(json: string, text: string): string {
  try {
    return String(JSON.parse(json));
  } catch (error) {
    throw usageError(`--pick ${text} has ${json}, which is no text in quotes`, undefined, error);
  }
}

function noPath(text: string, rest: string): Failure {
  const where = rest === text ? 'is no path' : `is no path from ${JSON.stringify(rest)} on`;
  return usageError(
    `--pick ${text} ${where}`,
    'write steps[0].output, "a name".b or a JSON pointer, /steps/0/output',
  );
}

/**
 * What stands at a path in an answer.
 * @throws Failure (incomplete) that names the first part that is not there, and what is
 */
export function pick(value: unknown, path: readonly PathStep[]): unknown {
  let found = value;
  for (const [index, step] of path.entries()) {
    const next = stepInto(found, step);
    if (next === undefined) throw notThere(found, path, index);
    found = next;
  }
  return found;
}

/** Undefined where nothing is: JSON has no such value. */
function stepInto(value: unknown, step: PathStep): unknown {
  if (Array.isArray(value)) {
    return /^(0|-?[1-9]\d*)$/.test(String(step)) ? value.at(Number(step)) : undefined;
  }
  return isObject(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

function notThere(value: unknown, path: readonly PathStep[], index: number): Failure {
  const step = path[index] ?? '';
  const wanted = path
    .slice(0, index + 1)
    .map(pointerStep)
    .join('');
  const at = index === 0 ? 'the answer' : path.slice(0, index).map(pointerStep).join('');
  return new Failure('incomplete', `--pick: ${wanted} is not there; ${at} ${thereIs(value, step)}`);
}

function thereIs(value: unknown, step: PathStep): string {
  if (Array.isArray(value)) {
    return value.length === 0
      ? 'is an empty list'
      : `is a list of ${value.length}, from 0 to ${value.length - 1}`;
  }
  if (!isObject(value)) return `is ${JSON.stringify(value)}`;
  const names = Object.keys(value);
  if (names.length === 0) return 'is an empty object';
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : '';
  // Of one letter or two every name is near.
  const near = String(step).length > 2 ? didYouMean(String(step), names) : '';
  return `has ${names.slice(0, MOST_NAMES).join(', ')}${more}${near}`;
}

/** A value as one bare word or line for a shell: a text as it is, all else as JSON. */
export function bareText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
