import { describe, expect, it } from 'vitest';
import { Governor } from '../../src/bulk/governor.ts';
import { FakeClock } from '../support/context.ts';
import { settle } from '../support/oai.ts';

interface ServerOptions {
  /** Requests at once that are not refused. */
  readonly bears: number;
  readonly headers?: Record<string, string>;
  readonly fixed?: number;
  /** Requests that are worked on at once: more wait for each other. */
  readonly workers?: number;
}

/** A server that takes 100 ms for each round of what is under way, and how many requests were in each. */
async function rounds(count: number, { bears, headers = {}, fixed, workers }: ServerOptions) {
  const clock = new FakeClock();
  const governor = new Governor(clock, fixed);
  const underWay: number[] = [];
  const begin = () => void governor.began().then((number) => underWay.push(number));
  for (let request = 0; request < 1000; request++) begin();
  const seen: number[] = [];
  let refused = 0;
  for (let round = 0; round < count; round++) {
    await settle(2);
    const now = underWay.splice(0);
    seen.push(now.length);
    const ms = workers === undefined ? 100 : Math.max(100, (100 * now.length) / workers);
    clock.advance(ms);
    for (const [index, number] of now.entries()) {
      const status = index < bears ? 200 : 429;
      if (status === 429) refused += 1;
      governor.answered({ status, headers: new Headers(status === 429 ? headers : {}), ms }, number);
      governor.ended();
      begin();
    }
  }
  return { seen, refused, governor };
}

/** A governor with one request that was refused so, and after how many ms the next one may begin. */
async function pauseAfter(status: number, headers: Record<string, string>, fixed?: number): Promise<number> {
  const clock = new FakeClock({ now: Date.parse('2026-11-21T12:00:00Z') });
  const governor = new Governor(clock, fixed);
  const number = await governor.began();
  governor.answered({ status, headers: new Headers(headers), ms: 10 }, number);
  governor.ended();
  const start = clock.now();
  let begun: number | undefined;
  void governor.began().then(() => {
    begun = clock.now() - start;
  });
  for (;;) {
    await settle(2);
    if (begun !== undefined) return begun;
    clock.advance(10);
  }
}

