import { isAbsolute, join, resolve } from 'node:path';
import type { Context } from '../context.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

/** An environment variable; one that is set to nothing counts as not set. */
export function variable({ env }: Pick<Context, 'env'>, name: string): string | undefined {
  const value = env[name];
  return value === '' ? undefined : value;
}

/**
 * The folder of the user's own config: `$OAI_HOME`, else `$XDG_CONFIG_HOME/oai`, else `~/.config/oai`.
 * A relative XDG_CONFIG_HOME is ignored (XDG Base Directory Specification 0.8), and so is a relative home: the config
 * would be that of whatever project is the working directory.
 * @returns an absolute path, or undefined where there is no home
 */
function configFolder(place: Place): string | undefined {
  const own = variable(place, 'OAI_HOME');
  if (own !== undefined) return resolve(place.cwd, expandHome(own, place.home));
  const xdg = variable(place, 'XDG_CONFIG_HOME');
  if (xdg !== undefined && isAbsolute(xdg)) return join(xdg, 'oai');
  return place.home && isAbsolute(place.home) ? join(place.home, '.config', 'oai') : undefined;
}

/** The path of the user's `config.toml`, or undefined where there is no home. */
export function configPath(place: Place): string | undefined {
  const folder = configFolder(place);
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
