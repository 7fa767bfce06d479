import type { Attributes } from '../api/vector-store-files.ts';
import type { AttributeValue } from '../api/vector-stores.ts';
import { usageError } from '../errors.ts';
import { labels, MOST_METADATA, type Pair } from '../flags/metadata.ts';

/**
 * Attributes in which a file of a store says what it was made of, so that what is there is known again from any machine:
 * its path as `vector-store add` names it, the folder that this is seen from (a checksum of it), and the checksum of its
 * bytes.
 */
export const OWN = ['path', 'root', 'sha256'] as const;

/** The characters of a path that an attribute takes, which are those of a label: the end tells more than the beginning. */
export function pathAttribute(path: string): string {
  return [...path].slice(-MOST_METADATA.value).join('');
}

/**
 * The attributes of `--attribute name=value`, which is repeatable.
 * @throws Failure (usage) on one that is given twice, is kept by the program itself, or is more than the API takes
 */
export function attributes(pairs: readonly Pair[]): Attributes {
  const own = OWN.find((name) => pairs.some(([other]) => other === name));
  if (own !== undefined) {
    throw usageError(`--attribute ${own} is kept by add itself, to know a file again`, 'take another name');
  }
  const room = { pairs: MOST_METADATA.pairs - OWN.length, why: `: ${OWN.join(', ')} are kept beside them` };
  const given = Object.entries(labels(pairs, '--attribute', room));
  return Object.fromEntries(given.map(([name, value]) => [name, typed(value)]));
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
