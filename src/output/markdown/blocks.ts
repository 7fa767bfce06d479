/** What holds other blocks. */
export type Container =
  | { readonly kind: 'quote' }
  | {
      readonly kind: 'item';
      /** As it was written: `-`, `12.` */
      readonly marker: string;
      /** The columns that its content is indented by. */
      readonly width: number;
      /** The columns in front of the marker. */
      readonly indent: number;
      /** Of a task list: whether it is done. */
      readonly done: boolean | undefined;
    };

/** What holds text. */
export type Leaf =
  | { readonly kind: 'paragraph' }
  | { readonly kind: 'heading'; readonly level: number }
  | {
      readonly kind: 'code';
      /** What stands behind the opening fence, trimmed: its first word names the language. */
      readonly info: string;
      /** Undefined for code that is only indented. */
      readonly fence: Fence | undefined;
    }
  /** What is shown as it was written: HTML, or a formula with the text that it ends with. */
  | { readonly kind: 'literal'; readonly until: string | undefined }
  /** Its text is its rows, the header first and without the row of dashes. */
  | { readonly kind: 'table'; readonly align: readonly Align[] };

export interface Fence {
  readonly character: string;
  readonly length: number;
  /** The columns in front of it, which are taken away from the code. */
  readonly indent: number;
}

export type Align = 'left' | 'center' | 'right' | undefined;

/** Told of the blocks of a text in their order, while the text is still coming. */
export interface BlockListener {
  enter(container: Container): void;
  /** The innermost container ends. */
  leave(): void;
  begin(leaf: Leaf): void;
  /** Text of the leaf, as it comes; it may hold line breaks. */
  text(piece: string): void;
  /**
   * The leaf ends.
   * @param closed false for fenced code that has no closing fence
   */
  end(closed: boolean): void;
  /** A line of `=` (1) or `-` (2) below a paragraph, which ended there: it was a heading. */
  underline(level: 1 | 2): void;
  /** A line across. */
  rule(): void;
  blank(): void;
}
