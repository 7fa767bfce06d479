import { isObject } from '../json.ts';

/** Labels as a cell of a table shows them: `name=value other=value`; null where there are none. */
export function labelsText(labels: Readonly<Record<string, string>> | null | undefined): string | null {
  const pairs = Object.entries(isObject(labels) ? labels : {}).map((label) => label.join('='));
  return pairs.join(' ') || null;
}
