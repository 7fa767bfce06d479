import { expect, it } from 'vitest';
import { isVisiblyForeign } from '../../src/translation/not-english.ts';

it.each([
  ['', false],
  ['123 !', false],
  ['Hello.', false],
  ['안녕하세요.', true],
  // Three letters of ten are as many as may be.
  ['abcdefg가나다', false],
  ['abcdefg가나다라', true],
])('%j: %s', (text, expected) => {
  expect(isVisiblyForeign(text)).toBe(expected);
});
