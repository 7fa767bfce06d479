import { usageError } from '../errors.ts';
import { placesIn } from '../input/places.ts';
import { isObject } from '../json.ts';
import { type Entry, frontMatter } from './front-matter.ts';

/** What the prompt is called in a role: `{{input}}`. */
export const INPUT = 'input';

/** A prompt that is kept under a name, with its settings. */
export interface Role {
  readonly name: string;
  readonly source: 'built-in' | 'own';
  /** Where it is; undefined for one that is built in. */
  readonly path: string | undefined;
  /** All of the file. */
  readonly text: string;
  readonly description: string | undefined;
  /** The settings that are flags elsewhere. */
  readonly entries: readonly Entry[];
  /** Values of the places, where nobody gives others. */
  readonly vars: ReadonlyMap<string, string>;
  /** Messages before the question, as `--message` takes them. */
  readonly examples: readonly string[];
  /** What the model is to be. */
  readonly system: string;
  /** The question, with a place for what is typed or piped in; undefined: that alone is the question. */
  readonly question: string | undefined;
}

/**
 * Reads the text of a role. Whether its settings are such, `roleSettings` says.
 * @throws Failure (usage) that names the role and, where there is one, the line
 */
export function readRole(text: string, { name, source, path }: Pick<Role, 'name' | 'source' | 'path'>): Role {
  const label = roleLabel(name);
  const { entries, body } = frontMatter(text, label);
  if (body === '' && entries.length === 0) throw usageError(`${label} is empty`, 'its text is the prompt');
  const own = new Map(entries.map((entry) => [entry.key, entry]));
  const isQuestion = placesIn(body).includes(INPUT);
  const system = textOf(own.get('system'), label) ?? '';
  if (system !== '' && body !== '' && !isQuestion) {
    throw usageError(
      `${label} line ${own.get('system')?.line}: system is said twice`,
      `the text below is the system prompt, unless it has a place for {{${INPUT}}}`,
    );
  }
  if (placesIn(system).includes(INPUT)) {
    throw usageError(`${label} line ${own.get('system')?.line}: {{${INPUT}}} belongs into the text below`);
  }
  const examples = listOf(own.get('message'), label);
  if (examples.some((example) => placesIn(example).includes(INPUT))) {
    throw usageError(`${label} line ${own.get('message')?.line}: {{${INPUT}}} belongs into the text below`);
  }
  return {
    name,
    source,
    path,
    text,
    description: textOf(own.get('description'), label),
    entries: entries.filter(({ key }) => !OF_ROLES.includes(key)),
    vars: varsOf(own.get('vars'), label),
    examples,
    system: isQuestion || body === '' ? system : body,
    question: isQuestion ? body : undefined,
  };
}

/** Settings that are no flags, or other ones. */
const OF_ROLES: readonly string[] = ['description', 'system', 'message', 'vars'];

/** The names of all settings beside those that are flags. */
export const roleWords = OF_ROLES;

/** What a role is called in errors. */
export function roleLabel(name: string): string {
  return `role ${name}`;
}

function textOf(entry: Entry | undefined, label: string): string | undefined {
  if (entry === undefined) return undefined;
  const { key, value, line } = entry;
  if (typeof value === 'string') return value.trim();
  throw usageError(`${label} line ${line}: ${key} takes a text`);
}

function listOf(entry: Entry | undefined, label: string): string[] {
  if (entry === undefined) return [];
  const { key, value, line } = entry;
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (typeof item === 'string') return item;
    throw usageError(`${label} line ${line}: ${key} takes texts such as user:hello`);
  });
}

function varsOf(entry: Entry | undefined, label: string): Map<string, string> {
  if (entry === undefined || entry.value === null) return new Map();
  const { value, line } = entry;
  if (!isObject(value)) throw usageError(`${label} line ${line}: vars takes names and values`);
  if (Object.hasOwn(value, INPUT)) {
    throw usageError(`${label} line ${line}: vars.${INPUT}: that is what is typed or piped in`);
  }
  // One without a value has to be given.
  const given = Object.entries(value).filter(([, inner]) => inner !== null);
  return new Map(given.map(([key, inner]) => [key, scalarText(inner, `${label} line ${line}: vars.${key}`)]));
}

/** Text, a number, true or false as the text that they are. @throws Failure (usage) */
export function scalarText(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (value === null || value === undefined) throw usageError(`${where} is empty`);
  throw usageError(`${where} takes one value, and no ${Array.isArray(value) ? 'list' : 'names and values'}`);
}
