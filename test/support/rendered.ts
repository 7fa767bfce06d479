import xterm from '@xterm/headless';
import { MarkdownRenderer, type Terminal } from '../../src/output/markdown/renderer.ts';

/** What a person sees. */
export interface Seen {
  /** Without the empty ones at the bottom. */
  readonly lines: readonly string[];
  /** The attributes of the first place where a text stands: `bold italic underline dim strike`, and the colour. */
  look(text: string): string;
}

const COLOURS = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'];

/** Lets a terminal interpret what was written to it. */
export async function seenOn(output: string, columns = 80): Promise<Seen> {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: 50,
    allowProposedApi: true,
    scrollback: 100_000,
    convertEol: true,
  });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const rows = Array.from({ length: active.length }, (_, y) => active.getLine(y));
  const all = rows.map((row) => row?.translateToString(true) ?? '');
  return {
    lines: all.slice(0, all.findLastIndex((line) => line !== '') + 1),
    look(text) {
      const y = all.findIndex((line) => line.includes(text));
      if (y === -1)
        throw new Error(`${JSON.stringify(text)} is not to be seen:\n${all.join('\n').trimEnd()}`);
      // Cells, not characters: what is two columns wide stands in front of some.
      let x = 0;
      for (let at = 0; at < (all[y] ?? '').indexOf(text); x++)
        at += rows[y]?.getCell(x)?.getChars().length || (rows[y]?.getCell(x)?.getWidth() === 0 ? 0 : 1);
      const cell = rows[y]?.getCell(x);
      const names = [
        cell?.isBold() && 'bold',
        cell?.isItalic() && 'italic',
        cell?.isUnderline() && 'underline',
        cell?.isDim() && 'dim',
        cell?.isStrikethrough() && 'strike',
        cell?.isFgPalette() && COLOURS[cell.getFgColor()],
      ];
      return names.filter((name) => typeof name === 'string').join(' ');
    },
  };
}

export interface RenderOptions extends Partial<Terminal> {
  /** The text comes in these pieces. */
  readonly pieces?: readonly string[];
}

/** What is written to a terminal for a Markdown text. */
export async function rendered(
  text: string,
  { pieces = [text], ...terminal }: RenderOptions = {},
): Promise<string> {
  const renderer = new MarkdownRenderer({ columns: 80, color: true, hyperlinks: false, ...terminal });
  let output = '';
  for (const piece of pieces) {
    output += renderer.push(piece);
    while (renderer.loading !== undefined) {
      await renderer.loading;
      output += renderer.push('');
    }
  }
  return output + renderer.end();
}

/** What a person sees of a Markdown text. */
export async function shown(text: string, options: RenderOptions = {}): Promise<Seen> {
  return seenOn(await rendered(text, options), options.columns ?? 80);
}

/** A source of numbers from 0 to 1 that is the same each time. (Mulberry32) */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
  };
}

/** A text cut at places that a number decides, never within a character. */
export function cut(text: string, random: () => number, longest = 4): string[] {
  const characters = [...text];
  const pieces: string[] = [];
  for (let at = 0; at < characters.length; ) {
    const end = at + 1 + Math.floor(random() * longest);
    pieces.push(characters.slice(at, end).join(''));
    at = end;
  }
  return pieces;
}
