import { streamTranscript, type TranscriptionEvent } from '../api/transcriptions.ts';
import { Failure } from '../errors.ts';
import { isObject } from '../json.ts';
import { joined } from '../output/messages.ts';
import { eventInPlace } from './answers.ts';
import { ofPart, type PartCall } from './part.ts';

/**
 * Asks for a part as it is recognised. The time that the taker of an event needs is not the server's.
 * @param signal nobody waits for it any more
 * @throws Failure that says which part failed; Stopped
 */
export async function* livePart(
  { call, place, recording, ears }: PartCall,
  signal: AbortSignal,
): AsyncGenerator<TranscriptionEvent> {
  const { context, slots, onHeard } = ears;
  // For as long as the stream lasts.
  const leave = await slots.take();
  const { api, end } = ears.api.apart(signal);
  try {
    signal.throwIfAborted();
    const stream = await streamTranscript(api, call, context.clock);
    let arrived = false;
    let isWhole = false;
    try {
      for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
        if (!isObject(event)) continue;
        if (event.type === 'transcript.text.done') {
          isWhole = true;
          stream.complete();
        }
        arrived = true;
        stream.pause();
        const goOn = api.pause();
        yield eventInPlace(event, place);
        goOn();
      }
    } catch (error) {
      throw cut(api.failure(error), arrived);
    } finally {
      stream.close();
    }
    if (!isWhole) throw cut(new Failure('network', CUT), arrived);
    onHeard(call.sound.seconds);
  } catch (error) {
    throw ofPart(error, recording, place);
  } finally {
    end();
    leave();
  }
}

const CUT = 'the transcript was cut: the stream ended before it was complete';

function cut(error: Error, arrived: boolean): Error {
  if (!(error instanceof Failure) || !arrived) return error;
  const { kind, code, status, requestId } = error;
  const kept = 'what arrived is kept';
  const hint = error.hint === undefined ? kept : joined(error.hint, kept);
  return new Failure(kind, error.message, { hint, code, status, requestId, cause: error });
}
