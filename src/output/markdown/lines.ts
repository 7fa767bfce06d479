import { HEADING_1, LINK, MARK, type Span, STRIKE } from './spans.ts';
import type { Theme } from './theme.ts';
import { IDEOGRAPH, unsureEnd, widthOf } from './width.ts';

/** East Asian marks that must not begin a line. */
const CLOSING =
  /[\u3001\u3002\u3009\u300b\u300d\u300f\u3011\u3015\u30fb\u30fc\uff01\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3d\uff5d]/;
/** …and those that must not end one. */
const OPENING = /[\u3008\u300a\u300c\u300e\u3010\u3014\uff08\uff3b\uff5b]/;

/** As much of a word, in UTF-16 units, is looked at when more of it comes: no character that means anything is longer. */
const LONGEST_END = 256;

/** What stands in front of each line of a block. */
export interface Margin {
  readonly text: string;
  /** In columns. */
  readonly width: number;
}

export interface LinesOptions {
  readonly theme: Theme;
  /** The columns that text may take. */
  width(): number;
  /** What stands in front of the line that begins now. */
  margin(): Margin;
}

/** Lays out text that comes in pieces: lines end between words, and nothing that was given out is moved any more. */
export class Lines {
  readonly #options: LinesOptions;
  #out = '';
  /** The column, from 0, where the next text stands. */
  #column = 0;
  /** The columns of the margin of this line. */
  #margin = 0;
  #begun = false;
  /** There is text behind the margin. */
  #hasText = false;
  #width = 0;
  #spaces: Span[] = [];
  #word: Span[] = [];
  #wordWidth = 0;
  /** The word is longer than a line and stands there as far as it came: the terminal breaks it. */
  #spills = false;
  /** The columns of the last line that was ended. */
  lastWidth = 0;

  constructor(options: LinesOptions) {
    this.#options = options;
  }

  /** What was laid out since the last call. */
  take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /** Adds text to the line; it may hold line breaks. */
  add(span: Span): void {
    if ((span.look & MARK) !== 0 && this.#options.theme.color) return;
    for (const [part] of span.text.matchAll(/\n|[ \t]+|[^ \t\n]+/g)) {
      if (part === '\n') this.breakLine();
      else if (/^[ \t]/.test(part)) this.#space({ ...span, text: part.replaceAll('\t', '    ') });
      else this.#letters({ ...span, text: part });
    }
  }

  /** Ends the line, also an empty one. */
  breakLine(): void {
    this.#endWord();
    this.#spaces = [];
    if (this.#begun) {
      this.#out += '\n';
      this.lastWidth = this.#column - this.#margin;
      this.#begun = false;
    } else {
      this.#blankLine();
    }
  }

  /** Ends a line that was begun. */
  end(): void {
    this.#endWord();
    if (this.#begun) this.breakLine();
  }

  /** A line of its own, which is not laid out: the terminal breaks it where it is too long. */
  literal(text: string): void {
    this.end();
    if (text === '') this.#blankLine();
    else this.#out += `${this.#options.margin().text}${text}\n`;
  }

  #blankLine(): void {
    this.#out += `${this.#options.margin().text.trimEnd()}\n`;
  }

  #begin(): void {
    if (this.#begun) return;
    const { text, width } = this.#options.margin();
    this.#out += text;
    this.#begun = true;
    this.#hasText = false;
    this.#column = width;
    this.#margin = width;
    this.#width = this.#options.width();
  }

  #space(span: Span): void {
    this.#endWord();
    // Space at the start of a line is the margin's business.
    if (this.#begun && this.#hasText) this.#spaces.push(span);
  }

  #letters(span: Span): void {
    const isWord = !IDEOGRAPH.test(span.text) && !IDEOGRAPH.test(this.#lastLetter);
    for (const text of isWord ? [span.text] : span.text) {
      if (!isWord && isBreak(this.#lastLetter, text)) this.#endWord();
      this.#extend({ ...span, text });
    }
  }

  get #lastLetter(): string {
    return this.#word.at(-1)?.text.at(-1) ?? '';
  }

  #extend(span: Span): void {
    const last = this.#word.at(-1);
    if (last !== undefined && last.look === span.look && last.target === span.target) {
      // An emoji that comes in pieces is narrower than they are.
      const whole = { ...last, text: last.text + span.text };
      const end = last.text.slice(-LONGEST_END);
      this.#wordWidth += widthOf(end + span.text) - widthOf(end);
      this.#word[this.#word.length - 1] = whole;
    } else {
      this.#wordWidth += widthOf(span.text);
      this.#word.push(span);
    }
    this.#begin();
    if (this.#spills || this.#wordWidth > this.#width - this.#margin) this.#spill();
  }

  /** Puts down what there is of a word that is longer than a line, but for an emoji that may not be whole. */
  #spill(): void {
    if (!this.#spills) this.#place(true);
    this.#spills = true;
    const last = this.#word.pop();
    if (last === undefined) return;
    const held = unsureEnd(last.text);
    this.#word.push({ ...last, text: last.text.slice(0, last.text.length - held.length) });
    this.#wordWidth -= widthOf(held);
    this.#put();
    if (held !== '') this.#word.push({ ...last, text: held });
    this.#wordWidth = widthOf(held);
  }

  #endWord(): void {
    if (this.#word.length > 0 && !this.#spills) this.#place(false);
    this.#put();
    this.#spills = false;
  }

  /**
   * Finds the place of a word: behind the last one, or on a line of its own.
   * @param isLong it has no room on any line
   */
  #place(isLong: boolean): void {
    this.#begin();
    const spaces = this.#spaces.reduce((sum, { text }) => sum + text.length, 0);
    const fits = !isLong && this.#column + spaces + this.#wordWidth <= this.#width;
    if (!fits && this.#hasText) {
      this.#out += '\n';
      this.#spaces = [];
      this.#begun = false;
      this.#begin();
    }
    for (const space of this.#spaces) {
      const isSeen = (space.look & (LINK | STRIKE | HEADING_1)) !== 0;
      this.#out += isSeen ? this.#options.theme.paint(space) : space.text;
      this.#column += space.text.length;
    }
    this.#spaces = [];
  }

  #put(): void {
    for (const span of this.#word) this.#out += this.#options.theme.paint(span);
    this.#hasText ||= this.#wordWidth > 0;
    this.#column += this.#wordWidth;
    // The terminal has broken the line by itself.
    while (this.#column > this.#width) this.#column -= this.#width;
    this.#word = [];
    this.#wordWidth = 0;
  }
}

/** Whether a line may end between two characters, one of which is an ideograph or a mark that belongs to them. */
function isBreak(before: string, after: string): boolean {
  return (IDEOGRAPH.test(before) || IDEOGRAPH.test(after)) && !OPENING.test(before) && !CLOSING.test(after);
}
