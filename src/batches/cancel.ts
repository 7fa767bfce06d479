import { type Batch, cancelBatch, hasEndedBatch, readBatch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { warn } from '../output/messages.ts';

/**
 * Ends a batch early; one that is cancelled already stays so.
 * @throws Failure: of kind `refused` where it has ended by itself; Stopped
 */
export async function endEarly(id: string, api: Api, context: Context): Promise<Batch> {
  const batch = await cancelled(id, api);
  warn(context, `what is done by then is kept: oai batch results ${id} --wait`);
  return batch;
}

async function cancelled(id: string, api: Api): Promise<Batch> {
  try {
    return await cancelBatch(api, id);
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 409) throw error;
    const found = await readBatch(api, id);
    if (found.status === 'cancelled' || found.status === 'cancelling') return found;
    throw hasEndedBatch(found) ? ended(found) : error;
  }
}

function ended({ id, status }: Batch): Failure {
  return new Failure('refused', `${id} cannot be cancelled: it has ended (${status})`, {
    hint: `oai batch results ${id} has what it brought`,
    code: status,
  });
}
