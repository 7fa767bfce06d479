import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import { trace } from '../output/messages.ts';
import { fifoPieces, openIfFifo } from './fifo.ts';

/** Names of stdin as a file. */
const STDIN_PATHS: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/** Whether a path stands for stdin, which is read by `readStdin`. */
export function isStdinPath(path: string): boolean {
  return STDIN_PATHS.includes(path);
}

/** The most bytes to read, and what to say where there are more. */
export interface ReadLimit {
  readonly bytes: number;
  /** @param size bytes, as far as they were read */
  tooLarge(size: number): Failure;
}

/**
 * All of a file, of a pipe, or of a device.
 * @param path as it was typed
 * @param name what errors call it
 * @throws Failure (usage) when it cannot be read, or there is more than the limit; Stopped
 */
export async function fileBytes(
  path: string,
  name: string,
  context: Context,
  limit?: ReadLimit,
): Promise<Uint8Array> {
  const absolute = resolve(context.cwd, path);
  try {
    const fifo = openIfFifo(absolute);
    if (fifo !== undefined) {
      trace(context, `reading ${name}, a pipe`);
      return await gather(fifoPieces(fifo, context), limit);
    }
    if (limit === undefined) return await readFile(absolute);
    return await gather(createReadStream(absolute), limit);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    if (error instanceof Failure) throw error;
    throw usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
  }
}

/** All pieces as one. @throws Failure where there are more bytes than the limit */
export async function gather(
  pieces: AsyncIterable<Uint8Array>,
  limit: ReadLimit | undefined,
): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (limit !== undefined && size > limit.bytes) throw limit.tooLarge(size);
    all.push(piece);
  }
  return Buffer.concat(all);
}

/** Whether a word names a file to be fetched. */
export function isUrl(word: string): boolean {
  return /^https?:\/\/\S+$/i.test(word);
}

/** How many bytes a file has; undefined where it is none, or not there. */
export async function fileSize(path: string, { cwd }: Context): Promise<number | undefined> {
  try {
    const found = await stat(resolve(cwd, path));
    return found.isFile() ? found.size : undefined;
  } catch {
    return undefined;
  }
}
