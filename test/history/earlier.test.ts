import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../../src/api/completions.ts';
import { broughtBy, earlierMessages, openExchange, questionOf } from '../../src/history/earlier.ts';
import type { ExchangeState, SaidExchange } from '../../src/history/exchanges.ts';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const calls = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: null,
  tool_calls: ids.map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '{}' } })),
});
const result = (id: string): ChatMessage => ({ role: 'tool', tool_call_id: id, content: 'r' });

let number = 0;

/** @param asked how many of the messages were sent */
function exchange(state: ExchangeState, messages: readonly ChatMessage[], asked = 1): SaidExchange {
  number += 1;
  const kept = messages.map((message, at) => ({
    isAnswer: at >= asked,
    role: message.role,
    text: '',
    message: () => message,
  }));
  return { number, state, messages: kept, others: [] };
}

const NOTHING = { instructions: false, toolResults: false };

describe('what goes before a question', () => {
  it('is what was answered, cut and noted', () => {
    const exchanges = [
      exchange('answered', [user('a'), assistant('A')]),
      exchange('failed', [user('b')]),
      exchange('asked', [user('c')]),
      exchange('cut', [user('d'), assistant('D')]),
      exchange('noted', [user('e')]),
    ];
    expect(earlierMessages(exchanges, NOTHING)).toEqual([
      user('a'),
      assistant('A'),
      user('d'),
      assistant('D'),
      user('e'),
    ]);
  });

  it('has the calls of tools that were answered', () => {
    const messages = [user('a'), calls('1', '2'), result('1'), result('2'), assistant('A')];
    expect(earlierMessages([exchange('answered', messages)], NOTHING)).toEqual(messages);
  });

  it.each([
    ['none', [user('a'), calls('1', '2')]],
    ['one of two', [user('a'), calls('1', '2'), result('1')]],
  ])('has no calls of which %s was answered', (_, messages) => {
    const exchanges = [exchange('answered', messages), exchange('answered', [user('b'), assistant('B')])];
    expect(earlierMessages(exchanges, NOTHING)).toEqual([user('a'), user('b'), assistant('B')]);
  });

  it('has the last calls where they are answered now', () => {
    const messages = [user('a'), calls('1')];
    const brought = { instructions: false, toolResults: true };
    expect(earlierMessages([exchange('answered', messages)], brought)).toEqual(messages);
  });

  it('has the calls of results that come after a system prompt', () => {
    const system: ChatMessage = { role: 'system', content: 's' };
    expect(broughtBy([system, result('1')])).toEqual({ instructions: true, toolResults: true });
    expect(broughtBy([system, user('a'), result('1')]).toolResults).toBe(false);
  });

  it('has no results whose calls are not sent along', () => {
    const exchanges = [
      exchange('answered', [user('a'), calls('1')]),
      exchange('answered', [result('1'), assistant('A')]),
    ];
    expect(earlierMessages(exchanges, NOTHING)).toEqual([user('a'), calls('1'), result('1'), assistant('A')]);
    expect(earlierMessages(exchanges, NOTHING, 1)).toEqual([assistant('A')]);
  });
});

describe('the exchange that waits for an answer', () => {
  it.each<[ExchangeState, boolean]>([
    ['asked', true],
    ['failed', true],
    ['cut', true],
    ['answered', false],
  ])('is the last: %s', (state, waits) => {
    const exchanges = [exchange('failed', [user('x')]), exchange(state, [user('a')])];
    expect(openExchange(exchanges)).toBe(waits ? exchanges[1] : undefined);
  });

  it('is the last that was asked, whatever was noted after it', () => {
    const failed = exchange('failed', [user('a')]);
    const noted = [exchange('noted', [user('b')]), exchange('noted', [user('c')])];
    expect(openExchange([failed, ...noted])).toBe(failed);
    expect(openExchange([exchange('answered', [user('a'), assistant('A')]), ...noted])).toBeUndefined();
    expect(openExchange([exchange('failed', [result('1')]), ...noted])).toBeUndefined();
    expect(openExchange(noted)).toBeUndefined();
  });

  it('is one whose tools were run, and whose program was ended then', () => {
    const ended = exchange('answered', [user('a'), calls('1'), result('1')]);
    expect(openExchange([ended])).toBe(ended);
    expect(questionOf(ended)).toEqual([user('a'), calls('1'), result('1')]);
  });

  it('is asked again with the results that its question brings', () => {
    expect(questionOf(exchange('failed', [result('1')]))).toEqual([result('1')]);
    const more = [result('1'), calls('2'), result('2')];
    expect(questionOf(exchange('failed', more))).toEqual(more);
    const open = [result('1'), user('a'), calls('2', '3'), result('2')];
    expect(questionOf(exchange('cut', open))).toEqual([result('1'), user('a')]);
  });

  it('is asked again without what came of the answer', () => {
    const cut = exchange('cut', [user('a'), calls('1'), result('1'), assistant('It w')]);
    expect(questionOf(cut)).toEqual([user('a'), calls('1'), result('1')]);
  });

  it('is none in an empty conversation', () => {
    expect(openExchange([])).toBeUndefined();
  });
});
