import { describe, expect, it } from 'vitest';
import { InOrder } from '../../src/bulk/in-order.ts';
import { inParallel } from '../../src/bulk/parallel.ts';
import { settle } from '../support/oai.ts';

describe('things in the order of their numbers', () => {
  it('wait for those before them, and not for those that never come', () => {
    const taken: string[] = [];
    const order = new InOrder<string>((value) => taken.push(value));
    order.put(3, 'c');
    order.put(2, 'b');
    expect(taken).toEqual([]);
    order.put(1, 'a');
    expect(taken).toEqual(['a', 'b', 'c']);
    order.put(5, 'e');
    order.put(4, undefined);
    expect(taken).toEqual(['a', 'b', 'c', 'e']);
  });

  it('are all handed on at the end', () => {
    const taken: string[] = [];
    const order = new InOrder<string>((value) => taken.push(value));
    order.put(9, 'i');
    order.put(3, 'c');
    order.end();
    expect(taken).toEqual(['c', 'i']);
  });
});

describe('work in parallel', () => {
  it('has so many under way at once, and starts them in order', async () => {
    const started: number[] = [];
    const ends: (() => void)[] = [];
    const work = (item: number) =>
      new Promise<void>((resolve) => {
        started.push(item);
        ends.push(resolve);
      });
    const done = inParallel([1, 2, 3, 4, 5], 2, work, () => true);
    expect(started).toEqual([1, 2]);
    ends[1]?.();
    await settle();
    expect(started).toEqual([1, 2, 3]);
    for (let at = 0; at < 5; at++) {
      ends[at]?.();
      await settle();
    }
    expect(await done).toEqual([]);
    expect(started).toEqual([1, 2, 3, 4, 5]);
  });

  it('leaves the rest when it is not to go on', async () => {
    const seen: number[] = [];
    const work = async (item: number) => {
      seen.push(item);
    };
    const left = await inParallel([1, 2, 3, 4], 1, work, () => seen.length < 2);
    expect({ seen, left }).toEqual({ seen: [1, 2], left: [3, 4] });
  });
});
