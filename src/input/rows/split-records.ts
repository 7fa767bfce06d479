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
 * end. Memory is bounded by the size of one piece and of the longest record.
 */
export class RecordSplitter {
  readonly #separator: number;
  readonly #held: HeldBytes;
  #number = 1;

  /** @param most bytes of a record */
  constructor(separator: number, most?: number) {
    this.#separator = separator;
    this.#held = new HeldBytes(most);
  }

  /** The records that end in a piece: take all of them before the next. */
  *push(piece: Uint8Array): Generator<RawRecord, void, undefined> {
    let start = 0;
    for (let end = piece.indexOf(this.#separator); end !== -1; end = piece.indexOf(this.#separator, start)) {
      yield this.#record(piece.subarray(start, end));
      start = end + 1;
    }
    this.#held.add(piece.subarray(start));
  }

  /** The last record, where nothing stands at its end. */
  *end(): Generator<RawRecord, void, undefined> {
    if (!this.#held.isEmpty) yield this.#record(new Uint8Array());
  }

  #record(last: Uint8Array): RawRecord {
    const number = this.#number;
    this.#number += 1;
    return { number, bytes: this.#held.take(last) };
  }
}
