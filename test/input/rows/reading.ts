import { type RowsOptions, readRows } from '../../../src/input/rows/read-rows.ts';
import type { BadRow, Row, RowsEnd } from '../../../src/input/rows/row.ts';

/** Pieces of an input, one step of the event loop apart. */
export async function* inPieces(pieces: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) {
    await null;
    yield piece;
  }
}

/** Texts and byte values, one after another. */
export function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))),
  );
}

export interface Reading {
  readonly rows: readonly (Row | BadRow)[];
  readonly end: RowsEnd;
}

export async function readAll(
  pieces: AsyncIterable<Uint8Array>,
  options: Omit<RowsOptions, 'name'>,
): Promise<Reading> {
  const rows: (Row | BadRow)[] = [];
  const reader = readRows(pieces, { name: 'stdin', ...options });
  for (;;) {
    const step = await reader.next();
    if (step.done) return { rows, end: step.value };
    rows.push(step.value);
  }
}

export function readWhole(input: string | Uint8Array, options: Omit<RowsOptions, 'name'>): Promise<Reading> {
  return readAll(inPieces([typeof input === 'string' ? Buffer.from(input) : input]), options);
}

/** A row as `1: value`, a bad one as `line 1 problem`. */
export function told({ rows }: Reading): string[] {
  return rows.map((row) =>
    'problem' in row ? `line ${row.line} ${row.problem}` : `${row.row}: ${JSON.stringify(row.value)}`,
  );
}

/** A row of this value, as `readRows` would give it. */
export function rowOf(value: Row['value'], row = 7): Row {
  return { row, line: row, id: row, value };
}
