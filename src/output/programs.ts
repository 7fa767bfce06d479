import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Context } from '../context.ts';

/**
 * Looks for a program in the folders of PATH, in their order.
 * @returns the path of the first that may be run; undefined where there is none
 */
export async function whereIs(program: string, env: Context['env']): Promise<string | undefined> {
  for (const folder of (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')) {
    const path = join(folder, program);
    if (await mayBeRun(path)) return path;
  }
  return undefined;
}

/** Not so a folder: what may be run of one is a look into it. */
async function mayBeRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
