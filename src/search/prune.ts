import { stat } from 'node:fs/promises';
import { errno } from '../errors.ts';
import type { ListedText } from './index-store.ts';
import type { OpenIndex } from './open-index.ts';
import type { Report } from './report.ts';

/** Takes the files out of an index that are there no more. @throws Failure (usage) */
export async function prune({ store, paths }: OpenIndex, report: Report): Promise<void> {
  const gone: ListedText[] = [];
  for (const text of store.list()) {
    if (text.source === 'file' && (await isGone(paths.absolute(text.path)))) gone.push(text);
  }
  store.remove(gone.map(({ id }) => id));
  for (const text of gone) {
    report.tell({ state: 'removed', path: paths.shown(text), chunks: text.chunks, embedded: 0 });
  }
}

/** What cannot be looked at may be there. */
async function isGone(path: string): Promise<boolean> {
  try {
    await stat(path);
    return false;
  } catch (error) {
    return errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR';
  }
}
