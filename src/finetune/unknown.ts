import type { Api } from '../api/client.ts';
import { listFineTunes } from '../api/fine-tunes.ts';
import { withKnownId } from '../api/unknown-id.ts';

/**
 * Does something with a fine-tuning job. Where the API does not know it, the error names the one of yours that is
 * nearest.
 * @throws Failure or Stopped
 */
export function withFineTune<T>(id: string, api: Api, work: () => Promise<T>): Promise<T> {
  const jobs = {
    what: 'fine-tuning job',
    list: (limit: number) => listFineTunes(api, { limit }),
    shows: 'oai finetune list',
  };
  return withKnownId(id, jobs, api, work);
}
