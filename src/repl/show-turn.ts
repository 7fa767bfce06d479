import type { ChatMessage } from '../api/completions.ts';
import type { Reply } from '../chat/conversation.ts';
import { SILENT, showAnswers } from '../chat/show-answers.ts';
import { saveSounds } from '../chat/sound-file.ts';
import type { Speaking } from '../chat/speaking.ts';
import { thoughtsOn } from '../chat/thoughts.ts';
import { toolTurns, turnsSink } from '../chat/tool-turns.ts';
import { Failure, Stopped } from '../errors.ts';
import { failureText, sayInRed } from '../output/failure-line.ts';
import { writeJsonLine } from '../output/json.ts';
import { joined, warn } from '../output/messages.ts';
import { startWaits } from '../output/progress.ts';
import type { Desk } from './desk.ts';
import { subjectOf } from './exchange.ts';

/**
 * Asks, and shows what comes as it comes: a spinner until then, the answer, and in one line what is wrong with it.
 * Ctrl-C ends it.
 * @param replaces the question takes the place of the last exchange, once it has an answer
 * @returns what is wrong; undefined where nothing is, or the person ended it
 * @throws the reason of the run's end
 */
export async function showTurn(
  question: readonly ChatMessage[],
  replaces: boolean,
  desk: Desk,
): Promise<Failure | undefined> {
  const { context, session, lines, ending } = desk;
  const speaking = await speakingOf(question, replaces, desk);
  const signal = ending.begin();
  lines.onInterrupt(() => ending.end(new Stopped('SIGINT')));
  const sink = () => desk.sink();
  const turns =
    desk.isJson || session.tools === undefined ? undefined : turnsSink(sink, !context.stdout.isTTY);
  const out = turns ?? (desk.isJson ? SILENT : sink());
  const waiting = startWaits(context, 'waiting');
  const streamed = session.isStreamed(speaking);
  const listener = {
    out,
    onText: () => waiting.stop(),
    ...toolTurns({ sink: turns, streamed, waiting }, context),
    ...thoughtsOn(context, waiting),
  };
  try {
    const { exchange, reply, failure, beside } = await session.ask(question, {
      replaces,
      listener,
      signal,
      speaking,
    });
    waiting.stop();
    const choices = reply?.turn.choices ?? [];
    if (desk.isJson) await writeJsonLine(context.stdout, { ...exchange, facts: reply?.turn.facts });
    else if (reply?.isForOthers !== true) {
      if (reply?.turn.answer !== undefined) await out.write(choices[0]?.text ?? '');
      await showAnswers(choices, { first: out, sink }, session.flags);
      await beside?.shown();
      beside?.end();
    }
    const problem = speaking === undefined ? failure : await saveSound(reply, failure, speaking, desk);
    if (reply !== undefined && desk.tellsUsage) {
      // The prices are for those who want to know.
      const { sayUsage } = await import('../chat/say-usage.ts');
      sayUsage(reply, session.api, context);
    }
    context.signal.throwIfAborted();
    return say(problem, exchange.state, desk);
  } finally {
    waiting.stop();
    ending.done();
  }
}

/** How the answer is said. Where that cannot be, the question stays, to be asked again. */
async function speakingOf(
  question: readonly ChatMessage[],
  replaces: boolean,
  { session }: Desk,
): Promise<Speaking | undefined> {
  try {
    return await session.speaking(subjectOf(question));
  } catch (error) {
    session.keepUnasked(question, replaces);
    throw error;
  }
}

/** Saves what was said. @returns what is wrong with the answer */
async function saveSound(
  reply: Reply | undefined,
  failure: Error | undefined,
  speaking: Speaking,
  desk: Desk,
): Promise<Error | undefined> {
  // Nothing came, and there is nothing to say of it.
  if (reply === undefined || reply.turn.choices.length === 0) return failure;
  const cut = { failure, limited: reply.request.isLimited };
  const { paths, problem } = await saveSounds(reply.turn.choices, cut, speaking, desk.context);
  const [path] = paths;
  if (path !== undefined) desk.lastSound = { path, format: speaking.format };
  return problem;
}

function say(failure: Error | undefined, state: string, { context, lines }: Desk): Failure | undefined {
  if (failure === undefined) return undefined;
  if (failure instanceof Stopped) {
    if (failure.by !== 'SIGINT') return undefined;
    warn(context, state === 'cut' ? 'interrupted: what came is kept' : 'interrupted: /retry asks again');
    return undefined;
  }
  if (!(failure instanceof Failure)) throw failure;
  const what = lines.isPerson ? joined(failureText(failure), '/retry asks again') : failureText(failure);
  sayInRed(context, what);
  return failure;
}
