import type { Context } from '../context.ts';
import type { AnswerSink } from '../output/answer-sink.ts';
import { say } from '../output/messages.ts';
import type { Waits } from '../output/progress.ts';
import { TurnsSink } from '../output/turns-sink.ts';
import type { TurnListener } from './turn.ts';

/** How the answers of a chat with tools are shown. */
export interface ToolTurns {
  /** Where the text of each answer goes; undefined where it is shown in another form. */
  readonly sink: TurnsSink | undefined;
  /** Texts are written as they come, not by whoever shows the answer. */
  readonly streamed: boolean;
  readonly waiting: Waits;
}

/**
 * The sink for the answers of a chat with tools.
 * @param isHeld the last of them alone is the result: in a pipe, or for a file
 */
export function turnsSink(make: () => AnswerSink, isHeld: boolean): TurnsSink {
  return new TurnsSink(make, isHeld);
}

/** Shows what the model says beside a call of tools: on a terminal where the answer goes, else on stderr. */
export function toolTurns(
  { sink, streamed, waiting }: ToolTurns,
  context: Context,
): Pick<TurnListener, 'onTools' | 'onResults'> {
  return {
    async onTools(text) {
      waiting.stop();
      if (sink === undefined) return;
      if (!streamed) await sink.write(text);
      const aside = await sink.next();
      if (aside.trim() !== '' && context.verbosity !== 'quiet') say(context, aside, 'the model:');
    },
    onResults: () => waiting.again(),
  };
}
