import { describe, expect, it } from 'vitest';
import { Deadline } from '../../src/api/deadline.ts';
import { FakeClock } from '../support/context.ts';

function deadline(limit = 30) {
  const clock = new FakeClock({ now: 1000 });
  let times = 0;
  const made = new Deadline(limit, clock, () => {
    times += 1;
  });
  return { clock, deadline: made, rang: () => times };
}

describe('the time of a run', () => {
  it('starts with the first call, and is up once', () => {
    const { clock, deadline: time, rang } = deadline();
    clock.advance(100);
    time.start();
    clock.advance(10);
    time.start();
    expect(time.at).toBe(1130);
    clock.advance(19);
    expect(rang()).toBe(0);
    clock.advance(1);
    expect(rang()).toBe(1);
    clock.advance(1000);
    expect(rang()).toBe(1);
  });

  it.each([
    ['that is over before it is up', 10, 25],
    ['that goes on when it would be up', 20, 50],
    ['that begins at the same time', 0, 500],
    ['that is no longer than nothing', 10, 10],
  ])('stands still in a pause %s', (_, from, to) => {
    const { clock, deadline: time, rang } = deadline();
    time.start();
    clock.advance(from);
    const goOn = time.pause();
    clock.advance(to - from);
    // A wait for another try may be as long as what is left.
    expect(time.at).toBe(1030 + to - from);
    goOn();
    expect(time.at).toBe(1030 + to - from);
    clock.advance(29 - from);
    expect(rang()).toBe(0);
    clock.advance(1);
    expect(rang()).toBe(1);
  });

  it('stands still in each of several pauses', () => {
    const { clock, deadline: time, rang } = deadline();
    time.start();
    for (let i = 0; i < 5; i++) {
      clock.advance(5);
      const goOn = time.pause();
      clock.advance(100);
      goOn();
    }
    clock.advance(4);
    expect(rang()).toBe(0);
    clock.advance(1);
    expect(rang()).toBe(1);
  });

  it('stands still until the last of two pauses is over, each of which ends once', () => {
    const { clock, deadline: time, rang } = deadline();
    time.start();
    const [first, second] = [time.pause(), time.pause()];
    first();
    first();
    clock.advance(100);
    expect(rang()).toBe(0);
    second();
    clock.advance(30);
    expect(rang()).toBe(1);
  });

  it('is whole where a pause began before it', () => {
    const { clock, deadline: time, rang } = deadline();
    const goOn = time.pause();
    clock.advance(100);
    time.start();
    clock.advance(100);
    goOn();
    expect(time.at).toBe(1230);
    clock.advance(30);
    expect(rang()).toBe(1);
  });
});
