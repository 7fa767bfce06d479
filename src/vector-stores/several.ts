import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { say } from '../output/messages.ts';

/**
 * Does something with each of several things that were named; one that is not there does not keep the others from it.
 * @param done what is done, for the error: `deleted`
 * @throws Failure: that of the one, or (refused) of all, or (partial) of some; whatever else the work throws
 */
export async function eachOf<T>(
  words: readonly T[],
  done: string,
  context: Context,
  work: (word: T) => Promise<void>,
): Promise<void> {
  let failed = 0;
  for (const word of words) {
    try {
      await work(word);
    } catch (error) {
      const isItsOwn = error instanceof Failure && (error.kind === 'refused' || error.kind === 'usage');
      if (words.length === 1 || !isItsOwn) throw error;
      failed += 1;
      say(context, error.message);
    }
  }
  if (failed === 0) return;
  const kind = failed === words.length ? 'refused' : 'partial';
  throw new Failure(kind, `${failed} of ${words.length} could not be ${done}`);
}
