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
    const leave = await this.take();
    try {
      return await work();
    } finally {
      leave();
    }
  }

  /** Waits for a place, for work that goes in steps. @returns leaves it; a second time does nothing */
  async take(): Promise<() => void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((start) => this.#waiting.push(start));
    let isTaken = true;
    return () => {
      if (isTaken) this.#leave();
      isTaken = false;
    };
  }

  #leave(): void {
    const next = this.#waiting.shift();
    // The place is handed over, so that nobody who comes meanwhile takes it.
    if (next === undefined) this.#free += 1;
    else next();
  }
}
