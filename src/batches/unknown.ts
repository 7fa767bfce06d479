import { type Batch, listBatches } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { Failure } from '../errors.ts';
import { didYouMean } from '../settings/nearest.ts';

/** Of your batches, so many of the newest are looked through for one that you may mean. */
const LOOKED_AT = 300;

/**
 * Does something with a batch. Where the API does not know it, the error names the one of yours that is nearest.
 * @throws Failure or Stopped
 */
export async function withBatch<T>(id: string, api: Api, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && error.status === 404) throw await unknownBatch(id, error, api);
    throw error;
  }
}

async function unknownBatch(id: string, failure: Failure, api: Api): Promise<Failure> {
  const ids = await idsOf(api);
  // A server that has no list of batches has other reasons not to know one.
  if (ids === undefined) return failure;
  const { status, code, requestId, cause } = failure;
  const near = didYouMean(id, ids);
  const forgets = api.settings.sandbox && ids.length === 0;
  const hint = forgets
    ? 'the sandbox of one command forgets with its end: `oai sandbox` remembers while it runs'
    : '`oai batch list` shows yours';
  return new Failure('refused', `there is no batch ${id}${near}`, { hint, status, code, requestId, cause });
}

/** The ids of your newest batches; undefined where the API does not tell. */
async function idsOf(api: Api): Promise<string[] | undefined> {
  const ids: string[] = [];
  try {
    for await (const page of listBatches(api, { limit: LOOKED_AT }))
      ids.push(...page.map(({ id }: Batch) => id));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
  return ids;
}
