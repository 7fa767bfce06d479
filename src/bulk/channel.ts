/** Things that one side gives and the other takes, one after the other: who gives waits until it is taken. */
export class Channel<T> implements AsyncIterable<T> {
  readonly #waiting: {
    readonly value: T;
    readonly taken: () => void;
    readonly lost: (error: unknown) => void;
  }[] = [];
  #wake: (() => void) | undefined;
  #ended = false;
  #error: unknown;
  #isClosed = false;
  #reason: unknown;

  /** Gives a thing. @throws why nobody takes any more */
  push(value: T): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#reason);
    return new Promise((taken, lost) => {
      this.#waiting.push({ value, taken, lost });
      this.#wake?.();
    });
  }

  /** There is no more. @param error who takes hears of it after the last thing */
  end(error?: unknown): void {
    this.#ended = true;
    this.#error = error;
    this.#wake?.();
  }

  /** Nobody takes any more. */
  close(reason: unknown): void {
    this.#isClosed = true;
    this.#reason = reason;
    for (const { lost } of this.#waiting.splice(0)) lost(reason);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        try {
          yield next.value;
        } finally {
          // Also where it is the last that is taken.
          next.taken();
        }
      } else if (this.#ended) {
        if (this.#error !== undefined) throw this.#error;
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }
}
