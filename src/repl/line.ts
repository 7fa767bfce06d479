import type { Written } from '../editor/blocks.ts';
import { type Failure, usageError } from '../errors.ts';
import { didYouMean } from '../settings/nearest.ts';
import { type CommandName, slashCommand, slashCommands } from './slash-commands.ts';

/** What a line means. */
export type Line =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'question'; readonly text: string }
  | { readonly kind: 'command'; readonly name: CommandName; readonly argument: string }
  | { readonly kind: 'unknown'; readonly failure: Failure };

/** Reads what was written: a command begins with a slash, a question that does so with two. */
export function readLine({ text, literal }: Written): Line {
  if (text.trim() === '') return { kind: 'nothing' };
  if (literal || !text.startsWith('/')) return { kind: 'question', text };
  if (text.startsWith('//')) return { kind: 'question', text: text.slice(1) };
  const [, word = '', argument = ''] = /^\/(\S*)\s*(.*)$/s.exec(text) ?? [];
  const command = slashCommand(word);
  if (command === undefined) return { kind: 'unknown', failure: unknownCommand(word) };
  if (command.argument === '' && argument.trim() !== '') {
    const failure = usageError(`/${command.name} takes nothing: ${argument.trim()}`, startsWithSlash(text));
    return { kind: 'unknown', failure };
  }
  return { kind: 'command', name: command.name, argument: argument.trim() };
}

function unknownCommand(word: string): Failure {
  const names = slashCommands.map(({ name }) => `/${name}`);
  const near = didYouMean(`/${word}`, names);
  return usageError(`there is no command /${word}${near}`, '/help lists them; // begins a text with a slash');
}

function startsWithSlash(text: string): string {
  return `to send it as it is: /${text.split(/\s/)[0]} …`;
}
