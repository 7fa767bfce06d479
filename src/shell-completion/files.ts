import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { expandHome } from '../settings/paths.ts';
import type { Files } from './completion.ts';

/** Names that are offered at most: nobody reads more. */
const MOST = 1000;

/**
 * The paths that begin with what is typed: folders, which end with a slash, and files that are wanted.
 * @param typed as far as the cursor; `~/` is the home
 */
export async function filesBeginning(typed: string, files: Files, context: Context): Promise<string[]> {
  const slash = typed.lastIndexOf('/') + 1;
  const [folder, start] = [typed.slice(0, slash), typed.slice(slash)];
  const place = resolve(context.cwd, expandHome(folder, context.home));
  const entries = await readdir(place, { withFileTypes: true }).catch(() => []);
  const found = entries
    .filter(({ name }) => name.startsWith(start) && (start !== '' || !name.startsWith('.')))
    .filter(({ name }) => !/\p{Cc}/u.test(name))
    .slice(0, MOST);
  const paths = await Promise.all(
    found.map(async (entry) => {
      const isFolder = entry.isSymbolicLink()
        ? await leadsToFolder(join(place, entry.name))
        : entry.isDirectory();
      if (isFolder) return [`${folder}${entry.name}/`];
      return isWanted(entry.name, files) ? [`${folder}${entry.name}`] : [];
    }),
  );
  return paths.flat().sort();
}

async function leadsToFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isWanted(name: string, files: Files): boolean {
  if (files === 'folders') return false;
  const ending = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return files.endings.length === 0 || files.endings.includes(ending);
}
