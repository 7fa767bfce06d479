import type { Written } from '../editor/blocks.ts';
import { atEnter } from '../editor/blocks.ts';

/** Where what is written comes from: a person at a terminal, or a script. */
export interface LineSource {
  /** Somebody sits there, who sees what is shown and can be asked. */
  readonly isPerson: boolean;
  /**
   * @param prompt stands before it
   * @param text stands there already
   * @returns undefined at the end
   */
  next(prompt: string, text?: string): Promise<Written | undefined>;
  /** From now on Ctrl-C calls this, until the next line is asked for. */
  onInterrupt(stop: () => void): void;
  close(): void;
}

/** The lines of a script, one after the other. Blocks and backslashes join some of them, as at a terminal. */
export class ScriptLines implements LineSource {
  readonly isPerson = false;
  readonly #lines: AsyncIterator<string>;

  constructor(lines: AsyncIterable<string>) {
    this.#lines = lines[Symbol.asyncIterator]();
  }

  async next(): Promise<Written | undefined> {
    const first = await this.#lines.next();
    if (first.done === true) return undefined;
    let text = first.value;
    for (;;) {
      const meant = atEnter(text, false);
      if (typeof meant === 'object') return meant;
      const more = await this.#lines.next();
      if (more.done === true) return { text, literal: true };
      text = `${meant === 'backslash' ? text.slice(0, -1) : text}\n${more.value}`;
    }
  }

  onInterrupt(): void {}

  close(): void {
    void this.#lines.return?.();
  }
}
