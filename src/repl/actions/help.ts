import { usageError } from '../../errors.ts';
import { alignedTable } from '../../output/table.ts';
import type { Action } from '../desk.ts';
import { settings } from '../settings.ts';
import { type SlashCommand, slashCommand, slashCommands } from '../slash-commands.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['Alt-Enter, Ctrl-J, \\ at the end', 'another line; so does Enter between """ and """'],
  ['Ctrl-R, Up', 'what was typed before'],
  ['Tab', 'complete commands, models and paths'],
  ['Ctrl-O', 'write in $VISUAL or $EDITOR'],
  ['Ctrl-C', 'stop the answer; clear the line (Ctrl-Y brings it back)'],
  ['Ctrl-D', 'leave'],
];

export const help: Action = async (argument, desk) => {
  if (argument !== '') return desk.show(`${await helpOf(argument.replace(/^\//, ''))}\n`);
  const commands = await alignedTable(slashCommands.map((command) => [usageOf(command), command.help]));
  const keys = desk.lines.isPerson ? `\n${await alignedTable(KEYS)}` : '';
  await desk.show(`${commands}\nA text that begins with a slash is sent with //.\n${keys}`);
};

/** @throws Failure (usage) */
async function helpOf(name: string): Promise<string> {
  const command = slashCommand(name);
  if (command === undefined) throw usageError(`there is no command /${name}`, '/help lists them');
  const first = `${usageOf(command)}  ${command.help}`;
  if (command.name !== 'set') return first;
  return `${first}\n\n${(await alignedTable(settings.map(({ name, help }) => [name, help]))).trimEnd()}`;
}

function usageOf({ name, argument }: SlashCommand): string {
  return `/${name} ${argument}`.trimEnd();
}
