import type { Leaf } from './blocks.ts';
import { CodeColour } from './code-colour.ts';
import { languageOf } from './languages.ts';
import type { Lines } from './lines.ts';
import { QUIET } from './spans.ts';
import type { Theme } from './theme.ts';

const LONGEST_RULE = 40;
/** In front of code that has no fences. */
const INDENT = '    ';

/** Shows code between two lines, each line of it when it is complete, and not a character more: it is to be copied. */
export class CodeBlock {
  readonly #lines: Lines;
  readonly #theme: Theme;
  readonly #room: () => number;
  readonly #fenced: boolean;
  #colour: CodeColour | undefined;
  /** Resolves when the language is loaded. */
  loading: Promise<void> | undefined;
  #line = '';

  constructor(leaf: Leaf & { kind: 'code' }, lines: Lines, theme: Theme, room: () => number) {
    this.#lines = lines;
    this.#theme = theme;
    this.#room = room;
    this.#fenced = leaf.fence !== undefined;
    const { language } = languageOf(leaf.info);
    if (this.#fenced) this.#rule(leaf.info === '' ? '' : ` ${leaf.info} `);
    if (!theme.color || language?.load === undefined) return;
    this.loading = language.load().then(
      (reader) => {
        this.#colour = new CodeColour(reader, theme);
        this.loading = undefined;
      },
      () => {
        this.loading = undefined;
      },
    );
  }

  text(piece: string): void {
    const [first = '', ...rest] = piece.split('\n');
    this.#line += first;
    for (const next of rest) {
      this.#show(this.#line);
      this.#line = next;
    }
  }

  end(closed: boolean): void {
    if (this.#line !== '') this.#show(this.#line);
    if (this.#fenced && closed) this.#rule('');
  }

  #show(line: string): void {
    const text = this.#colour?.line(line) ?? line;
    this.#lines.literal(this.#fenced ? text : `${INDENT}${text}`);
  }

  #rule(label: string): void {
    const length = Math.max(3, Math.min(LONGEST_RULE, this.#room()));
    const rest = '─'.repeat(Math.max(1, length - label.length - 2));
    this.#lines.literal(
      this.#theme.paint({ text: label === '' ? '─'.repeat(length) : `──${label}${rest}`, look: QUIET }),
    );
  }
}
