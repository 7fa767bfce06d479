import { describe, expect, it } from 'vitest';
import { RowTable } from '../../src/bulk/row-table.ts';

const KEY = 'fedcba987654';

describe('the table of rows', () => {
  it('knows what it was told, and of each row the last', () => {
    const table = new RowTable();
    expect(table.get(1)).toBeUndefined();
    table.set(1, { offset: 0, length: 10, key: KEY, isFailed: true });
    table.set(3, { offset: 10, length: 20, key: '00000000000a', isFailed: false });
    expect([table.last, table.bytes, table.done]).toEqual([3, 30, 1]);
    table.set(1, { offset: 30, length: 5, key: KEY, isFailed: false });
    expect([table.last, table.bytes, table.done]).toEqual([3, 25, 2]);
    expect(table.get(1)).toEqual({ offset: 30, length: 5, key: KEY, isFailed: false });
    expect(table.get(2)).toBeUndefined();
    expect([...table.inOrder()].map(({ offset }) => offset)).toEqual([30, 10]);
    table.set(3, { offset: 35, length: 1, key: KEY, isFailed: true });
    expect([table.last, table.bytes, table.done]).toEqual([3, 6, 1]);
  });

  it('has a million rows, beyond 4 GB, in a few bytes each', () => {
    const table = new RowTable();
    const before = process.memoryUsage().arrayBuffers;
    const rows = 1_000_000;
    for (let row = 1; row <= rows; row++) {
      table.set(row, { offset: row * 10_000, length: 10_000, key: KEY, isFailed: row % 2 === 0 });
    }
    // Twice as much while it grows, which may not be collected yet.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(100_000_000);
    expect(table.get(rows)).toEqual({ offset: 1e10, length: 10_000, key: KEY, isFailed: true });
    expect([table.done, table.bytes]).toEqual([rows / 2, 1e10]);
  });
});
