import { type Context, sleep } from '../context.ts';
import { Failure } from '../errors.ts';
import { durationText } from '../flags/values.ts';
import { joined, trace, warn } from '../output/messages.ts';
import type { FailedTry } from './failure.ts';

/** First wait, in ms; it doubles with each try. As the SDK's own retries have it. */
const FIRST_WAIT_MS = 500;
/** Longest wait that is our own choice, in ms; the server may ask for any. */
const LONGEST_WAIT_MS = 8000;
/** The part of a wait that is left to chance, so that many callers do not come back at once. */
const JITTER = 0.25;
/** Longer waits, in ms, are told without their number. */
const LONGEST_TOLD_MS = 30 * 86_400_000;
/** A wait of this many ms is worth a line on stderr. */
const NOTABLE_WAIT_MS = 2000;

export interface RetryPolicy {
  /** Tries after the first. */
  readonly retries: number;
  /** When the whole call must be over: ms since 1970. */
  readonly deadline: number;
  /** Ends a wait. */
  readonly signal: AbortSignal;
  /** Reads what a try threw. */
  readonly read: (error: unknown) => FailedTry;
  /** The wait before the second try where the server names none, in ms; undefined: as long as any other. */
  readonly firstWait?: (failure: Failure) => number | undefined;
  /** False where nobody is spared by a wait: a cassette answers. */
  readonly waits: boolean;
}

/** The wait before try number `next` (2 is the first that follows another) where the server names none, in ms. */
export function backOff(next: number, random: () => number = Math.random): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** (next - 2), LONGEST_WAIT_MS);
  return Math.round(whole * (1 - JITTER * random()));
}

/**
 * Calls until a try succeeds, fails for good, or the retries or the time are used up. A wait that the server asks
 * for is kept whatever its length, as long as it ends before the deadline.
 * @throws Failure or Stopped
 */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  policy: RetryPolicy,
  context: Context,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await attempt();
    } catch (error) {
      if (policy.signal.aborted) throw policy.signal.reason;
      const { failure, retryable, retryAfter } = policy.read(error);
      if (!(failure instanceof Failure) || !retryable) throw failure;
      if (tries > policy.retries)
        throw tries === 1 ? failure : withHint(failure, `given up after ${tries} tries`);
      const first = tries === 1 ? policy.firstWait?.(failure) : undefined;
      const wait = policy.waits ? (retryAfter ?? first ?? backOff(tries + 1)) : 0;
      if (context.clock.now() + wait >= policy.deadline) throw tooLong(failure, wait);
      const say = wait >= NOTABLE_WAIT_MS ? warn : trace;
      say(
        context,
        joined(failure.message, `trying again in ${roughly(wait)} (${tries} of ${policy.retries})`),
      );
      await sleep(context.clock, wait, policy.signal);
    }
  }
}

function roughly(ms: number): string {
  if (ms > LONGEST_TOLD_MS) return 'more than a month';
  return durationText(ms >= 1000 ? Math.round(ms / 1000) * 1000 : Math.round(ms));
}

function tooLong(failure: Failure, wait: number): Failure {
  return withHint(failure, `the next try is due in ${roughly(wait)}, later than --timeout allows`);
}

function withHint(failure: Failure, hint: string): Failure {
  return new Failure(failure.kind, failure.message, {
    hint: failure.hint === undefined ? hint : joined(hint, failure.hint),
    code: failure.code,
    status: failure.status,
    requestId: failure.requestId,
    cause: failure.cause,
  });
}
