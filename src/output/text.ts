import type { OutputStream } from '../context.ts';
import { answerBegins, answerEnded } from './after-answer.ts';
import type { AnswerSink } from './answer-sink.ts';
import { InertTextStream } from './terminal.ts';

/** A high surrogate at the end of a piece: the first half of a character whose second half is still to come. */
const HALF_CHARACTER = /[\ud800-\udbff]$/;

/** What becomes of a text on its way. */
export interface TextFilter {
  /** Takes the next piece. @returns what can be written by now */
  push(text: string): string;
  /** The text ends. @returns the rest */
  end(): string;
  /** Something must be loaded before the text goes on: when this resolves, `push('')` has more. */
  readonly loading?: Promise<void> | undefined;
}

/**
 * Text that arrives in pieces, on its way to stdout. Pieces that came in one packet of the network are written
 * as one; nothing is held back longer than that. A pipe gets the text untouched, a terminal gets it inert.
 */
export class TextStream implements AnswerSink {
  readonly #out: OutputStream;
  readonly #filter: TextFilter | undefined;
  #pending = '';
  #half = '';
  #lastCharacter = '';
  #started = false;
  #scheduled = false;
  #slowReader: Promise<void> | undefined;

  /** @param filter what makes the text fit for where it goes */
  constructor(out: OutputStream, filter: TextFilter | undefined = filterFor(out)) {
    this.#out = out;
    this.#filter = filter;
  }

  get started(): boolean {
    return this.#started;
  }

  /** Takes the next piece. Gives a promise only when the reader is slow: wait for it. */
  write(piece: string): Promise<void> | undefined {
    this.#pending += piece;
    if (!this.#started && piece !== '') {
      this.#started = true;
      answerBegins(this.#out);
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#flush());
    }
    return this.#slowReader;
  }

  async end(ending?: string): Promise<void> {
    this.#flush();
    for (let { loading } = this.#filter ?? {}; loading !== undefined; loading = this.#filter?.loading) {
      await loading;
      this.#flush();
    }
    this.#send(this.#filter?.push(this.#half) ?? this.#half);
    this.#half = '';
    this.#send(this.#filter?.end() ?? '');
    const lacksBreak = this.#lastCharacter !== '' && this.#lastCharacter !== '\n';
    this.#send(ending ?? (lacksBreak ? '\n' : ''));
    await this.#slowReader;
    await this.#out.flush();
    answerEnded(this.#out);
  }

  #flush(): void {
    this.#scheduled = false;
    const text = this.#half + this.#pending;
    this.#pending = '';
    this.#half = HALF_CHARACTER.exec(text)?.[0] ?? '';
    const whole = this.#half === '' ? text : text.slice(0, -1);
    this.#send(this.#filter?.push(whole) ?? whole);
    void this.#filter?.loading?.then(() => this.#flush());
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

function filterFor(out: OutputStream): TextFilter | undefined {
  return out.isTTY ? new InertTextStream() : undefined;
}
