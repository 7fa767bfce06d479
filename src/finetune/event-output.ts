import type { FineTuneEvent } from '../api/fine-tunes.ts';
import type { Context } from '../context.ts';
import { writeJsonLine } from '../output/json.ts';
import { inertText } from '../output/terminal.ts';
import { timeText } from '../output/time.ts';
import type { EventSink } from './follow.ts';
import type { LossCurve } from './loss-chart.ts';

/** Writes events as JSON Lines; for a person, what is said, without the measurements of each step. */
export class EventOutput implements EventSink {
  readonly #context: Context;
  readonly #isForPeople: boolean;

  constructor(context: Context, json: boolean) {
    this.#context = context;
    this.#isForPeople = context.stdout.isTTY && !json;
  }

  event(event: FineTuneEvent): Promise<void> | undefined {
    const { stdout } = this.#context;
    if (!this.#isForPeople) return writeJsonLine(stdout, event);
    if (event.type === 'metrics') return undefined;
    const level = event.level === 'info' ? '' : `${event.level}: `;
    const text = `${timeText(event.created_at) ?? '-'}  ${level}${event.message.replace(/\s+/g, ' ')}`;
    return stdout.write(`${inertText(text)}\n`);
  }

  /** The curve of what was learnt, for a person. */
  async end(curve: LossCurve): Promise<void> {
    if (this.#isForPeople) await drawCurve(curve, this.#context, 'stdout');
  }
}

/** Draws a curve where there is a terminal and enough of it. */
export async function drawCurve(
  curve: LossCurve,
  context: Context,
  where: 'stdout' | 'stderr',
): Promise<void> {
  const out = context[where];
  if (!out.isTTY || (where === 'stderr' && context.verbosity === 'quiet')) return;
  await out.write(await curve.drawn(out));
}
