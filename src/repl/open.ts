import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { givenAttachments } from '../attachments/given.ts';
import type { ChatTools } from '../chat/chat-tools.ts';
import { question } from '../chat/request.ts';
import type { Context } from '../context.ts';
import type { AttachmentFlags } from '../flags/attachments.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import type { OutputFlags } from '../flags/output.ts';
import type { Memory } from '../history/memory.ts';
import { readPrompt } from '../input/prompt.ts';
import { isPiped } from '../input/stdin.ts';
import { answerSinks } from './answer-sinks.ts';
import { completer } from './complete.ts';
import { personLines, scriptLines } from './line-sources.ts';
import { runRepl } from './repl.ts';
import type { SessionFlags } from './settings.ts';
import { Shelf } from './shelf.ts';
import { Tray } from './tray.ts';
import { TurnEnd } from './turn-end.ts';

/** What the command line gives to a session. */
export interface Opening {
  readonly api: Api;
  readonly flags: SessionFlags & MemoryFlags & AttachmentFlags & Pick<OutputFlags, 'raw'>;
  readonly words: readonly string[];
  /** What is said before the first question. */
  readonly before: readonly ChatMessage[];
  /** The conversation that is gone on with. */
  readonly earlier: Memory | undefined;
  /** What a text is asked as: a role may have a place for it. */
  fill(text: string): string;
  /** @param context where questions are asked @throws Failure (usage) */
  tools(context: Context): Promise<ChatTools | undefined>;
}

/**
 * Opens a session, and talks until its end. With a prompt, what is piped in goes along with it, and a person goes on at
 * the terminal; without one, the lines that are piped in are what is typed.
 * @throws Failure; the reason of the run's end
 */
export async function openRepl(
  { api, flags, words, before, earlier, fill, tools }: Opening,
  context: Context,
): Promise<void> {
  const attached = await givenAttachments(flags, words, api, context);
  const tray = new Tray(attached.all, flags.attach ?? [], flags.imageDetail);
  const ending = new TurnEnd();
  // Who names stdin has it, before the prompt and the lines look for something there.
  const given = await tools(ending.within(context));
  const isScript = words.length === 0 && (isPiped(context) || context.stdin.kind === 'none');
  const { examples, waiting } = split(before);
  const asked = words.length === 0 ? [] : [question(tray.take(fill(await readPrompt(words, context))))];
  const shelf = await Shelf.open(flags, api, earlier, context);
  const complete = completer({ api, shelf, tray, context });
  const lines = isScript
    ? scriptLines(context, 'the lines of the chat')
    : await personLines(complete, shelf.keeper !== undefined, context);
  const sinks = await answerSinks(flags.raw === true, api, context);
  const around = { api, context, flags, shelf, tray, lines, ending, sinks, tools: given };
  await runRepl({ ...around, before: examples, first: [...waiting, ...asked], fill });
}

/** What is said before the first question; the last messages may be a question themselves. */
function split(before: readonly ChatMessage[]): {
  examples: readonly ChatMessage[];
  waiting: readonly ChatMessage[];
} {
  const end = before.findLastIndex(({ role }) => role !== 'user') + 1;
  return { examples: before.slice(0, end), waiting: before.slice(end) };
}
