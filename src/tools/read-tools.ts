import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { TOOL_NAME, type ToolFields } from '../flags/tools.ts';
import type { JsonSchema } from '../schemas/json-schema.ts';
import { didYouMean } from '../settings/nearest.ts';
import { type Definition, MOST_TOOLS, toolName } from './definition.ts';
import { findProgram, type Program } from './program.ts';
import { argumentCheck, type Tool } from './tool.ts';
import { type SchemaRun, specOf } from './tool-spec.ts';
import { readToolsFile } from './tools-file.ts';

type ToolSources = Pick<ToolFields, 'tools' | 'tool' | 'toolSpec'>;

/**
 * The tools of `--tools` and `--tool`, in that order; a name in both is a declared tool with a command.
 * @throws Failure (usage) on whatever the API would not take, or what could not be run: before anything is sent
 */
export async function readTools(
  { tools, tool = [], toolSpec = [] }: ToolSources,
  run: SchemaRun,
  context: Context,
): Promise<readonly Tool[]> {
  const declared = tools === undefined ? [] : await readToolsFile(tools, context);
  refuseTwice(
    declared.map(({ name }) => name),
    `--tools ${tools}`,
  );
  const programs = await readPrograms(tool, context);
  const specs = readSpecFlags(toolSpec, [...programs.keys()]);
  const read: Tool[] = [];
  for (const definition of declared) {
    if (!programs.has(definition.name)) read.push(await made(definition, undefined, `--tools ${tools}`));
  }
  for (const [name, program] of programs) {
    const known = declared.find((definition) => definition.name === name);
    const unspecified = { name, program, file: specs.get(name), declared: known };
    const definition = (await specOf(unspecified, run, context)) ?? bare(name);
    read.push(await made(definition, program, `--tool ${name}`));
  }
  if (read.length > MOST_TOOLS) {
    throw usageError(`${read.length} tools are more than the API takes: ${MOST_TOOLS} at most`);
  }
  return read;
}

function refuseTwice(names: readonly string[], where: string): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw usageError(`${where}: there are two tools called ${twice}`);
}

async function readPrograms(
  typed: readonly string[],
  context: Context,
): Promise<ReadonlyMap<string, Program>> {
  const split = typed.map((value) => {
    const [, name = '', command] = /^([^=]*)=(.*)$/s.exec(value) ?? [];
    if (command === undefined) {
      throw usageError(`--tool ${value} is not NAME=COMMAND`, 'e.g. --tool weather=./weather.sh');
    }
    return { name: toolName(name, '--tool'), command };
  });
  refuseTwice(
    split.map(({ name }) => name),
    '--tool',
  );
  const programs = new Map<string, Program>();
  for (const { name, command } of split) {
    programs.set(name, await findProgram(command, `--tool ${name}`, context));
  }
  return programs;
}

/** The file for each tool: `NAME=FILE`, or `FILE` where there is one tool. (A path with `=` in it begins with `./`.) */
function readSpecFlags(typed: readonly string[], names: readonly string[]): ReadonlyMap<string, string> {
  const specs = new Map<string, string>();
  for (const value of typed) {
    const at = value.indexOf('=');
    const isNamed = at > 0 && TOOL_NAME.test(value.slice(0, at));
    const name = isNamed ? value.slice(0, at) : onlyName(value, names);
    if (!names.includes(name)) {
      throw usageError(`--tool-spec ${value}: there is no --tool ${name}${didYouMean(name, names)}`);
    }
    const file = isNamed ? value.slice(at + 1) : value;
    if (file === '') throw usageError(`--tool-spec ${value} names no file`);
    if (specs.has(name)) throw usageError(`--tool-spec: there are two for ${name}`);
    specs.set(name, file);
  }
  return specs;
}

function onlyName(value: string, names: readonly string[]): string {
  const [name] = names;
  if (name === undefined) {
    throw usageError('--tool-spec is for a --tool, and there is none', '--tools takes a file of definitions');
  }
  if (names.length === 1) return name;
  throw usageError(
    `--tool-spec ${value}: which tool is it for?`,
    names.map((one) => `--tool-spec ${one}=FILE`).join(', or '),
  );
}

async function made(
  { name, tool, parameters }: Definition,
  program: Program | undefined,
  where: string,
): Promise<Tool> {
  const from = `${where}: what ${name} takes`;
  return { name, definition: tool, program, validate: await argumentCheck(parameters, from) };
}

/** A tool of which nothing is known, as a dry run shows it. */
function bare(name: string): Definition {
  const parameters: JsonSchema | undefined = undefined;
  return { name, tool: { type: 'function', function: { name } }, parameters };
}
