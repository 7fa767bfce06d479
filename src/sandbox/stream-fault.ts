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
