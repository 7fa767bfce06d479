import { usageError } from '../errors.ts';
import type { ReadValue } from '../flags/values.ts';
import { readImageInfo } from '../input/image-kind.ts';
import type { InputImage } from './inputs.ts';

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
export function checkMask(mask: InputImage, image: InputImage): void {
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

/** What a dry run did not fetch may have any size. A JPEG may be turned by its EXIF data, which is not read here: either way up will do. */
function isSameSize({ info: mask }: InputImage, { info: image }: InputImage): boolean {
  if (mask.width === 0 || image.width === 0) return true;
  if (mask.width === image.width && mask.height === image.height) return true;
  return image.kind === 'jpeg' && mask.width === image.height && mask.height === image.width;
}

export function sizeOf({ info: { width, height } }: InputImage): string {
  return `${width}x${height}`;
}

/**
 * Makes a mask of the size of an image: transparent in the rectangle, which may be changed, and opaque elsewhere.
 * @throws Failure (usage) where the rectangle is not within the image
 */
export async function rectangleMask(part: Rectangle, image: InputImage): Promise<InputImage> {
  const { width, height } = image.info;
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
  return { name: 'the mask', bytes, info, source: { kind: 'made' } };
}
