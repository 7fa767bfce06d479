import type { Context } from '../context.ts';
import { isObject } from '../json.ts';
import { CacheFile } from '../settings/cache-file.ts';

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
  const file = fileIn(context);
  if (file === undefined) return;
  try {
    const servers = serversIn(await file.read());
    // Taken out first, so that it comes last.
    servers.delete(baseUrl);
    servers.set(baseUrl, names.slice(0, MOST_MODELS));
    await file.write(Object.fromEntries([...servers].slice(-MOST_SERVERS)));
  } catch {
    // The next list may be.
  }
}

/** The models that a server had when it was asked last; none where it never was, or nothing can be read. */
export async function rememberedModels(context: Place, baseUrl: string): Promise<readonly string[]> {
  const servers = await fileIn(context)
    ?.read()
    .then(serversIn)
    .catch(() => undefined);
  return servers?.get(baseUrl) ?? [];
}

function fileIn(place: Place): CacheFile | undefined {
  return CacheFile.called('models.json', MOST_BYTES, place);
}

/** Names by base URL. */
function serversIn(content: unknown): Map<string, readonly string[]> {
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
