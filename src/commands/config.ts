import type { Command } from 'commander';
import type { CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import { type Change, editConfig, editedText, readRawConfig, requireConfigPath } from '../settings/edit.ts';
import { programOf } from '../settings/key.ts';
import { looksLikeKey } from '../settings/key-text.ts';
import { didYouMean } from '../settings/nearest.ts';
import {
  type EffectiveSetting,
  effectiveSettings,
  type ProfileOverview,
  profileOverviews,
} from '../settings/overview.ts';
import { builtInProfiles, profileNames } from '../settings/profiles.ts';
import { refuseEmptyFlags, unknownProfile } from '../settings/resolve.ts';
import { isTable, type Located, locate, namesIn, type TomlTable } from '../settings/schema.ts';
import type { Settings } from '../settings/settings.ts';
import { namesASecret, readSources, type Sources } from '../settings/sources.ts';

export type ConfigOptions = GlobalOptions & { readonly words: readonly string[] };

interface Action {
  /** The words after the action's name. */
  readonly words: readonly string[];
  run(words: readonly string[], options: GlobalOptions, context: Context): Promise<void>;
}

const actions: Readonly<Record<string, Action>> = {
  get: { words: ['KEY'], run: get },
  set: { words: ['KEY', 'VALUE'], run: set },
  unset: { words: ['KEY'], run: unset },
  list: { words: [], run: list },
  path: { words: [], run: path },
  profiles: { words: [], run: profiles },
  init: { words: [], run: init },
};

function define(command: Command): void {
  command.argument('[action]', Object.keys(actions).join(', ')).argument('[words...]', 'KEY, or KEY VALUE');
}

const notes = `
Actions:
  get KEY         print a setting as it counts here
  set KEY VALUE   write it to config.toml; comments and layout stay
  unset KEY       take it out of config.toml
                  (both: --profile NAME for profiles.NAME.KEY; --dry-run)
  list            every setting, with its value and where that came from
  path            where config.toml is
  profiles        servers to talk to, and whether their keys are there
  init            asks where your key comes from, tries it, and writes that down

Flags go before the environment, the environment before a .env file in the
working directory, and that before config.toml.

Settings:
  profile, model, models.COMMAND, aliases.NAME,
  allow_base_urls, timeout, stall_timeout, retries, show_images, markdown,
  cache, cache_ttl, history, thresholds.CATEGORY, tools.allow, tools.env
Settings below profiles.NAME:
  base_url, key_env, key_file, key_command, organization, project, model,
  models.COMMAND, aliases.NAME, max_tokens_field, stream_usage, image_urls,
  chat_via
COMMAND is chat, image, speak, transcribe, translate, embed, moderate or
structured; \`model\` is for chat and structured.`;

const examples = [
  { line: 'oai config list', note: 'what counts here, and why' },
  { line: 'oai config set timeout 2m', note: 'give up after two minutes' },
  { line: 'oai config set aliases.fast gpt-6-luna', note: 'then: oai chat -m fast "hello"' },
  {
    line: 'oai config set profiles.work.key_command "pass show openai"',
    note: 'a profile with a key of its own',
  },
  { line: 'oai config profiles', note: 'the servers there are' },
  { line: 'oai config get base_url --profile groq', note: 'one value, bare' },
];

async function run(options: ConfigOptions, context: Context): Promise<void> {
  refuseEmptyFlags(options);
  const [name, ...words] = options.words;
  const names = Object.keys(actions);
  if (name === undefined)
    throw usageError(`config needs one of ${names.join(', ')}`, '`oai config list` shows what is set');
  const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
  if (action === undefined) {
    throw usageError(
      `config ${name} is no action${didYouMean(name, names)}`,
      `the actions are ${names.join(', ')}`,
    );
  }
  if (words.length !== action.words.length) {
    const wanted = ['config', name, ...action.words].join(' ');
    const hint = name === 'set' && words.length > 2 ? 'a value with spaces needs quotes' : undefined;
    throw usageError(`config ${name} is used as: oai ${wanted}`, hint);
  }
  await action.run(words, options, context);
}

async function get([key = '']: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const sources = await readSources(context);
  const value = await settingValue(key, options, sources, context);
  if (value === undefined) throw usageError(`${key} is not set`);
  if (options.json === true || typeof value !== 'string') {
    await writeJson(context.stdout, value);
  } else {
    await context.stdout.write(`${context.stdout.isTTY ? inertText(value) : value}\n`);
  }
}

/** What counts, under the names that `list` shows; below `profiles` and for whole tables, what is there. */
async function settingValue(
  key: string,
  options: GlobalOptions,
  sources: Sources,
  context: Context,
): Promise<unknown> {
  const located = locate(key);
  if ('path' in located && (located.kind.inner !== undefined || located.path[0] === 'profiles')) {
    const [, name] = located.path;
    if (name !== undefined) await requireProfile(name, sources.config.profiles);
    return configured(located.path, sources) ?? builtInValue(located.path);
  }
  const settings = await effectiveSettings(options, sources, context);
  const found = settings.find(({ setting }) => setting === key);
  if (found !== undefined) return found.value ?? undefined;
  // An alias that nobody set.
  if ('path' in located) return undefined;
  throw unknownSetting(key, [...located.known, ...settings.map(({ setting }) => setting)]);
}

function unknownSetting(key: string, known: readonly string[]): Error {
  const shown = looksLikeKey(key) ? 'of that name' : `${key}${didYouMean(key, known)}`;
  return usageError(`there is no setting ${shown}`, '`oai config --help` names them all');
}

async function requireProfile(
  name: string,
  configured: ReadonlyMap<string, unknown> | undefined,
): Promise<void> {
  if (!profileNames(configured).includes(name)) throw await unknownProfile(name, configured);
}

/** What the config holds under a path: text, a list, or a plain object for a table. */
function configured(path: readonly string[], sources: Sources): unknown {
  let value: unknown = sources.config;
  for (const key of path) {
    if (value instanceof Map) value = value.get(key);
    else value = isTable(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return shownValue(path.at(-1), value);
}

/** A value as it is shown: of a command only its program, for the rest may hold a key. */
function shownValue(key: string | undefined, value: unknown): unknown {
  if (key === 'key_command' && (typeof value === 'string' || isWords(value))) return programOf(value);
  if (!isTable(value)) return value;
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([name, inner]) => [name, shownValue(name, inner)]));
}

function isWords(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((word) => typeof word === 'string');
}

function builtInValue([, name = '', field]: readonly string[]): unknown {
  const builtIn = builtInProfiles.get(name);
  if (field === 'base_url') return builtIn?.baseUrl;
  return field === 'key_env' ? builtIn?.keyVariable : undefined;
}

async function set(
  [key = '', text = '']: readonly string[],
  options: GlobalOptions,
  context: Context,
): Promise<void> {
  const { name, path, kind } = locateForChange(key, text, options, context);
  if (kind.fromText === undefined) {
    const names = namesIn(kind).map((inner) => `${name}.${inner}`);
    throw usageError(`${name} is a table; set ${names.length > 0 ? names.join(', ') : `${name}.NAME`}`);
  }
  const value = kind.fromText(text);
  kind.read(value, name, () => {});
  const profile = name === 'profile' ? text : options.profile;
  if (profile !== undefined) {
    const { profiles } = await readRawConfig(context);
    await requireProfile(profile, isTable(profiles) ? new Map(Object.entries(profiles)) : undefined);
  }
  await change({ path, value }, name, options, context);
}

/** Takes out whatever is there: also what is no setting, or has a value that no setting can have. */
async function unset([key = '']: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const outer = options.profile === undefined ? [] : ['profiles', options.profile];
  let table: unknown = await readRawConfig(context);
  for (const part of outer) table = isTable(table) && Object.hasOwn(table, part) ? table[part] : undefined;
  const inner = isTable(table) ? pathIn(table, key) : undefined;
  if (inner === undefined) {
    const { name } = locateSetting(key, options);
    throw usageError(`${name} is not set in config.toml`);
  }
  await change({ path: [...outer, ...inner], value: undefined }, [...outer, key].join('.'), options, context);
}

/** The keys that lead to a dotted name; each of them may hold dots itself. */
function pathIn(table: TomlTable, name: string): string[] | undefined {
  if (Object.hasOwn(table, name)) return [name];
  for (const [key, inner] of Object.entries(table)) {
    const path =
      name.startsWith(`${key}.`) && isTable(inner) ? pathIn(inner, name.slice(key.length + 1)) : undefined;
    if (path !== undefined) return [key, ...path];
  }
  return undefined;
}

/** Writes a change, or with `--dry-run` shows the text that the file would have. */
async function change(
  { path, value }: Change,
  name: string,
  options: GlobalOptions,
  context: Context,
): Promise<void> {
  const setting = { setting: name, value: shownValue(path.at(-1), value) ?? null };
  if (options.dryRun === true) {
    const { text, ...edited } = await editedText([{ path, value }], context);
    const shown = withoutKeys(text);
    if (options.json === true) await writeJson(context.stdout, { ...setting, ...edited, text: shown });
    else await context.stdout.write(context.stdout.isTTY ? inertText(shown) : shown);
    return;
  }
  const file = await editConfig([{ path, value }], context);
  if (options.json === true) await writeJson(context.stdout, { ...setting, path: file });
}

/** A config's text as it may be shown: a key that somebody put there is not. */
function withoutKeys(text: string): string {
  return text.replace(/[^\s"'=,[\]{}]+/g, (word) => (looksLikeKey(word) ? '[key]' : word));
}

/** A setting that config.toml can hold, by its full name. */
interface Settable extends Located {
  readonly name: string;
}

/** The setting that a value is for. @throws Failure (usage), which never shows what may be a key */
function locateForChange(key: string, text: string, options: GlobalOptions, context: Context): Settable {
  if (looksLikeKey(text) || (!('path' in locate(key)) && namesASecret(key))) {
    if (text !== '') context.secrets.add(text);
    throw usageError(
      'a key on the command line is visible in `ps` and stays in the history',
      'give the place that it comes from: key_env, key_file or key_command, or run `oai config init`',
    );
  }
  return locateSetting(key, options);
}

/** With `--profile` the setting is that profile's own. @throws Failure (usage) */
function locateSetting(key: string, options: GlobalOptions): Settable {
  const located = locate(key);
  const own = locate(`profiles.NAME.${key}`);
  if (options.profile !== undefined && 'path' in own) {
    const path = ['profiles', options.profile, ...own.path.slice(2)];
    return { name: `profiles.${options.profile}.${key}`, path, kind: own.kind };
  }
  if ('path' in located && options.profile === undefined) return { name: key, ...located };
  if ('path' in located) throw usageError(`${key} is no setting of a profile`, 'leave out --profile');
  if ('path' in own) {
    throw usageError(
      `${key} belongs to a profile`,
      `for example: oai config set profiles.openai.${key} VALUE`,
    );
  }
  throw unknownSetting(key, located.known);
}

const settingColumns: Columns<EffectiveSetting> = {
  SETTING: ({ setting }) => setting,
  SOURCE: ({ source }) => source,
  VALUE: ({ value }) => (Array.isArray(value) ? value.join(' ') || null : value),
};

async function list(_: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const rows = await effectiveSettings(options, await readSources(context), context);
  await writeRows(context, rows, settingColumns, options.json === true);
}

const profileColumns: Columns<ProfileOverview> = {
  ' ': ({ current }) => (current ? '*' : ''),
  PROFILE: ({ profile }) => profile,
  // Of a file only its name, to leave room for the URL.
  'KEY FROM': ({ key }) => key?.replace(/^key_file .*\//, 'key_file …/') ?? 'needs none',
  SET: ({ key_found }) => key_found,
  MODEL: ({ model }) => model,
  'BASE URL': ({ base_url }) => base_url,
};

async function profiles(_: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const rows = await profileOverviews(options, await readSources(context), context);
  await writeRows(context, rows, profileColumns, options.json === true);
}

async function path(_: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const file = requireConfigPath(context);
  if (options.json === true) await writeJson(context.stdout, { path: file });
  else await context.stdout.write(`${file}\n`);
}

async function init(_: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const { askOnTerminal, canAsk } = await import('../input/ask.ts');
  if (!canAsk(context)) {
    throw usageError(
      'config init asks questions, and here is no terminal to answer on',
      'say it by hand: oai config set profiles.openai.key_env NAME (or key_file, key_command)',
    );
  }
  const { initialise } = await import('../settings/init.ts');
  const check = (settings: Settings) => listModels(settings, options, context);
  const written = await initialise(options, context, askOnTerminal(context), check);
  if (options.json === true) await writeJson(context.stdout, { paths: written });
  else await context.stdout.write(written.map((file) => `${file}\n`).join(''));
}

/** The cheapest call that needs a key. */
async function listModels(settings: Settings, options: GlobalOptions, context: Context): Promise<void> {
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context, { settings });
  await api.call((client, request) => client.models.list(request));
}

export const config: CommandModule<GlobalOptions> = { define, examples, notes, run };
