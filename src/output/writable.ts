import { constants, existsSync, type Stats } from 'node:fs';
import { access, lstat, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';

/**
 * Looks whether a file could be written: before what is to be in it is paid for.
 * @param path absolute; folders above it may be missing
 * @throws Failure (usage) as `writeFileAtomic` and `makeFolders` would
 */
export async function checkWritable(
  path: string,
  { force }: { readonly force?: boolean } = {},
): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw usageError(`${path} is a directory`);
  if (existing?.isFile() && force !== true) throw exists(path);
  try {
    // A pipe or a device is written to as it is.
    if (existing !== undefined && !existing.isFile()) return await access(path, constants.W_OK);
    const target = await throughLinks(path);
    // Folders are made on the way to what was named, and not to where a link leads.
    if (dirname(target) !== dirname(path) && existsSync(dirname(path))) await stat(dirname(target));
    await checkFolder(dirname(target), path);
  } catch (error) {
    throw error instanceof Failure ? error : cannotWrite(path, error);
  }
}

/**
 * Looks whether a folder is there or could be made, and written into.
 * @param path absolute
 * @param named what the error names: what is to be in the folder, or the folder itself
 * @throws Failure (usage)
 */
export async function checkFolder(path: string, named = path): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) {
      throw Object.assign(new Error(`${path} is no directory`), { code: 'ENOTDIR' });
    }
    await access(path, constants.W_OK);
  } catch (error) {
    const above = dirname(path);
    if (errno(error) !== 'ENOENT' || above === path) throw cannotWrite(named, error);
    await checkFolder(above, named);
  }
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

/** @returns undefined where there is nothing. @throws Failure (usage) */
export async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw cannotWrite(path, error);
  }
}

/** The refusal to replace a file. */
export function exists(path: string): Failure {
  return usageError(`${path} exists`, '--force replaces it');
}

/** A system error of a path that was to be written, in words. */
export function cannotWrite(path: string, error: unknown, hint?: string): Failure {
  const lacksFolder = errno(error) === 'ENOENT' && !existsSync(dirname(path));
  const isRefused = errno(error) === 'ENOENT' && !lacksFolder;
  const where = lacksFolder
    ? `there is no directory ${dirname(path)}`
    : isRefused
      ? 'no file can be made there'
      : reasonOf(error);
  return usageError(`cannot write ${path}: ${where}`, hint, error);
}
