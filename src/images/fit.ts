import { usageError } from '../errors.ts';
import { readImageInfo } from '../input/image-kind.ts';
import type { ImageLimits, InputImage } from './inputs.ts';

/** The edges to try, in pixels: the largest image that the legacy endpoint makes, and less where that is too many bytes. */
const EDGES = [1024, 768, 512, 256];

/**
 * The image as a square PNG: smaller where it is large, with transparent bars where it is no square.
 * @throws Failure (usage) where `sharp` is not installed, or cannot read the image
 */
export async function fittedToSquare(image: InputImage, { below }: ImageLimits): Promise<InputImage> {
  const sharp = await loadSharp();
  if (image.info.width === 0 && image.source.kind === 'url') {
    throw usageError(`--fit: ${image.name} is not fetched in a dry run`);
  }
  const longest = Math.max(image.info.width, image.info.height);
  for (const edge of EDGES) {
    const side = Math.min(edge, longest);
    const bytes = await squarePng(sharp, image, side);
    const info = readImageInfo(bytes);
    if (info !== undefined && bytes.length < below) {
      return { name: image.name, bytes: new Uint8Array(bytes), info, source: { kind: 'made' } };
    }
  }
  throw usageError(`--fit cannot bring ${image.name} below the limit`);
}

async function squarePng(sharp: Awaited<ReturnType<typeof loadSharp>>, image: InputImage, side: number) {
  try {
    return await sharp(image.bytes)
      .rotate()
      .resize(side, side, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
      .png()
      .toBuffer();
  } catch (error) {
    throw usageError(`--fit cannot read ${image.name}`, undefined, error);
  }
}

async function loadSharp() {
  try {
    return (await import('sharp')).default;
  } catch (error) {
    throw usageError('--fit needs the package sharp', 'npm install -g sharp', error);
  }
}
