import { dirname, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { answerFlags } from '../flags/answers.ts';
import { chatFlags } from '../flags/chat.ts';
import { type Flag, optionName } from '../flags/flag.ts';
import { outputFlags } from '../flags/output.ts';
import { samplingFlags } from '../flags/sampling.ts';
import { toolFlags } from '../flags/tools.ts';
import { viaFlags } from '../flags/via.ts';
import { commandWords } from '../input/command-words.ts';
import { isObject, type JsonObject } from '../json.ts';
import { quoted } from '../output/shell.ts';
import { didYouMean } from '../settings/nearest.ts';
import { expandHome } from '../settings/paths.ts';
import type { Entry } from './front-matter.ts';
import { type Role, roleLabel, roleWords, scalarText } from './role.ts';

/** A setting of a role: a flag by its long name. */
interface Setting {
  /** `max-tokens` */
  readonly name: string;
  /** What the flag is called once it is read: `maxTokens`. */
  readonly option: string;
  readonly takesValue: boolean;
  /** `--no-…`: what is set is false. */
  readonly isNegative: boolean;
  readonly flag: Flag;
}

/**
 * Flags that say nothing of a prompt: how an answer is shown, or where it goes. And those by which a role could run
 * programs without asking.
 */
const NOT_FOR_ROLES: readonly string[] = [
  'separator',
  'null',
  'stream',
  'events',
  'logprobs',
  'top-logprobs',
  'yes',
  'tool-result',
  'raw',
  'output',
  'force',
];

const settings: ReadonlyMap<string, Setting> = new Map(
  [...chatFlags(''), ...viaFlags, ...answerFlags, ...outputFlags, ...samplingFlags, ...toolFlags]
    .map(settingOf)
    .filter(({ name }) => !NOT_FOR_ROLES.includes(name))
    .map((setting) => [setting.name, setting]),
);

function settingOf(flag: Flag): Setting {
  const [, negative, name = '', value] = /--(no-)?([\w-]+)( <)?/.exec(flag.flags) ?? [];
  return {
    name,
    option: optionName(flag),
    takesValue: value !== undefined,
    isNegative: negative !== undefined,
    flag,
  };
}

/** Any field of the request: names and values. */
const PARAM = 'param';

/** Settings that name files: what stands before the path, and the path. */
const FILES: Readonly<Record<string, RegExp>> = {
  schema: /^()(.*)$/s,
  tools: /^()(.*)$/s,
  'tool-spec': /^([\w-]+=)?(.*)$/s,
  prediction: /^(@)([^@].*)$/s,
};

/**
 * What a role sets, under the names of the flags' options. Of what is not there, nothing is.
 * @throws Failure (usage) that names the role, the line and the setting
 */
export function roleSettings(role: Role, context: Pick<Context, 'home'>): JsonObject {
  const read: JsonObject = {};
  for (const entry of role.entries) {
    const where = `${roleLabel(role.name)} line ${entry.line}:`;
    // Both `max_tokens`, as the API writes it, and `max-tokens`, as the flag is typed.
    const name = entry.key.replaceAll('_', '-');
    if (name === PARAM) {
      read[PARAM] = params(entry, where);
      continue;
    }
    const setting = settings.get(name);
    if (setting === undefined) throw unknownSetting(entry.key, where);
    const value = settingValue(setting, entry, where, (path) => besideRole(path, role, context));
    if (value !== undefined) read[setting.option] = value;
  }
  return read;
}

function unknownSetting(key: string, where: string): Failure {
  const known = [...settings.keys(), PARAM, ...roleWords];
  const near = didYouMean(key.replaceAll('_', '-'), known);
  return usageError(`${where} ${key} is no setting of a role${near}`, `the settings are ${known.join(', ')}`);
}

function settingValue(
  { name, takesValue, isNegative, flag }: Setting,
  { key, value }: Entry,
  where: string,
  beside: (path: string) => string,
): unknown {
  if (!takesValue) {
    if (typeof value !== 'boolean') throw usageError(`${where} ${key} takes true or false`);
    if (value === isNegative) return undefined;
    return !isNegative;
  }
  if (name === 'schema' && isObject(value)) return { value, from: `${where} ${key}` };
  const one = (inner: unknown) => {
    const text = scalarText(inner, `${where} ${key}`);
    const [, before = '', path] = FILES[name]?.exec(text) ?? [];
    const given =
      name === 'tool'
        ? toolBeside(text, beside, `${where} ${key}`)
        : path === undefined
          ? text
          : `${before}${beside(path)}`;
    return flag.read === undefined ? given : flag.read(given, `${where} ${key}`);
  };
  if (flag.repeatable !== true) return one(value);
  if (isObject(value)) {
    return Object.entries(value).map(([inner, given]) =>
      one(`${inner}=${scalarText(given, `${where} ${key}.${inner}`)}`),
    );
  }
  return (Array.isArray(value) ? value : [value]).map(one);
}

/**
 * A tool whose program, and whatever else in its command is written as a path from here, is beside the role.
 * @param tool `NAME=COMMAND`
 * @throws Failure (usage) on what is no command
 */
function toolBeside(tool: string, beside: (path: string) => string, where: string): string {
  const at = tool.indexOf('=');
  if (at === -1) return tool;
  const words = commandWords(tool.slice(at + 1), where).map((word, index) => {
    const isPath = /^\.\.?\//.test(word) || (index === 0 && word.includes('/'));
    return quoted(isPath ? beside(word) : word);
  });
  return `${tool.slice(0, at + 1)}${words.join(' ')}`;
}

function params({ key, value }: Entry, where: string): string[] {
  if (!isObject(value)) throw usageError(`${where} ${key} takes names and values`);
  return Object.entries(value).map(([name, given]) => `${name}=${JSON.stringify(given)}`);
}

/** A file that a role names is one beside it, and not of some project. @throws Failure (usage) on stdin */
function besideRole(path: string, role: Role, { home }: Pick<Context, 'home'>): string {
  if (path === '-') throw usageError(`${roleLabel(role.name)} names stdin as a file: that is what is asked`);
  if (role.path === undefined || /^https?:/i.test(path)) return path;
  return resolve(dirname(role.path), expandHome(path, home));
}

/** What is wrong with a role's settings; undefined where nothing is. */
export function problemWith(role: Role, context: Pick<Context, 'home'>): Failure | undefined {
  try {
    roleSettings(role, context);
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
