import { usageError } from '../errors.ts';
import type { ReadValue } from '../flags/values.ts';
import { readImageInfo } from '../input/image-kind.ts';
import { type ImageLook, type InputImage, MASK } from './inputs.ts';

/** A part of an image, in pixels from its upper left corner. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Reads `x,y,w,h`. */
export const rectangle: ReadValue<Rectangle> = (text, flag) => {
  const [, ...numbers] = /^(\d{1,5}),(\d{1,5}),(\d{1,5}),(\d{1,5})$/.exec(text.replaceAll(' ', '')) ?? [];
  const [x = 0, y = 0, width = 0, height = 0] = numbers.map(Number);
  if (width === 0 || height === 0) {
    throw usageError(`${flag} ${text} is not x,y,width,height in pixels, such as 100,50,200,200`);
  }
  return { x, y, width, height };
};

/**
 * Checks that a mask says which part of an image may be changed.
 * @throws Failure (usage) where it is of another size, or has no alpha channel
 */
export function checkMask(mask: ImageLook, image: ImageLook): void {
  if (!isSameSize(mask, image)) {
    throw usageError(
      `${mask.name} is ${sizeOf(mask)} and ${image.name} is ${sizeOf(image)}: a mask has the size of its image`,
    );
  }
  if (!mask.info.alpha) {
    throw usageError(
      `${mask.name} has no alpha channel: a mask is transparent where the image may change`,
      '--mask-rect x,y,w,h makes one',
    );
  }
}

/** What a dry run did not fetch may have any size. Of an image that its EXIF data turns, either way up will do. */
function isSameSize({ info: mask }: ImageLook, { info: image }: ImageLook): boolean {
  if (mask.width === 0 || image.width === 0) return true;
  if (mask.width === image.width && mask.height === image.height) return true;
  return image.turned && mask.width === image.height && mask.height === image.width;
}

/** The size of an image as people see it. */
function seenSize({ info: { width, height, turned } }: ImageLook): { width: number; height: number } {
  return turned ? { width: height, height: width } : { width, height };
}

export function sizeOf(image: ImageLook): string {
  const { width, height } = seenSize(image);
  return `${width}x${height}`;
}

/** More pixels than any model makes or takes; four bytes each are held. */
const MOST_PIXELS = 50_000_000;

/**
 * Makes a mask of the size of an image: transparent in the rectangle, which may be changed, and opaque elsewhere.
 * @throws Failure (usage) where the rectangle is not within the image
 */
export async function rectangleMask(part: Rectangle, image: ImageLook): Promise<InputImage> {
  const { width, height } = seenSize(image);
  if (width * height > MOST_PIXELS) {
    throw usageError(
      `${image.name} is ${sizeOf(image)}: a mask is made for up to ${MOST_PIXELS / 1e6} million pixels`,
    );
  }
  if (width === 0) throw usageError(`--mask-rect: the size of ${image.name} is not known in a dry run`);
  if (part.x + part.width > width || part.y + part.height > height) {
    const { x, y } = part;
    throw usageError(
      `--mask-rect ${x},${y},${part.width},${part.height} does not lie within ${image.name}, which is ${sizeOf(image)}`,
    );
  }
  const { encode } = await import('fast-png');
  // White; red, green, blue and alpha.
  const data = new Uint8Array(width * height * 4).fill(255);
  for (let y = part.y; y < part.y + part.height; y++) {
    data.fill(0, (y * width + part.x) * 4, (y * width + part.x + part.width) * 4);
  }
  const bytes = new Uint8Array(encode({ width, height, data, channels: 4, depth: 8 }));
  const info = readImageInfo(bytes);
  if (info === undefined) throw new Error('the mask that was made is no image');
  return { name: MASK, bytes, info, source: { kind: 'made' } };
}

/** Whether a mask lets nothing change: no pixel of it is fully transparent. False where its pixels cannot be read. */
export async function isOpaque({ bytes }: InputImage): Promise<boolean> {
  const { decode } = await import('fast-png');
  try {
    const { data, channels, depth, palette, transparency } = decode(bytes);
    if (palette !== undefined || transparency !== undefined || (channels !== 2 && channels !== 4))
      return false;
    for (let at = channels - 1; at < data.length; at += channels) if (data[at] === 0) return false;
    return depth >= 8;
  } catch {
    return false;
  }
}
