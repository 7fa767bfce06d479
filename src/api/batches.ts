import type { OpenAI } from 'openai';
import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import type { Api } from './client.ts';
import { Exchange } from './exchange.ts';
import { notAnAnswer } from './stream.ts';
import type { StreamedUpload } from './uploads.ts';

export type Batch = OpenAI.Batch;
export type BatchEndpoint = OpenAI.BatchCreateParams['endpoint'];

/** States in which a batch stays. */
const ENDED: readonly string[] = ['completed', 'failed', 'expired', 'cancelled'];

export function hasEndedBatch({ status }: Batch): boolean {
  return ENDED.includes(status);
}

/** Uploads the requests of a batch, and has it begin. @throws Failure or Stopped */
export async function beginBatch(
  api: Api,
  requests: StreamedUpload,
  endpoint: BatchEndpoint,
): Promise<Batch> {
  const file = await api.each((own) =>
    own.call((client, options) =>
      client.files.create({ file: own.uploads.stream(requests), purpose: 'batch' }, options),
    ),
  );
  return api.each((own) =>
    own.call(async (client, options) => {
      const body = { input_file_id: file.id, endpoint, completion_window: '24h' as const };
      return checked(await client.batches.create(body, options), own);
    }),
  );
}

/** How far a batch is. @throws Failure or Stopped */
export function readBatch(api: Api, id: string): Promise<Batch> {
  return api.call(async (client, options) => checked(await client.batches.retrieve(id, options), api));
}

function checked(batch: unknown, api: Api): Batch {
  const isBatch = isObject(batch) && typeof batch['id'] === 'string' && typeof batch['status'] === 'string';
  if (!isBatch) throw notAnAnswer(api, 'a batch');
  return batch as unknown as Batch;
}

/** The lines of a file of results, each read as JSON, as they come. @throws Failure or Stopped */
export async function* readResults(api: Api, fileId: string, context: Context): AsyncGenerator<unknown> {
  const exchange = new Exchange('the results', api.settings.stallTimeout, context.clock, api.signal);
  const response = await api.each((own) =>
    own.call((client) => exchange.open((signal) => client.files.content(fileId, { signal }).asResponse())),
  );
  if (response.body === null) throw notAnAnswer(api, 'a file');
  let rest = '';
  const decoder = new TextDecoder();
  try {
    for await (const piece of exchange.pieces(response.body)) {
      const lines = (rest + decoder.decode(piece, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') yield JSON.parse(line);
    }
  } catch (error) {
    throw api.failure(error);
  }
  if (rest.trim() !== '') yield JSON.parse(rest);
}
