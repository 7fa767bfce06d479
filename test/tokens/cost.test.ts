import { describe, expect, it } from 'vitest';
import { costOf, costOfAnswers } from '../../src/tokens/cost.ts';

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

  it('counts sound at its own price', () => {
    const text = costOf('openai', 'gpt-audio-mini', tokens) ?? Number.NaN;
    expect(costOf('openai', 'gpt-audio-mini', { ...tokens, outputAudioTokens: 90_000 })).toBeGreaterThan(
      2 * text,
    );
    expect(costOf('openai', 'gpt-audio-mini', { ...tokens, inputAudioTokens: 900_000 })).toBeGreaterThan(
      2 * text,
    );
  });

  it.each(['default', 'auto', 'on_demand', null])('is that of the list in the tier %s', (serviceTier) => {
    expect(costOf('openai', 'gpt-4o', { ...tokens, serviceTier })).toBe(costOf('openai', 'gpt-4o', tokens));
  });

  it('is that of each answer by itself, where many tokens at once cost more', () => {
    const answer = {
      model: 'gemini-2.5-pro',
      answeredBy: undefined,
      tokens: { ...tokens, inputTokens: 150_000 },
    };
    const one = costOfAnswers('gemini', [answer]) ?? Number.NaN;
    expect(costOfAnswers('gemini', [answer, answer])).toBe(2 * one);
    const together = { ...answer.tokens, inputTokens: 300_000, outputTokens: 200_000 };
    expect(costOf('gemini', 'gemini-2.5-pro', together)).toBeGreaterThan(2 * one);
  });

  it('is not known of several where it is not of one', () => {
    const answer = { model: 'gpt-4o', answeredBy: null, tokens };
    const untold = { ...answer, tokens: { ...tokens, inputTokens: null } };
    expect(costOfAnswers('openai', [answer, untold])).toBeUndefined();
    expect(costOfAnswers('openai', [])).toBe(0);
  });

  it.each([
    ['another tier of service', 'openai', 'gpt-4o', { ...tokens, serviceTier: 'flex' }],
    ['sound that has no price', 'openai', 'gpt-4o', { ...tokens, outputAudioTokens: 7 }],
    ['a model that is in no list', 'openai', 'nobody-knows-it', tokens],
    ['a model of another house', 'openai', 'claude-sonnet-4-5', tokens],
    ['tokens that nobody told', 'openai', 'gpt-4o', { ...tokens, outputTokens: null }],
    ['a profile by a name that every object has', 'constructor', 'nobody-knows-it', tokens],
  ])('is not known of %s', (_, profile, model, used) => {
    expect(costOf(profile, model, used)).toBeUndefined();
  });
});
