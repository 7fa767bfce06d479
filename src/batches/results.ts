import { type Batch, noResult } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import type { LocalFile } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import type { LinePlace, PlacedLine } from '../input/rows/placed-lines.ts';
import { startWaiting } from '../output/progress.ts';
import { fetchRows } from './fetch-rows.ts';
import { type InputRows, inputRowsOf } from './input-rows.ts';
import { missingLine, outcomeOf, type RowOutcome, Tally } from './outcome.ts';
import type { RowsOnDisk } from './rows-on-disk.ts';

/** Which lines are wanted: all results, those of rows that failed, or the requests of those. */
export type WantedLines = 'results' | 'errors' | 'failed input';

/** The result of a row, on disk. */
interface Found {
  readonly disk: RowsOnDisk;
  readonly place: LinePlace;
  readonly outcome: RowOutcome;
}

/** Bytes of lines that are given together. */
const PIECE_BYTES = 128 * 1024;

/** The results of a batch, rejoined with its rows by `custom_id`: answers and errors, in the order of the input. */
export class BatchResults {
  readonly tally = new Tally();
  readonly #found: ReadonlyMap<string, Found>;
  readonly #input: InputRows | undefined;
  readonly #disks: readonly RowsOnDisk[];

  private constructor(
    found: ReadonlyMap<string, Found>,
    input: InputRows | undefined,
    disks: readonly RowsOnDisk[],
  ) {
    this.#found = found;
    this.#input = input;
    this.#disks = disks;
    for (const id of this.#ids()) this.tally.add(id, this.#outcomeOf(id));
  }

  /**
   * Downloads what a batch that has ended has brought: its file of answers and its file of errors.
   * @param local the input, where it is at hand
   * @throws Failure or Stopped
   */
  static async fetch(
    batch: Batch,
    local: LocalFile | undefined,
    api: Api,
    context: Context,
  ): Promise<BatchResults> {
    const disks: RowsOnDisk[] = [];
    const waiting = startWaiting(context, `fetching the results of ${batch.id}`, { elapsed: true });
    try {
      const found = new Map<string, Found>();
      for (const file of filesOf(batch)) {
        const { entries, disk } = await fetchRows({ ...file, entry: entryIn(file.name) }, api, context);
        disks.push(disk);
        for (const { customId, ...rest } of entries) found.set(customId, { disk, ...rest });
      }
      const input = await inputRowsOf(batch, local, api, context);
      if (input !== undefined) disks.push(input.disk);
      return new BatchResults(found, input, disks);
    } catch (error) {
      for (const disk of disks) await disk.close();
      throw error;
    } finally {
      waiting.stop();
    }
  }

  /** Results of rows that the input does not have. */
  get strays(): number {
    const { places } = this.#input ?? {};
    return places === undefined ? 0 : [...this.#found.keys()].filter((id) => !places.has(id)).length;
  }

  /** The requests are at hand. */
  get hasInput(): boolean {
    return this.#input !== undefined;
  }

  /** Whole lines with their line breaks, many at once: one by one they take three times as long. @throws the signal's reason */
  async *lines(wanted: WantedLines, signal: AbortSignal): AsyncGenerator<Buffer> {
    let [held, size]: [Buffer[], number] = [[], 0];
    for (const id of this.#ids()) {
      signal.throwIfAborted();
      if (wanted !== 'results' && this.#outcomeOf(id).fate === 'done') continue;
      const line = wanted === 'failed input' ? await this.#requestOf(id) : await this.#resultOf(id);
      if (line === undefined) continue;
      held.push(line);
      size += line.length;
      if (size < PIECE_BYTES) continue;
      yield Buffer.concat(held);
      [held, size] = [[], 0];
    }
    if (size > 0) yield Buffer.concat(held);
  }

  async close(): Promise<void> {
    for (const disk of this.#disks) await disk.close();
  }

  /** Those of the input, in its order, and then those that it does not have. */
  *#ids(): Generator<string> {
    const { places } = this.#input ?? {};
    if (places !== undefined) yield* places.keys();
    for (const id of this.#found.keys()) if (places?.has(id) !== true) yield id;
  }

  #outcomeOf(id: string): RowOutcome {
    return this.#found.get(id)?.outcome ?? { fate: 'missing' };
  }

  async #resultOf(id: string): Promise<Buffer> {
    const found = this.#found.get(id);
    return found === undefined ? Buffer.from(`${missingLine(id)}\n`) : found.disk.line(found.place);
  }

  async #requestOf(id: string): Promise<Buffer | undefined> {
    const place = this.#input?.places.get(id);
    return place === undefined ? undefined : this.#input?.disk.line(place);
  }
}

/** The files of results that a batch has, with how many lines each should have. */
function filesOf({ id, output_file_id: output, error_file_id: errors, request_counts: counts }: Batch) {
  return [
    { fileId: output, name: `the results of ${id}`, least: counts?.completed ?? 0 },
    { fileId: errors, name: `the errors of ${id}`, least: counts?.failed ?? 0 },
  ].flatMap(({ fileId, ...file }) =>
    typeof fileId === 'string' && fileId !== '' ? [{ fileId, ...file }] : [],
  );
}

function entryIn(name: string) {
  return ({ number, value, place }: PlacedLine) => {
    const customId = value?.['custom_id'];
    if (value === undefined || typeof customId !== 'string') {
      throw noResult(number, name);
    }
    return { customId, place, outcome: outcomeOf(value) };
  };
}
