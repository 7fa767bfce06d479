import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import { extractWish, type OutputFlags } from '../flags/output.ts';
import type { ReplFlags } from '../flags/repl.ts';
import type { ToolFields } from '../flags/tools.ts';

/** Whether a session is to be opened: it was asked for, or there is a person at a terminal and nothing to ask yet. */
export function replWanted(
  { interactive, words }: ReplFlags & { readonly words: readonly string[] },
  { stdin, stdout }: Pick<Context, 'stdin' | 'stdout'>,
): boolean {
  return interactive === true || (words.length === 0 && stdin.kind === 'terminal' && stdout.isTTY);
}

/** @throws Failure (usage) on flags that show one answer in a form of their own */
export function refuseForRepl(
  { events, logprobs, topLogprobs, ...flags }: AnswerFlags & ToolFields & OutputFlags,
  isOfRows: boolean,
): void {
  if (isOfRows) throw usageError('-i and --rows contradict each other', 'leave out one of the two');
  const stray = [
    events === true && '--events',
    (logprobs === true || topLogprobs !== undefined) && '--logprobs',
    flags.null === true && '-0',
    flags.separator !== undefined && '--separator',
    flags.output !== undefined && '-o',
    extractWish(flags) !== undefined && '-x',
    flags.toolResult !== undefined && '--tool-result',
  ].find((flag) => flag !== false);
  if (stray !== undefined) throw usageError(`${stray} is for one answer`, 'give a prompt, and leave out -i');
}
