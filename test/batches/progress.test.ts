import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/api/batches.ts';
import { BatchProgress } from '../../src/batches/progress.ts';
import { FakeClock } from '../support/context.ts';

const batch = (status: Batch['status'], completed = 0, failed = 0, total = 0): Batch => ({
  id: 'batch_1',
  object: 'batch',
  endpoint: '/v1/responses',
  input_file_id: 'file-1',
  completion_window: '24h',
  created_at: 1,
  status,
  request_counts: { completed, failed, total },
});

describe('how far a batch is', () => {
  it('is its state, while nobody knows how many rows it has', () => {
    const progress = new BatchProgress(new FakeClock());
    expect(progress.told(batch('validating'))).toBe('validating');
    const { request_counts: _, ...without } = batch('validating');
    expect(progress.told(without)).toBe('validating');
  });

  it('is its rows, those that failed, their rate, and the time that is left', () => {
    const clock = new FakeClock();
    const progress = new BatchProgress(clock);
    // What was done before the first look says nothing of the rate.
    expect(progress.told(batch('in_progress', 40, 0, 100))).toBe('in progress · █████░░░░░░░ 40 of 100 rows');
    clock.advance(10_000);
    expect(progress.told(batch('in_progress', 57, 3, 100))).toBe(
      'in progress · ███████░░░░░ 57 of 100 rows · 3 failed · 2/s · 20 s left',
    );
  });

  it('has slow rates by the minute, and none where nothing moves', () => {
    const clock = new FakeClock();
    const progress = new BatchProgress(clock);
    progress.told(batch('in_progress', 0, 0, 10));
    clock.advance(60_000);
    expect(progress.told(batch('in_progress', 0, 0, 10))).toBe('in progress · ░░░░░░░░░░░░ 0 of 10 rows');
    clock.advance(60_000);
    expect(progress.told(batch('in_progress', 4, 0, 10))).toContain('4 of 10 rows · 2/min · 3 min left');
  });
});
