import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Context } from '../context.ts';

/** What the API calls files. */
const FILE_ID = /^file-[\w-]+$/;

/** Whether a word has the form of the id of a file. */
export function isFileId(word: string): boolean {
  return FILE_ID.test(word);
}

/** Whether a word names a file that the API has: one here that is called so comes first. */
export async function namesUploaded(word: string, { cwd }: Pick<Context, 'cwd'>): Promise<boolean> {
  if (!isFileId(word)) return false;
  return (await stat(resolve(cwd, word)).catch(() => undefined)) === undefined;
}
