import { isObject, type JsonObject } from '../../../json.ts';
import type { TapedEvent } from './taped-events.ts';
import { type SecretSpan, secretSpans } from './without-keys.ts';

/** What the way to a value within an event is made of: names of fields and places in lists. */
type Path = readonly (string | number)[];

/** A part of a text that comes in several events. */
interface Piece {
  readonly event: number;
  readonly path: Path;
  readonly text: string;
}

/** Fields of an event that say which text its `delta` goes on with. */
const WHICH = ['type', 'item_id', 'output_index', 'content_index', 'summary_index', 'index'];

/**
 * A stream without the keys that stand in the texts that it tells in pieces: the mark stands in the piece that a key
 * begins in, and what the next ones hold of it is left out. There are as many events, and each comes when it came.
 * What one event holds by itself (the whole text at the end) is left as it is.
 */
export function eventsWithoutKeys(
  events: readonly TapedEvent[],
  secrets: ReadonlySet<string>,
): readonly TapedEvent[] {
  const clean = [...events];
  for (const pieces of textsIn(events)) {
    const spans = secretSpans(pieces.map(({ text }) => text).join(''), secrets);
    if (spans.length === 0) continue;
    let start = 0;
    for (const { event, path, text } of pieces) {
      const rest = pieceWithout(text, start, spans);
      const taped = clean[event];
      if (rest !== text && taped !== undefined && 'data' in taped) {
        clean[event] = { ...taped, data: withText(taped.data, path, rest) };
      }
      start += text.length;
    }
  }
  return clean;
}

/** @param offset where the piece begins in the text that the spans are of */
function pieceWithout(text: string, offset: number, spans: readonly SecretSpan[]): string {
  let rest = '';
  let shown = 0;
  for (const { start, end, mark } of spans) {
    if (end <= offset || start >= offset + text.length) continue;
    if (start >= offset) rest += text.slice(shown, start - offset) + mark;
    shown = Math.min(end - offset, text.length);
  }
  return rest + text.slice(shown);
}

/** The texts that are told over events: the pieces of each, in their order. */
function textsIn(events: readonly TapedEvent[]): Iterable<readonly Piece[]> {
  const texts = new Map<string, Piece[]>();
  for (const [event, taped] of events.entries()) {
    if (!('data' in taped) || !isObject(taped.data)) continue;
    for (const [name, path, text] of piecesOf(taped.data)) {
      const pieces = texts.get(name) ?? [];
      texts.set(name, pieces);
      pieces.push({ event, path, text });
    }
  }
  return texts.values();
}

/** The name of a text, the way to what an event has of it, and that. */
type Found = readonly [name: string, path: Path, text: string];

/** `delta` of Responses and transcripts; `choices[].delta` of chat, and `choices[].text` from before chat. */
function* piecesOf(data: JsonObject): Generator<Found> {
  const isSound = typeof data['type'] === 'string' && data['type'].endsWith('audio.delta');
  if (!isSound) {
    const name = JSON.stringify(WHICH.map((field) => data[field]));
    yield* stringsBelow(data['delta'], name, ['delta']);
  }
  const choices = data['choices'];
  if (!Array.isArray(choices)) return;
  for (const [position, choice] of choices.entries()) {
    if (!isObject(choice)) continue;
    const name = `choice ${String(choice['index'] ?? position)}`;
    yield* stringsBelow(choice['delta'], `${name} delta`, ['choices', position, 'delta']);
    yield* stringsBelow(choice['text'], `${name} text`, ['choices', position, 'text']);
  }
}

function* stringsBelow(value: unknown, name: string, path: Path): Generator<Found> {
  if (typeof value === 'string') {
    yield [name, path, value];
  } else if (Array.isArray(value)) {
    for (const [position, item] of value.entries()) {
      const index = isObject(item) ? (item['index'] ?? position) : position;
      yield* stringsBelow(item, `${name} ${String(index)}`, [...path, position]);
    }
  } else if (isObject(value)) {
    for (const [field, inner] of Object.entries(value)) {
      // Sound, as base64.
      if (field !== 'data') yield* stringsBelow(inner, `${name} ${field}`, [...path, field]);
    }
  }
}

/** The same value with another text at the end of a path; the probabilities of its tokens, which tell it too, are left out. */
function withText(value: unknown, [step, ...path]: Path, text: string): unknown {
  if (step === undefined) return text;
  if (Array.isArray(value)) {
    return value.map((item, index) => (index === step ? withText(item, path, text) : item));
  }
  if (!isObject(value)) return value;
  const { logprobs } = value;
  return {
    ...value,
    ...(isObject(logprobs) && { logprobs: null }),
    ...(Array.isArray(logprobs) && { logprobs: [] }),
    [step]: withText(value[step], path, text),
  };
}
