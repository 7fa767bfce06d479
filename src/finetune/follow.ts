import type { Api } from '../api/client.ts';
import {
  type FineTuneEvent,
  type FineTuneJob,
  hasEndedFineTune,
  listFineTuneEvents,
  readFineTune,
} from '../api/fine-tunes.ts';
import { type Job, steadyPace, waitForJob } from '../api/job.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import { quoted } from '../output/shell.ts';
import { LossCurve } from './loss-chart.ts';

/** Ms between two looks: validating takes a minute or so, training minutes to hours. */
const PACE = { first: 500, factor: 1.5, longest: 10_000 };

/** Where the events of a job go. */
export interface EventSink {
  event(event: FineTuneEvent): Promise<void> | undefined;
}

/** How a job is followed. */
export interface Following {
  /** The id of the event after which it begins; undefined: from the first on. */
  readonly after: string | undefined;
  /** The job was begun just now. */
  readonly isNew: boolean;
  /** Ms between two looks, where the user says. */
  readonly poll: number | undefined;
  /** Undefined where nobody asked for the events. */
  readonly sink: EventSink | undefined;
}

/** A job that was followed for as long as it goes on by itself. */
export interface Followed {
  readonly job: FineTuneJob;
  readonly curve: LossCurve;
}

/**
 * Follows a job until it has ended or is paused, and gives each of its events once, in their order. Where it is stopped,
 * it is said how to go on with the next event.
 * @throws Failure or Stopped
 */
export async function followFineTune(
  id: string,
  following: Following,
  api: Api,
  context: Context,
): Promise<Followed> {
  const followed = new FollowedJob(id, following, context);
  return { job: await waitForJob(followed, api, context), curve: followed.curve };
}

class FollowedJob implements Job<FineTuneJob> {
  readonly name: string;
  readonly isBegun: boolean;
  readonly pace: Job<FineTuneJob>['pace'];
  readonly curve = new LossCurve();
  readonly #context: Context;
  readonly #sink: EventSink | undefined;
  /** The id of the last event that was given. */
  #last: string | undefined;
  #chart = '';

  constructor(id: string, { after, isNew, poll, sink }: Following, context: Context) {
    this.name = id;
    this.isBegun = isNew;
    this.pace = poll === undefined ? PACE : steadyPace(poll);
    this.#context = context;
    this.#sink = sink;
    this.#last = after;
  }

  get comeBack(): string {
    const after =
      this.#sink === undefined || this.#last === undefined ? '' : ` --after ${quoted(this.#last)}`;
    return `oai finetune events ${quoted(this.name)} --follow${after}`;
  }

  async look(api: Api): Promise<FineTuneJob> {
    // First the job: what it ended with is then among the events.
    const job = await readFineTune(api, this.name);
    for (const event of await eventsAfter(this.#last, this.name, api)) {
      this.curve.add(event);
      // A line that is drawn on the same terminal makes room.
      if (this.#sink !== undefined) this.#context.statusLine?.clear();
      await this.#sink?.event(event);
      // What a full disk did not take is given again.
      const { signal } = this.#context;
      if (signal.reason instanceof Failure) throw signal.reason;
      this.#last = event.id;
    }
    const { isTTY, columns } = this.#context.stderr;
    // Drawn over and over: colours are for the one that stays.
    if (isTTY && job.status === 'running') this.#chart = await this.curve.drawn({ columns, color: false });
    return job;
  }

  hasEnded(job: FineTuneJob): boolean {
    return hasEndedFineTune(job) || job.status === 'paused';
  }

  told({ status }: FineTuneJob): string {
    const summary = this.curve.summary();
    const line = `${this.name} is ${status.replace('_', ' ')}${summary === '' ? '' : `: ${summary}`}`;
    return this.#chart === '' ? line : `${this.name}\n${this.#chart}${line}`;
  }
}

/**
 * The events of a job after one of them, or all, the oldest first. (The API lists the newest first, and knows no `since`.)
 * @param last the id of that one
 * @throws Failure: of kind `usage` where the job has none of that id; Stopped
 */
export async function eventsAfter(
  last: string | undefined,
  id: string,
  api: Api,
): Promise<readonly FineTuneEvent[]> {
  const found: FineTuneEvent[] = [];
  for await (const page of listFineTuneEvents(api, id)) {
    const at = page.findIndex((event) => event.id === last);
    found.push(...(at === -1 ? page : page.slice(0, at)));
    if (at !== -1) return found.reverse();
  }
  if (last !== undefined) {
    throw usageError(`${last} is no event of ${id}`, `\`oai finetune events ${id}\` has all of them`);
  }
  return found.reverse();
}
