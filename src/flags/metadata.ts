import { usageError } from '../errors.ts';

/** A label as it was typed. */
export type Pair = readonly [name: string, value: string];

/** What may be attached to one thing: pairs, and characters of a name and a value (OpenAPI `Metadata`). */
export const MOST_METADATA = { pairs: 16, name: 64, value: 512 } as const;

/** How many labels fit. */
export interface Room {
  readonly pairs: number;
  /** Why it is no more, for an error. */
  readonly why: string;
}

/**
 * The labels of `--metadata name=value`, or of another flag that is repeatable as it is.
 * @throws Failure (usage) on one that is given twice, and on more than the API takes
 */
export function labels(
  pairs: readonly Pair[],
  flag = '--metadata',
  { pairs: most, why }: Room = { pairs: MOST_METADATA.pairs, why: '' },
): Record<string, string> {
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`${flag} ${twice} is given twice`);
  if (pairs.length > most) throw usageError(`${flag} is given ${pairs.length} times, and ${most} fit${why}`);
  for (const [name, value] of pairs) refuseLong(name, value, flag);
  return Object.fromEntries(pairs);
}

function refuseLong(name: string, value: string, flag: string): void {
  const [ofName, ofValue] = [[...name].length, [...value].length];
  if (ofName > MOST_METADATA.name) {
    const shown = `${[...name].slice(0, 20).join('')}…`;
    throw usageError(`${flag} ${shown}: the name has ${ofName} characters, and ${MOST_METADATA.name} fit`);
  }
  if (ofValue > MOST_METADATA.value) {
    throw usageError(`${flag} ${name}: the value has ${ofValue} characters, and ${MOST_METADATA.value} fit`);
  }
}
