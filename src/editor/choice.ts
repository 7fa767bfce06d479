import type { Suggestion } from './completion.ts';
import { fitted, type Widths } from './graphemes.ts';

/** A line of the list. */
export interface ListLine {
  readonly text: string;
  readonly isChosen: boolean;
}

/** Suggestions among which Tab goes round. */
export class Choice {
  readonly #suggestions: readonly Suggestion[];
  /** Where in the text they would stand. */
  readonly start: number;
  /** What was typed, and the cursor in it. */
  readonly typed: string;
  readonly cursor: number;
  #index: number | undefined;

  constructor(suggestions: readonly Suggestion[], start: number, typed: string, cursor: number) {
    this.#suggestions = suggestions;
    this.start = start;
    this.typed = typed;
    this.cursor = cursor;
  }

  /** What stands in the text; undefined while it is what was typed. */
  get chosen(): Suggestion | undefined {
    return this.#index === undefined ? undefined : this.#suggestions[this.#index];
  }

  /** Goes on to the next, or back; round and round. */
  step(by: -1 | 1): void {
    const count = this.#suggestions.length;
    const from = this.#index ?? (by === 1 ? -1 : count);
    this.#index = (from + by + count) % count;
  }

  /** As many lines as there is room for, with the chosen one among them. */
  lines(room: number, columns: number, widths: Widths): ListLine[] {
    const all = this.#suggestions;
    const from = Math.max(0, Math.min((this.#index ?? 0) - Math.floor(room / 2), all.length - room));
    const longest = Math.max(...all.map(({ text }) => widths.width(text)));
    const lines = all.slice(from, from + room).map(({ text, note }, at) => {
      const gap = ' '.repeat(longest - widths.width(text) + 2);
      const line = `  ${text}${note === undefined ? '' : gap + note}`;
      return { text: fitted(line, columns, widths), isChosen: this.#index === from + at };
    });
    const more = all.length - from - lines.length;
    return more > 0 ? [...lines, { text: `  … ${more} more`, isChosen: false }] : lines;
  }
}
