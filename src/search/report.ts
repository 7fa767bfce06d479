import type { Context } from '../context.ts';
import { warn } from '../output/messages.ts';
import { inertText } from '../output/terminal.ts';

/** What was done with a text; the numbers are of its chunks. */
export interface Change {
  readonly state: 'unchanged' | 'written' | 'removed';
  /** As the user finds it. */
  readonly path: string;
  readonly chunks: number;
  readonly embedded: number;
}

/** Tells on stdout what was done: the paths of texts that changed, or all of them as JSON Lines. */
export class Report {
  readonly #json: boolean;
  readonly #context: Context;
  readonly #texts = { unchanged: 0, written: 0, removed: 0 };
  #slow: Promise<void> | undefined;
  #embedded = 0;
  #reused = 0;
  /** Files that were found and are no text. */
  left = 0;
  /** Tokens that were paid for. */
  tokens = 0;

  constructor(json: boolean, context: Context) {
    this.#json = json;
    this.#context = context;
  }

  /** Whether anything was written to the index. */
  get hasChanged(): boolean {
    return this.#texts.written + this.#texts.removed > 0;
  }

  tell({ state, path, chunks, embedded }: Change): void {
    const { stdout } = this.#context;
    this.#texts[state] += 1;
    this.#embedded += embedded;
    if (state === 'written') this.#reused += chunks - embedded;
    const counts =
      state === 'removed' ? { removed: true } : { chunks, embedded, unchanged: chunks - embedded };
    const line = this.#json ? JSON.stringify({ path, ...counts }) : stdout.isTTY ? inertText(path) : path;
    if (this.#json || state !== 'unchanged') this.#slow = stdout.write(`${line}\n`) ?? this.#slow;
  }

  /** Waits for a slow reader. */
  async flushed(): Promise<void> {
    await this.#slow;
    this.#slow = undefined;
  }

  /** Says in a line what was done in all. */
  sum(): void {
    const { written, unchanged, removed } = this.#texts;
    const parts = [
      `${counted(written, 'text')} indexed`,
      ...(unchanged > 0 ? [`${unchanged} unchanged`] : []),
      ...(removed > 0 ? [`${removed} removed`] : []),
      ...(this.left > 0 ? [`${this.left} left out as no text`] : []),
      ...(this.#embedded > 0 ? [`${counted(this.#embedded, 'chunk')} embedded`] : []),
      ...(this.#reused > 0 ? [`${counted(this.#reused, 'chunk')} had a vector`] : []),
      ...(this.tokens > 0 ? [counted(this.tokens, 'token')] : []),
    ];
    warn(this.#context, parts.join(', '));
  }
}

/** `1 text`, `1,200 texts`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}
