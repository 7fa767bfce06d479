import { type Failure, usageError } from '../errors.ts';

/** What ids are made of. Other words may stand for a place in a path, as `..` does. */
const ID = /^[\w:-][\w.:-]*$/;

/**
 * Looks at the ids that a user typed, before anything is asked of the API.
 * @param what one of the things that they are of: `a batch`
 * @param shows what the user can do to see those there are
 * @throws Failure (usage) where one cannot be an id
 */
export function checkIds(ids: readonly string[], what: string, shows: string): void {
  const odd = ids.find((id) => !ID.test(id));
  if (odd !== undefined) throw usageError(`${odd === '' ? "''" : odd} is not the id of ${what}`, shows);
}

/** An id as a part of a path. @throws Failure (usage) for one that would lead elsewhere */
export function pathPart(id: string): string {
  if (id === '.' || id === '..' || id === '') throw noId(id);
  return encodeURIComponent(id);
}

/** That a word is no id of anything. */
export function noId(word: string): Failure {
  return usageError(`${word === '' ? "''" : word} is no id`);
}
