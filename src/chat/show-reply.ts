import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { AnswerFlags } from '../flags/answers.ts';
import type { GlobalOptions } from '../flags/global.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import type { OutputFlags } from '../flags/output.ts';
import { readParams } from '../input/params.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { writeJson, writeJsonLine } from '../output/json.ts';
import type { Waits } from '../output/progress.ts';
import { TextStream } from '../output/text.ts';
import type { Choice } from './answer.ts';
import type { AnswerForm } from './answer-form.ts';
import { type AnswerOutput, answerOutput } from './answer-output.ts';
import type { ChatTools } from './chat-tools.ts';
import type { Conversation, Reply } from './conversation.ts';
import type { ApiAnswer } from './route.ts';
import { SILENT, showAnswers, showCalls } from './show-answers.ts';
import { type SavedSounds, saveSounds, withPaths } from './sound-file.ts';
import type { Speaking } from './speaking.ts';
import { thoughtsOn } from './thoughts.ts';
import { toolTurns, turnsSink } from './tool-turns.ts';
import { outOfTurns, verdict, type WaysOut, waysOutOfChat } from './verdict.ts';

/** The flags that say how an answer is shown. */
type ShowOptions = AnswerFlags & OutputFlags & GlobalOptions & Pick<MemoryFlags, 'usage'>;

/** A question that is ready to be asked. */
export interface Asking {
  readonly conversation: Conversation;
  readonly asked: Parameters<Conversation['ask']>[0];
  readonly form: AnswerForm;
  readonly output: AnswerOutput;
  readonly api: Api;
  readonly tools: ChatTools | undefined;
  readonly speaking: Speaking | undefined;
  /** The answer comes in pieces. */
  readonly streamed: boolean;
  /** What there is beside the texts; undefined where answers are texts and sounds alone. */
  readonly beside?: Beside | undefined;
}

/** What stands beside the texts of answers: files that tools of the API have made, and what is cited. */
export interface Beside {
  /** The text of an answer is out; it is called again for each. @throws Failure where a file cannot be had */
  shown(): Promise<void>;
  /** The API's answer as it is printed: media saved to a file appear as its path. */
  inJson(answer: ApiAnswer): Promise<object>;
  /** All answers are out. */
  end(): void;
  /** The model may ask for something that is to be answered here. */
  readonly mayCall: boolean;
  /** What is printed where its calls are for others; undefined where that is what a chat prints. */
  calls?(): object | undefined;
  /** What a person can do then. */
  waysOut?(choices: readonly Choice[], usual: WaysOut): WaysOut;
}

/** Whether one answer may ask for tools that `--param` names, of which nothing is known here. */
function declaresTools({ param = [], count = 1 }: ShowOptions): boolean {
  if (count > 1) return false;
  const { tools, functions } = readParams(param);
  return tools !== undefined || functions !== undefined;
}

/** Where the answer goes. @throws Failure (usage) */
export function outputFor(
  options: ShowOptions,
  { form, subject, speaking }: Pick<Asking, 'form' | 'speaking'> & { readonly subject: string },
  api: Api,
  context: Context,
): Promise<AnswerOutput> {
  // The file of an answer that is said is that of its sound.
  const isWritten = speaking === undefined;
  const given = {
    ...options,
    output: isWritten ? options.output : undefined,
    force: isWritten ? options.force : undefined,
    subject,
    isText: isText(options),
    isJson: form.responseFormat !== undefined,
  };
  return answerOutput(given, api, context);
}

/** Whether the text itself is shown, not what holds it. */
export function isText(options: ShowOptions): boolean {
  return options.json !== true && options.events !== true && !isLogprobs(options);
}

function isLogprobs({ logprobs, topLogprobs }: ShowOptions): boolean {
  return logprobs === true || topLogprobs !== undefined;
}

