import type { Api } from '../api/client.ts';
import type { RealtimeServerEvent } from '../api/realtime.ts';
import type { Context } from '../context.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { writeJsonLine } from '../output/json.ts';
import { startWaits } from '../output/progress.ts';
import type { Outcome, Question, RealtimeConversation } from './conversation.ts';

/** How the answers of a run are shown. */
export interface Showing {
  readonly context: Context;
  /** Every event is printed, in place of the words. */
  readonly isJson: boolean;
  /** The sound goes elsewhere: its events are not printed. */
  readonly hidesSound: boolean;
  /** Where the words of the next answer go. */
  sink(): AnswerSink;
}

/**
 * Asks, and shows what comes as it comes.
 * @param onSound takes the sound of the answer
 * @returns what came, however it ended
 */
export async function showTurn(
  question: Question,
  conversation: RealtimeConversation,
  api: Api,
  { context, isJson, hidesSound, sink }: Showing,
  onSound?: (pcm: Uint8Array) => Promise<void> | undefined,
): Promise<Outcome> {
  const waiting = startWaits(context, 'waiting');
  const out = isJson ? undefined : sink();
  try {
    const outcome = await conversation.ask(
      question,
      {
        ...(isJson && { onEvent: (event) => printEvent(event, hidesSound, context) }),
        onText(piece) {
          waiting.stop();
          return out?.write(piece);
        },
        onSound(pcm) {
          waiting.stop();
          return onSound?.(pcm);
        },
      },
      api,
    );
    waiting.stop();
    if (outcome.text !== '') await out?.end();
    return outcome;
  } finally {
    waiting.stop();
  }
}

/** Prints an event as a line of JSON. @param hidesSound what goes into a file is not printed as well */
export async function printEvent(
  event: RealtimeServerEvent,
  hidesSound: boolean,
  { stdout }: Context,
): Promise<void> {
  if (hidesSound && event.type === 'response.output_audio.delta') return;
  await writeJsonLine(stdout, event);
}
