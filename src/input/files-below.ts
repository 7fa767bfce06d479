import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';

/** Whether a word names a folder that is there. */
export async function isFolder(word: string, { cwd }: Context): Promise<boolean> {
  if (word === '') return false;
  const there = await stat(resolve(cwd, word)).catch(() => undefined);
  return there?.isDirectory() === true;
}

/**
 * The files below a folder, by their names. Links to folders are not followed: they may lead in circles. What is hidden,
 * and what is installed by npm, is left out.
 * @throws Failure (usage) where a folder cannot be read; Stopped
 */
export async function* filesBelow(folder: string, context: Context): AsyncGenerator<string> {
  const entries = await readdir(resolve(context.cwd, folder), { withFileTypes: true }).catch(
    (error: unknown) => {
      throw usageError(`cannot read ${folder}: ${reasonOf(error)}`, undefined, error);
    },
  );
  context.signal.throwIfAborted();
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesBelow(path, context);
    else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path, context)))) yield path;
  }
}

async function isFile(path: string, { cwd }: Context): Promise<boolean> {
  const there = await stat(resolve(cwd, path)).catch(() => undefined);
  return there?.isFile() === true;
}
