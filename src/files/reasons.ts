/** Characters of a value that a reason shows. */
const SHOWN = 60;

/** A value of a row, in a reason: as JSON, and not all of a long one. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  const characters = [...text.slice(0, 2 * SHOWN)];
  return characters.length > SHOWN ? `${characters.slice(0, SHOWN - 1).join('')}…` : text;
}

/** Why a field is not what it must be: it is not there, or something else. @param must `and must be a text` */
export function missingOr(name: string, value: unknown, must: string): string {
  return value === undefined ? `${name} is missing` : `${name} is ${shown(value)}, ${must}`;
}

/** Several words: `a, b or c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
