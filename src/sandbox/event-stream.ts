import { type Clock, sleep } from '../context.ts';
import { connectionLost } from './connection.ts';
import { crash } from './crash.ts';

/** What a stream does next. */
export type Step =
  /** Send an event. */
  | { readonly kind: 'event' | 'delta'; readonly text: string }
  /** Send bytes that are no event: a piece of a file. */
  | { readonly kind: 'piece'; readonly bytes: Uint8Array }
  /** Say no more, and do not end. */
  | { readonly kind: 'silence' }
  /** The connection breaks. */
  | { readonly kind: 'loss' };

interface Pace {
  readonly clock: Clock;
  /** Milliseconds before each delta or piece. */
  readonly delay: number | undefined;
  /** Ends the stream with its reason. */
  readonly signal: AbortSignal;
  /** Events are sent together until they are this long, in characters; 0 sends each by itself. */
  readonly batch: number;
}

/** The text of one server-sent event; some endpoints name theirs. */
export function event(data: string, name?: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
}

function next(steps: Iterator<Step> | AsyncIterator<Step>): ReturnType<typeof steps.next> {
  try {
    const step = steps.next();
    return step instanceof Promise ? step.catch((error: unknown) => Promise.reject(crash(error))) : step;
  } catch (error) {
    throw crash(error);
  }
}

function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * The body of a streamed answer. Nothing is made before the reader asks for it, and each piece comes in a turn of
 * the event loop of its own.
 */
export function eventStream(
  steps: Iterable<Step> | AsyncIterable<Step>,
  pace: Pace,
): ReadableStream<Uint8Array> {
  const { signal } = pace;
  const iterator = Symbol.asyncIterator in steps ? steps[Symbol.asyncIterator]() : steps[Symbol.iterator]();
  const encoder = new TextEncoder();
  let stop = () => {};

  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    await turnOfTheLoop();
    let text = '';
    do {
      const step = next(iterator);
      // Very many deltas are not waited for one by one.
      const { done, value } = step instanceof Promise ? await step : step;
      if (done === true || value.kind === 'loss' || value.kind === 'silence') {
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (done !== true && value.kind === 'silence') return never(signal);
        signal.removeEventListener('abort', stop);
        if (done === true) controller.close();
        else controller.error(connectionLost());
        return undefined;
      }
      if (value.kind !== 'event' && pace.delay !== undefined) await sleep(pace.clock, pace.delay, signal);
      if (value.kind === 'piece') {
        if (text !== '') controller.enqueue(encoder.encode(text));
        if (!signal.aborted) controller.enqueue(value.bytes);
        return undefined;
      }
      text += value.text;
    } while (text.length < pace.batch);
    if (!signal.aborted) controller.enqueue(encoder.encode(text));
    return undefined;
  };

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        stop = () => controller.error(signal.reason);
        signal.addEventListener('abort', stop, { once: true });
      },
      pull,
      cancel() {
        signal.removeEventListener('abort', stop);
        void iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Resolves when the stream has been stopped from outside. */
function never(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
