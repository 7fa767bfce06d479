import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf } from '../errors.ts';
import { checkKey, looksLikeKey } from './key-text.ts';
import { configPath, expandHome, shortPath, variable } from './paths.ts';
import { DEFAULT_PROFILE, type Profile } from './profiles.ts';
import { findVariable, type Resolved, type Sourced } from './resolve.ts';
import { readPlainFile, type Sources, warnExposed } from './sources.ts';

export interface Key {
  readonly value: string;
  /** What to call the place it came from: `OPENAI_API_KEY`, `OPENAI_API_KEY in .env`, `key_file ~/work.key`. */
  readonly source: string;
}

/** A place where a profile's key may be. */
export type KeyPlace =
  | { readonly kind: 'variable'; readonly name: string; readonly found: Sourced<string> | undefined }
  | { readonly kind: 'file'; readonly name: string; readonly path: string }
  | { readonly kind: 'command'; readonly name: string; readonly command: string | readonly string[] };

/** The places where a profile's key may be, in the order in which they are asked. */
export function keyPlaces(profile: Profile, sources: Sources, context: Context): KeyPlace[] {
  const places: KeyPlace[] = [];
  const name = profile.config.key_env ?? profile.builtIn?.keyVariable;
  if (name !== undefined)
    places.push({ kind: 'variable', name, found: findVariable(name, sources, context) });
  const { key_file: file, key_command: command } = profile.config;
  if (file !== undefined) {
    const path = resolve(configHome(context), expandHome(file, context.home));
    places.push({ kind: 'file', name: `key_file ${shortPath(path, context.home)}`, path });
  }
  if (command !== undefined)
    places.push({ kind: 'command', name: `key_command (${programOf(command)})`, command });
  return places;
}

/** Relative paths and commands of a config are those of its own folder, not of some project. */
function configHome(context: Context): string {
  return dirname(configPath(context) ?? context.cwd);
}

/**
 * The program that a command line runs: all of it that is shown, for the rest may hold a key. What is no plain word
 * may be part of a quoted secret.
 */
export function programOf(command: string | readonly string[]): string {
  const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
  const first = typeof command === 'string' ? words.findIndex((word) => !/^\w+=[\w./:@+-]*$/.test(word)) : 0;
  const program = words[first] ?? '';
  return /^[\w./+-]+$/.test(program) && !looksLikeKey(program) ? program : 'a shell';
}

/**
 * Finds the key for a target and adds it to the context's secrets.
 * @param limit how long a `key_command` may take, in ms
 * @returns undefined where none is needed and none is there
 * @throws Failure (auth) when there is none, it cannot be used, or it must not go to this base URL
 */
export async function findKey(
  target: Resolved,
  sources: Sources,
  context: Context,
  limit: number,
): Promise<Key | undefined> {
  const [place] = placesWithKey(target, sources, context);
  if (place !== undefined) return accept(await keyAt(place, context, limit), context);
  if (target.keyless) return undefined;
  throw noKey(target.profile, keyPlaces(target.profile, sources, context));
}

/**
 * How a shell can say the key that a request would carry, for a command that is shown and not run: the variable that
 * holds it, or else words that stop the shell until the user puts a key there. No key is read.
 * @returns undefined where no key would be sent
 * @throws Failure (auth) when the key must not go to this base URL
 */
export function keyInShell(target: Resolved, sources: Sources, context: Context): string | undefined {
  const [place] = placesWithKey(target, sources, context);
  if (place === undefined && target.keyless) return undefined;
  const [wanted] = place === undefined ? keyPlaces(target.profile, sources, context) : [place];
  const inEnvironment = wanted?.kind === 'variable' && wanted.found?.source !== '.env';
  if (inEnvironment && /^\w+$/.test(wanted.name)) return `$${wanted.name}`;
  return `\${OAI_KEY:?put the key of profile ${target.profile.name.replace(/[^\w-]/g, '')} here}`;
}

/**
 * The places that hold a key for this target, as far as can be told without reading it. A base URL from `.env` takes
 * the key that came with it, and never another.
 * @throws Failure (auth) when there is only another
 */
export function placesWithKey(target: Resolved, sources: Sources, context: Context): KeyPlace[] {
  if (target.sandbox) return [];
  const places = keyPlaces(target.profile, sources, context);
  if (!target.fromProject) {
    return places.filter((place) => place.kind !== 'variable' || place.found !== undefined);
  }
  const names = [target.profile.config.key_env, target.profile.builtIn?.keyVariable];
  const own = names.flatMap((name): KeyPlace[] => {
    const value = name === undefined ? undefined : sources.dotenv.get(name);
    if (name === undefined || value === undefined) return [];
    return [{ kind: 'variable', name, found: { value, source: '.env', name: `${name} in .env` } }];
  });
  const foreign = places.find(
    (place) => place.kind !== 'variable' || variable(context, place.name) !== undefined,
  );
  if (own.length === 0 && foreign !== undefined) throw foreignUrl(target, foreign, sources);
  return own;
}

function accept(key: Key, context: Context): Key {
  checkKey(key.value, key.source);
  context.secrets.add(key.value);
  return key;
}

async function keyAt(place: KeyPlace, context: Context, limit: number): Promise<Key> {
  if (place.kind === 'variable') {
    return { value: place.found?.value ?? '', source: place.found?.name ?? place.name };
  }
  if (place.kind === 'file') return { value: readKeyFile(place, context), source: place.name };
  const { runKeyCommand } = await import('./key-command.ts');
  const folder = configHome(context);
  const output = await runKeyCommand(place, existsSync(folder) ? folder : '/', limit, context);
  return { value: withoutLineEnd(output), source: place.name };
}

function readKeyFile({ path, name }: { path: string; name: string }, context: Context): string {
  try {
    const file = readPlainFile(path);
    if (file.exposed) warnExposed(context, path);
    return withoutLineEnd(new TextDecoder().decode(file.bytes));
  } catch (error) {
    throw new Failure('auth', `cannot read ${name}: ${reasonOf(error)}`, { cause: error });
  }
}

function withoutLineEnd(text: string): string {
  return text.replace(/[\r\n]+$/, '');
}

function foreignUrl(target: Resolved, place: KeyPlace, { config }: Sources): Failure {
  const urls = [...(config.allow_base_urls ?? []), target.baseUrl.value];
  return new Failure(
    'auth',
    `the base URL ${target.baseUrl.value} is from .env and the key from ${place.name}: a project's URL does not get your own key`,
    { hint: `if you trust that server: oai config set allow_base_urls ${listInShell(urls)}` },
  );
}

/** A list of URLs as one word for a shell, such that `oai config set` reads it. */
function listInShell(urls: readonly string[]): string {
  if (urls.every((url) => /^[\w.:/%+-]+$/.test(url))) return urls.join(',');
  return `'${JSON.stringify(urls).replaceAll("'", "'\\''")}'`;
}

function noKey(profile: Profile, places: readonly KeyPlace[]): Failure {
  const place = places[0];
  const name = place?.name ?? `profiles.${profile.name}.key_env`;
  const unset = place === undefined ? 'the config names none' : `${name} is not set`;
  const init = profile.name === DEFAULT_PROFILE ? 'oai config init' : `oai config init -P ${profile.name}`;
  const dotenv = name.startsWith('OPENAI_') ? `, write ${name}=… to a .env file,` : '';
  const give = place === undefined ? `run \`${init}\`` : `export ${name}=…${dotenv} or run \`${init}\``;
  return new Failure('auth', `no key for profile ${profile.name}: ${unset}`, {
    hint: `${give}; --sandbox answers without a key`,
  });
}
