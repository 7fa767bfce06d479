import { describe, expect, it } from 'vitest';
import { costOf } from '../../src/tokens/cost.ts';

const tokens = { inputTokens: 1_000_000, cachedTokens: 0, outputTokens: 100_000 };

describe('the cost of an answer', () => {
  it('grows with the tokens, and is less for those that were cached', () => {
    const whole = costOf('openai', 'gpt-4o', tokens) ?? Number.NaN;
    expect(whole).toBeGreaterThan(0);
    expect(costOf('openai', 'gpt-4o', { ...tokens, cachedTokens: 1_000_000 })).toBeLessThan(whole);
    expect(costOf('openai', 'gpt-4o', { ...tokens, cachedTokens: null })).toBe(whole);
  });

  it.each(['sandbox', 'ollama', 'lmstudio'])('is nothing of %s, which sends no bill', (profile) => {
    expect(costOf(profile, 'gpt-4o', tokens)).toBe(0);
  });

  it("is that of the model's maker at a server of the user's own", () => {
    expect(costOf('work', 'gpt-4o', tokens)).toBe(costOf('openai', 'gpt-4o', tokens));
  });

  it.each([
    ['a model that is in no list', 'openai', 'nobody-knows-it', tokens],
    ['a model of another house', 'openai', 'claude-sonnet-4-5', tokens],
    ['tokens that nobody told', 'openai', 'gpt-4o', { ...tokens, outputTokens: null }],
    ['a profile by a name that every object has', 'constructor', 'nobody-knows-it', tokens],
  ])('is not known of %s', (_, profile, model, used) => {
    expect(costOf(profile, model, used)).toBeUndefined();
  });
});
