import type { AnswerSink } from './answer-sink.ts';

/**
 * Where the texts of several answers go, of which the last is the result: each has a sink of its own. They can be held
 * back until it is known which is the last.
 */
export class TurnsSink implements AnswerSink {
  readonly #make: () => AnswerSink;
  readonly #isHeld: boolean;
  #current: AnswerSink;
  #held = '';

  /**
   * @param make the sink for one text
   * @param isHeld nothing is written before it is known to be the last
   */
  constructor(make: () => AnswerSink, isHeld: boolean) {
    this.#make = make;
    this.#isHeld = isHeld;
    this.#current = make();
  }

  get started(): boolean {
    return this.#current.started || this.#held !== '';
  }

  write(piece: string): Promise<void> | undefined {
    if (!this.#isHeld) return this.#current.write(piece);
    this.#held += piece;
    return undefined;
  }

  /** Another text follows. @returns what was held back of this one, which is not written */
  async next(): Promise<string> {
    const held = this.#held;
    this.#held = '';
    if (this.#current.started) {
      await this.#current.end();
      this.#current = this.#make();
    }
    return held;
  }

  async end(ending?: string): Promise<void> {
    const held = this.#held;
    this.#held = '';
    if (held !== '') await this.#current.write(held);
    await this.#current.end(ending);
  }
}
