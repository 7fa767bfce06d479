import stringWidth from 'string-width';
import { inertText } from '../output/terminal.ts';

const segmenter = new Intl.Segmenter();

/** Characters that are one cell each and never join with a neighbour: for them nothing has to be looked up. */
const SIMPLE = /^[\u0020-\u007e]*$/;

/** How far, in UTF-16 units, is looked for the edge of a character: no character that means anything is longer. */
const LONGEST = 256;

/** What a reader takes for one character, in the order of the text. */
export function* graphemes(text: string): Generator<string> {
  if (SIMPLE.test(text)) yield* text;
  else for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Where the character begins that ends at `offset`. */
export function previousBreak(text: string, offset: number): number {
  if (offset <= 0) return 0;
  const before = text.charCodeAt(offset - 1);
  if (before < 0x80) return offset - 1;
  const line = text.lastIndexOf('\n', offset - 1) + 1;
  const from = Math.max(line, offset - LONGEST);
  return from + (segmenter.segment(text.slice(from, offset)).containing(offset - from - 1)?.index ?? 0);
}

/** Where the character ends that begins at `offset`. */
export function nextBreak(text: string, offset: number): number {
  if (offset >= text.length) return text.length;
  const [first = ''] = graphemes(text.slice(offset, offset + LONGEST));
  return offset + first.length;
}

/** As many columns as a tab takes here, wherever it stands. */
const TAB = '    ';

/** A character that terminals disagree about: made of several that could stand alone, or drawn as a picture. */
const DOUBTFUL =
  /\p{Extended_Pictographic}|\p{Regional_Indicator}|[\u200d\ufe0f\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]/u;

/** A character as it is drawn. */
export interface Cell {
  readonly shown: string;
  /** Columns. */
  readonly width: number;
}

/**
 * How many columns the terminal gives to each character. Unicode says so for most; of emoji, flags and Hangul in parts
 * each terminal has its own opinion, and learns this one's by being told what it answered.
 */
export class Widths {
  readonly #learned = new Map<string, number>();
  readonly #known = new Map<string, Cell>();

  /** Changes when something has been learned. */
  get edition(): number {
    return this.#learned.size;
  }

  cell(grapheme: string): Cell {
    const known = this.#known.get(grapheme);
    if (known !== undefined) return known;
    const shown = grapheme === '\t' ? TAB : inertText(grapheme);
    const cell = { shown, width: this.#learned.get(grapheme) ?? stringWidth(shown) };
    // Texts have some hundred different characters; a paste of all there are is not kept.
    if (this.#known.size > 5000) this.#known.clear();
    this.#known.set(grapheme, cell);
    return cell;
  }

  /** How many columns a text takes. */
  width(text: string): number {
    if (SIMPLE.test(text)) return text.length;
    let sum = 0;
    for (const grapheme of graphemes(text)) sum += this.cell(grapheme).width;
    return sum;
  }

  /** The characters of a text that the terminal has to be asked about. */
  doubtful(text: string): string[] {
    if (SIMPLE.test(text) || !DOUBTFUL.test(text)) return [];
    return [...new Set(graphemes(text))].filter(
      (grapheme) =>
        DOUBTFUL.test(grapheme) && !this.#learned.has(grapheme) && this.cell(grapheme).shown === grapheme,
    );
  }

  /** @param width columns, as the terminal has drawn it */
  learn(grapheme: string, width: number): void {
    this.#learned.set(grapheme, width);
    this.#known.delete(grapheme);
  }
}

/** As much of a line as fits into so many columns, made harmless. */
export function fitted(line: string, columns: number, widths: Widths): string {
  let shown = '';
  let width = 0;
  for (const grapheme of graphemes(line.replaceAll('\n', ' '))) {
    const cell = widths.cell(grapheme);
    width += cell.width;
    if (width > columns) break;
    shown += cell.shown;
  }
  return shown;
}
