import Chafa from 'chafa-wasm';

/** A decoded image: red, green, blue and alpha of each pixel in 8 bits. */
export interface DecodedImage {
  readonly width: number;
  readonly height: number;
  /** The four values of a pixel. */
  at(x: number, y: number): number[];
}

const loading = Chafa();

/**
 * Decodes PNG, JPEG and WebP with chafa, which shares no code with what the sandbox makes images with.
 * @throws Error where the bytes are no whole image
 */
export async function decodeImage(bytes: Uint8Array): Promise<DecodedImage> {
  const chafa = await loading;
  const copy = new Uint8Array(bytes);
  return new Promise((resolve, reject) => {
    chafa.decodeImage(copy.buffer, (error: unknown, image) => {
      if (error || image === null || image === undefined) return reject(error ?? new Error('no image'));
      const { width, height, data } = image;
      resolve({ width, height, at: (x, y) => [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 4)] });
    });
  });
}
