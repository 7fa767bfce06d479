import { listBatches } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { withKnownId } from '../api/unknown-id.ts';

/**
 * Does something with a batch. Where the API does not know it, the error names the one of yours that is nearest.
 * @throws Failure or Stopped
 */
export function withBatch<T>(id: string, api: Api, work: () => Promise<T>): Promise<T> {
  const batches = {
    what: 'batch',
    list: (limit: number) => listBatches(api, { limit }),
    shows: 'oai batch list',
  };
  return withKnownId(id, batches, api, work);
}
