import type { OutputStream } from '../context.ts';
import type { Cells } from './cells.ts';
import type { Pixels } from './pixels.ts';

/** The settings of chafa-wasm that are used here; modes go by their names in libchafa. */
interface Settings {
  readonly format: string;
  /** Cells. */
  readonly width: number;
  readonly height: number;
  readonly colors?: string;
  readonly symbols?: string;
  readonly dither?: string;
  readonly fontRatio?: number;
}

type Done<T> = (error: unknown, result: T) => void;

/** What is used of chafa-wasm 0.3: its own types allow anything. */
interface ChafaModule {
  decodeImage(file: ArrayBuffer, done: Done<Pixels>): void;
  imageToAnsi(picture: Pixels, settings: Settings, done: Done<{ readonly ansi: string }>): void;
}

/** Gives the package. @throws an error with code `ERR_MODULE_NOT_FOUND` where it is not installed */
export type ChafaLoader = () => Promise<{ readonly default: () => Promise<ChafaModule> }>;

export const importChafa: ChafaLoader = async () => await import('chafa-wasm');

/** The kinds that chafa-wasm decodes. (JPEG XL too, which nobody here makes.) */
export const DECODED: ReadonlySet<string> = new Set(['png', 'jpeg', 'webp']);

/** libchafa's pixel modes draw 8 times 8 pixels a cell where nobody tells it the size of one. */
export const SIXEL_CELL = { width: 8, height: 8 } as const;

/** A half-block is one pixel wide and has two above each other. */
export const BLOCK_CELL = { width: 1, height: 2 } as const;

/** Colours that half-blocks are drawn in: a name of libchafa's canvas modes. `FGBG` writes no colour at all. */
export type Colors = 'TRUECOLOR' | 'INDEXED_256' | 'INDEXED_16' | 'FGBG';

/** The colours that a terminal has, by what it says of itself. */
export function terminalColors(
  env: Readonly<Record<string, string | undefined>>,
  { color }: Pick<OutputStream, 'color'>,
): Colors {
  if (!color) return 'FGBG';
  if (/^(?:truecolor|24bit)$/i.test(env['COLORTERM'] ?? '')) return 'TRUECOLOR';
  return /256color/.test(env['TERM'] ?? '') ? 'INDEXED_256' : 'INDEXED_16';
}

/** Decodes pictures, and draws them where the terminal takes no files. */
export class Chafa {
  readonly #module: ChafaModule;

  private constructor(module: ChafaModule) {
    this.#module = module;
  }

  /** @returns undefined where chafa-wasm is not installed */
  static async load(load: ChafaLoader): Promise<Chafa | undefined> {
    const loaded = await load().catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    return loaded === undefined ? undefined : new Chafa(await silently(loaded.default));
  }

  /** @throws an error where the file is broken */
  decode(file: Uint8Array): Promise<Pixels> {
    // The file may be a part of a larger buffer, and chafa-wasm takes whole ones.
    return settled((done) => this.#module.decodeImage(new Uint8Array(file).buffer, done));
  }

  sixel(picture: Pixels, { columns, rows }: Cells): Promise<string> {
    return this.#draw(picture, {
      format: 'CHAFA_PIXEL_MODE_SIXELS',
      width: columns,
      height: rows,
      fontRatio: 1,
    });
  }

  /** Lines of half-blocks; without colours, of blocks that are as full as the picture is bright. */
  blocks(picture: Pixels, { columns, rows }: Cells, colors: Colors): Promise<string> {
    return this.#draw(picture, {
      format: 'CHAFA_PIXEL_MODE_SYMBOLS',
      width: columns,
      height: rows,
      fontRatio: 0.5,
      colors: `CHAFA_CANVAS_MODE_${colors}`,
      ...(colors === 'FGBG'
        ? { symbols: 'block+space', dither: 'CHAFA_DITHER_MODE_ORDERED' }
        : { symbols: 'vhalf' }),
    });
  }

  async #draw(picture: Pixels, settings: Settings): Promise<string> {
    return (await settled<{ ansi: string }>((done) => this.#module.imageToAnsi(picture, settings, done)))
      .ansi;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';
}

function settled<T>(work: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    work((error, result) => (error ? reject(error) : resolve(result)));
  });
}

/**
 * Makes the module, with nowhere to write. What its C libraries say of a broken picture goes to the `console.log` and
 * `console.error` that it finds while it is made, and no option changes that: it would be on our stdout.
 */
async function silently<T>(make: () => Promise<T>): Promise<T> {
  const { log, error } = globalThis.console;
  const nothing = () => {};
  Object.assign(globalThis.console, { log: nothing, error: nothing });
  try {
    return await make();
  } finally {
    Object.assign(globalThis.console, { log, error });
  }
}
