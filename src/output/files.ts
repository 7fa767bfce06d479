import { constants } from 'node:fs';
import { type FileHandle, lstat, open, rm } from 'node:fs/promises';
import { errno, usageError } from '../errors.ts';
import {
  begin,
  cut,
  type FileData,
  linkOrRename,
  openPart,
  type Patch,
  putInPlace,
  writeAll,
} from './part-file.ts';
import { Pipe } from './pipe.ts';
import { cannotWrite, exists, statOf, throughLinks } from './writable.ts';

export interface FileOptions {
  /** Permissions of a new file; without it, what the user's umask leaves of 0666. A replaced file keeps its own. */
  readonly mode?: number;
  /** Replace a file that exists. */
  readonly force?: boolean;
  /**
   * Told where an unfinished file stays when the error that cut it cannot say so: a `Stopped`, for one. The caller may
   * say it.
   */
  readonly onKept?: (part: string) => void;
  /** It cannot be had again: where another file has its name by now, it is written all the same, and stays beside. */
  readonly precious?: boolean;
  /** Ends the wait for the reader of a pipe, and for one who does not read, with its reason. */
  readonly signal?: AbortSignal;
  /** What to write over the start of a whole file, once its data has ended: a header that tells its length, for one. */
  readonly patch?: Patch;
}

/**
 * Writes a file that appears whole under its name or not at all: it is written beside, as `NAME.part`, and then
 * renamed. Where the data ends early, what arrived stays there; so does a whole file that cannot get its name. A link
 * is followed. A device or a pipe is written to as it is and never replaced: opening a pipe waits for its reader.
 * @param path absolute
 * @throws Failure (usage) when the file exists, or cannot be written; whatever the data throws
 */
export async function writeFileAtomic(
  path: string,
  data: FileData,
  options: FileOptions = {},
): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw usageError(`${path} is a directory`);
  if (existing !== undefined && !existing.isFile()) {
    // By the name that was given: that of a pipe behind /dev/stdout or `>(…)` is no path.
    const sink = existing.isFIFO()
      ? await openedPipe(path, options.signal)
      : await opened(path, constants.O_WRONLY, path);
    await writeAll(sink, data, path, undefined);
    return;
  }
  if (existing !== undefined && options.force !== true && options.precious !== true) throw exists(path);
  const target = await throughLinks(path).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  const begun = await begin(data);
  const { part, handle } = await openPart(target, options.mode, path).catch(begun.leave);
  try {
    await writeAll(handle, begun.data, path, options.patch);
  } catch (error) {
    throw await cut(error, part, options.onKept);
  }
  const mode = existing !== undefined && options.mode === undefined ? existing.mode & 0o7777 : undefined;
  await putInPlace({ part, target, path, mode, force: options.force === true });
}

/**
 * Writes a new file under the first of these names that is free, whole or not at all. Two runs that want the same name
 * at the same time get two names.
 * @param paths absolute; without an end
 * @returns the path that it got
 * @throws Failure (usage) when it cannot be written; whatever the data throws
 */
export async function writeNewFile(
  paths: Iterable<string>,
  data: FileData,
  { mode, onKept, patch }: Omit<FileOptions, 'force'> = {},
): Promise<string> {
  const free = freePaths(paths);
  let path = (await free.next()).value;
  const begun = await begin(data);
  const { part, handle } = await openPart(path, mode, path).catch(begun.leave);
  try {
    await writeAll(handle, begun.data, path, patch);
  } catch (error) {
    throw await cut(error, part, onKept);
  }
  for (;;) {
    try {
      await linkOrRename({ part, target: path });
      await rm(part, { force: true }).catch(() => {});
      return path;
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw cannotWrite(path, error, `what was made is in ${part}`);
      path = (await free.next()).value;
    }
  }
}

/** Those of the paths under which there is nothing, each as it was when it was looked at. */
async function* freePaths(paths: Iterable<string>): AsyncGenerator<string, never> {
  for (const path of paths) {
    try {
      await lstat(path);
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw cannotWrite(path, error);
      yield path;
    }
  }
  throw new Error('no name is left');
}

async function opened(file: string, flags: number, path: string): Promise<FileHandle> {
  try {
    return await open(file, flags);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** @throws Failure (usage); the signal's reason */
async function openedPipe(path: string, signal: AbortSignal | undefined): Promise<Pipe> {
  return Pipe.open(path, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw cannotWrite(path, error);
  });
}
