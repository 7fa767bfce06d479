import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { encodeMp3 } from '../../src/audio/mp3-encoder.ts';
import { decodeMp3 } from '../support/decode-audio.ts';
import { temporaryFolder } from '../support/folder.ts';
import { collect, pieces, tone } from './sounds.ts';

const root = join(import.meta.dirname, '..', '..');

/** How often samples rise through zero in a second: the pitch of a tone. */
function pitch(samples: Float32Array, rate: number): number {
  const rises = samples.filter((sample, i) => sample >= 0 && (samples[i - 1] ?? 0) < 0).length;
  return (rises / samples.length) * rate;
}

describe('the MP3 encoder', () => {
  it.each([24_000, 16_000, 44_100, 8000])(
    'makes an MP3 of %i Hz that another program reads',
    async (rate) => {
      const mp3 = await collect(encodeMp3(pieces(tone(2, { rate })), rate));
      const { samples, count, sampleRate } = await decodeMp3(mp3);
      expect(sampleRate).toBe(rate);
      // Whole frames, and what encoders put before and after: less than four frames.
      expect(count - 2 * rate).toBeGreaterThanOrEqual(0);
      expect(count - 2 * rate).toBeLessThan(4 * 1152);
      const middle = samples.subarray(rate * 0.5, rate * 1.5);
      expect(pitch(middle, rate)).toBeCloseTo(440, -1);
      expect(Math.max(...middle)).toBeCloseTo(0.5, 1);
      // 64 kbit/s.
      expect(mp3.length).toBeLessThan(2.4 * 8000);
    },
  );

  it('gives the same whatever the pieces are, odd ones too', async () => {
    const pcm = tone(0.5);
    const whole = await collect(encodeMp3(pieces(pcm, pcm.length), 24_000));
    for (const size of [1, 2, 3, 999, 1152]) {
      expect(await collect(encodeMp3(pieces(pcm, size), 24_000))).toEqual(whole);
    }
  });

  it('gives frames before all samples are there', async () => {
    let taken = 0;
    async function* slowly() {
      for await (const piece of pieces(tone(20), 48_000)) {
        taken += 1;
        yield piece;
      }
    }
    const mp3 = encodeMp3(slowly(), 24_000);
    expect((await mp3.next()).value?.length).toBeGreaterThan(0);
    expect(taken).toBeLessThan(5);
    await mp3.return();
  });

  it('is one file with its WebAssembly when it is bundled, as the program is', async () => {
    const outfile = join(await temporaryFolder(), 'encoder.cjs');
    await build({
      entryPoints: [join(root, 'src', 'audio', 'mp3-encoder.ts')],
      bundle: true,
      format: 'cjs',
      platform: 'node',
      outfile,
      logLevel: 'silent',
    });
    // Vorbis, which that package has as well, is not in it.
    expect((await stat(outfile)).size).toBeLessThan(400_000);
    expect(await readFile(outfile, 'utf8')).not.toMatch(/\.wasm\b/);
    const bundled = (await import(outfile)) as { encodeMp3: typeof encodeMp3 };
    const mp3 = await collect(bundled.encodeMp3(pieces(tone(1)), 24_000));
    expect((await decodeMp3(mp3)).count).toBeGreaterThan(24_000);
  });
});
