import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { charactersOf, unsureEnd, widthOf, widthsFor } from '../../../src/output/markdown/width.ts';

describe('the width of a text', () => {
  it('is known at once for most of Europe', () => {
    for (const text of [
      'plain',
      'naïve — “quoted” … •',
      'Ελληνικά',
      'Русский',
      '→ ≤ ∑ │',
      '␛[31m',
      'a\tb\nc',
    ]) {
      expect(widthsFor(text), text).toBeUndefined();
    }
  });

  it('is what string-width says, for every character of two bytes', async () => {
    await widthsFor('👍');
    const differing: string[] = [];
    for (let code = 0x20; code < 0xd800; code++) {
      const text = String.fromCodePoint(code);
      // What has no width of its own is never shown, or belongs to the letter in front of it.
      if (/[\p{Cc}\p{Cf}\p{M}]/u.test(text)) continue;
      if (widthOf(text) !== stringWidth(text)) differing.push(code.toString(16));
    }
    expect(differing).toEqual([]);
    const halfwidth = ['ｱ', '｡', 'Ａ', '！', '￥'];
    expect(halfwidth.map(widthOf)).toEqual(halfwidth.map((text) => stringWidth(text)));
  }, 30_000);

  it('is that of whole characters', async () => {
    await widthsFor('👍');
    expect(['👍🏽', '👨\u200d👩\u200d👧', '日本', 'é', 'e\u0301', '한국'].map(widthOf)).toEqual([
      2, 2, 4, 1, 1, 4,
    ]);
    expect(charactersOf('a👍🏽e\u0301')).toEqual(['a', '👍🏽', 'e\u0301']);
  });

  it('may change with what follows an emoji, not with what follows a letter', async () => {
    await widthsFor('👍');
    expect(['abc', 'ab👍', 'ab👍🏽', ''].map(unsureEnd)).toEqual(['', '👍', '👍🏽', '']);
  });
});
