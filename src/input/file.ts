import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { trace } from '../output/messages.ts';
import { openIfFifo, readFifo } from './fifo.ts';

/** Names of stdin as a file. */
const STDIN_PATHS: readonly string[] = ['-', '/dev/stdin', '/dev/fd/0', '/proc/self/fd/0'];

/** Whether a path stands for stdin, which is read by `readStdin`. */
export function isStdinPath(path: string): boolean {
  return STDIN_PATHS.includes(path);
}

/**
 * All of a file, or of a pipe.
 * @param path as it was typed
 * @param name what errors call it
 * @throws Failure (usage) when it cannot be read; Stopped
 */
export async function fileBytes(path: string, name: string, context: Context): Promise<Uint8Array> {
  const absolute = resolve(context.cwd, path);
  try {
    const fifo = openIfFifo(absolute);
    if (fifo === undefined) return await readFile(absolute);
    trace(context, `reading ${name}, a pipe`);
    return await readFifo(fifo, context);
  } catch (error) {
    if (context.signal.aborted) throw context.signal.reason;
    throw usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
  }
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
