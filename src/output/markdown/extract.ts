import type { TextFilter } from '../text.ts';
import { BlockParser } from './block-parser.ts';
import type { BlockListener, Leaf } from './blocks.ts';
import { languageOf } from './languages.ts';

export interface ExtractOptions {
  /** Only code in this language, by any of its names. */
  readonly language?: string | undefined;
  /** All blocks, not the first alone. */
  readonly all?: boolean | undefined;
  /** What stands between two blocks. */
  readonly between?: string | undefined;
}

/** Lets the code of a Markdown text through, as it comes: what stands in fences, without them and their indentation. */
export class CodeExtractor implements TextFilter {
  readonly #parser: BlockParser;
  readonly #code: CodeListener;

  constructor(options: ExtractOptions = {}) {
    this.#code = new CodeListener(options);
    this.#parser = new BlockParser(this.#code);
  }

  /** How many blocks were let through. */
  get count(): number {
    return this.#code.count;
  }

  /** There is nothing but white space in them. */
  get isEmpty(): boolean {
    return this.#code.isEmpty;
  }

  /** The text ended within the last of them. */
  get isOpen(): boolean {
    return this.#code.isOpen;
  }

  /** Of a file for the first of them: `ts`. */
  get extension(): string {
    return this.#code.extension;
  }

  push(text: string): string {
    this.#parser.push(text);
    return this.#code.take();
  }

  end(): string {
    this.#parser.end();
    return this.#code.take();
  }
}

class CodeListener implements BlockListener {
  readonly #options: ExtractOptions;
  #out = '';
  #inside = false;
  #endsLine = true;
  count = 0;
  isOpen = false;
  isEmpty = true;
  extension = 'txt';

  constructor(options: ExtractOptions) {
    this.#options = options;
  }

  take(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  begin(leaf: Leaf): void {
    const isWanted = leaf.kind === 'code' && leaf.fence !== undefined && this.#isWanted(leaf.info);
    if (!isWanted || (this.count > 0 && this.#options.all !== true)) return;
    if (this.count > 0) this.#out += `${this.#endsLine ? '' : '\n'}${this.#options.between ?? '\n'}`;
    else this.extension = languageOf(leaf.info).language?.extension ?? 'txt';
    this.count++;
    this.#inside = true;
  }

  text(piece: string): void {
    if (!this.#inside) return;
    this.#out += piece;
    if (this.isEmpty && piece.trim() !== '') this.isEmpty = false;
    this.#endsLine = piece.endsWith('\n');
  }

  end(closed: boolean): void {
    if (this.#inside) this.isOpen = !closed;
    this.#inside = false;
  }

  #isWanted(info: string): boolean {
    const { language: wish } = this.#options;
    if (wish === undefined) return true;
    const wanted = languageOf(wish);
    const found = languageOf(info);
    if (wanted.name === found.name) return true;
    // Dialects are files of one kind: `sql` is that of PostgreSQL too.
    return wanted.language !== undefined && wanted.language.extension === found.language?.extension;
  }

  enter(): void {}
  leave(): void {}
  underline(): void {}
  rule(): void {}
  blank(): void {}
}

/** The code of a text that is whole. */
export function extractedCode(
  text: string,
  options: ExtractOptions,
): { code: string; count: number; isEmpty: boolean; isOpen: boolean } {
  const extractor = new CodeExtractor(options);
  const code = extractor.push(text) + extractor.end();
  const { count, isEmpty, isOpen } = extractor;
  return { code, count, isEmpty, isOpen };
}
