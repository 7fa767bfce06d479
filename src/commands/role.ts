import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Command } from 'commander';
import { type Actions, NO_WORDS, runAction } from '../actions.ts';
import { addFlags, type CommandModule } from '../command.ts';
import type { Context } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { text } from '../flags/values.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { type Columns, writeRows } from '../output/table.ts';
import { inertText } from '../output/terminal.ts';
import type { Role } from '../roles/role.ts';
import type { RoleRow } from '../roles/rows.ts';

export interface RoleOptions extends GlobalOptions {
  /** The name of a role, or `-`. */
  readonly from?: string;
  readonly force?: boolean;
}

type Options = RoleOptions & { readonly words: readonly string[] };

function define(command: Command): void {
  command.argument('[action]', 'list, show, new, edit or path').argument('[words...]', 'the role');
  addFlags(command, [
    { flags: '--from <name>', help: 'new: begin with the text of this role, or - for stdin', read: text },
    { flags: '--force', help: 'new: replace the role of that name' },
  ]);
}

const notes = `
Actions:
  list        the roles there are: your own, and those that come with oai
  show NAME   its text
  new NAME    make one: from what is piped in, from --from, or from a template
  edit NAME   open it in $VISUAL, $EDITOR or vi; a built-in one is copied
  path [NAME] where it is, or where they all are

A role is a Markdown file, NAME.md. Its text is the system prompt; or, where it
has a place for {{input}}, the question, with what is typed or piped in there.
Other places, {{name}}, are filled by --var name=value. Settings stand above
the text, between two lines of ---, in YAML:

  ---
  description: a review for beginners
  model: gpt-6-luna
  temperature: 0.2
  vars: {language: English}
  ---
  You review code. Write in {{language}}.

The settings are flags of chat without their dashes (model, temperature,
max-tokens, stop, schema, tools, extract, …), and description, vars (values
where --var gives none), system, message (examples: user:…, assistant:…) and
param (any other field). Flags that are typed go before them. {{{{ is a literal
{{.`;

const examples = [
  { line: 'oai role list', note: 'what there is' },
  { line: 'oai role show commit', note: 'what it says' },
  { line: 'oai role new reviewer --from explain', note: 'one of your own, like another' },
  { line: 'oai role new pirate < reviewer.md', note: 'from a file' },
  { line: 'git diff | oai chat -r commit', note: 'at work' },
];

const ONE = { what: 'the name of a role', least: 1, most: 1 } as const;

const actions: Actions<RoleOptions> = {
  name: 'role',
  example: 'oai role list',
  actions: {
    list: { flags: [], words: NO_WORDS, run: list },
    show: { flags: [], words: ONE, run: show },
    new: { flags: ['from', 'force'], words: ONE, run: create },
    edit: { flags: [], words: ONE, run: edit },
    path: { flags: [], words: { what: 'the name of one role', least: 0, most: 1 }, run: path },
  },
};

function run(options: Options, context: Context): Promise<void> {
  return runAction(actions, options, context);
}

const columns: Columns<RoleRow> = {
  ROLE: ({ name }) => name,
  FROM: ({ source }) => source,
  MODEL: ({ model }) => model,
  DESCRIPTION: ({ description }) => description,
};

async function list(_: readonly string[], { json }: RoleOptions, context: Context): Promise<void> {
  const { roleRows } = await import('../roles/rows.ts');
  await writeRows(context, await roleRows(context), columns, json === true);
}

async function show([name = '']: readonly string[], { json }: RoleOptions, context: Context): Promise<void> {
  const { findRole, shownText } = await import('../roles/shelf.ts');
  if (json === true) {
    const { shownRole } = await import('../roles/rows.ts');
    await writeJson(context.stdout, shownRole(await findRole(name, context)));
    return;
  }
  // One that is broken is shown all the more.
  const whole = await shownText(name, context);
  await context.stdout.write(context.stdout.isTTY ? inertText(whole) : whole);
}