describe('the governor', () => {
  it('has no more under way than fit into the memory, unless the user says so', async () => {
    const underWay = async (fixed: number | undefined) => {
      const governor = new Governor(new FakeClock(), fixed);
      governor.atMost(2);
      let begun = 0;
      for (let request = 0; request < 20; request++) void governor.began().then(() => begun++);
      await settle(2);
      return begun;
    };
    expect([await underWay(undefined), await underWay(12)]).toEqual([2, 12]);
  });

  it('doubles what is under way while nothing is refused, up to the most', async () => {
    const { seen } = await rounds(9, { bears: 1000 });
    expect(seen).toEqual([4, 8, 16, 32, 64, 128, 256, 256, 256]);
  });

  it('sends as many as the user says, whatever the server says of it', async () => {
    const { seen } = await rounds(6, { bears: 3, fixed: 7 });
    expect(seen).toEqual([7, 7, 7, 7, 7, 7]);
  });

  it('sends fewer once some are refused, and is then just below what the server bears', async () => {
    const { seen, refused } = await rounds(300, { bears: 20 });
    const settled = seen.slice(50);
    expect(Math.max(...settled)).toBeLessThanOrEqual(21);
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(10);
    const average = settled.reduce((sum, one) => sum + one, 0) / settled.length;
    expect(average).toBeGreaterThan(17);
    // Those of the first rounds, and one now and then.
    expect(refused).toBeLessThan(seen.reduce((sum, one) => sum + one, 0) / 50);
  });

  it('goes on with one at a time where the server bears no more', async () => {
    const { seen, refused } = await rounds(100, { bears: 1 });
    expect(Math.min(...seen)).toBe(1);
    expect(seen.slice(20).filter((one) => one > 2)).toEqual([]);
    expect(refused).toBeLessThan(20);
  });

  it.each([
    [1, 7],
    [3, 5],
    [8, 4],
  ])(
    'sends fewer by those that were refused together, but no less than half: of 8, %i',
    async (refused, left) => {
      const governor = new Governor(new FakeClock(), undefined);
      const underWay: number[] = [];
      for (let request = 0; request < 20; request++) {
        void governor.began().then((number) => underWay.push(number));
      }
      const answer = async (status: number, count: number) => {
        for (const number of underWay.splice(0, count)) {
          governor.answered({ status, headers: new Headers(), ms: 1 }, number);
          governor.ended();
        }
        await settle();
      };
      await settle();
      await answer(200, 4);
      expect(underWay.length).toBe(8);
      await answer(429, refused);
      expect(governor.limit).toBe(left);
    },
  );

  it('tries one more than was refused after ten seconds and 20 rounds, and then half as often', async () => {
    const { seen } = await rounds(330, { bears: 8 });
    const tries = [...seen.keys()].filter((round) => (seen[round] ?? 0) > 8 && round > 10);
    const [first = 0, second = 0] = tries;
    expect(first).toBeGreaterThanOrEqual(100);
    expect(second - first).toBeGreaterThanOrEqual(100);
    expect(tries.length).toBeLessThanOrEqual(4);
  });

  it('sends no more where that brings no more answers', async () => {
    const { seen } = await rounds(60, { bears: 1000, workers: 8 });
    expect(Math.max(...seen)).toBeLessThan(100);
  });

  it.each([500, 400, 404])('does not take a %s for one too many', async (status) => {
    const governor = new Governor(new FakeClock(), undefined);
    const number = await governor.began();
    governor.answered({ status, headers: new Headers({ 'retry-after': '5' }), ms: 1 }, number);
    expect(governor.limit).toBe(4);
  });

  it.each<[number, Record<string, string>, number]>([
    [429, { 'retry-after': '2' }, 2000],
    [429, { 'retry-after': '0.5' }, 500],
    [429, { 'retry-after-ms': '120', 'retry-after': '2' }, 120],
    [429, { 'retry-after': 'Sat, 21 Nov 2026 12:00:03 GMT' }, 3000],
    [503, { 'retry-after': '1' }, 1000],
    [429, { 'retry-after': '86400' }, 600_000],
    [429, { 'retry-after': '-5' }, 0],
    [429, { 'retry-after': 'soon' }, 0],
    [429, {}, 0],
    [200, { 'retry-after': '2' }, 0],
    [200, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '6m0s' }, 360_000],
    [200, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': '20ms' }, 20],
    [200, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '1m0.5s' }, 60_500],
    [200, { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '2h' }, 600_000],
    [200, { 'x-ratelimit-remaining-requests': '1', 'x-ratelimit-reset-requests': '6m0s' }, 0],
    [200, { 'x-ratelimit-remaining-requests': '0', 'x-ratelimit-reset-requests': 'soon' }, 0],
    [200, { 'x-ratelimit-remaining-requests': '0' }, 0],
  ])('after a %i with %j nothing is sent for %i ms', async (status, headers, ms) => {
    expect(await pauseAfter(status, headers)).toBe(ms);
  });

  it('waits as it is told where the user says how many, too', async () => {
    expect(await pauseAfter(429, { 'retry-after': '2' }, 5)).toBe(2000);
  });

  it('waits for the longest of the pauses that it is told of', async () => {
    const clock = new FakeClock();
    const governor = new Governor(clock, undefined);
    const numbers = [await governor.began(), await governor.began()];
    const answer = (seconds: number, number = 0) => {
      governor.answered(
        { status: 429, headers: new Headers({ 'retry-after': String(seconds) }), ms: 1 },
        number,
      );
      governor.ended();
    };
    answer(2, numbers[0]);
    let isBegun = false;
    void governor.began().then(() => {
      isBegun = true;
    });
    answer(5, numbers[1]);
    clock.advance(4900);
    await settle();
    expect(isBegun).toBe(false);
    clock.advance(100);
    await settle();
    expect(isBegun).toBe(true);
  });

  it('lets twice as many things be worked on as requests may be under way', async () => {
    const governor = new Governor(new FakeClock(), 2);
    let entered = 0;
    for (let thing = 0; thing < 6; thing++) {
      void governor.enter().then(() => {
        entered += 1;
      });
    }
    await settle();
    expect(entered).toBe(4);
    governor.leave();
    await settle();
    expect(entered).toBe(5);
  });
});
