import { isObject } from '../../../json.ts';

/**
 * An event of a stream, and when it came: ms after the request. JSON data is there as a value, other data as a text; what
 * is more than an event with data (a comment, a part of one that was cut) is `text`, as it came.
 */
export type TapedEvent =
  | { readonly ms?: number; readonly event?: string; readonly data: unknown }
  | { readonly ms?: number; readonly text: string };

/** What ends an event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
const END = /\r\n\r\n|\n\n|\r\r/g;

/** Takes a stream apart into its events. */
export class EventSplitter {
  readonly events: TapedEvent[] = [];
  readonly #decoder = new TextDecoder();
  /** What has come of the next event, in pieces: one event may be an image. */
  #rest: string[] = [];
  /** The last characters of it: an end may have begun. */
  #tail = '';

  /** @param ms when it came */
  take(piece: Uint8Array, ms: number): void {
    const text = this.#decoder.decode(piece, { stream: true });
    const looked = this.#tail + text;
    this.#rest.push(text);
    this.#tail = looked.slice(-3);
    if (looked.search(END) === -1) return;
    const all = this.#rest.join('');
    let start = 0;
    for (const { 0: end, index } of all.matchAll(END)) {
      this.events.push(readEvent(all.slice(start, index + end.length), ms));
      start = index + end.length;
    }
    this.#rest = [all.slice(start)];
  }

  /** No more comes. */
  end(ms: number): void {
    const text = this.#rest.join('') + this.#decoder.decode();
    if (text !== '') this.events.push({ ms, text });
  }
}

function readEvent(text: string, ms: number): TapedEvent {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r\n|\n|\r/).filter((line) => line !== '')) {
    const [, name, value] = /^(event|data): ?(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined || fields.has(name)) return { ms, text };
    fields.set(name, value);
  }
  const data = fields.get('data');
  const event = fields.get('event');
  if (data === undefined) return { ms, text };
  return { ms, ...(event !== undefined && { event }), data: dataOf(data) };
}

/** JSON that is an object or a list; a JSON text would look like a plain one. */
function dataOf(data: string): unknown {
  try {
    const value: unknown = JSON.parse(data);
    return isObject(value) || Array.isArray(value) ? value : data;
  } catch {
    return data;
  }
}

/** An event as it goes over the wire. */
export function eventText(taped: TapedEvent): string {
  if ('text' in taped) return taped.text;
  const { event, data } = taped;
  const lines = typeof data === 'string' ? data.split(/\r\n|\n|\r/) : [JSON.stringify(data)];
  return `${event === undefined ? '' : `event: ${event}\n`}${lines.map((line) => `data: ${line}\n`).join('')}\n`;
}

/** Whether a stream came to its end as it should: the last event says so. */
export function isWholeStream(events: readonly TapedEvent[]): boolean {
  const last = events.findLast((event) => 'data' in event);
  if (last === undefined) return false;
  if (last.data === '[DONE]') return true;
  const type = isObject(last.data) ? last.data['type'] : undefined;
  return typeof type === 'string' && /\.(?:completed|done)$/.test(type);
}
