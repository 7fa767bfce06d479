/** Bytes that come in pieces of any size, seen as one run: looks ahead as far as is asked for, and moves on. */
export class ByteWindow {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #ahead: Buffer = Buffer.alloc(0);
  #ended = false;
  #offset = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** The bytes ahead that have come; what is in them is never written to again. */
  get ahead(): Buffer {
    return this.#ahead;
  }

  /** How many bytes lie behind, from the start. */
  get offset(): number {
    return this.#offset;
  }

  /** Waits for so many bytes ahead. @returns false when the end comes before */
  async reach(length: number): Promise<boolean> {
    if (this.#ahead.length >= length) return true;
    const gathered: Uint8Array[] = [this.#ahead];
    let total = this.#ahead.length;
    while (total < length && !this.#ended) {
      const { done, value } = await this.#pieces.next();
      if (done === true) {
        this.#ended = true;
      } else {
        gathered.push(value);
        total += value.length;
      }
    }
    if (gathered.length > 1) this.#ahead = Buffer.concat(gathered, total);
    return total >= length;
  }

  /** Moves on over bytes that have come. @returns them */
  take(length: number): Buffer {
    const taken = this.#ahead.subarray(0, length);
    this.#ahead = this.#ahead.subarray(length);
    this.#offset += taken.length;
    return taken;
  }

  /** Moves on over bytes, whether or not they have come, up to the end. */
  async skip(length: number): Promise<void> {
    let left = length;
    while (left > 0 && (await this.reach(1))) left -= this.take(left).length;
  }

  /** All that is left, as it comes. @param limit bytes */
  async *rest(limit = Number.POSITIVE_INFINITY): AsyncGenerator<Buffer, void, undefined> {
    let left = limit;
    while (left > 0 && (await this.reach(1))) {
      const piece = this.take(left);
      left -= piece.length;
      yield piece;
    }
  }

  /** Ends the pieces early. */
  async close(): Promise<void> {
    if (!this.#ended) await this.#pieces.return?.();
    this.#ended = true;
  }
}
