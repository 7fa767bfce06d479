import { constants } from 'node:fs';
import {
  chmod,
  type FileHandle,
  link,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';

/** What a file is made of: all of it, or pieces as they come. */
export type FileData = string | Uint8Array | AsyncIterable<string | Uint8Array>;

export interface FileOptions {
  /** Permissions of a new file; without it, what the user's umask leaves of 0666. A replaced file keeps its own. */
  readonly mode?: number;
  /** Replace a file that exists. */
  readonly force?: boolean;
}

/**
 * Writes a file that appears whole under its name or not at all: it is written beside, as `NAME.part`, and then
 * renamed. Where the data ends early, what arrived stays there. A link is followed; a device or pipe is simply
 * written to.
 * @param path absolute
 * @throws Failure (usage) when the file exists, or cannot be written; whatever the data throws
 */
export async function writeFileAtomic(
  path: string,
  data: FileData,
  options: FileOptions = {},
): Promise<void> {
  const target = await throughLinks(path).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  const existing = await statOf(target);
  if (existing?.isDirectory()) throw usageError(`${path} is a directory`);
  if (existing !== undefined && !existing.isFile()) {
    await writeAll(await opened(target, constants.O_WRONLY, undefined, path), data, path);
    return;
  }
  if (existing !== undefined && options.force !== true) throw exists(path);
  const { part, handle } = await openPart(target, options.mode, path);
  try {
    await writeAll(handle, data, path);
  } catch (error) {
    throw await cut(error, part);
  }
  if (existing !== undefined && options.mode === undefined) await chmod(part, existing.mode & 0o7777);
  await putInPlace(part, target, path, options.force === true);
}

/**
 * Where a path leads once every link is followed, whether or not there is a file yet.
 * @throws a system error, such as ELOOP for links in a circle
 */
export async function throughLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  }
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  const file = join(folder, basename(path));
  const found = await lstat(file).catch(() => undefined);
  return found?.isSymbolicLink() ? throughLinks(resolve(folder, await readlink(file))) : file;
}

async function statOf(path: string) {
  try {
    return await stat(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw cannotWrite(path, error);
  }
}

function exists(path: string): Failure {
  return usageError(`${path} exists`, '--force replaces it');
}

function cannotWrite(path: string, error: unknown): Failure {
  const where = errno(error) === 'ENOENT' ? `there is no directory ${dirname(path)}` : reasonOf(error);
  return usageError(`cannot write ${path}: ${where}`, undefined, error);
}

async function opened(
  file: string,
  flags: number,
  mode: number | undefined,
  path: string,
): Promise<FileHandle> {
  try {
    return await open(file, flags, mode);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** A new `NAME.part`, or `NAME.2.part` and so on where an earlier one is left or another run is writing. */
async function openPart(target: string, mode: number | undefined, path: string) {
  for (let number = 1; ; number++) {
    const part = number === 1 ? `${target}.part` : `${target}.${number}.part`;
    try {
      return { part, handle: await open(part, 'wx', mode) };
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw cannotWrite(path, error);
    }
  }
}

async function writeAll(handle: FileHandle, data: FileData, path: string): Promise<void> {
  try {
    const pieces = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
    for await (const piece of pieces) {
      await handle.writeFile(piece).catch((error: unknown) => {
        throw new Failure('incomplete', `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
      });
    }
  } finally {
    await handle.close();
  }
}

/** The error that ended a file early, with word of what is left of it. An empty file is not left. */
async function cut(error: unknown, part: string): Promise<unknown> {
  const { size } = await stat(part);
  if (size === 0) {
    await rm(part);
    return error;
  }
  if (!(error instanceof Failure)) return error;
  const kept = `what arrived is in ${part}`;
  return new Failure(error.kind, error.hint === undefined ? error.message : `${error.message} (${kept})`, {
    hint: error.hint ?? kept,
    code: error.code,
    status: error.status,
    requestId: error.requestId,
    cause: error.cause,
  });
}

/** Gives the finished part its name. A file that has come there meanwhile is not replaced unless forced. */
async function putInPlace(part: string, target: string, path: string, force: boolean): Promise<void> {
  try {
    if (force) {
      await rename(part, target);
      return;
    }
    await link(part, target);
  } catch (error) {
    if (errno(error) === 'EEXIST') {
      await rm(part);
      throw exists(path);
    }
    // Some file systems (FAT, some of the network) have no links: nothing there tells a newcomer apart.
    if (force || !['EPERM', 'ENOTSUP', 'ENOSYS', 'EMLINK'].includes(errno(error) ?? ''))
      throw cannotWrite(path, error);
    await rename(part, target);
    return;
  }
  await rm(part);
}
