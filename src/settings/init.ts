import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { Ask, Problem } from '../input/ask.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { messageLine, warn } from '../output/messages.ts';
import { type Change, editConfig, requireConfigPath } from './edit.ts';
import { keyProblem } from './key-text.ts';
import { shortPath, variable } from './paths.ts';
import { DEFAULT_PROFILE } from './profiles.ts';
import { type Resolved, resolveTarget } from './resolve.ts';
import { type ProfileConfig, problemWith } from './schema.ts';
import { type Settings, settingsFor } from './settings.ts';
import { readConfig, type Sources } from './sources.ts';

/** Tries the key of these settings on their server. @throws Failure that says why it does not work */
export type CheckKey = (settings: Settings) => Promise<void>;

/** What a user said of where the key comes from. */
type Answer =
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly key: string; readonly path: string }
  | { readonly kind: 'command'; readonly line: string };

/**
 * Asks where a profile's key comes from, tries it, and writes that to the user's config. Nothing is written
 * before the key was tried. The project's `.env` has no part in it.
 * @returns the paths of the files written
 * @throws Failure when the user gives up, or the files cannot be written; Stopped on Ctrl-C
 */
export async function initialise(
  options: GlobalOptions,
  context: Context,
  ask: Ask,
  check: CheckKey,
): Promise<string[]> {
  requireConfigPath(context);
  const sources: Sources = { config: await readConfig(context), dotenv: new Map() };
  const target = await resolveTarget(options, sources, context);
  if (
    target.sandbox ||
    (target.profile.builtIn !== undefined && target.profile.builtIn.keyVariable === undefined)
  ) {
    throw usageError(
      `profile ${target.profile.name} needs no key`,
      '`oai config profiles` lists those that do',
    );
  }
  const answer = await askUntilItWorks(target, options, sources, context, ask, check);
  const changes = [
    ...keyChanges(target, answer),
    ...urlChanges(target),
    ...(await defaultChanges(target, sources, ask)),
  ];
  const written: string[] = [];
  if (answer.kind === 'file') written.push(await writeKeyFile(answer.path, answer.key, context, ask));
  written.unshift(await editConfig(changes, context));
  warnOfVariable(target, answer, context);
  return written;
}

async function askUntilItWorks(
  target: Resolved,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
  ask: Ask,
  check: CheckKey,
): Promise<Answer> {
  for (;;) {
    const answer = await askForKey(target, context, ask);
    const failure = await tried(check, draftSettings(target, answer, options, sources, context));
    if (failure === undefined) return answer;
    const next = await ask.choose(`${messageLine(failure.message, context.secrets)}. What now?`, {
      again: 'try again',
      anyway: 'write it anyway',
      stop: 'stop, and write nothing',
    });
    if (next === 'anyway') return answer;
    if (next === 'stop') throw failure;
  }
}

async function askForKey({ profile, baseUrl }: Resolved, context: Context, ask: Ask): Promise<Answer> {
  const kind = await ask.choose(`Where does the key for ${profile.name} (${baseUrl.value}) come from?`, {
    variable: 'an environment variable',
    file: 'a file that this writes, for your eyes only',
    command: 'a command that prints it, such as pass or op',
  });
  if (kind === 'variable') {
    const usual =
      profile.config.key_env ?? profile.builtIn?.keyVariable ?? `${profile.name.toUpperCase()}_API_KEY`;
    const name = await ask.text('Which variable?', problemAs('key_env'), usual.replace(/\W/g, '_'));
    return { kind, name };
  }
  if (kind === 'file') {
    const problem = (key: string) => {
      const found = keyProblem(key);
      return found === undefined ? undefined : `it ${found}`;
    };
    const key = await ask.secret('The key:', problem);
    context.secrets.add(key);
    return { kind, key, path: join(dirname(requireConfigPath(context)), keyFileName(profile.name)) };
  }
  return { kind, line: await ask.text('Which command?', problemAs('key_command')) };
}

/** What keeps a text from being this setting of a profile. */
function problemAs(key: 'key_env' | 'key_command'): Problem {
  return (text) => problemWith(`profiles.NAME.${key}`, text);
}

function keyFileName(profile: string): string {
  return `${profile.replace(/[^\w-]/g, '_')}.key`;
}

/** The settings as they would be with this answer and no other key. */
function draftSettings(
  target: Resolved,
  answer: Answer,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Settings {
  const { key_env: _env, key_file: _file, key_command: _command, ...others } = target.profile.config;
  const { keyVariable: _usual, ...builtIn } = target.profile.builtIn ?? {};
  const profile = { name: target.profile.name, builtIn, config: { ...others, ...placeOfKey(answer) } };
  const settings = settingsFor({ ...target, profile, keyless: false }, options, sources, context);
  if (answer.kind !== 'file') return settings;
  return { ...settings, key: () => Promise.resolve({ value: answer.key, source: 'what was typed' }) };
}

function placeOfKey(answer: Answer): ProfileConfig {
  if (answer.kind === 'variable') return { key_env: answer.name };
  return answer.kind === 'command' ? { key_command: answer.line } : {};
}

async function tried(check: CheckKey, settings: Settings): Promise<Failure | undefined> {
  try {
    await settings.key();
    await check(settings);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** The place of the key, and no other beside it. */
function keyChanges({ profile }: Resolved, answer: Answer): Change[] {
  const values = {
    key_env: answer.kind === 'variable' ? answer.name : undefined,
    // Beside config.toml: a relative path moves along with the folder.
    key_file: answer.kind === 'file' ? keyFileName(profile.name) : undefined,
    key_command: answer.kind === 'command' ? answer.line : undefined,
  };
  return Object.entries(values).map(([key, value]) => ({ path: ['profiles', profile.name, key], value }));
}

/** A URL that was given with `--base-url` belongs to the key. */
function urlChanges({ profile, baseUrl }: Resolved): Change[] {
  if (baseUrl.source !== 'flag') return [];
  return [{ path: ['profiles', profile.name, 'base_url'], value: baseUrl.value }];
}

async function defaultChanges({ profile }: Resolved, { config }: Sources, ask: Ask): Promise<Change[]> {
  if (profile.name === (config.profile ?? DEFAULT_PROFILE)) return [];
  const wanted = await ask.confirm(`Use ${profile.name} whenever no profile is named?`);
  return wanted ? [{ path: ['profile'], value: profile.name }] : [];
}

async function writeKeyFile(path: string, key: string, context: Context, ask: Ask): Promise<string> {
  const name = shortPath(path, context.home);
  const there = await stat(path).catch(() => undefined);
  if (there !== undefined && !there.isFile()) throw usageError(`${name} is no regular file`);
  if (there !== undefined && !(await ask.confirm(`${name} exists. Replace it?`))) {
    throw usageError(`${name} exists; nothing was written`);
  }
  try {
    await makeFolders(dirname(path), 0o700);
  } catch (error) {
    throw usageError(`cannot write ${name}: ${reasonOf(error)}`, undefined, error);
  }
  await writeFileAtomic(path, `${key}\n`, { mode: 0o600, force: true });
  return path;
}

/** The usual variable goes before a file or command. */
function warnOfVariable({ profile }: Resolved, answer: Answer, context: Context): void {
  const name = profile.builtIn?.keyVariable;
  if (answer.kind === 'variable' || name === undefined || variable(context, name) === undefined) return;
  warn(
    context,
    `${name} is set in the environment and goes before config.toml; unset it to use what you chose`,
  );
}
