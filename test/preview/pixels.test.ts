import { describe, expect, it } from 'vitest';
import { shrunk } from '../../src/preview/pixels.ts';
import { redAndBlue } from './sample-images.ts';

describe('a picture on its way to the terminal', () => {
  it('is left as it is where a preview shows all of it', () => {
    const picture = redAndBlue(1536, 1024);
    expect(shrunk(picture)).toBe(picture);
  });

  it('is made smaller where it has more pixels than anybody sees, and keeps its shape and colours', () => {
    const { width, height, data } = shrunk(redAndBlue(4096, 2048));
    expect([width, height, data.length]).toEqual([819, 409, 819 * 409 * 4]);
    expect([...data.subarray(0, 4)]).toEqual([220, 20, 20, 255]);
    expect([...data.subarray(-4)]).toEqual([20, 20, 220, 255]);
  });

  it('may be a single line', () => {
    const { width, height, data } = shrunk(redAndBlue(8000, 1));
    expect([width, height, data.length]).toEqual([800, 1, 3200]);
    expect([...data.subarray(0, 4)]).toEqual([220, 20, 20, 255]);
  });

  it('mixes no colour of what is transparent', () => {
    const picture = redAndBlue(1600, 2);
    // Of each square of four the first pixel is transparent, and green.
    for (let x = 0; x < 1600; x += 2) picture.data.set([0, 255, 0, 0], x * 4);
    const { data } = shrunk(picture);
    expect([...data.subarray(0, 4)]).toEqual([220, 20, 20, 191]);
  });
});
