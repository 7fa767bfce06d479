import type { Flag } from './flag.ts';
import type { GlobalOptions } from './global.ts';
import { choice, integer, pixelSize, text } from './values.ts';

/** The flags that commands which make images have in common, read. */
export interface ImageOptions extends GlobalOptions {
  readonly model?: string;
  /** How many images. */
  readonly count?: number;
  /** `WIDTHxHEIGHT` in pixels, or `auto`. */
  readonly size?: string;
  readonly quality?: Quality;
  readonly background?: 'transparent' | 'opaque' | 'auto';
  readonly format?: OutputFormat;
  /** Percent: 0 is the smallest file, 100 the best image. */
  readonly compression?: number;
  /** A file, a directory, a pattern, or `-`. */
  readonly output?: string;
  readonly force?: boolean;
  readonly open?: boolean;
  readonly show?: boolean;
  /** Previews of each image while it is made. */
  readonly partial?: number;
}

export type OutputFormat = 'png' | 'jpeg' | 'webp';
/** Those of GPT Image, and the two words of DALL·E. */
export type Quality = 'auto' | 'low' | 'medium' | 'high' | 'xhigh' | 'max' | 'standard' | 'hd';

/** The most images of one run: a slip of a finger is not to cost a fortune. */
const MOST_IMAGES = 100;

/** What the images are to be. */
export const modelFlag = (defaultModel: string): Flag => ({
  flags: '-m, --model <name>',
  help: `the model (default: ${defaultModel})`,
  read: text,
});

export const countFlag: Flag = {
  flags: '-n, --count <n>',
  help: 'how many images (default: 1)',
  read: integer(1, MOST_IMAGES),
};

export const sizeFlag: Flag = {
  flags: '--size <size>',
  help: 'WIDTHxHEIGHT in pixels, or auto',
  read: pixelSize,
};

export const lookFlags: readonly Flag[] = [
  {
    flags: '--quality <quality>',
    help: 'auto, low, medium, high, xhigh or max (hd and standard work too)',
    read: choice('auto', 'low', 'medium', 'high', 'xhigh', 'max', 'standard', 'hd'),
  },
  {
    flags: '--background <kind>',
    help: 'transparent, opaque or auto',
    read: choice('transparent', 'opaque', 'auto'),
  },
];

/** Where the images go, and how. */
export const outputFlags: readonly Flag[] = [
  {
    flags: '-f, --format <format>',
    help: 'png, jpeg or webp (default: as the name of -o says, else png)',
    read: choice('png', 'jpeg', 'webp'),
  },
  {
    flags: '--compression <percent>',
    help: 'of jpeg and webp: 0 is the smallest file, 100 the best image',
    read: integer(0, 100),
  },
  {
    flags: '-o, --output <path>',
    help: 'a file, a directory, a pattern with {n} and {slug}, or - for stdout',
    read: text,
  },
  { flags: '--force', help: 'replace files that exist' },
  { flags: '--open', help: "open each image in the system's viewer" },
  { flags: '--show', help: 'show each image on the terminal' },
  { flags: '--no-show', help: 'do not, although show_images is set' },
];

export const partialFlag: Flag = {
  flags: '--partial <n>',
  help: 'save 1 to 3 previews of each image while it is made',
  read: integer(1, 3),
};
