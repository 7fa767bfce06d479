import type { Api } from '../api/client.ts';
import { SILENT } from '../chat/show-answers.ts';
import type { Context } from '../context.ts';
import { readPrompt } from '../input/prompt.ts';
import { writeJsonLine } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { findTarget, type Target } from '../output/target.ts';
import { TextStream } from '../output/text.ts';
import { answerSinks } from '../repl/answer-sinks.ts';
import { deliver } from '../speech/delivery.ts';
import { inFormat } from '../speech/live-sound.ts';
import type { Outcome, Question } from './conversation.ts';
import { type Showing, showTurn } from './desk.ts';
import { hearTurns } from './heard-turns.ts';
import { userItem } from './items.ts';
import { type RealtimeOptions, soundFormat } from './options.ts';
import { prepareConversation } from './setup.ts';
import { type SoundSource, soundSource } from './sound-input.ts';
import { SoundQueue } from './sound-queue.ts';
import { spokenQuestion } from './spoken-turn.ts';

type Options = RealtimeOptions & { readonly words: readonly string[] };

/**
 * One turn: a prompt, sound, or both, and an answer that is written or spoken. Sound in which the server finds the turns
 * may have several.
 * @throws Failure: what came by then is printed, and saved
 */
export async function runTurn(options: Options, api: Api, context: Context): Promise<void> {
  const { output } = options;
  const format = output === undefined ? undefined : soundFormat(options);
  const source =
    options.in === undefined
      ? undefined
      : soundSource(options.in, { flag: '--in', rate: options.rate }, context);
  const text = options.words.length === 0 ? '' : await readPrompt(options.words, context);
  const target =
    output === undefined || api.dryRun ? undefined : await targetFor(output, text, options, context);
  // What may fail comes before what is to be closed.
  const showing = await showingFor(options, target, api, context);
  const turnDetection = source === undefined ? undefined : (options.turnDetection ?? 'none');
  const isSpoken = output !== undefined;
  const made = await prepareConversation(
    options,
    { isSpoken, turnDetection, isSession: false },
    api,
    context,
  );
  const queue = new SoundQueue();
  const save =
    target === undefined || format === undefined
      ? undefined
      : deliver(
          inFormat(queue, format),
          { target, player: undefined, extension: format, onPiece() {} },
          api,
          context,
        );
  save?.catch(() => {});
  const onSound = save === undefined ? undefined : (pcm: Uint8Array) => queue.push(pcm);
  try {
    const asked = text === '' ? [] : [userItem(text)];
    const outcome =
      source !== undefined && turnDetection !== 'none'
        ? await hearTurns(
            { source, text, made, turnDetection: turnDetection ?? 'server_vad' },
            api,
            showing,
            onSound,
          )
        : await showTurn(questionOf(source, asked, text), made.conversation, api, showing, onSound);
    queue.end(outcome.failure);
    await tell(outcome, save, target, options, context);
  } catch (error) {
    queue.end(error);
    await save?.catch(() => {});
    throw error;
  } finally {
    source?.stop();
    made.link.drop(false);
    made.close();
  }
}

function questionOf(source: SoundSource | undefined, items: Question['items'], text: string): Question {
  if (source !== undefined) return spokenQuestion(source, items, text);
  return { items, message: { role: 'user', content: text } };
}

/** With the sound on stdout, the words are told on stderr. */
async function showingFor(
  options: Options,
  target: Target | undefined,
  api: Api,
  context: Context,
): Promise<Showing> {
  const sinks = await answerSinks(false, api, context);
  const isStdout = target?.isStdout === true;
  const beside = () => (context.verbosity === 'quiet' ? SILENT : new TextStream(context.stderr));
  const sink = () => (isStdout ? beside() : sinks.next(false));
  return { context, isJson: options.json === true, hidesSound: target !== undefined, sink };
}

async function targetFor(
  output: string,
  text: string,
  { force = false }: Options,
  context: Context,
): Promise<Target> {
  const place = { output, force, count: 1, thing: 'sound', example: 'reply.wav' };
  return findTarget({ ...place, subject: text === '' ? 'reply' : text }, context);
}

/** Says where the sound is, and what is wrong. @throws Failure */
async function tell(
  { calls, failure }: Outcome,
  save: Promise<string | undefined> | undefined,
  target: Target | undefined,
  { json }: Options,
  context: Context,
): Promise<void> {
  if (calls.length > 0 && json !== true) {
    // Among the samples of a sound nobody would find them.
    const out = target?.isStdout === true ? context.stderr : context.stdout;
    await writeJsonLine(out, { tool_calls: calls });
  }
  // Of a sound that was cut it says where what came of it is.
  const path = await save;
  if (failure !== undefined) throw failure;
  if (path !== undefined && target?.isStdout !== true) warn(context, `saved as ${path}`);
}
