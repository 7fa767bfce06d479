import { SERVER_ERROR } from './error-answer.ts';
import { event, type Step } from './event-stream.ts';
import type { StreamFault } from './faults.ts';

/**
 * What a fault does when its place in a stream has come. After all but `garbled` the stream says no more.
 * @param garbled an event that is not JSON
 * @param name of the event that tells of an error, where the endpoint names its events
 */
export function* faultSteps({ kind }: StreamFault, garbled: string, name?: string): Generator<Step> {
  switch (kind) {
    case 'cut':
      return;
    case 'reset':
      yield { kind: 'loss' };
      return;
    case 'stall':
      yield { kind: 'silence' };
      return;
    case 'error':
      yield { kind: 'event', text: event(JSON.stringify({ error: SERVER_ERROR }), name) };
      return;
    case 'garbled':
      yield { kind: 'event', text: garbled };
  }
}

/**
 * A stream of deltas, and of what there is between them, with its fault.
 * @param end what comes after the last delta, unless the fault has ended the stream
 * @param garbled an event that is not JSON
 * @param name of the event that tells of an error, where the endpoint names its events
 */
export async function* faultySteps(
  steps: Iterable<Step> | AsyncIterable<Step>,
  end: Iterable<Step>,
  fault: StreamFault | undefined,
  garbled: string,
  name?: string,
): AsyncGenerator<Step> {
  let sent = 0;
  for await (const step of steps) {
    const isCounted = step.kind !== 'event';
    if (isCounted && sent === fault?.after) {
      yield* faultSteps(fault, garbled, name);
      if (fault.kind !== 'garbled') return;
    }
    yield step;
    if (isCounted) sent += 1;
  }
  if (fault !== undefined && sent <= fault.after) {
    yield* faultSteps(fault, garbled, name);
    if (fault.kind !== 'garbled') return;
  }
  yield* end;
}
