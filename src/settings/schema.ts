import { Failure, usageError } from '../errors.ts';
import { TOOL_NAME } from '../flags/tools.ts';
import { duration } from '../flags/values.ts';
import { readBaseUrl } from './base-url.ts';
import { looksLikeKey } from './key-text.ts';

/** What commands have a default model of their own for. Each such command adds its name. */
export const CAPABILITIES = [
  'chat',
  'image',
  'speak',
  'transcribe',
  'translate',
  'embed',
  'moderate',
  'structured',
  'complete',
  'realtime',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

/** Those that answer with text: a model that is named for no capability (`model`, `OAI_MODEL`) is theirs alone. */
export const TEXT_CAPABILITIES: readonly Capability[] = ['chat', 'structured'];

export type TomlTable = { [key: string]: unknown };

/** Told of each name that no setting has, and of those that could have been meant. */
export type OnUnknown = (name: string, known: readonly string[]) => void;

/** How settings of one kind are read. */
export interface Kind<T> {
  /**
   * A value as TOML gives it.
   * @throws Failure (usage) that names the setting and what it takes
   */
  read(value: unknown, name: string, onUnknown: OnUnknown): T;
  /** The TOML value for a text typed on the command line, still to be read. Absent for tables. */
  readonly fromText?: (text: string) => unknown;
  /** What a table holds. */
  readonly inner?: Inner;
}

/** The settings in a table: these few, or any name, each of one kind. */
export type Inner =
  | { readonly keys: Readonly<Record<string, Kind<unknown>>> }
  | { readonly each: Kind<unknown> };

type Keys = Readonly<Record<string, Kind<unknown>>>;
type Values<K extends Keys> = { readonly [Name in keyof K]?: ReturnType<K[Name]['read']> };

/** Whether a TOML value is a table. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** Text from the reader of flags' values, for a TOML string; other types are refused. */
function textKind<T>(what: string, read: (text: string, name: string) => T): Kind<T> {
  return {
    read(value, name) {
      if (typeof value === 'string' && value.trim() !== '') return read(value, name);
      throw usageError(`${name} takes ${what}`);
    },
    fromText: (text) => text,
  };
}

const text = textKind('a text that is not empty', (value) => value);

const baseUrl = textKind('a URL', readBaseUrl);

/** The value is not shown: somebody may have put the key itself here. */
const variableName = textKind('the name of an environment variable', (value, name) => {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(value) && !looksLikeKey(value)) return value;
  throw usageError(`${name} takes the name of an environment variable, not the key itself`);
});

/** The value is not shown if it may be the key itself. */
const keyFile = textKind('the path of a file', (value, name) => {
  if (looksLikeKey(value)) throw usageError(`${name} takes the path of a file, not the key itself`);
  if (value.includes('\0')) throw usageError(`${name} holds a character that no path has`);
  return value;
});

const identifier = textKind('an id', checkIdentifier);

/**
 * Checks an id that goes into a header.
 * @param name where it was given, for the error
 * @throws Failure (usage)
 */
export function checkIdentifier(value: string, name: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw usageError(`${name} holds a space or a character that no id has`);
}

/** Milliseconds; a TOML number is seconds. */
const time: Kind<number> = {
  read(value, name) {
    if (typeof value === 'string' || typeof value === 'number') return duration(String(value), name);
    throw usageError(`${name} takes a duration such as "250ms", "30s" or "2m"`);
  },
  fromText: (value) => value,
};

const retries: Kind<number> = {
  read(value, name) {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100) return value;
    throw usageError(`${name} takes a whole number from 0 to 100, not ${JSON.stringify(value)}`);
  },
  fromText: (value) => (/^[+-]?\d+$/.test(value) ? Number(value) : value),
};

/** From 0 to 1. */
const share: Kind<number> = {
  read(value, name) {
    if (typeof value === 'number' && value >= 0 && value <= 1) return value;
    throw usageError(`${name} takes a number from 0 to 1, not ${JSON.stringify(value)}`);
  },
  fromText: (value) => (/^\d*\.?\d+$/.test(value) ? Number(value) : value),
};

