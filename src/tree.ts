import { commands } from './catalogue.ts';
import { type CommandSheet, sheetOf } from './command.ts';

/** A command as `--help` knows it; undefined where there is none of that name. Its module is loaded, and no other. */
export async function commandSheet(name: string): Promise<CommandSheet | undefined> {
  const entry = commands.find((command) => command.name === name);
  return entry === undefined ? undefined : sheetOf(name, entry.summary, await entry.load());
}

/** Every command, in the order of `oai --help`. */
export async function allSheets(): Promise<CommandSheet[]> {
  return Promise.all(commands.map(async ({ name, summary, load }) => sheetOf(name, summary, await load())));
}
