import { nextBreak, previousBreak } from './graphemes.ts';

/** How many steps can be taken back, and how many characters they may hold together. */
const STEPS = 200;
const MOST_HELD = 5_000_000;

const WORD = /[\p{L}\p{N}\p{M}_]/u;

interface Step {
  readonly text: string;
  readonly cursor: number;
}

/** The text that is being written, and the cursor in it. Offsets are UTF-16 units, at the edges of characters. */
export class EditBuffer {
  #text = '';
  #cursor = 0;
  #steps: Step[] = [];
  /** What was cut out last, for Ctrl-Y. */
  #cut = '';
  /** The last key cut something out: what the next one cuts out goes with it. */
  #cutting = false;
  /** The last key wrote a character: one more belongs to the same step. */
  #typing = false;

  get text(): string {
    return this.#text;
  }

  get cursor(): number {
    return this.#cursor;
  }

  /** Replaces all, with the cursor at the end. It can be undone. */
  set(text: string, cursor = text.length): void {
    this.#keepStep();
    this.#text = text;
    this.#moveTo(cursor);
  }

  /** Begins anew: nothing is left to undo. What was cut out stays. */
  reset(text = ''): void {
    this.#text = text;
    this.#moveTo(text.length);
    this.#steps = [];
  }

  insert(text: string): void {
    if (!this.#typing || text.length > 1) this.#keepStep();
    this.#text = this.#text.slice(0, this.#cursor) + text + this.#text.slice(this.#cursor);
    this.#moveTo(this.#cursor + text.length);
    // A word is a step.
    this.#typing = !/\s/.test(text);
  }

  replace(start: number, end: number, text: string): void {
    this.set(this.#text.slice(0, start) + text + this.#text.slice(end), start + text.length);
  }

  moveTo(offset: number): void {
    this.#moveTo(Math.max(0, Math.min(offset, this.#text.length)));
  }

  left(): void {
    this.#moveTo(previousBreak(this.#text, this.#cursor));
  }

  right(): void {
    this.#moveTo(nextBreak(this.#text, this.#cursor));
  }

  /** To the beginning of the line; from there to that of the text. */
  home(): void {
    this.#moveTo(this.#lineStart === this.#cursor ? 0 : this.#lineStart);
  }

  /** To the end of the line; from there to that of the text. */
  end(): void {
    this.#moveTo(this.#lineEnd === this.#cursor ? this.#text.length : this.#lineEnd);
  }

  wordLeft(): void {
    this.#moveTo(this.#wordStart());
  }

  wordRight(): void {
    this.#moveTo(this.#wordEnd());
  }

  deleteLeft(): void {
    this.#remove(previousBreak(this.#text, this.#cursor), this.#cursor);
  }

  deleteRight(): void {
    this.#remove(this.#cursor, nextBreak(this.#text, this.#cursor));
  }

  cutWordLeft(): void {
    this.#cutOut(this.#wordStart(), this.#cursor);
  }

  cutWordRight(): void {
    this.#cutOut(this.#cursor, this.#wordEnd());
  }

  /** Back to the blank before, as Ctrl-W does it in a shell. */
  cutBlankLeft(): void {
    const before = this.#text.slice(0, this.#cursor);
    this.#cutOut(before.replace(/\S*\s*$/, '').length, this.#cursor);
  }

  /** To the end of the line; at its end, the break. */
  cutToEnd(): void {
    this.#cutOut(this.#cursor, this.#lineEnd === this.#cursor ? this.#cursor + 1 : this.#lineEnd);
  }

  /** From the beginning of the line; at its beginning, the break. */
  cutToStart(): void {
    this.#cutOut(this.#lineStart === this.#cursor ? this.#cursor - 1 : this.#lineStart, this.#cursor);
  }

  cutAll(): void {
    this.#cutOut(0, this.#text.length);
  }

  /** Puts in what was cut out last. */
  yank(): void {
    if (this.#cut === '') return;
    this.#keepStep();
    this.insert(this.#cut);
    this.#typing = false;
  }

  /** Changes the places of the two characters at the cursor; of the last two at the end of a line. */
  transpose(): void {
    const middle = this.#cursor === this.#lineEnd ? previousBreak(this.#text, this.#cursor) : this.#cursor;
    const first = previousBreak(this.#text, middle);
    const last = nextBreak(this.#text, middle);
    if (middle <= this.#lineStart || first === middle || last === middle) return;
    this.replace(first, last, this.#text.slice(middle, last) + this.#text.slice(first, middle));
  }

  undo(): void {
    const step = this.#steps.pop();
    if (step === undefined) return;
    this.#text = step.text;
    this.#moveTo(step.cursor);
  }

  get #lineStart(): number {
    return this.#cursor === 0 ? 0 : this.#text.lastIndexOf('\n', this.#cursor - 1) + 1;
  }

  get #lineEnd(): number {
    const end = this.#text.indexOf('\n', this.#cursor);
    return end === -1 ? this.#text.length : end;
  }

  #wordStart(): number {
    let at = this.#cursor;
    const before = () => this.#text.slice(previousBreak(this.#text, at), at);
    while (at > 0 && !WORD.test(before())) at = previousBreak(this.#text, at);
    while (at > 0 && WORD.test(before())) at = previousBreak(this.#text, at);
    return at;
  }

  #wordEnd(): number {
    const { length } = this.#text;
    let at = this.#cursor;
    const behind = () => this.#text.slice(at, nextBreak(this.#text, at));
    while (at < length && !WORD.test(behind())) at = nextBreak(this.#text, at);
    while (at < length && WORD.test(behind())) at = nextBreak(this.#text, at);
    return at;
  }

  #moveTo(offset: number): void {
    this.#cursor = offset;
    this.#cutting = false;
    this.#typing = false;
  }

  #remove(start: number, end: number): void {
    if (start >= end) return;
    this.#keepStep();
    this.#text = this.#text.slice(0, start) + this.#text.slice(end);
    this.#moveTo(start);
  }

  #cutOut(start: number, end: number): void {
    const from = Math.max(start, 0);
    const to = Math.min(end, this.#text.length);
    if (from >= to) return;
    const piece = this.#text.slice(from, to);
    if (!this.#cutting) this.#cut = piece;
    else this.#cut = from < this.#cursor ? piece + this.#cut : this.#cut + piece;
    this.#remove(from, to);
    this.#cutting = true;
  }

  #keepStep(): void {
    this.#steps.push({ text: this.#text, cursor: this.#cursor });
    const most = Math.min(STEPS, Math.ceil(MOST_HELD / (this.#text.length + 1)));
    if (this.#steps.length > most) this.#steps.splice(0, this.#steps.length - most);
  }
}
