import { describe, expect, it } from 'vitest';
import {
  EventSplitter,
  eventText,
  isWholeStream,
  type TapedEvent,
} from '../../../../src/api/transport/cassette/taped-events.ts';

/** The events of a stream that comes in these pieces, one each ms. */
function split(...pieces: readonly (string | Uint8Array)[]): readonly TapedEvent[] {
  const splitter = new EventSplitter();
  let ms = 0;
  for (const piece of pieces) {
    ms += 1;
    splitter.take(Buffer.from(piece), ms);
  }
  splitter.end(ms + 1);
  return splitter.events;
}

describe('a stream, taken apart', () => {
  it.each<[string, string, object]>([
    ['JSON', 'data: {"a":1}\n\n', { data: { a: 1 } }],
    ['JSON without a space', 'data:{"a":1}\n\n', { data: { a: 1 } }],
    ['a list', 'data: [1]\n\n', { data: [1] }],
    ['a word', 'data: [DONE]\n\n', { data: '[DONE]' }],
    ['a JSON text, which is not told from a plain one', 'data: "x"\n\n', { data: '"x"' }],
    ['a number', 'data: 1\n\n', { data: '1' }],
    ['broken JSON', 'data: {"a":\n\n', { data: '{"a":' }],
    ['a type', 'event: done\ndata: {}\n\n', { event: 'done', data: {} }],
    ['returns', 'event: done\r\ndata: {}\r\n\r\n', { event: 'done', data: {} }],
    ['a comment', ': still here\n\n', { text: ': still here\n\n' }],
    ['two lines of data', 'data: a\ndata: b\n\n', { text: 'data: a\ndata: b\n\n' }],
    ['other fields', 'id: 7\ndata: {}\n\n', { text: 'id: 7\ndata: {}\n\n' }],
    ['no data', 'event: x\n\n', { text: 'event: x\n\n' }],
  ])('keeps %s', (_, text, event) => {
    expect(split(text)).toEqual([{ ms: 1, ...event }]);
  });

  it('is the same however it is cut into pieces', () => {
    const text = 'data: {"a":"é\\n"}\r\n\r\ndata: {"b":2}\n\n: x\n\ndata: [DONE]\n\n';
    const bytes = Buffer.from(text);
    const whole = split(bytes).map(({ ms: _, ...event }) => event);
    for (const size of [1, 2, 3, 5, 7]) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) pieces.push(bytes.subarray(at, at + size));
      expect(split(...pieces).map(({ ms: _, ...event }) => event)).toEqual(whole);
    }
    expect(whole).toHaveLength(4);
  });

  it('has the time at which the last byte of each came', () => {
    expect(split('data: {"a"', ':1}\n\ndata: {}', '\n\n').map(({ ms }) => ms)).toEqual([2, 3]);
  });

  it('keeps what came of an event that was cut', () => {
    expect(split('data: {}\n\ndata: {"a')).toEqual([
      { ms: 1, data: {} },
      { ms: 2, text: 'data: {"a' },
    ]);
  });

  it('is in time with one event of 8 MB in small pieces', () => {
    const piece = 'x'.repeat(16_384);
    const started = performance.now();
    const events = split('data: {"a":"', ...Array<string>(512).fill(piece), '"}\n\n');
    expect(events).toHaveLength(1);
    // To look through all of it for each piece would take seconds.
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

describe('an event, put together', () => {
  it.each<[TapedEvent, string]>([
    [{ data: { a: 1 } }, 'data: {"a":1}\n\n'],
    [{ data: '[DONE]' }, 'data: [DONE]\n\n'],
    [{ event: 'x', data: [] }, 'event: x\ndata: []\n\n'],
    [{ data: 'a\nb' }, 'data: a\ndata: b\n\n'],
    [{ data: null }, 'data: null\n\n'],
    [{ ms: 1, text: ': as it is' }, ': as it is'],
  ])('%j', (event, text) => {
    expect(eventText(event)).toBe(text);
  });
});

describe('a stream is whole', () => {
  it.each<[boolean, readonly TapedEvent[]]>([
    [true, [{ data: {} }, { data: '[DONE]' }]],
    [true, [{ data: { type: 'response.completed' } }]],
    [true, [{ data: { type: 'transcript.text.done' } }, { text: ': bye\n\n' }]],
    [false, [{ data: { type: 'transcript.text.delta' } }]],
    [false, [{ data: '[DONE]' }, { data: {} }]],
    [false, [{ text: ': x\n\n' }]],
    [false, []],
  ])('%s: %j', (expected, events) => {
    expect(isWholeStream(events)).toBe(expected);
  });
});
