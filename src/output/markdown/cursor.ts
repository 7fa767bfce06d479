/** Tabs stop at every fourth column (CommonMark, section 2.2). */
const TAB_STOP = 4;

/** A place in a line whose indentation is counted in columns. */
export class Cursor {
  readonly #line: string;
  #position = 0;
  #column = 0;
  /** Columns of a tab that was taken in part. */
  #left = 0;

  constructor(line: string) {
    this.#line = line;
  }

  /** The columns of spaces and tabs ahead. */
  get indent(): number {
    let column = this.#column + this.#left;
    for (let at = this.#position; at < this.#line.length; at++) {
      const character = this.#line[at];
      if (character === '\t') column += TAB_STOP - (column % TAB_STOP);
      else if (character === ' ') column++;
      else break;
    }
    return column - this.#column;
  }

  /** What follows the indentation. */
  get text(): string {
    let at = this.#position;
    while (this.#line[at] === ' ' || this.#line[at] === '\t') at++;
    return this.#line.slice(at);
  }

  /** All that is ahead; a tab that was taken in part is spaces. */
  get rest(): string {
    return ' '.repeat(this.#left) + this.#line.slice(this.#position);
  }

  get column(): number {
    return this.#column;
  }

  /** Takes so many columns of indentation, or as many as there are. */
  indented(columns: number): void {
    for (let left = columns; left > 0; left--) {
      if (this.#left > 0) {
        this.#left--;
      } else if (this.#line[this.#position] === '\t') {
        this.#left = TAB_STOP - (this.#column % TAB_STOP) - 1;
        this.#position++;
      } else if (this.#line[this.#position] === ' ') {
        this.#position++;
      } else {
        return;
      }
      this.#column++;
    }
  }

  /** Takes so many characters, none of which is a tab. */
  taken(count: number): void {
    this.#position += count;
    this.#column += count;
  }
}
