import { HeldBytes } from './held-bytes.ts';

/** A part of the input that is to be a row. */
export interface RawRecord {
  /** From 1 on. */
  readonly number: number;
  /** Without what ends it; they stay what they are until the next step. Undefined: more than a row may have. */
  readonly bytes: Uint8Array | undefined;
}

/**
 * Splits bytes where a byte stands, whatever the sizes of the pieces. The last record may have no such byte at its
 * end. Memory is bounded by the size of one piece and `MOST_ROW_BYTES`.
 */
export async function* splitRecords(
  pieces: AsyncIterable<Uint8Array>,
  separator: number,
): AsyncGenerator<RawRecord, void, undefined> {
  const held = new HeldBytes();
  let number = 1;
  for await (const piece of pieces) {
    let start = 0;
    for (let end = piece.indexOf(separator); end !== -1; end = piece.indexOf(separator, start)) {
      yield { number, bytes: held.take(piece.subarray(start, end)) };
      number += 1;
      start = end + 1;
    }
    held.add(piece.subarray(start));
  }
  if (!held.isEmpty) yield { number, bytes: held.take(new Uint8Array()) };
}
