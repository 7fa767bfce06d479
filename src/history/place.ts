import { join } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { dataFolder, shortPath } from '../settings/paths.ts';

/** Where conversations are kept. Paths are absolute. */
export interface HistoryPlace {
  readonly folder: string;
  readonly database: string;
  /** The database as people write it. */
  readonly name: string;
  /** The folder of what was attached. */
  readonly attachments: string;
}

/** @returns undefined where there is no home */
export function historyPlace(context: Context): HistoryPlace | undefined {
  const folder = dataFolder(context);
  if (folder === undefined) return undefined;
  const database = join(folder, 'history.db');
  return {
    folder,
    database,
    name: shortPath(database, context.home),
    attachments: join(folder, 'attachments'),
  };
}

/** The same, where it is needed. @throws Failure (usage) where there is no home */
export function neededPlace(context: Context): HistoryPlace {
  const place = historyPlace(context);
  if (place === undefined) {
    throw usageError('there is no home directory to keep history in', 'export OAI_HOME=/a/folder');
  }
  return place;
}
