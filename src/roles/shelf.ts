import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';
import { decodeUtf8 } from '../input/text.ts';
import { warn } from '../output/messages.ts';
import { sizeText } from '../output/size.ts';
import { didYouMean } from '../settings/nearest.ts';
import { configPath, shortPath } from '../settings/paths.ts';
import { readPlainFile } from '../settings/sources.ts';
import { builtInRoles } from './built-in.ts';
import { type Role, readRole, roleLabel } from './role.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

const ENDING = '.md';

/** Bytes of a role's file: a prompt is some pages of text. */
const MOST_BYTES = 1024 * 1024;

/** The folder of the user's own roles; undefined where there is no home. */
export function rolesFolder(place: Place): string | undefined {
  const config = configPath(place);
  return config === undefined ? undefined : join(dirname(config), 'roles');
}

/** @throws Failure (usage) where there is no home to have roles in */
export function requireRolesFolder(place: Place): string {
  const folder = rolesFolder(place);
  if (folder !== undefined) return folder;
  throw usageError(
    'there is no home directory to keep roles in',
    'set HOME, or OAI_HOME to a folder of your choice',
  );
}

/** The file of an own role, which need not be there. @throws Failure (usage) on a name that no role has */
export function rolePath(name: string, place: Place): string {
  checkRoleName(name);
  return join(requireRolesFolder(place), `${name}${ENDING}`);
}

/**
 * A name is that of a file, and nothing that would lead out of its folder, be hidden, or look like a flag.
 * @throws Failure (usage)
 */
export function checkRoleName(name: string): void {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.+-]{0,99}$/u.test(name)) return;
  throw usageError(
    `${name === '' ? "''" : name} is no name of a role`,
    'names are of letters, digits, _ and -; `oai role list` shows those there are',
  );
}

/**
 * Finds a role: the user's own goes before one that is built in.
 * @throws Failure (usage) where there is none of that name, or it cannot be read
 */
export async function findRole(name: string, context: Context): Promise<Role> {
  checkRoleName(name);
  const own = ownText(name, context);
  if (own !== undefined) return readRole(own.text, { name, source: 'own', path: own.path });
  const text = await shownText(name, context);
  return readRole(text, { name, source: 'built-in', path: undefined });
}

/** The text of a role, which need not be right. @throws Failure (usage) where there is none of that name */
export async function shownText(name: string, context: Context): Promise<string> {
  checkRoleName(name);
  const text = ownText(name, context)?.text ?? builtInRoles.get(name);
  if (text !== undefined) return text;
  const known = await roleNames(context);
  throw usageError(
    `there is no role ${name}${didYouMean(name, known)}`,
    `the roles are ${known.join(', ')}; \`oai role new ${name}\` makes one`,
  );
}

/** The names of all roles, in the order of the alphabet. Where the folder cannot be read, there is a warning. */
export async function roleNames(context: Context): Promise<string[]> {
  return [...new Set([...(await ownNames(context)), ...builtInRoles.keys()])].sort();
}

async function ownNames(context: Context): Promise<string[]> {
  const folder = rolesFolder(context);
  if (folder === undefined) return [];
  try {
    const files = await readdir(folder);
    return files
      .filter((file) => file.endsWith(ENDING) && !file.startsWith('.'))
      .map((file) => file.slice(0, -ENDING.length));
  } catch (error) {
    if (!['ENOENT', 'ENOTDIR'].includes(errno(error) ?? '')) {
      warn(
        context,
        `cannot read ${shortPath(folder, context.home)}: ${reasonOf(error)}; going on without it`,
      );
    }
    return [];
  }
}

/** The text of the user's own role; undefined where there is none. @throws Failure (usage) */
export function ownText(name: string, context: Place): { path: string; text: string } | undefined {
  const folder = rolesFolder(context);
  if (folder === undefined) return undefined;
  const path = join(folder, `${name}${ENDING}`);
  const label = `${roleLabel(name)} (${shortPath(path, context.home)})`;
  try {
    const { bytes } = readPlainFile(path);
    if (bytes.length > MOST_BYTES) throw usageError(`${label} is larger than ${sizeText(MOST_BYTES)}`);
    return { path, text: decodeUtf8(bytes, label) };
  } catch (error) {
    if (error instanceof Failure) throw error;
    if (['ENOENT', 'ENOTDIR'].includes(errno(error) ?? '')) return undefined;
    throw usageError(`cannot read ${label}: ${reasonOf(error)}`, undefined, error);
  }
}
