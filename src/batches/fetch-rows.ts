import type { Api } from '../api/client.ts';
import { fileContent } from '../api/files.ts';
import { backOff } from '../api/retry.ts';
import { type Context, sleep } from '../context.ts';
import { Failure } from '../errors.ts';
import { type PlacedLine, placedLines } from '../input/rows/placed-lines.ts';
import { type Spool, spool } from '../input/spool.ts';
import { joined, warn } from '../output/messages.ts';
import { RowsOnDisk } from './rows-on-disk.ts';

/** Bytes after which what nobody needs any more is given up: lines are parsed, and only their places are kept. */
const SPARE_EACH = 16 * 1024 ** 2;

/** A file of JSON Lines that was downloaded. */
export interface FetchedRows<Entry> {
  /** One for each of its lines. */
  readonly entries: readonly Entry[];
  readonly disk: RowsOnDisk;
}

/** What is downloaded, and what is kept of each line. */
export interface RowsToFetch<Entry> {
  readonly fileId: string;
  /** What errors call it. */
  readonly name: string;
  /** Lines that it should have: with fewer it was cut. */
  readonly least: number;
  /** @throws Failure where the line is none of such a file */
  entry(line: PlacedLine): Entry;
}

/**
 * Downloads a file of JSON Lines to disk, and learns where its lines are. One that is cut on the way is asked for again,
 * as often as `--retries` allows; if it has fewer lines than it should even then, that is how it is.
 * @throws Failure or Stopped
 */
export async function fetchRows<Entry>(
  wanted: RowsToFetch<Entry>,
  api: Api,
  context: Context,
): Promise<FetchedRows<Entry>> {
  for (let tries = 1; ; tries++) {
    const isLast = tries > api.settings.retries;
    // This has retries of its own.
    const pieces = await fileContent(api, wanted.fileId, context);
    try {
      const { kept, entries } = await taken(pieces, wanted, context);
      if (entries.length >= wanted.least || isLast) {
        return { entries, disk: await RowsOnDisk.open(kept.path, wanted.name, () => kept.dispose()) };
      }
      await kept.dispose();
      const got = `${wanted.name}: ${entries.length} of ${wanted.least} lines came`;
      warn(context, `${got}; trying again (${tries} of ${api.settings.retries})`);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'network' || isLast) throw error;
      warn(context, joined(error.message, `trying again (${tries} of ${api.settings.retries})`));
    }
    if (!api.replays) await sleep(context.clock, backOff(tries + 1), context.signal);
  }
}

/** Takes a file as it comes. */
async function taken<Entry>(
  pieces: AsyncIterable<Uint8Array>,
  { name, entry }: RowsToFetch<Entry>,
  context: Context,
): Promise<{ readonly kept: Spool; readonly entries: Entry[] }> {
  const entries: Entry[] = [];
  let passed = 0;
  const kept = await spool(async (writer) => {
    const written = async function* () {
      for await (const piece of pieces) {
        await writer.write(piece);
        passed += piece.length;
        if (passed >= SPARE_EACH) {
          context.spareMemory();
          passed = 0;
        }
        yield piece;
      }
    };
    for await (const line of placedLines(written(), name)) entries.push(entry(line));
  });
  return { kept, entries };
}
