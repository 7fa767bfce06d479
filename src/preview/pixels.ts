/** A decoded picture: four bytes a pixel, red, green, blue and alpha, row by row from the top. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** No preview is drawn with more pixels on a side than twice this: 40 columns of a sharp screen's 20 pixels each. */
const ENOUGH = 800;

/**
 * A picture with each square of n times n pixels made one, where it has more pixels than a preview shows: a photo of
 * 24 megapixels would be 96 MB on its way to the terminal. What does not fill a last square is left out.
 */
export function shrunk(picture: Pixels): Pixels {
  const step = Math.floor(Math.max(picture.width, picture.height) / ENOUGH);
  if (step < 2) return picture;
  const width = Math.max(1, Math.floor(picture.width / step));
  const height = Math.max(1, Math.floor(picture.height / step));
  const data = new Uint8ClampedArray(width * height * 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++)
      writeAverage(picture, x * step, y * step, step, data, (y * width + x) * 4);
  }
  return { width, height, data };
}

/** Writes the mean of the square that begins at a pixel. What is transparent adds no colour to it. */
function writeAverage(
  { data, width, height }: Pixels,
  left: number,
  top: number,
  step: number,
  target: Uint8ClampedArray,
  to: number,
): void {
  const right = Math.min(left + step, width);
  const bottom = Math.min(top + step, height);
  let [red, green, blue, opacity] = [0, 0, 0, 0];
  for (let y = top; y < bottom; y++) {
    for (let at = (y * width + left) * 4; at < (y * width + right) * 4; at += 4) {
      const alpha = data[at + 3] ?? 0;
      red += (data[at] ?? 0) * alpha;
      green += (data[at + 1] ?? 0) * alpha;
      blue += (data[at + 2] ?? 0) * alpha;
      opacity += alpha;
    }
  }
  const weight = opacity || 1;
  target[to] = red / weight;
  target[to + 1] = green / weight;
  target[to + 2] = blue / weight;
  target[to + 3] = opacity / ((right - left) * (bottom - top));
}
