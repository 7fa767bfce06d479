import { describe, expect, it } from 'vitest';
import { summed, usageLine } from '../../src/images/usage.ts';

describe('the usage of several requests', () => {
  const one = {
    input_tokens: 5,
    output_tokens: 10,
    total_tokens: 15,
    input_tokens_details: { text_tokens: 5 },
  };

  it('adds up, groups included', () => {
    const other = { ...one, input_tokens_details: { text_tokens: 1, image_tokens: 4 } };
    expect(summed([one, undefined, other])).toEqual({
      input_tokens: 10,
      output_tokens: 20,
      total_tokens: 30,
      input_tokens_details: { text_tokens: 6, image_tokens: 4 },
    });
    expect(usageLine(one)).toBe('15 tokens: 5 in, 10 out');
  });

  it('is told as far as it is known', () => {
    expect(usageLine({})).toBe('');
    expect(usageLine({ prompt_tokens: 2, total_tokens: 5 })).toBe('5 tokens');
  });

  it('is that of the one that tells it, or none', () => {
    expect(summed([undefined, one])).toEqual(one);
    expect(summed([undefined])).toBeUndefined();
    expect(summed([])).toBeUndefined();
  });
});
