const FIRST_BYTES = 64 * 1024;
/** More is left to be collected. */
const MOST_KEPT = 32 * 1024 * 1024;

/** Those that nobody needs now. */
const free: ReusedBytes[] = [];

/**
 * Bytes that come in pieces, put together in memory that is used again for the next that come: answers of megabytes, one
 * after the other, would be collected too late to stay small.
 */
export class ReusedBytes {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #length = 0;

  /** Some that nobody needs. */
  static take(): ReusedBytes {
    return free.pop() ?? new ReusedBytes();
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** All that came; it stays what it is until they are given back. */
  get all(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  /** Nobody needs them any more. Once only. */
  giveBack(): void {
    this.#length = 0;
    if (this.#bytes.length <= MOST_KEPT) free.push(this);
  }

  #grow(length: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(length, 2 * this.#bytes.length));
    larger.set(this.all);
    this.#bytes = larger;
  }
}
