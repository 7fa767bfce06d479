import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf } from '../errors.ts';
import { checkKey } from './key-text.ts';
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

/** The program that a command line runs: all of it that is shown, for the rest may hold a key. */
function programOf(command: string | readonly string[]): string {
  const words = typeof command === 'string' ? command.trim().split(/\s+/) : command;
  return words.find((word) => !/^\w+=/.test(word)) ?? 'a shell';
}

/**
 * Finds the key for a target and adds it to the context's secrets.
 * @returns undefined where none is needed and none is there
 * @throws Failure (auth) when there is none, it cannot be used, or it must not go to this base URL
 */
export async function findKey(
  target: Resolved,
  sources: Sources,
  context: Context,
): Promise<Key | undefined> {
  if (target.sandbox) return undefined;
  const places = keyPlaces(target.profile, sources, context);
  if (target.fromProject) return findProjectKey(target, places, sources, context);
  for (const place of places) {
    const key = await keyAt(place, context);
    if (key !== undefined) return accept(key, context);
  }
  if (target.keyless) return undefined;
  throw noKey(target.profile, places);
}

/** A base URL from `.env` takes the key that came with it, and never another. */
function findProjectKey(
  target: Resolved,
  places: readonly KeyPlace[],
  sources: Sources,
  context: Context,
): Key | undefined {
  for (const name of [target.profile.config.key_env, target.profile.builtIn?.keyVariable]) {
    const value = name === undefined ? undefined : sources.dotenv.get(name);
    if (value !== undefined) return accept({ value, source: `${name} in .env` }, context);
  }
  const other = places.find(
    (place) => place.kind !== 'variable' || variable(context, place.name) !== undefined,
  );
  if (other !== undefined) throw foreignUrl(target, other, sources, context);
  if (target.keyless) return undefined;
  throw noKey(target.profile, places);
}

function accept(key: Key, context: Context): Key {
  checkKey(key.value, key.source);
  context.secrets.add(key.value);
  return key;
}

async function keyAt(place: KeyPlace, context: Context): Promise<Key | undefined> {
  if (place.kind === 'variable') {
    return place.found === undefined ? undefined : { value: place.found.value, source: place.found.name };
  }
  if (place.kind === 'file') return { value: readKeyFile(place, context), source: place.name };
  const { runKeyCommand } = await import('./key-command.ts');
  const { command, name } = place;
  const folder = configHome(context);
  return {
    value: withoutLineEnd(await runKeyCommand(command, name, existsSync(folder) ? folder : '/', context)),
    source: name,
  };
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

function foreignUrl(target: Resolved, place: KeyPlace, { config }: Sources, context: Context): Failure {
  const path = shortPath(configPath(context) ?? 'config.toml', context.home);
  const urls = JSON.stringify([...(config.allow_base_urls ?? []), target.baseUrl.value]);
  return new Failure(
    'auth',
    `the base URL ${target.baseUrl.value} is from .env and the key from ${place.name}: a project's URL does not get your own key`,
    { hint: `if you trust that server, put at the top of ${path}: allow_base_urls = ${urls}` },
  );
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
