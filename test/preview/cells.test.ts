import { describe, expect, it } from 'vitest';
import { fitCells } from '../../src/preview/cells.ts';

const box = { columns: 40, rows: 20, cell: { width: 8, height: 16 } };

describe('a picture in a box of cells', () => {
  it.each([
    [
      { width: 1024, height: 1024 },
      { columns: 40, rows: 20, bound: 'columns' },
    ],
    [
      { width: 1536, height: 1024 },
      { columns: 40, rows: 13, bound: 'columns' },
    ],
    [
      { width: 1024, height: 1536 },
      { columns: 27, rows: 20, bound: 'rows' },
    ],
    [
      { width: 10_000, height: 10 },
      { columns: 40, rows: 1, bound: 'columns' },
    ],
    [
      { width: 10, height: 10_000 },
      { columns: 1, rows: 20, bound: 'rows' },
    ],
    // No larger than it is.
    [
      { width: 64, height: 64 },
      { columns: 8, rows: 4, bound: 'columns' },
    ],
    [
      { width: 1, height: 1 },
      { columns: 1, rows: 1, bound: 'columns' },
    ],
  ])('%j takes %j', (picture, cells) => {
    expect(fitCells(picture, box)).toEqual(cells);
  });

  it('fits a terminal of one column', () => {
    expect(fitCells({ width: 1024, height: 512 }, { ...box, columns: 1 })).toEqual({
      columns: 1,
      rows: 1,
      bound: 'columns',
    });
  });
});
