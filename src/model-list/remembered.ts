import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { cacheFolder } from '../settings/paths.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

/** Servers that are remembered: those that were asked last. */
const MOST_SERVERS = 20;
/** Names that are remembered of each. */
const MOST_MODELS = 2000;
/** More than the file can have grown to, in bytes. */
const MOST_BYTES = 10_000_000;

/**
 * Remembers what models a server has, for who completes a name without asking it. What cannot be written is not
 * remembered: it is a cache.
 */
export async function rememberModels(
  context: Place,
  baseUrl: string,
  names: readonly string[],
): Promise<void> {
  const path = pathIn(context);
  if (path === undefined) return;
  try {
    const servers = await readServers(path);
    // Taken out first, so that it comes last.
    servers.delete(baseUrl);
    servers.set(baseUrl, names.slice(0, MOST_MODELS));
    await makeFolders(dirname(path), 0o700);
    const text = JSON.stringify(Object.fromEntries([...servers].slice(-MOST_SERVERS)));
    await writeFileAtomic(path, `${text}\n`, { mode: 0o600, force: true });
  } catch {
    // The next list may be.
  }
}

/** The models that a server had when it was asked last; none where it never was, or nothing can be read. */
export async function rememberedModels(context: Place, baseUrl: string): Promise<readonly string[]> {
  const path = pathIn(context);
  if (path === undefined) return [];
  const servers = await readServers(path).catch(() => undefined);
  return servers?.get(baseUrl) ?? [];
}

function pathIn(place: Place): string | undefined {
  const folder = cacheFolder(place);
  return folder === undefined ? undefined : join(folder, 'models.json');
}

/** Names by base URL. @throws where the file cannot be read as ours */
async function readServers(path: string): Promise<Map<string, readonly string[]>> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return new Map();
  // To read a pipe would wait.
  if (!found.isFile() || found.size > MOST_BYTES) throw new Error(`${path} is not ours`);
  const content = parsed(await readFile(path, 'utf8'));
  const servers = new Map<string, readonly string[]>();
  for (const [url, names] of Object.entries(isObject(content) ? content : {})) {
    if (Array.isArray(names))
      servers.set(
        url,
        names.filter((name) => typeof name === 'string'),
      );
  }
  return servers;
}

/** A garbled one is begun anew. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
