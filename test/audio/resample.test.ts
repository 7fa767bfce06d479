import { describe, expect, it } from 'vitest';
import { Resampler } from '../../src/audio/resample.ts';

function tone(hertz: number, rate: number, seconds: number): Float32Array {
  return Float32Array.from({ length: rate * seconds }, (_, index) =>
    Math.sin((2 * Math.PI * hertz * index) / rate),
  );
}

function resample(samples: Float32Array, from: number, to: number, piece: number): Float32Array {
  const resampler = new Resampler(from, to);
  const made: number[] = [];
  for (let at = 0; at < samples.length; at += piece)
    made.push(...resampler.push(samples.subarray(at, at + piece)));
  made.push(...resampler.end());
  return Float32Array.from(made);
}

/** The most that two sounds differ by, but for their first and last hundredth of a second. */
function difference(one: Float32Array, other: Float32Array): number {
  const edge = 240;
  let most = 0;
  for (let at = edge; at < Math.min(one.length, other.length) - edge; at += 1)
    most = Math.max(most, Math.abs((one[at] ?? 0) - (other[at] ?? 0)));
  return most;
}

describe('another rate', () => {
  it.each([8000, 16_000, 22_050, 44_100, 48_000])('keeps a tone of 1 kHz as it is: from %i Hz', (from) => {
    const made = resample(tone(1000, from, 0.5), from, 24_000, 777);
    expect(made.length / 24_000).toBeCloseTo(0.5, 2);
    expect(difference(made, tone(1000, 24_000, 0.5))).toBeLessThan(0.01);
  });

  it('is the same in whatever pieces it comes', () => {
    const whole = resample(tone(1000, 44_100, 0.2), 44_100, 24_000, 1_000_000);
    const pieces = resample(tone(1000, 44_100, 0.2), 44_100, 24_000, 13);
    expect(Math.abs(pieces.length - whole.length)).toBeLessThanOrEqual(1);
    // A step of 16 bits.
    expect(difference(pieces, whole)).toBeLessThan(1 / 0x8000);
  });

  it('has no tones that it cannot hold', () => {
    const made = resample(tone(15_000, 48_000, 0.2), 48_000, 24_000, 4800);
    expect(difference(made, new Float32Array(made.length))).toBeLessThan(0.02);
  });

  it('makes nothing of nothing', () => {
    expect(resample(new Float32Array(0), 8000, 24_000, 1).length).toBeLessThan(100);
  });
});