async function create([name = '']: readonly string[], options: RoleOptions, context: Context): Promise<void> {
  const { rolePath } = await import('../roles/shelf.ts');
  const file = rolePath(name, context);
  const given = await newText(name, options, context);
  await checkText(name, given, context);
  if (options.dryRun === true) {
    await context.stdout.write(context.stdout.isTTY ? inertText(given) : given);
    return;
  }
  await write(file, given, options.force === true);
  await printPath(file, options, context);
}

/** The text of a new one: that of another role, what is piped in, or the template. @throws Failure (usage) */
async function newText(name: string, { from }: RoleOptions, context: Context): Promise<string> {
  const { pipedText, readStdin } = await import('../input/stdin.ts');
  const { decodeUtf8 } = await import('../input/text.ts');
  if (from === '-') return decodeUtf8(await readStdin(context, 'the role'), 'stdin');
  if (from !== undefined) {
    const { shownText } = await import('../roles/shelf.ts');
    return shownText(from, context);
  }
  const piped = await pipedText(context, { patient: false });
  if (piped === undefined) return (await import('../roles/template.ts')).TEMPLATE;
  if (piped.trim() === '') {
    throw usageError(
      `role ${name} is empty: nothing came on stdin`,
      'its text is the prompt; with --no-stdin there is a template to be written upon',
    );
  }
  return piped;
}

/** @throws Failure (usage) where it could not be used */
async function checkText(name: string, whole: string, context: Context): Promise<void> {
  const { readRole } = await import('../roles/role.ts');
  const { roleSettings } = await import('../roles/settings.ts');
  roleSettings(readRole(whole, { name, source: 'own', path: undefined }), context);
}

/** @throws Failure (usage) where it is there already, or cannot be written */
async function write(file: string, whole: string, force: boolean): Promise<void> {
  try {
    await makeFolders(dirname(file), 0o700);
  } catch (error) {
    throw usageError(`cannot make ${dirname(file)}: ${reasonOf(error)}`, undefined, error);
  }
  const ended = whole.endsWith('\n') ? whole : `${whole}\n`;
  await writeFileAtomic(file, ended, { mode: 0o600, force });
}

async function edit([name = '']: readonly string[], options: RoleOptions, context: Context): Promise<void> {
  const { rolePath, shownText } = await import('../roles/shelf.ts');
  const { editFile, requireEditor } = await import('../input/editor.ts');
  const file = rolePath(name, context);
  const copy = existsSync(file) ? undefined : await shownText(name, context);
  requireEditor(file, context);
  if (copy !== undefined) await write(file, copy, false);
  try {
    await editFile(file, context);
  } finally {
    if (copy !== undefined && (await readOrNothing(file)) === copy) await rm(file, { force: true });
  }
  const written = await readOrNothing(file);
  if (written === undefined) {
    warn(context, `role ${name} is as it was: the one that comes with oai`);
    return;
  }
  await warnOfProblem(name, context);
  await printPath(file, options, context);
}

async function readOrNothing(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}

/** What was typed is kept, even where it is wrong. */
async function warnOfProblem(name: string, context: Context): Promise<void> {
  const { shownText } = await import('../roles/shelf.ts');
  try {
    await checkText(name, await shownText(name, context), context);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    warn(context, error.message);
  }
}

async function path(names: readonly string[], options: RoleOptions, context: Context): Promise<void> {
  const { findRole, requireRolesFolder } = await import('../roles/shelf.ts');
  const [name] = names;
  if (name === undefined) return printPath(requireRolesFolder(context), options, context);
  const role: Role = await findRole(name, context);
  if (role.path === undefined) {
    throw usageError(
      `role ${name} comes with oai and is no file`,
      `\`oai role new ${name} --from ${name}\` makes one of it`,
    );
  }
  await printPath(role.path, options, context);
}

async function printPath(file: string, { json }: RoleOptions, { stdout }: Context): Promise<void> {
  if (json === true) await writeJson(stdout, { path: file });
  else await stdout.write(`${stdout.isTTY ? inertText(file) : file}\n`);
}

/** `oai role`: prompts that are kept under a name, with their settings. */
export const role: CommandModule<RoleOptions> = { define, examples, notes, run };
