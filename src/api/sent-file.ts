import type { Uploadable } from 'openai/core/uploads';
import { Failure } from '../errors.ts';
import type { Api } from './client.ts';
import type { StreamedUpload } from './uploads.ts';

/**
 * Sends a try of a request with a file of its own. Where the file cannot be read to its end, that is what is thrown,
 * whatever becomes of the connection. In a dry run the file is named, and not read.
 */
export async function sentFile<T>(
  upload: StreamedUpload,
  api: Api,
  send: (file: Uploadable) => Promise<T>,
): Promise<T> {
  let broken: unknown;
  const open = async function* () {
    try {
      yield* upload.open();
    } catch (error) {
      broken = error;
      throw error;
    }
  };
  const file = api.dryRun
    ? api.uploads.add(new Uint8Array(), upload.name, upload.type, upload.source)
    : api.uploads.stream({ ...upload, open });
  try {
    return await send(file);
  } catch (error) {
    throw broken instanceof Failure ? broken : error;
  }
}
