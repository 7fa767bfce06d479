import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { GivenAttachments } from '../attachments/given.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import { type BulkOptions, rowsOf } from '../flags/bulk.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { hasTools, refuseToolsForRows, type ToolFields } from '../flags/tools.ts';
import type { ViaFlags } from '../flags/via.ts';
import type { Memory } from '../history/memory.ts';
import { readPrompt } from '../input/prompt.ts';
import type { Filling } from '../roles/use.ts';
import { type AnswerForm, answerForm } from './answer-form.ts';
import type { ChatTools } from './chat-tools.ts';
import { askedAgain, awaitAnswer, withPrompt } from './messages.ts';
import { awaitResults, withToolAnswers } from './tool-answers.ts';

/** What is asked, and what goes before it. */
export interface ReadAsking {
  readonly asked: readonly ChatMessage[];
  /** What was said before. */
  readonly said: readonly ChatMessage[];
  /** What is asked was asked before, and got no answer. */
  readonly isRetry: boolean;
  readonly tools: ChatTools | undefined;
  readonly form: AnswerForm;
  /** What files are named after. */
  readonly subject: string;
}

/** What goes before a question, and along with it. */
interface AskingParts {
  readonly before: readonly ChatMessage[];
  /** The conversation that is gone on with. */
  readonly earlier: Memory | undefined;
  readonly attached: GivenAttachments;
}

/** The flags that say what is asked. */
type AskingFlags = AnswerFlags &
  ToolFields &
  GlobalOptions &
  ViaFlags &
  BulkOptions &
  Filling & { readonly words: readonly string[] };

/** Reads what the flags, the words and stdin ask. @throws Failure (usage) */
export async function readAsking(
  { before, earlier, attached }: AskingParts,
  options: AskingFlags,
  api: Api,
  context: Context,
): Promise<ReadAsking> {
  const unanswered = awaitAnswer(before) || attached.all.length > 0 ? undefined : earlier?.unanswered;
  const ended = earlier?.lastExchange ?? [];
  const isOptional =
    unanswered !== undefined ||
    awaitAnswer(before) ||
    attached.all.length > 0 ||
    awaitResults({ earlier: ended, before });
  // Who names stdin has it, before the prompt looks for something there.
  const tools = await toolsOf(options, api, context);
  const form = await answerForm(options, api, context);
  const { running } = earlier ?? {};
  const mayBeNothing = isOptional || running !== undefined;
  const content = await readQuestion(options, { attached, isOptional: mayBeNothing }, context);
  if (content === '' && !isOptional && running !== undefined) throw stillRunning(running);
  const isRetry = content === '' && unanswered !== undefined && options.toolResult === undefined;
  const asked = isRetry
    ? askedAgain(unanswered, before)
    : await withToolAnswers(
        { earlier: ended, before, question: withPrompt([], content) },
        options,
        tools?.toolbox,
        api,
        context,
      );
  const said = earlier?.before(asked, isRetry) ?? [];
  const subject = options.words.join(' ') || (typeof content === 'string' ? content : '');
  return { asked, said, isRetry, tools, form, subject };
}

function stillRunning(response: string) {
  return usageError(
    'there is no prompt, and the last question is being answered in the background',
    `oai response wait ${response} shows the answer and keeps it`,
  );
}

/** What is asked: nothing, where nothing was said and nothing is attached. @throws Failure (usage) */
export async function readQuestion(
  options: Pick<AskingFlags, 'words' | 'fill'>,
  { attached, isOptional }: { readonly attached: GivenAttachments; readonly isOptional: boolean },
  context: Context,
): Promise<ReturnType<GivenAttachments['content']>> {
  const input = await readPrompt(options.words, context, { isOptional });
  return attached.content(input === '' && attached.all.length === 0 ? '' : options.fill(input));
}

/** The tools that the flags bring; undefined where they bring none. @throws Failure (usage) */
export async function toolsOf(
  options: AskingFlags,
  api: Api,
  context: Context,
): Promise<ChatTools | undefined> {
  const isForRows = rowsOf(options) !== undefined;
  if (isForRows) refuseToolsForRows(options);
  if (!hasTools(options)) return undefined;
  const { chatTools } = await import('./chat-tools.ts');
  return chatTools(options, api, context, isForRows);
}
