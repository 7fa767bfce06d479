import { closeSync, constants, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf, usageError } from '../errors.ts';
import { decodeUtf8 } from '../input/text.ts';
import { warn } from '../output/messages.ts';
import { configPath, shortPath } from './paths.ts';
import { type Config, type OnUnknown, readConfigTable, type TomlTable } from './schema.ts';

/** Where a setting's value came from. */
export type Source = 'flag' | 'environment' | '.env' | 'config.toml' | 'default';

/** What the files say. */
export interface Sources {
  readonly config: Config;
  /** The variables of `.env` that count. */
  readonly dotenv: ReadonlyMap<string, string>;
}

export interface PlainFile {
  readonly bytes: Uint8Array;
  /** Someone other than its owner can read or write it. */
  readonly exposed: boolean;
}

/**
 * Reads a small file at once. A device, such as the /dev/null that some link a config to, is empty.
 * @throws a system error; an error also for a pipe, which might never end
 */
export function readPlainFile(path: string): PlainFile {
  // Without O_NONBLOCK, opening a pipe waits for its writer.
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = fstatSync(fd);
    if (stats.isFIFO()) throw new Error('it is a pipe');
    if (stats.isCharacterDevice()) return { bytes: new Uint8Array(), exposed: false };
    if (!stats.isFile() && !stats.isDirectory()) throw new Error('it is no regular file');
    // Windows has no such modes: there Node gives 0666 for every file.
    return { bytes: readFileSync(fd), exposed: sep === '/' && (stats.mode & 0o077) !== 0 };
  } finally {
    closeSync(fd);
  }
}

/** One warning about a file whose content is nobody else's business. */
export function warnExposed(context: Context, path: string): void {
  const name = shortPath(path, context.home);
  warn(context, `${name} is open to others; chmod 600 ${name}`);
}

/** Reads `config.toml` and `.env`, where they are. What cannot be read draws a warning. */
export async function readSources(context: Context): Promise<Sources> {
  return { config: await readConfig(context), dotenv: await readDotenv(context) };
}

/** Reads the user's `config.toml` alone. */
export async function readConfig(context: Context): Promise<Config> {
  const path = configPath(context);
  const file = path === undefined ? undefined : readConfigFile(path, context);
  if (path === undefined || file === undefined) return {};
  if (file.exposed) warnExposed(context, path);
  const name = shortPath(path, context.home);
  return checkConfig(await parseToml(decodeUtf8(file.bytes, name), name), name, context);
}

/**
 * A home that cannot be looked into is one warning. A config that is there and cannot be read is a failure: it may
 * send prompts and keys elsewhere than the defaults do.
 */
function readConfigFile(path: string, context: Context): PlainFile | undefined {
  if (!existsSync(path)) return readOptional(path, context, ['ENOENT']);
  try {
    return readPlainFile(path);
  } catch (error) {
    throw usageError(`cannot read ${shortPath(path, context.home)}: ${reasonOf(error)}`, undefined, error);
  }
}

/**
 * Reads TOML text.
 * @param name of its file, for the error
 * @throws Failure (usage) that names line and column
 */
export async function parseToml(text: string, name: string): Promise<TomlTable> {
  const { parse, TomlError } = await import('smol-toml');
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The rest of its message shows lines of the file, where a key may be.
    const [problem = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    throw usageError(`${name} line ${error.line}, column ${error.column}: ${problem}`);
  }
}

/**
 * Checks what a config file holds. Settings that do not exist draw one warning.
 * @throws Failure (usage) on a value of the wrong type
 */
export async function checkConfig(values: TomlTable, name: string, context: Context): Promise<Config> {
  const unknown: { name: string; known: readonly string[] }[] = [];
  const config = validConfig(values, name, (name, known) => unknown.push({ name, known }));
  if (unknown.length > 0) {
    const { didYouMean } = await import('./nearest.ts');
    const parts = unknown.map((setting) =>
      namesASecret(setting.name)
        ? `${setting.name} (keys come by key_env, key_file or key_command)`
        : `${setting.name}${didYouMean(setting.name, setting.known)}`,
    );
    warn(context, `${name} holds what is no setting: ${parts.join(', ')}`);
  }
  return config;
}

/**
 * Checks what a config file holds, and passes over settings that do not exist.
 * @throws Failure (usage) on a value of the wrong type
 */
export function validConfig(values: TomlTable, name: string, onUnknown: OnUnknown = () => {}): Config {
  try {
    return readConfigTable(values, onUnknown);
  } catch (error) {
    if (error instanceof Failure) throw usageError(`${name}: ${error.message}`, error.hint);
    throw error;
  }
}

/** Whether a setting's name says that its value would be a key. */
export function namesASecret(name: string): boolean {
  return /(^|[._-])(api_?)?(key|token|secret|password)$/i.test(name);
}

/** Reads the variables of `.env` that count. What cannot be read draws a warning. */
export async function readDotenv(context: Context): Promise<ReadonlyMap<string, string>> {
  const path = join(context.cwd, '.env');
  const file = readOptional(path, context, ['ENOENT', 'ENOTDIR', 'EISDIR']);
  if (file === undefined || file.bytes.length === 0) return new Map();
  if (file.bytes.includes(0)) {
    warn(context, '.env is not UTF-8 text; going on without it');
    return new Map();
  }
  const { parseDotenv } = await import('./dotenv.ts');
  const variables = parseDotenv(new TextDecoder().decode(file.bytes));
  return new Map(Object.entries(variables).filter(([name, value]) => countsInDotenv(name) && value !== ''));
}

/** A project may bring its own key, URL and model, and nothing that would run a program or loosen a check. */
function countsInDotenv(name: string): boolean {
  return name.startsWith('OPENAI_') || name === 'OAI_PROFILE' || name === 'OAI_MODEL';
}

function readOptional(path: string, context: Context, silent: readonly string[]): PlainFile | undefined {
  try {
    return readPlainFile(path);
  } catch (error) {
    if (!silent.includes(errno(error) ?? '')) {
      warn(context, `cannot read ${shortPath(path, context.home)}: ${reasonOf(error)}; going on without it`);
    }
    return undefined;
  }
}
