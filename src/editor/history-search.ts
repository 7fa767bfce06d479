import { previousBreak } from './graphemes.ts';
import type { InputHistory } from './input-history.ts';
import type { Key } from './keys.ts';

/** What a key did to a search: it goes on, it is given up, or what was found is taken. */
export type SearchStep = 'on' | 'given up' | 'taken';

/** The search (Ctrl-R) for what was typed before. */
export class HistorySearch {
  readonly #history: InputHistory;
  #query = '';
  #found: number | undefined;
  #failed = false;

  constructor(history: InputHistory) {
    this.#history = history;
  }

  /** Index in the history; undefined while nothing was found. */
  get found(): number | undefined {
    return this.#found;
  }

  /** What was found, and where in it; undefined while nothing was. */
  get match(): { text: string; at: number } | undefined {
    const text = this.#found === undefined ? undefined : this.#history.at(this.#found);
    if (text === undefined) return undefined;
    return { text, at: Math.max(0, text.toLowerCase().indexOf(this.#query.toLowerCase())) };
  }

  get prompt(): string {
    return `${this.#failed ? 'nothing more with' : 'search'} "${this.#query}": `;
  }

  press({ id, text }: Key): SearchStep {
    const last = this.#history.length - 1;
    const here = this.#found ?? last;
    switch (id) {
      case 'text':
      case 'paste':
        return this.#look(this.#query + text.replace(/\n.*/s, ''), here, -1);
      case 'backspace':
      case 'ctrl-h':
        return this.#look(this.#query.slice(0, previousBreak(this.#query, this.#query.length)), last, -1);
      case 'ctrl-r':
        return this.#look(this.#query, this.#found === undefined ? last : here - 1, -1);
      case 'ctrl-s':
        return this.#look(this.#query, here + 1, 1);
      case 'ctrl-c':
      case 'ctrl-g':
        return 'given up';
    }
    return 'taken';
  }

  /** What was found last stays when nothing further is. */
  #look(query: string, from: number, step: -1 | 1): SearchStep {
    this.#query = query;
    const found = query === '' ? undefined : this.#history.find(query, from, step);
    this.#failed = query !== '' && found === undefined;
    if (!this.#failed) this.#found = found;
    return 'on';
  }
}
