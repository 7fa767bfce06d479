import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { type Flag, optionName } from '../flags/flag.ts';
import type { PlacedText } from '../flags/messages.ts';
import type { RoleFlags } from '../flags/roles.ts';
import { textValue } from '../input/text.ts';
import type { JsonObject } from '../json.ts';
import type { Role } from './role.ts';
import { TEMPLATE_PROMPT } from './template.ts';

/** What a role can put before a question, and fields of the request. */
interface Before {
  readonly system?: readonly PlacedText[];
  readonly message?: readonly PlacedText[];
  readonly param?: readonly string[] | undefined;
}

/** Options that may have come from a role. */
export interface Filling {
  /** The question for what was typed or piped in. */
  fill(input: string): string;
}

/** JSON of any kind, and what shows more than the text: there is no code to be taken out of it. */
const NO_CODE = ['raw', 'json', 'events', 'logprobs', 'topLogprobs', 'jsonObject', 'schema'];

/** Flags that take the place of a setting beside its own: the two would contradict each other. */
const INSTEAD: Readonly<Record<string, readonly string[]>> = {
  schema: ['fields', 'jsonObject'],
  jsonObject: ['schema'],
  extract: ['extractLang', 'extractAll', ...NO_CODE],
  extractLang: ['extract', 'extractAll', ...NO_CODE],
  extractAll: ['extract', 'extractLang', ...NO_CODE],
};

/**
 * Puts a role's settings in the place of flags that were not typed, and its messages before those that were.
 * @param takes the flags of the command that a role may set; it may have others, for other commands
 * @throws Failure (usage) on an unknown role, one that is broken or an untouched template, or a place without a value
 */
export async function withRole<Options extends RoleFlags & Before>(
  options: Options,
  takes: readonly Flag[],
  context: Context,
): Promise<Options & Filling> {
  const { role: name, var: given = [] } = options;
  if (name === undefined) {
    if (given.length > 0) throw usageError('--var is for a role', '-r NAME chooses one: `oai role list`');
    return { ...options, fill: (input) => input };
  }
  const { findRole } = await import('./shelf.ts');
  const { roleSettings } = await import('./settings.ts');
  const { filled } = await import('../input/places.ts');
  const role = await findRole(name, context);
  if (role.system.trim() === TEMPLATE_PROMPT) {
    throw usageError(
      `role ${name} says nothing yet: its text is that of the template`,
      `\`oai role edit ${name}\` opens it`,
    );
  }
  const settings = roleSettings(role, context);
  const values = await valuesFor(role, given, context);
  const { question } = role;
  const system = role.system === '' ? [] : [literal(filled(role.system, values))];
  const examples = role.examples.map((example) => filled(example, values).replace(/^([^:]*:)@/, '$1@@'));
  const params = settings['param'];
  return {
    ...untyped(settings, options, takes),
    ...options,
    ...before('param', Array.isArray(params) ? params : [], options.param),
    ...before('system', placed(system, examples.length), options.system),
    ...before('message', placed(examples, 0), options.message),
    fill: (input) =>
      question === undefined ? input : filled(question, new Map([...values, ['input', input]])),
  };
}

/** What the role has of a list, and what was typed after it; nothing where neither is there. */
function before<T>(name: string, own: readonly T[], typed: readonly T[] | undefined): object {
  return own.length > 0 ? { [name]: [...own, ...(typed ?? [])] } : {};
}

/** A text that begins with @ and names no file. */
function literal(text: string): string {
  return text.startsWith('@') ? `@${text}` : text;
}

/** Before all that was typed: places there are counted from 0. @param after how many follow before those */
function placed(texts: readonly string[], after: number): PlacedText[] {
  return texts.map((text, index) => ({ text, place: index - texts.length - after }));
}

/** The settings that count: those of the command, where neither they nor what takes their place was typed. */
function untyped(settings: JsonObject, options: object, takes: readonly Flag[]): JsonObject {
  const known = takes.map(optionName);
  const typed = (name: string) => name in options;
  const counts = (name: string) => known.includes(name) && !INSTEAD[name]?.some(typed);
  return Object.fromEntries(Object.entries(settings).filter(([name]) => counts(name)));
}

/** The value of each place but the input. @throws Failure (usage) on one without, and on values without a place */
async function valuesFor(
  role: Role,
  given: readonly (readonly [string, string])[],
  context: Context,
): Promise<Map<string, string>> {
  const { placesIn } = await import('../input/places.ts');
  const { INPUT } = await import('./role.ts');
  const texts = [role.system, role.question ?? '', ...role.examples];
  const names = [...new Set(texts.flatMap(placesIn))].filter((name) => name !== INPUT);
  const known = new Set([...names, ...role.vars.keys()]);
  for (const [name] of given) {
    if (!known.has(name)) throw await noSuchPlace(name, role, [...known]);
  }
  const values = new Map(role.vars);
  for (const [name, value] of given) values.set(name, await textValue(value, `--var ${name}`, context));
  const missing = names.filter((name) => !values.has(name));
  if (missing.length === 0) return values;
  const flags = missing
    .map((name) => (/^[\w-]+$/.test(name) ? `--var ${name}=…` : `--var '${name}=…'`))
    .join(' ');
  throw usageError(`role ${role.name} has no value for ${missing.join(', ')}`, `give it: ${flags}`);
}

async function noSuchPlace(name: string, role: Role, known: readonly string[]): Promise<Failure> {
  const { didYouMean } = await import('../settings/nearest.ts');
  if (name === 'input') return usageError('--var input: the input is what is typed or piped in');
  const hint = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return usageError(`role ${role.name} has no place for ${name}${didYouMean(name, known)}`, hint);
}
