/** The most bytes of a row: far more than any model reads at once, and little enough to hold many of them. */
export const MOST_ROW_BYTES = 4 * 1024 * 1024;

const FIRST_BYTES = 64 * 1024;

/**
 * A row that arrives in parts. They are copied, so that a short row does not keep the whole of a large piece, and no
 * more of them than a row may have.
 */
export class HeldBytes {
  readonly #most: number;
  #bytes = new Uint8Array(FIRST_BYTES);
  #length = 0;
  #tooLong = false;

  /** @param most bytes of a row */
  constructor(most = MOST_ROW_BYTES) {
    this.#most = most;
  }

  get isEmpty(): boolean {
    return this.#length === 0 && !this.#tooLong;
  }

  add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (this.#tooLong || length > this.#most) {
      this.#tooLong = true;
      return;
    }
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /**
   * All that was held and a last part, or undefined where that is more than a row may have; from then on nothing is
   * held. The bytes stay what they are only until the next `add`.
   */
  take(last: Uint8Array): Uint8Array | undefined {
    // Most rows arrive in one part and need no copy.
    if (this.isEmpty) return last.length > this.#most ? undefined : last;
    this.add(last);
    const taken = this.#tooLong ? undefined : this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    this.#tooLong = false;
    return taken;
  }

  #grow(length: number): void {
    const larger = new Uint8Array(Math.min(Math.max(length, 2 * this.#bytes.length), this.#most));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
