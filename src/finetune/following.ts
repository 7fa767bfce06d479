import type { Api } from '../api/client.ts';
import { type FineTuneJob, listFineTuneEvents } from '../api/fine-tunes.ts';
import type { Context } from '../context.ts';
import { writeJson } from '../output/json.ts';
import { warn } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import { inertText } from '../output/terminal.ts';
import { drawCurve, EventOutput } from './event-output.ts';
import { eventsAfter, followFineTune } from './follow.ts';
import { LossCurve } from './loss-chart.ts';
import { fineTuneVerdict } from './verdict.ts';

/** How a job is followed, as it was typed. */
export interface ShowOptions {
  readonly json?: boolean | undefined;
  /** Print the events. Without it, only what comes of them. */
  readonly follow?: boolean | undefined;
  readonly after?: string | undefined;
  /** Ms. */
  readonly poll?: number | undefined;
  /** The job was begun just now. */
  readonly isNew: boolean;
}

/** Prints a job that was begun, and says how to see what comes of it. */
export async function showBegun(
  job: FineTuneJob,
  { json }: Pick<ShowOptions, 'json'>,
  context: Context,
): Promise<void> {
  if (json === true) await writeJson(context.stdout, job);
  else await context.stdout.write(`${inertText(job.id)}\n`);
  warn(context, `it goes on by itself: oai finetune events ${quoted(job.id)} --follow`);
}

/**
 * Follows a job to its end. With `follow` its events are printed as they come, else the name of the model; the curve of
 * what was learnt is drawn on a terminal.
 * @throws Failure: what the job ended with, where it made no model; Stopped, once it is said how to come back
 */
export async function showFollowed(
  id: string,
  options: ShowOptions,
  api: Api,
  context: Context,
): Promise<void> {
  const { follow = false, json = false, after, poll, isNew } = options;
  const output = follow ? new EventOutput(context, json) : undefined;
  if (isNew) warn(context, `${id} is begun`);
  const { job, curve } = await followFineTune(id, { after, isNew, poll, sink: output }, api, context);
  if (output !== undefined) await output.end(curve);
  else await drawCurve(curve, context, 'stderr');
  const failure = fineTuneVerdict(job);
  if (!follow && json) await writeJson(context.stdout, job);
  if (failure !== undefined) throw failure;
  const model = inertText(job.fine_tuned_model ?? '');
  if (!follow && !json) await context.stdout.write(`${model}\n`);
  warn(context, `the model is ${model}; try it: oai chat -m ${quoted(model)} "hello"`);
}

/** Prints what has happened to a job, the oldest first. @throws Failure or Stopped */
export async function showEvents(
  id: string,
  {
    json = false,
    after,
    limit,
  }: Pick<ShowOptions, 'json' | 'after'> & { readonly limit?: number | undefined },
  api: Api,
  context: Context,
): Promise<void> {
  const output = new EventOutput(context, false);
  const curve = new LossCurve();
  const events = after === undefined ? await newest(id, limit, api) : await eventsAfter(after, id, api);
  const shown = limit === undefined ? events : events.slice(-limit);
  if (json) return void (await writeJson(context.stdout, shown));
  for (const event of shown) {
    curve.add(event);
    await output.event(event);
  }
  await output.end(curve);
}

async function newest(id: string, limit: number | undefined, api: Api) {
  const found = [];
  for await (const page of listFineTuneEvents(api, id, { limit })) found.push(...page);
  return found.reverse();
}
