import { type Clock, type Context, sleep } from '../context.ts';
import { Failure, Stopped } from '../errors.ts';
import { joined, say, warn } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import type { Api } from './client.ts';

/** A job that goes on at the API by itself, whoever waits for it: a batch, a fine-tuning, a response in the background. */
export interface Job<State> {
  /** What it is called while nothing is known of it: `batch_1`. */
  readonly name: string;
  /** The API has just said that it is there: it is not lost where the first look at it fails. */
  readonly isBegun?: boolean;
  /** Looks how far it is. Each look has the whole of `--timeout` to itself. */
  look(api: Api): Promise<State>;
  hasEnded(state: State): boolean;
  /** How far it is, for people: `batch_1 is in_progress: 3 of 7 rows`. Asked for after each look. */
  told(state: State): string;
  /** What goes on waiting, in the user's words: `oai batch wait batch_1`. */
  readonly comeBack: string;
  readonly pace: Pace;
}

/** Times between two looks at a job, in ms. */
export interface Pace {
  readonly first: number;
  /** What each is longer than the one before it by: 1 for always the same. */
  readonly factor: number;
  readonly longest: number;
}

/** Always so many ms. */
export function steadyPace(ms: number): Pace {
  return { first: ms, factor: 1, longest: ms };
}

/** A job of hours outlives a network that is away for so many ms. */
const LONGEST_OUTAGE_MS = 15 * 60_000;

/**
 * Waits until a job has ended; says how to come back where it is stopped, or a look fails for good. A network or a server
 * that is away for a while ends no wait for a job that was seen, or begun just now.
 * @throws Failure or Stopped
 */
export async function waitForJob<State>(job: Job<State>, api: Api, context: Context): Promise<State> {
  const { first, factor, longest } = job.pace;
  const waiting = startWaiting(context, `waiting for ${job.name}`, { elapsed: true });
  const outage = new Outage(context.clock, job.isBegun === true);
  try {
    for (let pause = first; ; pause = Math.min(longest, pause * factor)) {
      try {
        const state = await api.each((own) => job.look(own));
        if (job.hasEnded(state)) return state;
        outage.over();
        waiting.update(job.told(state));
      } catch (error) {
        if (!outage.mayPass(error)) throw error;
        if (outage.isNew) warn(context, joined(error.message, `still waiting for ${job.name}`));
      }
      if (!api.replays) await sleep(context.clock, pause, context.signal);
    }
  } catch (error) {
    waiting.stop();
    // What the sandbox of one command does ends with it.
    if (api.settings.sandbox) throw error;
    if (error instanceof Stopped && error.by !== 'dry run') say(context, wayBack(job));
    throw outage.wasSeen && error instanceof Failure ? withWayBack(error, job) : error;
  } finally {
    waiting.stop();
  }
}

/** How long nothing has been heard of a job. */
class Outage {
  readonly #clock: Clock;
  /** Ms since 1970. */
  #since: number | undefined;
  #failed = 0;
  /** The job is known to be there. */
  wasSeen: boolean;

  constructor(clock: Clock, wasSeen: boolean) {
    this.#clock = clock;
    this.wasSeen = wasSeen;
  }

  /** The failure just met is the first of its outage. */
  get isNew(): boolean {
    return this.#failed === 1;
  }

  over(): void {
    this.wasSeen = true;
    this.#since = undefined;
    this.#failed = 0;
  }

  mayPass(error: unknown): error is Failure {
    const isAway = error instanceof Failure && (error.kind === 'network' || error.kind === 'limit');
    if (!this.wasSeen || !isAway || error.code === 'insufficient_quota') return false;
    this.#since ??= this.#clock.now();
    this.#failed += 1;
    return this.#clock.now() - this.#since < LONGEST_OUTAGE_MS;
  }
}

function withWayBack<State>(
  { kind, message, hint, code, status, requestId, cause }: Failure,
  job: Job<State>,
): Failure {
  return new Failure(kind, hint === undefined ? message : joined(message, hint), {
    hint: wayBack(job),
    code,
    status,
    requestId,
    cause,
  });
}

function wayBack<State>({ comeBack }: Job<State>): string {
  return `it goes on by itself: ${comeBack}`;
}
