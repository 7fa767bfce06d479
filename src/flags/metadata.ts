import { usageError } from '../errors.ts';

/**
 * The labels of `--metadata name=value`, or of another flag that is repeatable as it is.
 * @throws Failure (usage) on one that is given twice
 */
export function labels(
  pairs: readonly (readonly [name: string, value: string])[],
  flag = '--metadata',
): Record<string, string> {
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`${flag} ${twice} is given twice`);
  return Object.fromEntries(pairs);
}
