/** Things that come in any order, handed on in the order of their numbers, from 1 on. */
export class InOrder<T> {
  readonly #take: (value: T) => void;
  readonly #waiting = new Map<number, T | undefined>();
  #next = 1;

  constructor(take: (value: T) => void) {
    this.#take = take;
  }

  /** @param value undefined: this one will never come */
  put(number: number, value: T | undefined): void {
    this.#waiting.set(number, value);
    while (this.#waiting.has(this.#next)) this.#handOn(this.#next);
  }

  /** Hands on all that is here, whatever is missing. */
  end(): void {
    for (const number of [...this.#waiting.keys()].sort((a, b) => a - b)) this.#handOn(number);
  }

  #handOn(number: number): void {
    const value = this.#waiting.get(number);
    this.#waiting.delete(number);
    this.#next = number + 1;
    if (value !== undefined) this.#take(value);
  }
}
