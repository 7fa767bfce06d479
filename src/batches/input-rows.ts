import type { Batch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import { type LocalFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { type LinePlace, type PlacedLine, placedLines } from '../input/rows/placed-lines.ts';
import { warn } from '../output/messages.ts';
import { fetchRows } from './fetch-rows.ts';
import { RowsOnDisk } from './rows-on-disk.ts';

/** The requests of a batch: where each stands, by its `custom_id`, in their order. */
export interface InputRows {
  readonly places: ReadonlyMap<string, LinePlace>;
  readonly disk: RowsOnDisk;
}

/**
 * The requests of a batch, from the file that they came from where it is at hand and as it was, or else from the API.
 * @returns undefined where the API has deleted them
 * @throws Failure or Stopped
 */
export async function inputRowsOf(
  batch: Batch,
  local: LocalFile | undefined,
  api: Api,
  context: Context,
): Promise<InputRows | undefined> {
  return (local && (await localRows(local, context))) ?? (await remoteRows(batch, api, context));
}

type Entry = readonly [customId: string, place: LinePlace];

function entryOf({ value, place }: PlacedLine): Entry {
  return [String(value?.['custom_id']), place];
}

/** @returns undefined where it is not what was sent any more */
async function localRows(file: LocalFile, context: Context): Promise<InputRows | undefined> {
  const entries: Entry[] = [];
  try {
    for await (const line of placedLines(stampedPieces(file, context.signal), file.shown)) {
      entries.push(entryOf(line));
    }
  } catch (error) {
    if (error instanceof Failure && error.kind === 'usage') return undefined;
    throw error;
  }
  return { places: new Map(entries), disk: await RowsOnDisk.open(file.path, file.shown) };
}

async function remoteRows(
  { id, input_file_id: fileId, request_counts: counts }: Batch,
  api: Api,
  context: Context,
): Promise<InputRows | undefined> {
  const name = `the input of ${id}`;
  try {
    const wanted = { fileId, name, least: counts?.total ?? 0, entry: entryOf };
    const { entries, disk } = await fetchRows(wanted, api, context);
    return { places: new Map(entries), disk };
  } catch (error) {
    if (!(error instanceof Failure) || error.status !== 404) throw error;
    warn(context, `${name} is no more: results come in the order in which the API has them`);
    return undefined;
  }
}
