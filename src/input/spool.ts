import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import { trace } from '../output/messages.ts';
import { temporaryFolder } from '../output/temporary.ts';
import { fifoPieces, openIfFifo } from './fifo.ts';
import type { ReadLimit } from './file.ts';

/** A file of this run alone, for what can be read only once and is to be read several times. */
export interface Spool {
  /** Absolute. */
  readonly path: string;
  /** Deletes it; a second time does nothing. */
  dispose(): Promise<void>;
}

/** Takes the bytes that go into a spool. */
export interface SpoolWriter {
  /** What was written so far is not wanted. */
  restart(): Promise<void>;
  write(piece: Uint8Array): Promise<void>;
}

/**
 * Makes a file in the folder for temporary ones, which only this user may read, and fills it.
 * @param fill what it throws is thrown, and the file is deleted
 * @throws Failure (usage) where it cannot be written
 */
export async function spool(fill: (writer: SpoolWriter) => Promise<void>): Promise<Spool> {
  const folder = await temporaryFolder();
  const dispose = () => folder.dispose();
  const path = join(folder.path, 'input');
  try {
    const handle = await open(path, 'wx', 0o600).catch(cannotSpool);
    try {
      await fill(writerOf(handle));
    } finally {
      await handle.close();
    }
  } catch (error) {
    await dispose();
    throw error;
  }
  return { path, dispose };
}

function cannotSpool(error: unknown): never {
  throw usageError(
    `cannot write a temporary file in ${tmpdir()}: ${reasonOf(error)}`,
    'TMPDIR=… names another folder',
    error,
  );
}

function writerOf(handle: FileHandle): SpoolWriter {
  let at = 0;
  return {
    async restart() {
      await handle.truncate(0).catch(cannotSpool);
      at = 0;
    },
    async write(piece) {
      for (let done = 0; done < piece.length; ) {
        const { bytesWritten } = await handle.write(piece, done, piece.length - done, at).catch(cannotSpool);
        done += bytesWritten;
        at += bytesWritten;
      }
    },
  };
}

/** Spools what comes. @throws Failure where there is more than the limit; what `spool` and the pieces throw */
export function spoolPieces(pieces: AsyncIterable<Uint8Array>, limit: ReadLimit): Promise<Spool> {
  return spool(async (writer) => {
    let size = 0;
    for await (const piece of pieces) {
      size += piece.length;
      if (size > limit.bytes) throw limit.tooLarge(size);
      await writer.write(piece);
    }
  });
}

/**
 * Spools what is no plain file: a pipe, or a device.
 * @param path as it was typed, which is also what errors call it
 * @throws Failure (usage) when it cannot be read; Stopped
 */
export async function spoolFile(path: string, limit: ReadLimit, context: Context): Promise<Spool> {
  const absolute = resolve(context.cwd, path);
  try {
    const fifo = openIfFifo(absolute);
    trace(context, `reading ${path}`);
    const pieces =
      fifo === undefined ? createReadStream(absolute, { signal: context.signal }) : fifoPieces(fifo, context);
    return await spoolPieces(pieces, limit);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    if (error instanceof Failure) throw error;
    throw usageError(`cannot read ${path}: ${reasonOf(error)}`, undefined, error);
  }
}
