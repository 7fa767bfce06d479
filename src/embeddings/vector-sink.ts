import { Channel } from '../bulk/channel.ts';
import type { ResultLine, Sink } from '../bulk/sink.ts';
import type { Context } from '../context.ts';
import type { Target } from '../output/target.ts';
import { npyHeader } from './npy.ts';
import { asBytes, asNumbers } from './vectors.ts';

/** The formats in which vectors stand one after the other, without what is told of each. */
export type DenseFormat = 'npy' | 'f32' | 'csv' | 'json';

/** How vectors are written in a format. */
interface Writing {
  /** Before the first. @param columns numbers of a vector */
  head(columns: number, rows: number): Uint8Array | string;
  vector(
    line: ResultLine,
    vector: Float32Array | undefined,
    columns: number,
    index: number,
  ): Uint8Array | string;
  readonly tail: string;
}

/** A row that failed has no numbers, but its place. */
function filled(vector: Float32Array | undefined, columns: number): Float32Array {
  return vector ?? new Float32Array(columns).fill(Number.NaN);
}

const writings: Readonly<Record<DenseFormat, Writing>> = {
  npy: {
    head: (columns, rows) => npyHeader(rows, columns),
    vector: (_, vector, columns) => asBytes(filled(vector, columns)),
    tail: '',
  },
  f32: { head: () => '', vector: (_, vector, columns) => asBytes(filled(vector, columns)), tail: '' },
  csv: {
    head: (columns) => `id,${Array.from({ length: columns }, (_, index) => `v${index + 1}`).join(',')}\n`,
    vector: ({ id }, vector, columns) =>
      `${quoted(String(id))},${vector === undefined ? ','.repeat(Math.max(0, columns - 1)) : asNumbers(vector).join(',')}\n`,
    tail: '',
  },
  json: {
    head: () => '[',
    vector: (_, vector, __, index) =>
      `${index === 0 ? '' : ',\n'}${vector === undefined ? 'null' : JSON.stringify(asNumbers(vector))}`,
    tail: ']\n',
  },
};

/** A field of CSV (RFC 4180). */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Bytes one after the other. Those of an answer are so in memory already, and need no copy. */
function together(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = pieces;
  const { buffer, byteOffset } = first;
  let end = byteOffset;
  for (const piece of pieces) {
    if (piece.buffer !== buffer || piece.byteOffset !== end) return Buffer.concat(pieces);
    end += piece.length;
  }
  return new Uint8Array(buffer, byteOffset, end - byteOffset);
}

/**
 * Vectors, row after row, in a file or on stdout. Those of rows that failed are not numbers (NaN), so that the others
 * stay in their places.
 * @param expected how many there will be, where that is known
 * @param onSaved told the path, as the user would type it
 */
export function vectorSink(
  format: DenseFormat,
  target: Pick<Target, 'save'>,
  expected: number | undefined,
  onSaved: (path: string) => Promise<void>,
  context: Context,
): Sink {
  const channel = new Channel<Uint8Array>();
  const writing = writings[format];
  let [columns, rows] = [0, 0];
  let early: ResultLine[] = [];
  const patch = () => (format === 'npy' ? { offset: 0, bytes: npyHeader(rows, columns) } : undefined);
  const saving = target.save(1, { extension: format, data: channel, patch });
  saving.catch((error: unknown) => channel.close(error));
  const piece = (line: ResultLine) => {
    const vector = line.result instanceof Float32Array ? line.result : undefined;
    const written = writing.vector(line, vector, columns, rows);
    rows += 1;
    return typeof written === 'string' ? Buffer.from(written) : written;
  };
  /** What comes before the first vector: the head, and the rows that failed before it. */
  const begin = (width: number) => {
    columns = width;
    const pieces = [Buffer.from(writing.head(columns, expected ?? 0)), ...early.map(piece)];
    early = [];
    return pieces;
  };
  const give = async (pieces: readonly Uint8Array[]) => {
    const bytes = together(pieces);
    if (bytes.length > 0) await channel.push(bytes);
  };
  return {
    isDone: () => false,
    isKeyless: true,
    goesOn: undefined,
    async write(lines) {
      const pieces: Uint8Array[] = [];
      for (const line of lines) {
        const width = line.result instanceof Float32Array ? line.result.length : 0;
        // How many numbers a vector has is known with the first.
        if (columns === 0 && width > 0) pieces.push(...begin(width));
        if (columns === 0) early.push(line);
        else pieces.push(piece(line));
      }
      await give(pieces);
    },
    async close(isComplete) {
      if (isComplete) {
        await give([...(columns === 0 ? begin(0) : []), Buffer.from(writing.tail)]);
      }
      channel.end(isComplete ? undefined : (context.signal.reason ?? new Error('it was not finished')));
      const path = await saving.catch((error: unknown) => {
        if (isComplete) throw error;
      });
      if (path !== undefined) await onSaved(path);
    },
  };
}
