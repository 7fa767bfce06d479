import { existsSync } from 'node:fs';
import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf } from '../errors.ts';
import { countConversations } from '../history/conversations.ts';
import { historyPlace } from '../history/place.ts';
import { withHistory } from '../history/reading.ts';
import { cacheFolder, configPath, dataFolder, shortPath } from '../settings/paths.ts';
import type { Settings } from '../settings/settings.ts';
import { broken, type Finding, ok, skipped, warning } from './finding.ts';

const ADVICE = 'make it yours (chown, chmod), or export OAI_HOME=/a/folder of your own';

/** Whether what is kept has a place: settings, conversations, what can be made again. */
export async function examineStorage(context: Context): Promise<Finding[]> {
  const config = configPath(context);
  const folders = {
    config: config === undefined ? undefined : dirname(config),
    data: dataFolder(context),
    cache: cacheFolder(context),
  };
  if (Object.values(folders).includes(undefined)) {
    return [warning('storage', 'there is no home: nothing is kept', 'export HOME, or OAI_HOME=/a/folder')];
  }
  const found = await Promise.all(
    Object.values(folders).map(async (folder = '') => [folder, await obstacle(folder)] as const),
  );
  const wrong = found.flatMap(([folder, reason]) =>
    reason === undefined
      ? []
      : [warning('storage', `cannot write to ${shortPath(folder, context.home)}: ${reason}`, ADVICE)],
  );
  if (wrong.length > 0) return wrong;
  const names = Object.values(folders).map((folder = '') => shortPath(folder, context.home));
  return [ok('storage', `${[...new Set(names)].join(', ')} can be written`, folders)];
}

/** Why nothing could be written into a folder; it need not be there. Nothing is made to find out. */
async function obstacle(folder: string): Promise<string | undefined> {
  let there = folder;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  try {
    if (!(await stat(there)).isDirectory()) return 'a part of the path is not a directory';
    await access(there, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Whether conversations are kept, and can be read. */
export async function examineHistory(settings: Settings | undefined, context: Context): Promise<Finding> {
  const place = historyPlace(context);
  if (place === undefined) return skipped('history', 'there is no home to keep conversations in');
  try {
    const count = await withHistory(context, 'read', countConversations, () => 0);
    const kept = `${count.toLocaleString('en')} ${count === 1 ? 'conversation' : 'conversations'} in ${place.name}`;
    const off = settings?.history === false ? '; none are added (history = false)' : '';
    return ok('history', `${kept}${off}`, { database: place.database, conversations: count });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const advice = `move ${place.name} away: a new one is begun`;
    return broken('history', error.message, error.hint ?? advice, { database: place.database });
  }
}
