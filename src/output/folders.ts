import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errno, reasonOf, usageError } from '../errors.ts';

/**
 * Makes a folder and those above it that are missing, one at a time: where the system answers ENOENT to whatever is
 * asked for (below /proc), Node's own recursive `mkdir` tries for ever.
 * @param path absolute
 * @param mode permissions of the new ones
 * @throws a system error; ENOTDIR where something else has the name
 */
export async function makeFolders(path: string, mode: number): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolders(above, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
    // Another run may have made it meanwhile.
    if (!(await isFolder(path))) throw noDirectory(path);
  }
}

/** Makes the folder that a user named for what is to be written. @param path absolute @throws Failure (usage) */
export async function makeOutputFolder(path: string): Promise<void> {
  await makeFolders(path, 0o777).catch((error: unknown) => {
    throw usageError(`cannot make the directory ${path}: ${reasonOf(error)}`, undefined, error);
  });
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errno(error) === 'ENOENT') return false;
    throw error;
  }
}

/** The same at once, for what is written where nothing can be awaited. */
export function makeFoldersAtOnce(path: string, mode: number): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  const above = dirname(path);
  if (above !== path) makeFoldersAtOnce(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (errno(error) !== 'EEXIST') throw error;
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw noDirectory(path);
  }
}

function noDirectory(path: string): Error {
  return Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' });
}
