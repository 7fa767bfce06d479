import { expect, it } from 'vitest';
import { tokensPerSecond } from '../../src/history/pace.ts';

it.each([
  ['of a stream, its text from the first on', 110, 10, 500, 2500, 50],
  ['of a whole answer, all its tokens in all the time', 110, 10, null, 2000, 55],
  ['without a count of the reasoning', 100, null, 1000, 2000, 100],
  ['nothing of what came at once', 100, 0, 990, 1000, undefined],
  ['nothing where the tokens are not told', null, null, 0, 1000, undefined],
  ['nothing of an answer that came from the cache', 0, 0, 0, 1000, undefined],
  ['nothing where the time is not known', 100, 0, 0, null, undefined],
])('counts %s', (_, outputTokens, reasoningTokens, firstTextAfter, duration, rate) => {
  expect(tokensPerSecond({ outputTokens, reasoningTokens, firstTextAfter, duration })).toBe(rate);
});
