import { describe, expect, it } from 'vitest';
import { cosine } from '../../src/embeddings/vectors.ts';
import { dotProduct, nearest, unit } from '../../src/search/nearest.ts';

const { signal } = new AbortController();

/** Numbers that look random, and are the same every time (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function vectors(count: number, dimensions: number): Float32Array[] {
  const next = seeded(7);
  return Array.from({ length: count }, () =>
    unit(Float32Array.from({ length: dimensions }, () => next() - 0.5)),
  );
}

const numbered = (all: readonly Float32Array[]) => all.map((vector, at) => [at, vector] as const);

describe('the nearest', () => {
  it.each([1, 3, 4, 7, 256])(
    'are those that sorting all by their cosine gives, of %i dimensions',
    async (dimensions) => {
      const [query = new Float32Array(), ...all] = vectors(301, dimensions);
      const found = await nearest(numbered(all), query, { count: 10, minScore: -1 }, signal);
      const scores = all.map((vector) => cosine(query, vector)).sort((a, b) => b - a);
      expect(found.map(({ score }) => score.toFixed(5))).toEqual(
        scores.slice(0, 10).map((s) => s.toFixed(5)),
      );
    },
  );

  it.each<[string, number[], object, number[]]>([
    ['a bound', [0.9, 0.2, 0.5], { count: 5, minScore: 0.5 }, [0, 2]],
    ['none above it', [0.9, 0.2], { count: 5, minScore: 0.95 }, []],
    ['the first of equals', [0.5, 0.5, 0.5], { count: 2, minScore: -1 }, [0, 1]],
    ['what points away', [-1, 0], { count: 2, minScore: -1 }, [1, 0]],
    ['what is no number', [Number.NaN, 0.1], { count: 2, minScore: -1 }, [1]],
    ['fewer than asked for', [0.1], { count: 9, minScore: -1 }, [0]],
  ])('keep to %s', async (_, scores, limits, chunks) => {
    const all = scores.map((score) => Float32Array.of(score));
    const wish = limits as { count: number; minScore: number };
    const found = await nearest(numbered(all), Float32Array.of(1), wish, signal);
    expect(found.map(({ chunk }) => chunk)).toEqual(chunks);
  });

  it('are given up when the run is stopped', async () => {
    const stop = new AbortController();
    function* endless() {
      for (let at = 0; ; at++) {
        if (at === 25_000) stop.abort(new Error('stopped'));
        yield [at, Float32Array.of(1)] as const;
      }
    }
    const search = nearest(endless(), Float32Array.of(1), { count: 1, minScore: -1 }, stop.signal);
    await expect(search).rejects.toThrow('stopped');
  });
});

describe('vectors', () => {
  it('have length 1, but for those that have none', () => {
    expect(dotProduct(unit(Float32Array.of(3, 4, 5)), unit(Float32Array.of(3, 4, 5)))).toBeCloseTo(1, 6);
    expect(unit(Float32Array.of(0, 0))).toEqual(Float32Array.of(0, 0));
  });
});
