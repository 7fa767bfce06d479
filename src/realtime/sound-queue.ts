/** Pieces of sound that one hand gives and another takes, in their order. */
export class SoundQueue implements AsyncIterable<Uint8Array> {
  #pieces: Uint8Array[] = [];
  #end: { readonly error?: unknown } | undefined;
  #wake: () => void = () => {};
  #taken: () => void = () => {};

  /** Pieces that may wait before who gives has to. */
  readonly #most = 64;

  push(piece: Uint8Array): Promise<void> | undefined {
    this.#pieces.push(piece);
    this.#wake();
    if (this.#pieces.length < this.#most || this.#end !== undefined) return undefined;
    return new Promise((resolve) => {
      this.#taken = resolve;
    });
  }

  /** @param error what cut it; undefined where it is whole */
  end(error?: unknown): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        const piece = this.#pieces.shift();
        if (piece !== undefined) {
          this.#taken();
          yield piece;
        } else if (this.#end !== undefined) {
          if ('error' in this.#end) throw this.#end.error;
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
        }
      }
    } finally {
      // Whoever took it has gone: nobody waits for him.
      this.#end ??= {};
      this.#pieces = [];
      this.#taken();
    }
  }
}
