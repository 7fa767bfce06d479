import type { ChatMessage } from '../api/completions.ts';
import type { Context } from '../context.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { writeJson } from '../output/json.ts';
import type { Choice } from './answer.ts';

/**
 * Prints the answers that follow the first, which was printed as it came: each on lines of its own, or apart as
 * `--separator` and `-0` say.
 * @param first where the first one went, not yet at its end
 */
export async function showAnswers(
  choices: readonly Choice[],
  { first, sink }: { readonly first: AnswerSink; sink(): AnswerSink },
  flags: Pick<AnswerFlags, 'separator' | 'null'>,
): Promise<void> {
  for (const [index, { text }] of choices.entries()) {
    const out = index === 0 ? first : sink();
    if (index > 0) await out.write(text);
    await out.end(endingOf(index === choices.length - 1, flags));
  }
  if (choices.length === 0) await first.end();
}

/** What stands after an answer; undefined for a line break where one is missing. */
function endingOf(isLast: boolean, flags: Pick<AnswerFlags, 'separator' | 'null'>): string | undefined {
  return isLast && flags.null !== true ? undefined : separatorOf(flags);
}

/** What is to stand between two answers; undefined where nothing was said of it. */
export function separatorOf({
  separator,
  null: isNull,
}: Pick<AnswerFlags, 'separator' | 'null'>): string | undefined {
  if (isNull === true) return '\0';
  return separator === undefined ? undefined : unescaped(separator);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '0': '\0', '\\': '\\' };

/** `\n` and the like, as they are typed, are what they mean. */
function unescaped(text: string): string {
  return text.replace(/\\([ntr0\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}

/**
 * Prints the calls of tools that nobody allowed, for a script to run, and the conversation that it goes on with.
 * @param messages the last of them asks for the tools
 */
export async function showCalls(
  choices: readonly Choice[],
  messages: readonly ChatMessage[],
  context: Context,
): Promise<void> {
  await writeJson(context.stdout, { tool_calls: choices.flatMap(({ toolCalls }) => toolCalls), messages });
}

/** Takes a text that is shown in another form, when it is whole. */
export const SILENT: AnswerSink = { started: false, write: () => undefined, end: async () => {} };
