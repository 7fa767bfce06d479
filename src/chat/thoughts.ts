import type { Context } from '../context.ts';
import type { Waiting } from '../output/progress.ts';
import { InertTextStream } from '../output/terminal.ts';
import type { TurnListener } from './turn.ts';

/** Shows on stderr what is done for an answer before it comes: what the model thinks, in grey, and what the API works at. */
export function thoughtsOn(
  { stderr, verbosity }: Context,
  waiting: Waiting,
): Pick<TurnListener, 'onThought' | 'onWork'> {
  const inert = new InertTextStream();
  return {
    onWork: (words) => waiting.update(words),
    onThought(piece) {
      if (verbosity === 'quiet') return;
      waiting.stop();
      const text = inert.push(piece);
      stderr.write(stderr.color ? `\u001b[2m${text}\u001b[22m` : text);
    },
  };
}
