import { describe, expect, it } from 'vitest';
import { splitText } from '../../src/speech/split-text.ts';
import { countO200k } from '../../src/tokens/o200k.ts';

const whole = (parts: readonly string[]) => parts.join('');

describe('a text that is too long', () => {
  it('is left alone while it fits', () => {
    expect(splitText('One. Two.', { characters: 9 })).toEqual(['One. Two.']);
  });

  it('is cut between sentences', () => {
    const text = 'Dr. Smith came. He said: "No!" Then he left.';
    expect(splitText(text, { characters: 31 })).toEqual(['Dr. Smith came. He said: "No!" ', 'Then he left.']);
  });

  it('is cut between sentences of any language', () => {
    const text = '안녕하세요. 반갑습니다. 오늘은 날씨가 좋네요.';
    expect(splitText(text, { characters: 15 })).toEqual([
      '안녕하세요. 반갑습니다. ',
      '오늘은 날씨가 좋네요.',
    ]);
    expect(splitText('今日は。元気ですか？はい。', { characters: 6 })).toEqual([
      '今日は。',
      '元気ですか？',
      'はい。',
    ]);
  });

  it('is cut between words where a sentence is too long', () => {
    expect(splitText('one two three four five', { characters: 10 })).toEqual([
      'one two ',
      'three four',
      ' five',
    ]);
  });

  it('goes on in the part that the end of a long sentence is in', () => {
    expect(splitText('aaaa bbbb cccc dd. Ee.', { characters: 10 })).toEqual([
      'aaaa bbbb ',
      'cccc dd. ',
      'Ee.',
    ]);
  });

  it('is cut between characters where a word is too long', () => {
    const text = '👩‍👩‍👧e\u0301'.repeat(3);
    const parts = splitText(text, { characters: 10 });
    expect(parts).toEqual(['👩‍👩‍👧e\u0301', '👩‍👩‍👧e\u0301', '👩‍👩‍👧e\u0301']);
  });

  it('is cut by tokens, which Korean has more of', () => {
    const text = '긴 문장을 소리 내어 읽어 봅시다. '.repeat(500);
    const tokens = { most: 2000, count: countO200k };
    const parts = splitText(text, { characters: 4096, tokens });
    expect(whole(parts)).toBe(text);
    expect(parts.length).toBeGreaterThan(2);
    for (const part of parts) {
      expect(countO200k(part)).toBeLessThanOrEqual(2000);
      expect(part.length).toBeLessThanOrEqual(4096);
    }
    // None is much shorter than it could be.
    for (const part of parts.slice(0, -1)) {
      expect(Math.max(countO200k(part) / 2000, part.length / 4096)).toBeGreaterThan(0.9);
    }
  });

  it('keeps every character of 20,000, whatever they are', () => {
    const words = ['안녕', 'hello', '🐈', 'Größe', '。', '! ', '\n\n', 'x'.repeat(50), '   '];
    const text = Array.from({ length: 4000 }, (_, at) => words[(at * 7) % words.length]).join('');
    const parts = splitText(text, { characters: 1000 });
    expect(whole(parts)).toBe(text);
    expect(Math.max(...parts.map((part) => part.length))).toBeLessThanOrEqual(1000);
  });

  it('has no part that is all space', () => {
    expect(splitText(`One.${' '.repeat(30)}Two.`, { characters: 10 }).map((part) => part.trim())).toEqual([
      'One.',
      'Two.',
    ]);
    expect(splitText('   ', { characters: 2 })).toEqual([]);
  });

  it('is cut within what is seen as one character only where that is too long by itself', () => {
    const text = `a${'\u0301'.repeat(25)}😀`;
    const parts = splitText(text, { characters: 10 });
    expect(whole(parts)).toBe(text);
    expect(parts.map(({ length }) => length)).toEqual([10, 10, 8]);
    expect(splitText('😀😀', { characters: 3 })).toEqual(['😀', '😀']);
    expect(splitText('😀\u200d😀', { characters: 2 })).toEqual(['😀', '\u200d', '😀']);
    expect(splitText('😀', { characters: 1 })).toEqual(['😀']);
  });

  it('keeps to the tokens in the same way', () => {
    const tokens = { most: 10, count: (text: string) => [...text].length * 5 };
    expect(splitText('a\u0301\u0301\u0301', { characters: 100, tokens })).toEqual([
      'a\u0301',
      '\u0301\u0301',
    ]);
  });

  it.each<[string, string]>([
    ['sentences', 'The quick brown fox jumps over the lazy dog, and then it rests. '.repeat(32_000)],
    ['one word', 'abcdefghij'.repeat(5000)],
    ['one sentence', 'word after word '.repeat(30_000)],
    ['one character', `a${'\u0301'.repeat(100_000)}`],
  ])(
    'is cut at once, however long: %s',
    (_, text) => {
      const tokens = { most: 2000, count: countO200k };
      const begun = performance.now();
      const parts = splitText(text, { characters: 4096, tokens });
      // Time that is linear takes a second at most; what is quadratic takes minutes.
      expect(performance.now() - begun).toBeLessThan(5000);
      expect(whole(parts)).toBe(text);
      expect(Math.max(...parts.map(({ length }) => length))).toBeLessThanOrEqual(4096);
    },
    60_000,
  );

  it('may hold what looks like a special token', () => {
    expect(countO200k('<|endoftext|>')).toBeGreaterThan(1);
  });
});
