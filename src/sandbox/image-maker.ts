import { createHash } from 'node:crypto';
import { type Encoding, encodeImage } from './image-codec.ts';
import type { ImageInputs } from './image-input.ts';
import { drawPicture } from './image-picture.ts';
import type { ImageRequest } from './image-request.ts';
import { sizeOf } from './image-size.ts';
import { type ImageUsage, imageUsage, type Quality } from './image-usage.ts';

/** Squares along the longest edge of the first partial image; each that follows has twice as many. */
const COARSEST = 8;

/** Makes the images of one request, one after the other as they are asked for. */
export class ImageMaker {
  readonly request: ImageRequest;
  /** How many images there will be. */
  readonly count: number;
  readonly encoding: Encoding;
  /** What an answer says of all its images. */
  readonly told: {
    readonly background: 'transparent' | 'opaque';
    readonly output_format: Encoding['format'];
    readonly quality: Quality;
    readonly size: string;
  };
  readonly #inputs: ImageInputs;
  readonly #finish: (index: number, bytes: Uint8Array) => Uint8Array;
  readonly #seed: string;
  readonly #size: { readonly width: number; readonly height: number };

  /** @param finish what becomes of the bytes of each image, counted from 0 */
  constructor(
    request: ImageRequest,
    inputs: ImageInputs,
    count: number,
    finish: (index: number, bytes: Uint8Array) => Uint8Array,
  ) {
    const { fields } = request;
    this.request = request;
    this.count = count;
    this.#inputs = inputs;
    this.#finish = finish;
    this.#seed = seedOf(request, inputs);
    this.#size = sizeOf(fields.size, inputs.images[0]?.info);
    const transparent = fields.background === 'transparent';
    const format = fields.output_format ?? 'png';
    this.encoding = { format, compression: fields.output_compression ?? 100, transparent };
    this.told = {
      background: transparent ? 'transparent' : 'opaque',
      output_format: format,
      quality: qualityOf(fields.quality),
      size: `${this.#size.width}x${this.#size.height}`,
    };
  }

  /** The bytes of an image, counted from 0. */
  async image(index: number): Promise<Uint8Array> {
    return this.#finish(index, await this.#drawn(index));
  }

  /** A partial image, counted from 0: the same, coarser. */
  partial(index: number, part: number): Promise<Uint8Array> {
    return this.#drawn(index, COARSEST * 2 ** part);
  }

  /** What so many of the images cost. @param partials partial images in all */
  usage(count: number, partials: number): ImageUsage {
    const output = { ...this.#size, quality: this.told.quality, count, partials };
    return imageUsage(this.request, this.#inputs.images, output);
  }

  #drawn(index: number, squares?: number): Promise<Uint8Array> {
    const { images, mask } = this.#inputs;
    const picture = drawPicture({
      ...this.#size,
      seed: `${this.#seed} ${index}`,
      transparent: this.encoding.transparent,
      source: images[0]?.pixels,
      mask: mask?.pixels,
      squares,
    });
    return encodeImage(picture, this.encoding);
  }
}

/** The prompt and the images that came with it. */
function seedOf({ fields }: ImageRequest, { images, mask }: ImageInputs): string {
  const hash = createHash('sha256').update(JSON.stringify(fields.prompt ?? null));
  for (const { bytes } of images) hash.update(`image ${bytes.length}`).update(bytes);
  if (mask !== undefined) hash.update(`mask ${mask.bytes.length}`).update(mask.bytes);
  return hash.digest('hex');
}

/** The quality that is told: `auto` has become one, and DALL·E's words are not told. */
function qualityOf(quality: ImageRequest['fields']['quality']): Quality {
  const known = (['low', 'medium', 'high', 'xhigh', 'max'] as const).find((word) => word === quality);
  return known ?? 'medium';
}
