import { isAbsolute, join, resolve } from 'node:path';
import type { Context } from '../context.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

/** An environment variable; one that is set to nothing counts as not set. */
export function variable({ env }: Pick<Context, 'env'>, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

/**
 * A folder of the user's own for this program: where `OAI_HOME` moves it, else where XDG has it, else below the home
 * directory. A relative XDG variable is ignored (XDG Base Directory Specification 0.8), and so is a relative home: the
 * folder would be that of whatever project is the working directory.
 * @param xdg the variable, and where it points by default, below the home directory
 * @param moved what the folder is called below `OAI_HOME`
 * @returns an absolute path, or undefined where there is no home
 */
function ownFolder(
  place: Place,
  xdg: readonly [variable: string, below: string],
  moved: string,
): string | undefined {
  const own = variable(place, 'OAI_HOME');
  if (own !== undefined) return join(resolve(place.cwd, expandHome(own, place.home)), moved);
  const base = variable(place, xdg[0]);
  if (base !== undefined && isAbsolute(base)) return join(base, 'oai');
  return place.home && isAbsolute(place.home) ? join(place.home, xdg[1], 'oai') : undefined;
}

/** The folder of what can be made again: `$OAI_HOME/cache`, `$XDG_CACHE_HOME/oai` or `~/.cache/oai`; as above. */
export function cacheFolder(place: Place): string | undefined {
  return ownFolder(place, ['XDG_CACHE_HOME', '.cache'], 'cache');
}

/** The folder of what the user would miss: `$OAI_HOME/data`, `$XDG_DATA_HOME/oai` or `~/.local/share/oai`; as above. */
export function dataFolder(place: Place): string | undefined {
  return ownFolder(place, ['XDG_DATA_HOME', '.local/share'], 'data');
}

/** The path of the user's `config.toml`, or undefined where there is no home. */
export function configPath(place: Place): string | undefined {
  const folder = ownFolder(place, ['XDG_CONFIG_HOME', '.config'], '');
  return folder === undefined ? undefined : join(folder, 'config.toml');
}

/** `~` and `~/…` with the home directory in place of `~`. */
export function expandHome(path: string, home: string | undefined): string {
  return home && /^~(?=[\\/]|$)/.test(path) ? join(home, path.slice(1)) : path;
}

/** A path as people write it: with `~` for the home directory. */
export function shortPath(path: string, home: string | undefined): string {
  return home && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}
