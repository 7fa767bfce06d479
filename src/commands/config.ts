import type { Command } from 'commander';
import type { CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { writeJson } from '../output/json.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import { editConfig, requireConfigPath } from '../settings/edit.ts';
import { looksLikeKey } from '../settings/key-text.ts';
import { didYouMean } from '../settings/nearest.ts';
import {
  type EffectiveSetting,
  effectiveSettings,
  type ProfileOverview,
  profileOverviews,
} from '../settings/overview.ts';
import { builtInProfiles, profileNames } from '../settings/profiles.ts';
import { type Located, locate, namesIn } from '../settings/schema.ts';
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
  list            every setting, with its value and where that came from
  path            where config.toml is
  profiles        servers to talk to, and whether their keys are there
  init            asks where your key comes from, tries it, and writes that down

Flags go before the environment, the environment before a .env file in the
working directory, and that before config.toml.

Settings:
  profile, model, models.chat, aliases.NAME, allow_base_urls, timeout,
  stall_timeout, retries
Settings below profiles.NAME:
  base_url, key_env, key_file, key_command, organization, project, model,
  models.chat, aliases.NAME, max_tokens_field`;

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
    if (located.path.length > 1) await requireProfile(located.path[1], sources);
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
  return usageError(
    `there is no setting ${key}${didYouMean(key, known)}`,
    '`oai config --help` names them all',
  );
}

async function requireProfile(name: string | undefined, sources: Sources): Promise<void> {
  const known = profileNames(sources.config.profiles);
  if (name !== undefined && !known.includes(name)) {
    throw usageError(
      `there is no profile ${name}${didYouMean(name, known)}`,
      `the profiles are ${known.join(', ')}`,
    );
  }
}

/** What the config holds under a path: text, a list, or a plain object for a table. */
function configured(path: readonly string[], sources: Sources): unknown {
  let value: unknown = sources.config;
  for (const key of path) {
    if (value instanceof Map) value = value.get(key);
    else value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return plain(value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function plain(value: unknown): unknown {
  if (Array.isArray(value) || !isRecord(value)) return value;
  const entries: [string, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, plain(inner)]));
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
  const { path, kind } = await locateForChange(key, text, context);
  if (kind.fromText === undefined) {
    const names = namesIn(kind).map((name) => `${key}.${name}`);
    throw usageError(`${key} is a table; set ${names.length > 0 ? names.join(', ') : `${key}.NAME`}`);
  }
  const value = kind.fromText(text);
  kind.read(value, key, () => {});
  if (key === 'profile') await requireProfile(text, await readSources(context));
  await change({ path, value }, key, options, context);
}

async function unset([key = '']: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const { path } = await locateForChange(key, '', context);
  if (configured(path, await readSources(context)) === undefined) {
    throw usageError(`${key} is not set in config.toml`);
  }
  await change({ path, value: undefined }, key, options, context);
}

async function change(
  { path, value }: { path: readonly string[]; value: unknown },
  key: string,
  options: GlobalOptions,
  context: Context,
): Promise<void> {
  const file = await editConfig([{ path, value }], context);
  if (options.json === true)
    await writeJson(context.stdout, { setting: key, value: value ?? null, path: file });
}

/** A setting that config.toml can hold. @throws Failure (usage), which never shows what may be a key */
async function locateForChange(key: string, text: string, context: Context): Promise<Located> {
  const located = locate(key);
  const known = 'path' in located;
  if (looksLikeKey(text) || (!known && namesASecret(key))) {
    if (text !== '') context.secrets.add(text);
    throw usageError(
      'a key on the command line is visible in `ps` and stays in the history',
      'give the place that it comes from: key_env, key_file or key_command, or run `oai config init`',
    );
  }
  if (known) return located;
  if ('path' in locate(`profiles.NAME.${key}`)) {
    throw usageError(
      `${key} belongs to a profile`,
      `for example: oai config set profiles.openai.${key} VALUE`,
    );
  }
  throw unknownSetting(key, located.known);
}

const settingColumns: Columns<EffectiveSetting> = {
  SETTING: ({ setting }) => setting,
  VALUE: ({ value }) => (Array.isArray(value) ? value.join(' ') || null : value),
  SOURCE: ({ source }) => source,
};

async function list(_: readonly string[], options: GlobalOptions, context: Context): Promise<void> {
  const rows = await effectiveSettings(options, await readSources(context), context);
  await writeRows(context, rows, settingColumns, options.json === true);
}

const profileColumns: Columns<ProfileOverview> = {
  ' ': ({ current }) => (current ? '*' : ''),
  PROFILE: ({ profile }) => profile,
  'BASE URL': ({ base_url }) => base_url,
  'KEY FROM': ({ key }) => key ?? 'needs none',
  THERE: ({ key_found }) => key_found,
  MODEL: ({ model }) => model,
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
  const api = await connect(options, context, settings);
  await api.call((client, request) => client.models.list(request));
}

export const config: CommandModule<GlobalOptions> = { define, examples, notes, run };
