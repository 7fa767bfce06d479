import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { readJson } from '../input/json-text.ts';
import { sizeText } from '../output/size.ts';
import { type Definition, readSpec } from './definition.ts';
import { commandLine, type Program } from './program.ts';
import { type Ran, runProgram } from './run-program.ts';
import { readJsonFile } from './tools-file.ts';

/** How long a program may take to print its schema, in ms. */
const SCHEMA_TIMEOUT_MS = 10_000;
/** The longest schema, in bytes. */
const SCHEMA_LIMIT = 1024 * 1024;

/** A tool with a command, as far as it is known. */
export interface Unspecified {
  readonly name: string;
  readonly program: Program;
  /** `--tool-spec` for it: the path of a file. */
  readonly file: string | undefined;
  /** What `--tools` says of it. */
  readonly declared: Definition | undefined;
}

/** What running a program with `--schema` takes. */
export interface SchemaRun {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Asks for consent; a program that does not know the flag may do what it always does. */
  mayRun(name: string, line: string): Promise<boolean>;
  /** Nothing is run: the request is only to be shown. */
  readonly dryRun: boolean;
}

/**
 * What a tool with a command is to be told as: by `--tool-spec`, else by `--tools`, else by the JSON file beside the
 * program, else by what the program prints when it is run with `--schema`.
 * @returns undefined where only that would tell, and nothing is to be run
 * @throws Failure (usage) where nothing tells
 */
export async function specOf(
  tool: Unspecified,
  run: SchemaRun,
  context: Context,
): Promise<Definition | undefined> {
  const { name, program, file, declared } = tool;
  if (file !== undefined) {
    const from = `--tool-spec ${file}`;
    return readSpec(await readJsonFile(file, from, context), name, from);
  }
  if (declared !== undefined) return declared;
  const sidecar = await sidecarOf(program, context);
  if (sidecar !== undefined) return readSpec(await readJsonFile(sidecar, sidecar, context), name, sidecar);
  return run.dryRun ? undefined : bySchemaFlag(name, program, run, context);
}

/**
 * The file `PROGRAM.json` beside a program; where there is none, the one beside the script that it runs: the first
 * of its words that is a file.
 */
async function sidecarOf({ words }: Program, { cwd }: Context): Promise<string | undefined> {
  const [program, ...rest] = words;
  const own = `${program}.json`;
  if (await isFile(own)) return own;
  for (const word of rest) {
    const path = resolve(cwd, word);
    if (await isFile(path)) return (await isFile(`${path}.json`)) ? `${path}.json` : undefined;
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

async function bySchemaFlag(
  name: string,
  program: Program,
  { env, mayRun }: SchemaRun,
  context: Context,
): Promise<Definition> {
  const words = [...program.words, '--schema'] as const;
  const line = commandLine(words);
  if (!(await mayRun(name, line))) throw nothingTells(name, program);
  const ran = await runProgram(
    // `[first, ...rest, last]` has a first.
    {
      words: words as unknown as Program['words'],
      cwd: context.cwd,
      env,
      input: '',
      timeout: SCHEMA_TIMEOUT_MS,
      outputLimit: SCHEMA_LIMIT,
    },
    context.signal,
    context,
  );
  const problem = problemOf(ran);
  const hint = `describe the tool in a file: --tool-spec ${name}=FILE, or ${basename(program.words[0])}.json beside it`;
  if (problem !== undefined) throw usageError(`--tool ${name}: ${line} ${problem}`, hint);
  const printed = `what ${line} prints`;
  // It may have done what it always does: a program need not know the flag.
  return readSpec(await readJson(ran.stdout.text, printed, hint), name, printed);
}

function problemOf({ problem, timedOut, code, endedBy, stdout, stderr }: Ran): string | undefined {
  if (problem !== undefined) return `cannot be run: ${problem}`;
  if (timedOut) return `did not end within ${durationText(SCHEMA_TIMEOUT_MS)}`;
  const [said = ''] = stderr.text.trim().split('\n');
  const words = said === '' ? '' : `: ${said}`;
  if (code === undefined) return `was ended by ${endedBy}${words}`;
  if (code !== 0) return `ended with exit code ${code}${words}`;
  if (stdout.size > stdout.kept) return `prints more than ${sizeText(SCHEMA_LIMIT)}`;
  if (stdout.text.trim() === '') return 'prints nothing';
  return undefined;
}

function nothingTells(name: string, { words }: Program) {
  const [program] = words;
  return usageError(
    `--tool ${name}: nothing says what it takes: there is no ${program}.json, and its --schema was not to be run`,
    `describe it: --tool-spec ${name}=FILE; or allow it to run, also with --schema: --yes`,
  );
}
