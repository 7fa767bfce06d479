import type { OutputStream } from '../context.ts';
import type { AnswerSink } from './answer-sink.ts';
import { InertTextStream } from './terminal.ts';

/** A high surrogate at the end of a piece: the first half of a character whose second half is still to come. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

/**
 * Text that arrives in pieces, on its way to stdout. Pieces that came in one packet of the network are written
 * as one; nothing is held back longer than that. A pipe gets the text untouched, a terminal gets it inert.
 */
export class TextStream implements AnswerSink {
  readonly #out: OutputStream;
  readonly #inert: InertTextStream | undefined;
  #pending = '';
  #half = '';
  #lastCharacter = '';
  #scheduled = false;
  #slowReader: Promise<void> | undefined;

  constructor(out: OutputStream) {
    this.#out = out;
    this.#inert = out.isTTY ? new InertTextStream() : undefined;
  }

  /** Something was written. */
  get started(): boolean {
    return this.#lastCharacter !== '' || this.#pending !== '';
  }

  /** Takes the next piece. Gives a promise only when the reader is slow: wait for it. */
  write(piece: string): Promise<void> | undefined {
    this.#pending += piece;
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    return this.#slowReader;
  }

  async end(ending?: string): Promise<void> {
    this.#flush();
    const rest = this.#half + (this.#inert?.end() ?? '');
    this.#half = '';
    this.#send(rest);
    const lacksBreak = this.#lastCharacter !== '' && this.#lastCharacter !== '\n';
    this.#send(ending ?? (lacksBreak ? '\n' : ''));
    await this.#slowReader;
    await this.#out.flush();
  }

  #flush(): void {
    this.#scheduled = false;
    const text = this.#half + this.#pending;
    this.#pending = '';
    this.#half = HALF_CHARACTER.exec(text)?.[0] ?? '';
    const whole = this.#half === '' ? text : text.slice(0, -1);
    this.#send(this.#inert?.push(whole) ?? whole);
  }

  #send(text: string): void {
    if (text === '') return;
    this.#lastCharacter = text.charAt(text.length - 1);
    const slow = this.#out.write(text);
    if (slow === undefined) return;
    this.#slowReader = slow.finally(() => {
      this.#slowReader = undefined;
    });
  }
}
