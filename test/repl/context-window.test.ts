import { describe, expect, it } from 'vitest';
import { ContextWindow, estimatedTokens } from '../../src/repl/context-window.ts';
import { type Exchange, exchangesIn, messagesIn } from '../../src/repl/exchange.ts';
import { countO200k } from '../../src/tokens/o200k.ts';

const exchange = (n: number, length = 1000): Exchange => ({
  question: [{ role: 'user', content: `${n} ${'word '.repeat(length / 5)}` }],
  rest: [{ role: 'assistant', content: `answer ${n}` }],
  state: 'answered',
});

describe('estimatedTokens', () => {
  it.each([
    ['English', 'The quick brown fox jumps over the lazy dog, and nobody minds. '.repeat(20)],
    ['code', 'const x = items.map(({ id }) => `$${id}`);'.repeat(20)],
    ['Korean', '안녕하세요, 오늘 날씨가 정말 좋네요. 산책하러 가고 싶어요. '.repeat(20)],
    ['Chinese', '今天天气很好，我们去公园散步吧。'.repeat(20)],
  ])('is near enough for %s, and seldom too low', (_, content) => {
    const estimate = estimatedTokens([{ role: 'user', content }]);
    const counted = countO200k(content);
    expect(estimate).toBeGreaterThan(counted * 0.8);
    expect(estimate).toBeLessThan(counted * 2.5);
  });

  it('counts images and calls of tools', () => {
    const image = {
      type: 'image_url' as const,
      image_url: { url: `data:image/png;base64,${'A'.repeat(1e6)}` },
    };
    const estimate = estimatedTokens([{ role: 'user', content: [image, { type: 'text', text: 'what?' }] }]);
    expect(estimate).toBeGreaterThan(1000);
    expect(estimate).toBeLessThan(2000);
    const call = { id: 'x', type: 'function' as const, function: { name: 'f', arguments: 'a'.repeat(1000) } };
    expect(estimatedTokens([{ role: 'assistant', content: null, tool_calls: [call] }])).toBeGreaterThan(250);
  });
});

describe('ContextWindow', () => {
  const all = Array.from({ length: 20 }, (_, n) => exchange(n));
  const question = [{ role: 'user' as const, content: 'now?' }];

  it('leaves nothing out while there is room, or where the size is not known', () => {
    const window = new ContextWindow();
    expect(window.fitting(all, question, 1_000_000, undefined)).toHaveLength(20);
    expect(window.fitting(all, question, undefined, undefined)).toHaveLength(20);
    expect(window.leftOut).toBe(0);
  });

  it('leaves out the oldest, some at once, and keeps the beginning the same for a while', () => {
    const window = new ContextWindow();
    const first = window.fitting(all, question, 8000, undefined);
    expect(first.at(-1)).toBe(all.at(-1));
    expect(first[0]).toBe(all[window.leftOut]);
    expect(window.tokens(messagesIn(first))).toBeLessThan(6000);
    const before = window.leftOut;
    expect(window.fitting([...all, exchange(20)], question, 8000, undefined)[0]).toBe(all[before]);
  });

  it('leaves room for the answer that is wanted', () => {
    const [little, much] = [new ContextWindow(), new ContextWindow()];
    little.fitting(all, question, 8000, 100);
    much.fitting(all, question, 8000, 6000);
    expect(much.leftOut).toBeGreaterThan(little.leftOut);
  });

  it('leaves out all where the question alone is too much', () => {
    const window = new ContextWindow();
    expect(window.fitting(all, [{ role: 'user', content: 'x'.repeat(100_000) }], 8000, undefined)).toEqual(
      [],
    );
  });

  it('learns from what the API counted', () => {
    const window = new ContextWindow();
    const messages = messagesIn(all);
    const estimate = window.tokens(messages);
    window.learn(messages, estimate * 2);
    expect(window.tokens(messages)).toBeCloseTo(estimate * 2, -1);
    window.learn(messages, estimate * 1000);
    expect(window.tokens(messages)).toBeLessThanOrEqual(estimate * 4 + 4);
  });

  it('halves what is sent, until nothing is left to leave out', () => {
    const window = new ContextWindow();
    const lengths = [];
    while (window.halve(all)) lengths.push(20 - window.leftOut);
    expect(lengths).toEqual([10, 5, 2, 1, 0]);
  });
});

describe('exchangesIn', () => {
  it('begins one with each question; instructions are no part of any', () => {
    const messages = [
      { role: 'system' as const, content: 's' },
      { role: 'user' as const, content: 'a' },
      { role: 'user' as const, content: 'b' },
      { role: 'assistant' as const, content: 'c' },
      { role: 'tool' as const, tool_call_id: 'x', content: 't' },
      { role: 'assistant' as const, content: 'd' },
      { role: 'user' as const, content: 'e' },
    ];
    const exchanges = exchangesIn(messages);
    expect(exchanges.map(({ question, rest }) => [question.length, rest.length])).toEqual([
      [2, 3],
      [1, 0],
    ]);
    expect(messagesIn(exchanges)).toEqual(messages.slice(1));
    expect(messagesIn([{ ...exchange(1), state: 'failed' }])).toEqual([]);
  });
});
