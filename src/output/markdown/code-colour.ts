import { StringStream } from '@codemirror/streamparser';
import type { Reader } from './languages.ts';
import type { Theme } from './theme.ts';

const TAB_SIZE = 4;
const INDENT_UNIT = 2;
/** A reader that gives so many empty tokens in a row will give no other. (CodeMirror's own limit) */
const EMPTY_TOKENS = 10;
/** Readers copy the rest of a line for every token: what is longer is data, and stays as it is. */
const LONGEST_LINE = 2000;

/** Colours code line by line: what is open at the end of one, a string or a comment, is open in the next. */
export class CodeColour {
  readonly #reader: Reader;
  readonly #theme: Theme;
  readonly #state: unknown;
  #failed = false;

  constructor(reader: Reader, theme: Theme) {
    this.#reader = reader;
    this.#theme = theme;
    this.#state = reader.startState?.(INDENT_UNIT) ?? {};
  }

  /** @param line without its line break */
  line(line: string): string {
    if (this.#failed || line.length > LONGEST_LINE) return line;
    try {
      if (line !== '') return this.#tokens(line);
      this.#reader.blankLine?.(this.#state, INDENT_UNIT);
      return '';
    } catch {
      // A reader that a text confuses leaves the rest of it without colour.
      this.#failed = true;
      return line;
    }
  }

  #tokens(line: string): string {
    const stream = new StringStream(line, TAB_SIZE, INDENT_UNIT);
    let painted = '';
    let empty = 0;
    while (!stream.eol()) {
      stream.start = stream.pos;
      const token = this.#reader.token(stream, this.#state);
      if (stream.pos <= stream.start) {
        if (++empty >= EMPTY_TOKENS) throw new Error('the reader of the language does not go on');
        continue;
      }
      empty = 0;
      const text = stream.current();
      // Some give undefined, whatever their type says.
      painted += (token ?? '') === '' ? text : this.#theme.paintCode(text, token ?? '');
    }
    return painted;
  }
}
