import { createReadStream } from 'node:fs';
import { connectionLost } from '../../../sandbox/connection.ts';
import type { TapedAnswer } from './exchange.ts';
import { eventText } from './taped-events.ts';

/** An answer that was kept. */
export interface KeptAnswer {
  readonly response: TapedAnswer;
  /** The path of the body, where it is a file of its own. */
  readonly body?: string;
}

/** Waits for a time, in ms after the request. */
export type Until = (ms: number) => Promise<void>;

const AT_ONCE: Until = () => Promise.resolve();

/** A kept answer as `fetch` gives it. One that was cut ends as a lost connection does. */
export function responseOf(kept: KeptAnswer, until: Until = AT_ONCE): Response {
  const { status, json, events, headers: given } = kept.response;
  const headers = new Headers(given);
  const type =
    json !== undefined ? 'application/json' : events !== undefined ? 'text/event-stream' : undefined;
  // Who writes one by hand need not say it.
  if (type !== undefined && !headers.has('content-type')) headers.set('content-type', type);
  const isEmpty = status === 204 || status === 205 || status === 304;
  return new Response(isEmpty ? null : bodyOf(kept, until), { status, headers });
}

function bodyOf(kept: KeptAnswer, until: Until): ReadableStream<Uint8Array> {
  const pieces = piecesOf(kept, until);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done !== true) controller.enqueue(value);
        else if (kept.response.cut === true) controller.error(connectionLost());
        else controller.close();
      },
      async cancel() {
        await pieces.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(
  { response: { json, events, text }, body }: KeptAnswer,
  until: Until,
): AsyncGenerator<Uint8Array, undefined> {
  for (const event of events ?? []) {
    await until(event.ms ?? 0);
    yield Buffer.from(eventText(event));
  }
  if (json !== undefined) yield Buffer.from(JSON.stringify(json));
  if (text !== undefined && text !== '') yield Buffer.from(text);
  if (body !== undefined) yield* createReadStream(body);
  return undefined;
}
