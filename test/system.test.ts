import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemContext } from '../src/system.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a timer of the system', () => {
  const { clock } = systemContext(process);

  it('rings once, after its delay', () => {
    const ring = vi.fn();
    clock.timer(1000, ring);
    vi.advanceTimersByTime(999);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(10_000);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('starts over, and can be cancelled', () => {
    const ring = vi.fn();
    const timer = clock.timer(1000, ring);
    vi.advanceTimersByTime(900);
    timer.restart();
    vi.advanceTimersByTime(900);
    expect(ring).not.toHaveBeenCalled();
    timer.cancel();
    vi.advanceTimersByTime(10_000);
    expect(ring).not.toHaveBeenCalled();
  });

  it('does not count the time in which the process was stopped', () => {
    const ring = vi.fn();
    clock.timer(1000, ring);
    // The clock went on, and no timer could ring meanwhile.
    vi.setSystemTime(Date.now() + 60_000);
    vi.advanceTimersByTime(1000);
    expect(ring).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(ring).toHaveBeenCalledOnce();
  });
});
