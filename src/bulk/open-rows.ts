import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import type { RowFormat } from '../flags/bulk.ts';
import { fifoPieces, openIfFifo } from '../input/fifo.ts';
import { isStdinPath } from '../input/file.ts';
import { readRows } from '../input/rows/read-rows.ts';
import type { BadRow, Row } from '../input/rows/row.ts';
import { isPiped, stdinPieces } from '../input/stdin.ts';

/** The rows of a job. */
export interface RowSource {
  readonly rows: AsyncGenerator<Row | BadRow, { readonly blank: number }>;
  /** How much of them has been read, from 0 to 1; undefined where their size is not known. */
  share(): number | undefined;
}

/**
 * Opens the rows: a file, or what is piped in.
 * @param input as it was typed; undefined is stdin
 * @param idField the field of a row that is its id
 * @throws Failure (usage) where there are none
 */
export async function openRows(
  format: RowFormat,
  { input, idField }: { readonly input: string | undefined; readonly idField: string | undefined },
  context: Context,
): Promise<RowSource> {
  const rowsOf = (bytes: AsyncIterable<Uint8Array>, name: string) =>
    readRows(bytes, { format, name, ...(idField !== undefined && { idField }) });
  if (input === undefined || isStdinPath(input)) {
    if (input === undefined && !isPiped(context)) {
      throw usageError('no rows', 'pipe them in, or name a file with --input');
    }
    return { rows: rowsOf(stdinPieces(context, 'the rows'), 'stdin'), share: () => undefined };
  }
  const path = resolve(context.cwd, input);
  const cannotRead = (error: unknown) => {
    throw usageError(`cannot read ${input}: ${reasonOf(error)}`, undefined, error);
  };
  const found = await stat(path).catch(cannotRead);
  if (found.isDirectory()) throw usageError(`${input} is a directory`);
  const fifo = found.isFile() ? undefined : openIfFifo(path);
  if (fifo !== undefined) return { rows: rowsOf(fifoPieces(fifo, context), input), share: () => undefined };
  let read = 0;
  const pieces = async function* () {
    try {
      for await (const piece of createReadStream(path) as AsyncIterable<Uint8Array>) {
        read += piece.length;
        yield piece;
      }
    } catch (error) {
      cannotRead(error);
    }
  };
  return { rows: rowsOf(pieces(), input), share: () => (found.size > 0 ? read / found.size : undefined) };
}
