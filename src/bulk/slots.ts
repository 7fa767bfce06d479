/** A number of places for work: what finds none free waits for its turn, in the order in which it came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  /** @param count of places */
  constructor(count: number) {
    this.#free = count;
  }

  /** Does the work as soon as there is a place for it. @throws what the work throws */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((start) => this.#waiting.push(start));
    try {
      return await work();
    } finally {
      const next = this.#waiting.shift();
      // The place is handed over, so that nobody who comes meanwhile takes it.
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
