import { describe, expect, it } from 'vitest';
import { isAnimatedGif } from '../../src/input/gif-frames.ts';
import { gif } from '../support/gif.ts';
import { image } from '../support/images.ts';

describe('a GIF', () => {
  it('moves from its second frame on', () => {
    expect(isAnimatedGif(gif(1))).toBe(false);
    expect(isAnimatedGif(gif(2))).toBe(true);
    expect(isAnimatedGif(gif(9))).toBe(true);
  });

  it('of another program does not move', async () => {
    expect(isAnimatedGif(await image('gif', 40, 30))).toBe(false);
  });

  it('counts as far as it goes', () => {
    const whole = gif(2);
    for (let end = 0; end < whole.length; end += 1) {
      expect(isAnimatedGif(whole.subarray(0, end))).toBe(end > gif(1).length + 5);
    }
  });
});