const boolean: Kind<boolean> = {
  read(value, name) {
    if (typeof value === 'boolean') return value;
    throw usageError(`${name} takes true or false, not ${JSON.stringify(value)}`);
  },
  fromText: (value) => ({ true: true, false: false })[value] ?? value,
};

/** On the command line, names with commas between them or a JSON list. */
function listOf<T>(each: Kind<T>, what: string): Kind<readonly T[]> {
  return {
    read(value, name, onUnknown) {
      if (Array.isArray(value)) return value.map((one) => each.read(one, name, onUnknown));
      throw usageError(`${name} takes a list of ${what}`);
    },
    fromText: (value) => listFromText(value) ?? value.split(',').map((one) => one.trim()),
  };
}

const toolName = textKind('the name of a tool', (value, name) => {
  if (TOOL_NAME.test(value)) return value;
  throw usageError(`${name} takes names of tools, and ${value} is none: letters, digits, _ and - make one`);
});

/** A command line, or its words. Never shown whole: it may hold a key. */
const command: Kind<string | readonly string[]> = {
  read(value, name) {
    if (!isCommand(value)) throw usageError(`${name} takes a command line or a list of its words`);
    const words = typeof value === 'string' ? value.trim().split(/\s+/) : value;
    // Errors name the program.
    if (looksLikeKey(words[0] ?? ''))
      throw usageError(`${name} takes a command that prints the key, not the key itself`);
    if (words.some((word) => word.includes('\0')))
      throw usageError(`${name} holds a character that no command has`);
    return value;
  },
  fromText: (value) => listFromText(value) ?? value,
};

function isCommand(value: unknown): value is string | readonly string[] {
  if (!Array.isArray(value)) return typeof value === 'string' && value.trim() !== '';
  return value.every((word) => typeof word === 'string') && value[0] !== undefined && value[0].trim() !== '';
}

