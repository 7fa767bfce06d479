import type { Attributes } from '../api/vector-store-files.ts';
import type { AttributeValue } from '../api/vector-stores.ts';
import { usageError } from '../errors.ts';
import { labels } from '../flags/metadata.ts';

/**
 * Attributes in which a file of a store says what it was made of, so that what is there is known again from any machine:
 * its path as `vector-store add` names it, the folder that this is seen from (a checksum of it), and the checksum of its
 * bytes.
 */
export const OWN = ['path', 'root', 'sha256'] as const;

/** What may be attached to one thing (OpenAPI `VectorStoreFileAttributes` and `Metadata`): pairs, and characters. */
const MOST = { pairs: 16, name: 64, value: 512 };

/** The characters of a path that an attribute takes: the end tells more than the beginning. */
export function pathAttribute(path: string): string {
  return [...path].slice(-MOST.value).join('');
}

/**
 * The attributes of `--attribute name=value`, which is repeatable.
 * @throws Failure (usage) on one that is given twice, is kept by the program itself, or is more than the API takes
 */
export function attributes(pairs: readonly (readonly [name: string, value: string])[]): Attributes {
  const given = Object.entries(labels(pairs, '--attribute'));
  const own = OWN.find((name) => given.some(([other]) => other === name));
  if (own !== undefined) {
    throw usageError(`--attribute ${own} is kept by add itself, to know a file again`, 'take another name');
  }
  refuseLarge('--attribute', given, MOST.pairs - OWN.length, `: ${OWN.join(', ')} are kept beside them`);
  return Object.fromEntries(given.map(([name, value]) => [name, typed(value)]));
}

/** The labels of `--metadata`. @throws Failure (usage) on what is more than the API takes */
export function metadata(pairs: readonly (readonly [name: string, value: string])[]): Record<string, string> {
  const given = labels(pairs);
  refuseLarge('--metadata', Object.entries(given), MOST.pairs, '');
  return given;
}

function refuseLarge(
  flag: string,
  pairs: readonly (readonly [name: string, value: string])[],
  most: number,
  why: string,
): void {
  if (pairs.length > most) throw usageError(`${flag} is given ${pairs.length} times, and ${most} fit${why}`);
  for (const [name, value] of pairs) {
    const [ofName, ofValue] = [[...name].length, [...value].length];
    if (ofName > MOST.name) {
      throw usageError(`${flag} ${shortened(name)}: the name has ${ofName} characters, and ${MOST.name} fit`);
    }
    if (ofValue > MOST.value) {
      throw usageError(`${flag} ${name}: the value has ${ofValue} characters, and ${MOST.value} fit`);
    }
  }
}

function shortened(name: string): string {
  return `${[...name].slice(0, 20).join('')}…`;
}

/**
 * A value as it is meant: a number, true or false, or a text. A text in quotes is a text whatever is in it, and so is a
 * number that would become another one.
 */
export function typed(text: string): AttributeValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^"(?:[^"\\]|\\.)*"$/s.test(text)) {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === 'string' ? value : text;
    } catch {
      return text;
    }
  }
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/i.test(text)) return text;
  const number = Number(text);
  return Math.abs(number) <= Number.MAX_SAFE_INTEGER ? number : text;
}
