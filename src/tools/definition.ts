import type { ChatTool } from '../api/completions.ts';
import { type Failure, usageError } from '../errors.ts';
import { TOOL_NAME } from '../flags/tools.ts';
import { isObject, type JsonObject } from '../json.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';

/** The most tools of a request (OpenAPI, `CreateChatCompletionRequest`, in the words of its `tools`). */
export const MOST_TOOLS = 128;

/** What a model is told of a tool. */
export interface Definition {
  readonly name: string;
  readonly tool: ChatTool;
  /** What its arguments are to be; undefined where nothing says it, and for a custom tool, which takes any text. */
  readonly parameters: JsonSchema | undefined;
}

const FORM = '{"type":"function","function":{"name":…,"description":…,"parameters":{…}}}';

/**
 * One definition in the API's form.
 * @param from what errors call it: `--tools tools.json, entry 2`
 * @throws Failure (usage)
 */
export function readDefinition(value: unknown, from: string): Definition {
  if (!isObject(value)) throw usageError(`${from} is no definition of a tool`, `each is ${FORM}`);
  const { type, function: called, custom } = value;
  if (type === 'function' && isObject(called)) return functionTool(called, from, value);
  if (type === 'custom' && isObject(custom)) return customTool(custom, from, value);
  if (type === 'function' && typeof value['name'] === 'string') {
    throw usageError(`${from} is in the form of the Responses API`, `here a tool is ${FORM}`);
  }
  const what = type === undefined ? 'has no type' : `has the type ${JSON.stringify(type)}`;
  throw usageError(`${from} is no definition of a tool: it ${what}`, `each is ${FORM}`);
}

/** The members of a function, where it stands without the API's wrapping. */
const BARE = ['name', 'description', 'parameters', 'strict'];

/** Members that a JSON Schema of arguments has, and a function has not. */
const OF_SCHEMAS = ['type', 'properties', '$schema', '$ref', 'allOf', 'anyOf', 'oneOf'];

/**
 * What is said of one tool, whose name is known: in the API's form, as its function alone, or as the JSON Schema of
 * its arguments, whose description is the tool's.
 * @param from what errors call it: `./weather.sh.json`
 * @throws Failure (usage)
 */
export function readSpec(value: unknown, name: string, from: string): Definition {
  if (!isObject(value)) throw noSpec(from);
  const { type, function: called, custom } = value;
  if (type === 'function' || type === 'custom') {
    const inner = type === 'function' ? called : custom;
    if (!isObject(inner)) throw noSpec(from);
    return readDefinition({ ...value, [type]: { ...inner, name } }, from);
  }
  if (OF_SCHEMAS.some((member) => value[member] !== undefined)) {
    const { description } = value;
    const about = typeof description === 'string' ? { description } : {};
    return functionTool({ name, ...about, parameters: value }, from);
  }
  const stray = Object.keys(value).find((member) => !BARE.includes(member));
  if (stray !== undefined) throw usageError(`${from} has ${stray}, which says nothing of a tool`, SPEC_FORMS);
  return functionTool({ ...value, name }, from);
}

const SPEC_FORMS =
  'it takes {"description":…,"parameters":{…}}, or the JSON Schema of the arguments: {"type":"object",…}';

function noSpec(from: string): Failure {
  return usageError(`${from} says nothing of a tool: it is no JSON object of its form`, SPEC_FORMS);
}

function functionTool(called: JsonObject, from: string, around: JsonObject = {}): Definition {
  const { name, description, parameters } = called;
  const checked = checkName(name, from);
  checkDescription(description, from);
  if (parameters !== undefined) checkParameters(parameters, from);
  const given = isObject(parameters) ? parameters : undefined;
  // A schema's place for a root without `type`: the API wants it said.
  const sent = given === undefined ? {} : { parameters: { type: 'object', ...given } };
  const tool = { ...around, type: 'function', function: { ...called, name: checked, ...sent } };
  return { name: checked, tool: tool as ChatTool, parameters: given };
}

function customTool(custom: JsonObject, from: string, around: JsonObject): Definition {
  const name = checkName(custom['name'], from);
  checkDescription(custom['description'], from);
  return { name, tool: around as unknown as ChatTool, parameters: undefined };
}

function checkName(name: unknown, from: string): string {
  if (typeof name !== 'string') throw usageError(`${from} has no name`, `each is ${FORM}`);
  return toolName(name, from);
}

/** @throws Failure (usage) where the API takes no such name */
export function toolName(name: string, where: string): string {
  if (TOOL_NAME.test(name)) return name;
  const shown = name === '' ? "''" : name;
  throw usageError(
    `${where} ${shown} is no name for a tool`,
    'letters, digits, _ and - make one, 64 of them at most',
  );
}

function checkDescription(description: unknown, from: string): void {
  if (description === undefined || typeof description === 'string') return;
  throw usageError(`${from} has a description that is no text`);
}

function checkParameters(parameters: unknown, from: string): void {
  if (!isObject(parameters)) throw usageError(`${from} has parameters that are no JSON Schema`);
  const { type } = parameters;
  if (type === undefined || type === 'object') return;
  throw usageError(`${from} has parameters of the type ${JSON.stringify(type)}; arguments are an object`);
}