function listFromText(value: string): unknown[] | undefined {
  if (!value.trimStart().startsWith('[')) return undefined;
  try {
    const list: unknown = JSON.parse(value);
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

const maxTokensField = textKind('max_completion_tokens or max_tokens', (value, name) => {
  if (value === 'max_completion_tokens' || value === 'max_tokens') return value;
  throw usageError(`${name} takes max_completion_tokens or max_tokens, not ${value}`);
});

const chatVia = textKind('completions or responses', (value, name) => {
  if (value === 'completions' || value === 'responses') return value;
  throw usageError(`${name} takes completions or responses, not ${value}`);
});

/** The name of a setting in a table; the outermost table has none. */
function dotted(table: string, key: string): string {
  return table === '' ? key : `${table}.${key}`;
}

function table<K extends Keys>(keys: K): Kind<Values<K>> {
  return {
    read(value, name, onUnknown) {
      if (!isTable(value)) throw usageError(`${name} takes a table`);
      const read = Object.entries(value).flatMap(([key, inner]) => {
        if (Object.hasOwn(keys, key)) return [[key, keys[key]?.read(inner, dotted(name, key), onUnknown)]];
        onUnknown(
          dotted(name, key),
          Object.keys(keys).map((known) => dotted(name, known)),
        );
        return [];
      });
      // Each value was read by the kind of its own key.
      return Object.fromEntries(read) as Values<K>;
    },
    inner: { keys },
  };
}

function namedTable<T>(each: Kind<T>): Kind<ReadonlyMap<string, T>> {
  return {
    read(value, name, onUnknown) {
      if (!isTable(value)) throw usageError(`${name} takes a table`);
      return new Map(
        Object.entries(value).map(([key, inner]) => [key, each.read(inner, dotted(name, key), onUnknown)]),
      );
    },
    inner: { each },
  };
}

const models = table({
  chat: text,
  image: text,
  speak: text,
  transcribe: text,
  translate: text,
  embed: text,
  moderate: text,
  structured: text,
  complete: text,
  realtime: text,
} satisfies Record<Capability, Kind<string>>);
const aliases = namedTable(text);

const tools = table({
  allow: listOf(toolName, 'names of tools'),
  env: listOf(variableName, 'names of environment variables'),
});

const profile = table({
  base_url: baseUrl,
  key_env: variableName,
  key_file: keyFile,
  key_command: command,
  organization: identifier,
  project: identifier,
  model: text,
  models,
  aliases,
  max_tokens_field: maxTokensField,
  stream_usage: boolean,
  image_urls: boolean,
  chat_via: chatVia,
});

/** Every setting that `config.toml` can hold. */
const config = table({
  profile: text,
  model: text,
  models,
  aliases,
  allow_base_urls: listOf(baseUrl, 'URLs'),
  timeout: time,
  stall_timeout: time,
  retries,
  show_images: boolean,
  history: boolean,
  cache: boolean,
  cache_ttl: time,
  markdown: boolean,
  thresholds: namedTable(share),
  tools,
  profiles: namedTable(profile),
});

export type Config = ReturnType<typeof config.read>;
export type ProfileConfig = ReturnType<typeof profile.read>;

/**
 * Reads a whole config.
 * @throws Failure (usage) that names the setting and what it takes
 */
export function readConfigTable(values: TomlTable, onUnknown: OnUnknown): Config {
  return config.read(values, '', onUnknown);
}

/** The names of what a table holds; none where any name will do. */
export function namesIn({ inner }: Kind<unknown>): string[] {
  return inner !== undefined && 'keys' in inner ? Object.keys(inner.keys) : [];
}

/**
 * The names of all settings that can be named beforehand: not those of tables in which any name will do.
 * @param profiles the names of profiles, each of which has settings of its own
 */
export function settingNames(profiles: readonly string[]): string[] {
  const below = ({ inner }: Kind<unknown>, name: string): string[] => {
    if (inner === undefined) return [name];
    if (!('keys' in inner)) return [];
    return Object.entries(inner.keys).flatMap(([key, kind]) => below(kind, dotted(name, key)));
  };
  return [...below(config, ''), ...profiles.flatMap((one) => below(profile, `profiles.${one}`))];
}

/** A setting by its dotted name: `model`, `aliases.gpt-4.1`, `profiles.work.base_url`. */
export interface Located {
  /** The keys that lead to it in the TOML document. */
  readonly path: readonly string[];
  readonly kind: Kind<unknown>;
}

/** No setting: the names that could have been meant. */
export interface Unknown {
  readonly known: readonly string[];
}

/** Finds a setting. */
export function locate(name: string): Located | Unknown {
  const parts = name.split('.');
  const path: string[] = [];
  let kind: Kind<unknown> = config;
  while (parts.length > 0) {
    const part = parts.shift() ?? '';
    const inner: Inner | undefined = kind.inner;
    if (inner === undefined || part === '' || part === '__proto__') return { known: [path.join('.')] };
    if ('each' in inner) {
      // Names of aliases are models' names and may hold dots; those of profiles may not.
      path.push(inner.each.inner === undefined ? [part, ...parts.splice(0)].join('.') : part);
      kind = inner.each;
    } else {
      const next = Object.hasOwn(inner.keys, part) ? inner.keys[part] : undefined;
      if (next === undefined)
        return { known: Object.keys(inner.keys).map((key) => dotted(path.join('.'), key)) };
      path.push(part);
      kind = next;
    }
  }
  return { path, kind };
}

/** What is wrong with a text as the value of a setting, as something to say of `it`; undefined if nothing is. */
export function problemWith(setting: string, text: string): string | undefined {
  const located = locate(setting);
  if (!('path' in located)) return 'it is no setting';
  try {
    located.kind.read(text, 'it', () => {});
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error.message;
    throw error;
  }
}