/** Asks, and shows the answer in the form that the flags ask for. @throws what is wrong with it, once it is shown */
export async function showReply(
  { conversation, asked, form, output, api, tools, speaking, streamed, beside }: Asking,
  options: ShowOptions,
  context: Context,
  waiting: Waits,
): Promise<void> {
  const { stdout } = context;
  // Where the sound is the output, its words are beside it.
  const isSound = speaking?.target.isStdout === true;
  const sink = (): AnswerSink => {
    if (!isSound) return output.sink();
    return context.verbosity === 'quiet' ? SILENT : new TextStream(context.stderr);
  };
  const { takesText } = output;
  const isHeld = !stdout.isTTY || output.wantsResult;
  const mayCall = tools !== undefined || beside?.mayCall === true || declaresTools(options);
  const turns = takesText && mayCall ? turnsSink(sink, isHeld) : undefined;
  const first = turns ?? (takesText ? sink() : SILENT);
  const onChunk = (chunk: object) => {
    waiting.stop();
    return writeJsonLine(stdout, chunk);
  };
  const between = toolTurns({ sink: turns, streamed, waiting }, context);
  const reply = await conversation.ask(asked, {
    out: first,
    onText: () => waiting.stop(),
    ...between,
    onTools: async (text: string) => {
      await between.onTools?.(text);
      await beside?.shown();
    },
    ...thoughtsOn(context, waiting),
    ...(options.events === true && { onChunk }),
    ...(isSound && { onSound: (piece: Uint8Array) => stdout.write(piece) }),
  });
  waiting.stop();
  const { choices, answer } = reply.turn;
  const usual = waysOutOfChat(choices, tools?.programs ?? []);
  const misfit = judge(reply, form, beside?.waysOut?.(choices, usual) ?? usual);
  const asksForTools = misfit instanceof Failure && misfit.kind === 'tools';
  const areForOthers = reply.isForOthers || (turns !== undefined && asksForTools);
  // What is said beside calls that others are to run is not the result.
  if (areForOthers && !reply.isForOthers) await between.onTools?.(choices[0]?.text ?? '');
  if (takesText && !areForOthers) {
    if (answer !== undefined) await first.write(choices[0]?.text ?? '');
    await showAnswers(choices, { first, sink }, options);
  }
  await beside?.shown();
  const sounds =
    speaking === undefined || (isSound && answer === undefined)
      ? undefined
      : await saveSounds(
          choices,
          { failure: reply.turn.failure, limited: reply.request.isLimited },
          speaking,
          context,
        );
  if (options.json === true && answer !== undefined) {
    await writeJson(stdout, await inJson(answer, sounds, beside));
  }
  if (isLogprobs(options) && options.json !== true)
    await (await import('./show-logprobs.ts')).showLogprobs(choices, context);
  const judged = sounds?.problem ?? misfit;
  const areCalls = judged instanceof Failure && judged.kind === 'tools';
  if (areCalls && options.json !== true && options.events !== true) {
    const calls = beside?.calls?.();
    if (calls === undefined) await showCalls(choices, conversation.messages, context);
    else await writeJson(stdout, calls);
  }
  if (options.json !== true && options.events !== true) beside?.end();
  if (options.usage === true) await (await import('./say-usage.ts')).sayUsage(reply, api, context);
  await output.finish(choices, judged);
}

/** The API's answer with paths in the place of media that were saved. */
async function inJson(
  answer: ApiAnswer,
  sounds: SavedSounds | undefined,
  beside: Beside | undefined,
): Promise<object> {
  if (beside !== undefined) return beside.inJson(answer);
  return sounds === undefined || !('choices' in answer) ? answer : withPaths(answer, sounds.paths);
}

/** What is wrong with a reply; undefined where it is what was asked for. */
function judge(
  { turns, turn: { choices, failure }, request, isOutOfTurns }: Reply,
  form: AnswerForm,
  waysOut: WaysOut,
): Error | undefined {
  return (
    failure ??
    (isOutOfTurns
      ? outOfTurns(
          choices.flatMap(({ toolCalls }) => toolCalls),
          turns.length,
        )
      : undefined) ??
    verdict(choices, request.isLimited, waysOut) ??
    choices.map(({ text }) => form.check(text)).find((misfit) => misfit !== undefined)
  );
}
