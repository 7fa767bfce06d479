import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { writeJsonLine } from './json.ts';
import { say } from './messages.ts';

/**
 * Does something with each of several things that were named; one that is not there, or is refused, does not keep the
 * others from it.
 * @param words none twice
 * @param done what is done, for the error: `deleted`
 * @throws Failure: that of the one; of all, of the kind of the first; of kind `partial` of some; whatever else the work
 *   throws
 */
export async function eachOf<T>(
  words: readonly T[],
  done: string,
  context: Context,
  work: (word: T) => Promise<void>,
): Promise<void> {
  const failures: Failure[] = [];
  for (const word of words) {
    try {
      await work(word);
    } catch (error) {
      const isItsOwn = error instanceof Failure && (error.kind === 'refused' || error.kind === 'usage');
      if (words.length === 1 || !isItsOwn) throw error;
      failures.push(error);
      say(context, error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const kind = failures.length === words.length ? first.kind : 'partial';
  throw new Failure(kind, `${failures.length} of ${words.length} could not be ${done}`);
}

/**
 * Deletes things by their ids, and writes the id of each that is gone, or with `json` the API's own answer.
 * @param ids none twice
 * @param remove gives the API's answer
 * @throws as `eachOf`
 */
export function deleteEach(
  ids: readonly string[],
  remove: (id: string) => Promise<unknown>,
  json: boolean,
  context: Context,
): Promise<void> {
  return eachOf(ids, 'deleted', context, async (id) => {
    const deleted = await remove(id);
    if (json) await writeJsonLine(context.stdout, deleted);
    else await context.stdout.write(`${id}\n`);
  });
}
