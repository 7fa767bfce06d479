import { commands } from './catalogue.ts';
import { globalSheet } from './command.ts';
import type { Context } from './context.ts';
import { inertText } from './output/terminal.ts';
import { readBashLine, typedInBash, withoutQuotes } from './shell-completion/bash-line.ts';
import type { Candidate } from './shell-completion/candidate.ts';
import { type Completion, complete } from './shell-completion/completion.ts';
import { commandSheet } from './tree.ts';

/**
 * What a shell asks for when Tab is pressed, by the scripts of `oai completion`: `__complete bash BREAKS LINE`, or
 * `__complete zsh|fish WORDS… CURRENT`. The answer is a line that says what files can stand there, one with the prefix
 * (see `Completion`), and one for each candidate. Whatever goes wrong, nothing is said: nobody could read it.
 */
export async function completeLine(
  [shell = '', ...given]: readonly string[],
  context: Context,
): Promise<void> {
  context.verbosity = 'quiet';
  try {
    const lines = shell === 'bash' ? await forBash(given, context) : await forOthers(shell, given, context);
    await context.stdout.write(lines.map((line) => `${line}\n`).join(''));
  } catch {
    // There is nothing to offer.
  }
}

const program = { commands, globalFlags: globalSheet(), sheet: commandSheet };

/** zsh and fish quote what they insert, and know files better than anybody. */
async function forOthers(shell: string, words: readonly string[], context: Context): Promise<string[]> {
  const typed = words.at(-1) ?? '';
  // fish gives it as it was typed, with its quotes.
  const current = shell === 'fish' ? withoutQuotes(typed) : typed;
  const completion = await complete(words.slice(0, -1), current, program, context);
  return [filesLine(completion), completion.prefix, ...completion.candidates.map(describedLine)];
}

function filesLine({ files }: Completion): string {
  if (files === undefined) return 'words';
  return files === 'folders' ? 'folders' : ['files', ...files.endings].join(' ');
}

/** A tab stands before the help. */
function describedLine({ value, help }: Candidate): string {
  return `${value}\t${inertText(help.replace(/\s+/g, ' ').trim())}`;
}

/** bash inserts what it is given, in the place of what stands after the last of its breaks. */
async function forBash([breaks = '', text = '']: readonly string[], context: Context): Promise<string[]> {
  const line = readBashLine(text, breaks);
  // Variables that are set for one command come before it.
  const first = line.words.findIndex((word) => !/^\w+=/.test(word));
  const completion = await complete(line.words.slice(first + 1), line.current, program, context);
  const { prefix, typed, candidates, files } = completion;
  const insert = (value: string) => `${prefix}${value}`.slice(line.kept);
  if (files === undefined) {
    return ['words', ...candidates.map(({ value }) => typedInBash(insert(value), line.quote))];
  }
  const { filesBeginning } = await import('./shell-completion/files.ts');
  return ['files', ...(await filesBeginning(typed, files, context)).map(insert)];
}
