import type { Context } from '../../context.ts';
import { InertTextStream } from '../terminal.ts';
import { BlockParser } from './block-parser.ts';
import type { BlockListener, Container, Leaf } from './blocks.ts';
import { CodeBlock } from './code-block.ts';
import { makesLinks } from './hyperlink.ts';
import { InlineText } from './inline.ts';
import { Lines, type Margin } from './lines.ts';
import { HEADING, HEADING_1, MARK, QUIET } from './spans.ts';
import { TableBlock } from './table-block.ts';
import { type Theme, themeFor } from './theme.ts';
import { widthsFor } from './width.ts';

/** Lines of prose that are longer are hard to read. In columns. */
const LONGEST_PROSE = 100;
/** However far in a text stands, so many columns are its own. */
const LEAST_PROSE = 8;
const LONGEST_RULE = 40;

const BULLETS = ['•', '◦', '▪'];

/** As much of a terminal as the layout depends on. */
export interface Terminal {
  readonly color: boolean;
  /** It makes links of OSC 8. */
  readonly hyperlinks: boolean;
  /** In columns; it may change meanwhile. */
  readonly columns: number;
}

/** The terminal that a stream writes to. */
export function terminalOf(out: Context['stdout'], env: Context['env']): Terminal {
  const hyperlinks = makesLinks(env);
  return {
    get color() {
      return out.color;
    },
    get columns() {
      return out.columns;
    },
    hyperlinks,
  };
}

/** A container that is open, and what stands in front of its lines. */
interface Frame {
  readonly container: Container;
  /** In front of its first line; undefined once that is written. */
  marker: Margin | undefined;
  readonly margin: Margin;
}

/**
 * Makes of Markdown that comes in pieces what a person reads on a terminal. What was given out stays as it is: no line
 * is written again. Whatever the text holds, no control sequence of its own reaches the terminal.
 */
export class MarkdownRenderer {
  readonly #inert = new InertTextStream();
  readonly #parser: BlockParser;
  readonly #page: Page;
  /** What could not be read yet, as something must be loaded first. */
  #held = '';
  #widths: Promise<void> | undefined;

  constructor(terminal: Terminal) {
    this.#page = new Page(terminal);
    this.#parser = new BlockParser(this.#page);
  }

  /** Resolves when there is more to be had from `push('')`; undefined where nothing is awaited. */
  get loading(): Promise<void> | undefined {
    return this.#widths ?? this.#page.loading;
  }

  /** @returns what can be shown by now */
  push(text: string): string {
    this.#held += this.#inert.push(text);
    this.#read();
    return this.#page.take();
  }

  /** The text ends. Call it when nothing is being loaded. @returns the rest */
  end(): string {
    this.#held += this.#inert.end();
    this.#read();
    this.#parser.end();
    return this.#page.take();
  }

  /** Line by line, for any line may name a language that must be loaded first. */
  #read(): void {
    let from = 0;
    while (from < this.#held.length && this.loading === undefined) {
      const end = this.#held.indexOf('\n', from) + 1 || this.#held.length;
      this.#prepare(this.#held.slice(from, end));
      if (this.#widths !== undefined) break;
      this.#parser.push(this.#held.slice(from, end));
      from = end;
    }
    this.#held = this.#held.slice(from);
  }

  /** Loads what knows the widths of a text, where that is not there yet. */
  #prepare(text: string): void {
    this.#widths ??= widthsFor(text)?.then(() => {
      this.#widths = undefined;
    });
  }
}

