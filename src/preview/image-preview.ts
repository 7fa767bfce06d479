import type { Context } from '../context.ts';
import { reasonOf } from '../errors.ts';
import { type ImageInfo, readImageInfo } from '../input/image-kind.ts';
import { messageLine, warn } from '../output/messages.ts';
import { type Box, fitCells } from './cells.ts';
import {
  BLOCK_CELL,
  Chafa,
  type ChafaLoader,
  DECODED,
  importChafa,
  SIXEL_CELL,
  terminalColors,
} from './chafa.ts';
import { detectProtocol, type Protocol } from './detect-protocol.ts';
import { iterm2File, iterm2Shows } from './iterm2.ts';
import { kittyPixels, kittyPng } from './kitty.ts';
import { type Pixels, shrunk } from './pixels.ts';

/** Pictures on the terminal. */
export interface ImagePreview {
  /**
   * Draws an image below what is on the terminal, and a line of text below it. Never throws: what cannot be drawn is
   * said in one line on stderr. Draws nothing once the run has been stopped.
   */
  draw(image: Uint8Array, options?: { readonly caption?: string }): Promise<void>;
}

/**
 * Makes ready to draw on stderr. Call it once in a run, when there is a picture to draw and nobody else reads from the
 * terminal: it may have to be asked what it can draw, which takes up to 200 ms (a second through ssh).
 * @returns undefined where there is no terminal to draw on; nothing has been loaded or asked then
 */
export async function imagePreview(
  context: Context,
  load: ChafaLoader = importChafa,
): Promise<ImagePreview | undefined> {
  if (!context.stderr.isTTY || context.env['TERM'] === 'dumb') return undefined;
  // What is drawn on stderr just now would be in the midst of the question.
  context.statusLine?.clear();
  return new TerminalPreview(context, await detectProtocol(context), load);
}

/** The most that a preview takes: half of a common terminal's width, and rows so that its prompt stays in sight. */
const COLUMNS = 40;
const ROWS = 20;

/** A cell in pixels, roughly: only its shape counts, and that small pictures stay small. */
const TERMINAL_CELL = { width: 8, height: 16 } as const;

/** 480 times 400 pixels: on most screens the picture is then about as large as by other protocols. */
const SIXEL_BOX = { columns: 60, rows: 50 } as const;

/** A picture of more pixels is not decoded: four bytes for each of them are in memory two or three times. */
const MOST_PIXELS = 50_000_000;

/** What stands in the way of a drawing, in words that follow "cannot show the image: ". */
class Undrawable extends Error {}

class TerminalPreview implements ImagePreview {
  readonly #context: Context;
  readonly #protocol: Protocol;
  readonly #load: ChafaLoader;
  #chafa: Promise<Chafa | undefined> | undefined;
  #saidMissing = false;

  constructor(context: Context, protocol: Protocol, load: ChafaLoader) {
    this.#context = context;
    this.#protocol = protocol;
    this.#load = load;
  }

  async draw(image: Uint8Array, { caption }: { readonly caption?: string } = {}): Promise<void> {
    const { signal, statusLine, stderr, secrets } = this.#context;
    if (signal.aborted) return;
    try {
      const drawing = await this.#drawing(image, measured(image));
      if (signal.aborted || drawing === undefined) return;
      const below = caption === undefined ? '' : `${messageLine(caption, secrets)}\n`;
      statusLine?.clear();
      // In one piece: what others write must not come in the midst of it.
      await stderr.write(`${drawing}${stderr.color ? RESET : ''}\n${below}`);
    } catch (error) {
      if (signal.aborted) return;
      const which = caption === undefined ? '' : ` (${caption})`;
      const why = error instanceof Undrawable ? error.message : `chafa-wasm failed: ${reasonOf(error)}`;
      warn(this.#context, `cannot show the image${which}: ${why}`);
    }
  }

  /** The text that draws the image; undefined where it has been said before that it cannot be drawn. */
  async #drawing(image: Uint8Array, info: ImageInfo): Promise<string | undefined> {
    const { env, stderr } = this.#context;
    const columns = Math.min(COLUMNS, stderr.columns);
    const place = (size: Pixels | ImageInfo) => fitCells(size, { columns, rows: ROWS, cell: TERMINAL_CELL });

    if (this.#protocol === 'kitty' && info.kind === 'png') return kittyPng(image, place(info));
    if (this.#protocol === 'iterm2' && iterm2Shows(info.kind, env)) return iterm2File(image, place(info));

    if (!DECODED.has(info.kind)) {
      throw new Undrawable(`this terminal cannot draw an image of kind ${info.kind}`);
    }
    const chafa = await this.#loadedChafa();
    if (chafa === undefined) return undefined;
    const picture = shrunk(
      await chafa.decode(image).catch(() => {
        throw new Undrawable('it is broken');
      }),
    );
    if (this.#protocol === 'kitty') return kittyPixels(picture, place(picture));
    if (this.#protocol === 'blocks') {
      const box: Box = { columns, rows: ROWS, cell: BLOCK_CELL };
      return chafa.blocks(picture, fitCells(picture, box), terminalColors(env, stderr));
    }
    // Those who borrow iTerm2's protocol know Sixel, too.
    const box = { ...SIXEL_BOX, columns: Math.min(SIXEL_BOX.columns, stderr.columns), cell: SIXEL_CELL };
    return chafa.sixel(picture, fitCells(picture, box));
  }

  async #loadedChafa(): Promise<Chafa | undefined> {
    this.#chafa ??= Chafa.load(this.#load);
    const chafa = await this.#chafa;
    if (chafa === undefined && !this.#saidMissing) {
      this.#saidMissing = true;
      warn(this.#context, MISSING);
    }
    return chafa;
  }
}

const RESET = '\u001b[0m';

const MISSING =
  'cannot show images in this terminal: the optional package chafa-wasm is not installed; ' +
  '`npm install -g chafa-wasm` adds it to a global oai';

/** @throws Undrawable, where the image is broken or too large to decode */
function measured(image: Uint8Array): ImageInfo {
  const info = readImageInfo(image);
  if (info === undefined) throw new Undrawable('it is no image');
  if (!info.whole) throw new Undrawable('it breaks off');
  // Of an SVG and its like the size is not known, and not needed.
  if (DECODED.has(info.kind) && info.width * info.height === 0) throw new Undrawable('it is broken');
  if (info.width * info.height > MOST_PIXELS) {
    throw new Undrawable(`${info.width}x${info.height} are more than ${MOST_PIXELS / 1e6} million pixels`);
  }
  return info;
}
