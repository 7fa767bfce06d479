import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { pipedText, readStdin } from './stdin.ts';
import { decodeUtf8, withoutLastBreak } from './text.ts';

/**
 * The text of a command that takes one: its words, or stdin where there are none or the one word is `-`.
 * @param words as typed; joined by a space
 * @param what it is, for errors
 * @throws Failure (usage) when there is none, or stdin cannot be read
 */
export async function readTextArgument(
  words: readonly string[],
  context: Context,
  what = 'prompt',
): Promise<string> {
  const { typed, named } = withoutDash(words);
  if (named && typed !== '') throw usageError(`\`-\` is stdin, and there is a ${what} beside it`);
  if (typed.trim() !== '') return typed;
  const piped = named
    ? decodeUtf8(await readStdin(context, `the ${what}`), 'stdin')
    : await pipedText(context, { patient: true });
  const text = withoutLastBreak(piped ?? '');
  if (text.trim() === '') throw nothing(what, piped);
  return text;
}

function nothing(what: string, piped: string | undefined) {
  return usageError(
    piped === undefined ? `no ${what}` : `no ${what}: stdin was empty`,
    'give it as words, or pipe it in; --help shows how',
  );
}

/**
 * The prompt of a text command: its words, piped text, or both (the piped text first, a blank line, the words).
 * A first or last word `-` is stdin, named: it is waited for. What is white space alone is nothing.
 * @param words as typed; joined by a space
 * @param isOptional there is something to send without it: it may be empty, and stdin is not waited for
 * @throws Failure (usage) when there is none, or stdin cannot be read
 */
export async function readPrompt(
  words: readonly string[],
  context: Context,
  { isOptional = false } = {},
): Promise<string> {
  const { typed, named } = withoutDash(words);
  const piped = named
    ? decodeUtf8(await readStdin(context, 'the prompt'), 'stdin')
    : await pipedText(context, { patient: typed.trim() === '' && !isOptional });
  const parts = [withoutLastBreak(piped ?? ''), typed].filter((part) => part.trim() !== '');
  if (parts.length === 0 && !isOptional) throw nothing('prompt', piped);
  return parts.join('\n\n');
}

/** In the middle `-` is a word like any other: `oai chat what is 5 - 3`. */
function withoutDash(words: readonly string[]): { typed: string; named: boolean } {
  if (words[0] === '-') return { typed: words.slice(1).join(' '), named: true };
  if (words.at(-1) === '-') return { typed: words.slice(0, -1).join(' '), named: true };
  return { typed: words.join(' '), named: false };
}
