import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { MOST_ROW_BYTES } from '../../../src/input/rows/held-bytes.ts';
import type { RowFormat } from '../../../src/input/rows/row.ts';
import { bytes, inPieces, readAll, readWhole, told } from './reading.ts';

const MB = 1024 * 1024;

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

/** Bytes in use, after what nobody holds has been let go. */
function inUse(): number {
  // Twice: the second waits until what the first let go of has been given back.
  collect();
  collect();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

describe('rows that are too long', () => {
  it.each([
    ['lines', '', 'x', '\nok\n', ['line 1 is longer than 4 MB', '2: "ok"']],
    ['jsonl', '', '"', '\n7\n', ['line 1 is longer than 4 MB', '2: 7']],
    ['nul', '', '\n', '\0ok', ['line 1 is longer than 4 MB', '2: "ok"']],
    ['csv', 'a\n', 'x', '\nok\n', ['line 2 is longer than 4 MB', '2: {"a":"ok"}']],
    ['csv', 'a\n"', ',', '"\nok\n', ['line 2 is longer than 4 MB', '2: {"a":"ok"}']],
    [
      'csv',
      'a\n1\n"',
      '\n',
      '',
      ['1: {"a":"1"}', 'line 3 is longer than 4 MB: it opens a quotation mark that is never closed'],
    ],
  ] as const)(
    'do not fill memory: %s',
    async (format: RowFormat, before, filling, after, rows) => {
      const start = inUse();
      let most = 0;
      const total = format === 'lines' ? 200 : 60;
      function* pieces() {
        yield bytes(before);
        for (let piece = 0; piece < total; piece += 1) {
          yield new Uint8Array(MB).fill(filling.charCodeAt(0));
          if (piece % 20 === 0) most = Math.max(most, inUse() - start);
        }
        yield bytes(after);
      }
      expect(told(await readAll(inPieces(pieces()), { format }))).toEqual(rows);
      expect(most).toBeLessThan(16 * MB);
    },
    60_000,
  );

  it.each([1, 1000, 64 * 1024, MOST_ROW_BYTES + 10])(
    'are those of more than 4 MB, in pieces of %i',
    async (size) => {
      const longest = 'x'.repeat(MOST_ROW_BYTES);
      const input = bytes(`${longest}\n${longest}y\nok\n`);
      function* pieces() {
        // Pieces of one byte all through would take minutes: only round the limit.
        const step = size === 1 ? MB - 1 : size;
        for (let at = 0; at < input.length; at += step) {
          const end = Math.min(at + step, input.length);
          if (size !== 1) yield input.subarray(at, end);
          else {
            yield input.subarray(at, end - 8);
            for (let one = Math.max(at, end - 8); one < end; one += 1) yield input.subarray(one, one + 1);
          }
        }
      }
      const { rows } = await readAll(inPieces(pieces()), { format: 'lines' });
      expect(rows.map((row) => ('problem' in row ? row.problem : String(row.value).length))).toEqual([
        MOST_ROW_BYTES,
        'is longer than 4 MB',
        2,
      ]);
    },
  );
});

describe('100,000 rows', () => {
  it.each([
    ['lines', '', 'a line of some length, with words in it\n'],
    ['jsonl', '', '{"id":7,"title":"a text of some length","author":{"name":"k"}}\n'],
    ['csv', 'id,title\n', '7,"a text of some length, with a comma"\n'],
    ['nul', '', './a/path/to/a/file.txt\0'],
  ] as const)(
    'are read: %s',
    async (format, head, line) => {
      const input = bytes(head + line.repeat(100_000));
      const pieces = Array.from({ length: Math.ceil(input.length / 65_536) }, (_, piece) =>
        input.subarray(piece * 65_536, (piece + 1) * 65_536),
      );
      const start = performance.now();
      const { rows } = await readAll(inPieces(pieces), { format });
      console.log(`100,000 rows of ${format}: ${Math.round(performance.now() - start)} ms`);
      expect(rows).toHaveLength(100_000);
      const [first] = (await readWhole(head + line, { format })).rows;
      expect(rows.at(-1)).toEqual({ ...first, row: 100_000, id: 100_000, line: expect.any(Number) });
    },
    60_000,
  );
});