/** Lays out the blocks of a text. */
class Page implements BlockListener {
  readonly #terminal: Terminal;
  readonly #theme: Theme;
  readonly #lines: Lines;
  readonly #frames: Frame[] = [];
  #leaf: Leaf | undefined;
  #inline: InlineText | undefined;
  #code: CodeBlock | undefined;
  #table: TableBlock | undefined;
  /** A blank line stands between what was written and what comes next. */
  #blank = false;
  #isEmpty = true;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
    this.#theme = themeFor(terminal);
    this.#lines = new Lines({
      theme: this.#theme,
      width: () => Math.max(Math.min(this.#terminal.columns, LONGEST_PROSE), LEAST_PROSE),
      margin: () => this.#margin(),
    });
  }

  get loading(): Promise<void> | undefined {
    return this.#code?.loading;
  }

  take(): string {
    return this.#lines.take();
  }

  enter(container: Container): void {
    // A list that stands below a text belongs to it; a quote does not.
    if (container.kind === 'quote') this.#separate();
    else this.#space();
    this.#frames.push(this.#frame(container));
  }

  leave(): void {
    const frame = this.#frames.at(-1);
    // An item may be empty.
    if (frame?.marker !== undefined) this.#lines.literal('');
    this.#frames.pop();
    if (frame?.container.kind === 'quote') this.#blank = true;
  }

  begin(leaf: Leaf): void {
    if (leaf.kind === 'paragraph') this.#space();
    else this.#separate();
    this.#leaf = leaf;
    this.#isEmpty = false;
    switch (leaf.kind) {
      case 'code':
        this.#code = new CodeBlock(leaf, this.#lines, this.#theme, () => this.#room);
        break;
      case 'table':
        this.#table = new TableBlock(leaf.align, this.#lines, this.#theme, () => this.#room);
        break;
      case 'heading':
        this.#inline = new InlineText();
        this.#lines.add({ text: `${'#'.repeat(leaf.level)} `, look: MARK });
        break;
      case 'paragraph':
        this.#inline = new InlineText();
        break;
      case 'literal':
    }
  }

  text(piece: string): void {
    if (this.#leaf?.kind === 'literal') {
      this.#literal(piece);
    } else if (this.#inline === undefined) {
      (this.#code ?? this.#table)?.text(piece);
    } else {
      this.#add(this.#inline.push(piece));
    }
  }

  end(closed: boolean): void {
    const leaf = this.#leaf;
    this.#add(this.#inline?.end() ?? []);
    this.#code?.end(closed);
    this.#table?.end();
    this.#lines.end();
    this.#inline = undefined;
    this.#code = undefined;
    this.#table = undefined;
    this.#leaf = undefined;
    this.#blank = leaf?.kind !== 'paragraph' && !this.#isTight;
  }

  underline(level: 1 | 2): void {
    this.#lines.literal(this.#faint((level === 1 ? '═' : '─').repeat(Math.max(3, this.#lines.lastWidth))));
    this.#blank = true;
  }

  rule(): void {
    this.#separate();
    this.#isEmpty = false;
    this.#lines.literal(this.#faint('─'.repeat(Math.max(3, Math.min(LONGEST_RULE, this.#room)))));
    this.#blank = true;
  }

  blank(): void {
    if (!this.#isEmpty) this.#blank = true;
  }

  /** Lines are shown as they were written. */
  #literal(piece: string): void {
    const text = piece.replace(/\n$/, '');
    if (piece !== '\n') this.#lines.literal(text);
  }

  #add(spans: ReturnType<InlineText['push']>): void {
    const leaf = this.#leaf;
    const look = leaf?.kind === 'heading' ? (leaf.level === 1 ? HEADING_1 : HEADING) : 0;
    for (const span of spans) this.#lines.add({ ...span, look: span.look | look });
  }

  #faint(text: string): string {
    return this.#theme.paint({ text, look: QUIET });
  }

  /** The columns that a block may take. */
  get #room(): number {
    return Math.max(LEAST_PROSE, this.#terminal.columns - this.#indent);
  }

  get #indent(): number {
    return this.#frames.reduce((sum, { margin }) => sum + margin.width, 0);
  }

  /** Within a list there are no blank lines but those that were written. */
  get #isTight(): boolean {
    return this.#frames.at(-1)?.container.kind === 'item';
  }

  /** A blank line, unless this is the first of the text, of an item or of a quote. */
  #separate(): void {
    const isFirst = this.#frames.some(({ marker }) => marker !== undefined);
    if (!isFirst && !this.#isTight) this.#blank = true;
    this.#space();
  }

  /** The blank line that is due. */
  #space(): void {
    const isDue = this.#blank && !this.#isEmpty;
    this.#blank = false;
    this.#isEmpty = false;
    if (isDue) this.#lines.literal('');
  }

  #frame(container: Container): Frame {
    if (container.kind === 'quote') {
      const margin = { text: `${this.#faint('│')} `, width: 2 };
      return { container, marker: margin, margin };
    }
    const text = `${this.#bullet(container)} `;
    // Bullets and boxes take a column each.
    const width = text.length;
    return { container, marker: { text, width }, margin: { text: ' '.repeat(width), width } };
  }

  #bullet({ marker, done }: Container & { kind: 'item' }): string {
    const box = done === undefined ? '' : done ? '☑' : '☐';
    if (/\d/.test(marker)) return box === '' ? marker : `${marker} ${box}`;
    if (box !== '') return box;
    const isBullet = ({ container }: Frame) => container.kind === 'item' && !/\d/.test(container.marker);
    const depth = this.#frames.filter(isBullet).length;
    return BULLETS[depth % BULLETS.length] ?? '•';
  }

  /** What stands in front of the next line; markers are written once. */
  #margin(): Margin {
    let text = '';
    let width = 0;
    const most = Math.max(0, this.#terminal.columns - LEAST_PROSE);
    for (const frame of this.#frames) {
      const margin = frame.marker ?? frame.margin;
      frame.marker = undefined;
      // What is nested deeper than the terminal is wide is not indented any more.
      if (width + margin.width > most && margin === frame.margin) continue;
      text += margin.text;
      width += margin.width;
    }
    return { text, width };
  }
}
