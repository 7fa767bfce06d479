import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { writeJsonLine } from './json.ts';
import { say } from './messages.ts';

/**
 * Deletes things by their ids, and writes the id of each that is gone, or with `json` the API's own answer. One that is
 * not there does not keep the others.
 * @param ids none twice
 * @param remove gives the API's answer
 * @throws Failure: of kind `partial` where some were not there; what `remove` throws otherwise
 */
export async function deleteEach(
  ids: readonly string[],
  remove: (id: string) => Promise<unknown>,
  json: boolean,
  context: Context,
): Promise<void> {
  let failed = 0;
  for (const id of ids) {
    try {
      const deleted = await remove(id);
      if (json) await writeJsonLine(context.stdout, deleted);
      else await context.stdout.write(`${id}\n`);
    } catch (error) {
      // The others may be there.
      if (ids.length === 1 || !(error instanceof Failure) || error.status !== 404) throw error;
      failed += 1;
      say(context, error.hint === undefined ? error.message : `${error.message} (${error.hint})`);
    }
  }
  if (failed === 0) return;
  const kind = failed === ids.length ? 'refused' : 'partial';
  throw new Failure(kind, `${failed} of ${ids.length} could not be deleted`);
}
