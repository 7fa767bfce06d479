import { createHash } from 'node:crypto';
import type { Size } from './image-size.ts';

/** A decoded image: red, green, blue and alpha of each pixel in 8 bits, row by row. */
export interface Pixels extends Size {
  readonly data: Uint8Array;
}

export interface PicturePlan extends Size {
  /** What the picture is made of: the same text gives the same picture in every size. */
  readonly seed: string;
  /** The ground is left out. */
  readonly transparent: boolean;
  /** The image that is edited. */
  readonly source?: Pixels | undefined;
  /** Its pixels with no alpha are the ones to change; without a mask all are tinted. */
  readonly mask?: Pixels | undefined;
  /** The picture is made of this many squares along its longest edge; undefined: as fine as it gets. */
  readonly squares?: number | undefined;
}

/** A colour in one number: red, green, blue and alpha from the highest byte to the lowest. */
type Colour = number;
type ColourAt = (x: number, y: number) => Colour;

/** Cells on one side of the pattern, and how many of them its left half has, with the middle. */
const CELLS = 7;
const HALF = 4;
/** The part of the shorter edge that the pattern takes. */
const SPREAD = 0.84;
/** Stripes of one colour that make the ground: flat areas are quickly packed. */
const STRIPES = 24;
/** How much of the picture shows through what is tinted. */
const TINT = 0.35;

/** Draws a symmetric pattern on a ground that changes its colour from top to bottom, or edits an image with it. */
export function drawPicture(plan: PicturePlan): Pixels {
  const { width, height, source, squares } = plan;
  const drawn = pattern(plan);
  const colourAt = source === undefined ? drawn : edited(source, drawn, plan);
  const side = squares === undefined ? 1 : Math.ceil(Math.max(width, height) / squares);
  const data = new Uint8Array(width * height * 4);
  const view = new DataView(data.buffer);
  for (let top = 0; top < height; top += side) {
    const y = Math.min(top + (side >> 1), height - 1);
    const start = top * width * 4;
    for (let left = 0; left < width; left += side) {
      const colour = colourAt(Math.min(left + (side >> 1), width - 1), y);
      const end = start + Math.min(left + side, width) * 4;
      for (let at = start + left * 4; at < end; at += 4) view.setUint32(at, colour);
    }
    for (let row = top + 1; row < Math.min(top + side, height); row += 1) {
      data.copyWithin(row * width * 4, start, start + width * 4);
    }
  }
  return { width, height, data };
}

/** A pattern of its own for each seed: its left half is mirrored on the right. */
function pattern({ seed, width, height, transparent }: PicturePlan): ColourAt {
  const bytes = createHash('sha256').update(seed).digest();
  const byte = (at: number) => bytes[at] ?? 0;
  const cells = Array.from({ length: CELLS * HALF }, (_, at) => byte(at));
  const hue = byte(28) / 256;
  const isDark = byte(29) < 64;
  const paints = [
    colour(hue + 0.42 + byte(30) / 1024, 0.62, isDark ? 0.68 : 0.42),
    colour(hue + 0.58 + byte(31) / 1024, 0.7, isDark ? 0.78 : 0.56),
  ];
  const [from, to] = isDark ? [0.14, 0.3] : [0.92, 0.74];
  const ground = Array.from({ length: STRIPES }, (_, at) => {
    const part = at / (STRIPES - 1);
    return transparent ? 0 : colour(hue + 0.1 * part, 0.5, from + (to - from) * part);
  });
  const edge = (Math.min(width, height) * SPREAD) / CELLS;
  const left = (width - edge * CELLS) / 2;
  const top = (height - edge * CELLS) / 2;
  return (x, y) => {
    const across = (x + 0.5 - left) / edge;
    const down = (y + 0.5 - top) / edge;
    if (across >= 0 && across < CELLS && down >= 0 && down < CELLS) {
      const mirrored = across > CELLS / 2 ? CELLS - across : across;
      const [column, row] = [Math.floor(mirrored), Math.floor(down)];
      const cell = cells[row * HALF + column] ?? 0;
      if (isInShape(cell & 3, mirrored - column, down - row)) return paints[(cell >> 2) & 1] ?? 0;
    }
    return ground[Math.floor((y * STRIPES) / height)] ?? 0;
  };
}

/** Whether a place in a cell, from 0 to 1 each way, is in the shape: nothing, a square, a disc, a quarter of one. */
function isInShape(shape: number, x: number, y: number): boolean {
  if (shape === 2) return (x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.25;
  if (shape === 3) return x ** 2 + y ** 2 < 1;
  return shape === 1;
}

/** The source, stretched to the picture, with the drawing where the mask says, or all over it. */
function edited(
  source: Pixels,
  drawn: ColourAt,
  { width, height, mask, transparent }: PicturePlan,
): ColourAt {
  const at = (pixels: Pixels, x: number, y: number) =>
    Math.floor((y * pixels.height) / height) * pixels.width + Math.floor((x * pixels.width) / width);
  const view = new DataView(source.data.buffer, source.data.byteOffset);
  return (x, y) => {
    const there = view.getUint32(at(source, x, y) * 4);
    const here = drawn(x, y);
    const kept = transparent ? there : mixed(here, there, (there & 0xff) / 255);
    if (mask !== undefined) return mask.data[at(mask, x, y) * 4 + 3] === 0 ? here : kept;
    return (here & 0xff) === 0 ? 0 : mixed(kept, here, TINT);
  };
}

/** A colour between two: `part` of the second. */
function mixed(one: Colour, other: Colour, part: number): Colour {
  if (part === 1) return other;
  let colour = 0;
  for (let shift = 0; shift < 32; shift += 8) {
    const [first, second] = [(one >>> shift) & 0xff, (other >>> shift) & 0xff];
    colour |= Math.round(first + (second - first) * part) << shift;
  }
  return colour >>> 0;
}

/** A colour of full opacity by hue (turns), saturation and lightness (0 to 1). */
function colour(hue: number, saturation: number, lightness: number): Colour {
  const strength = saturation * Math.min(lightness, 1 - lightness);
  const channel = (offset: number) => {
    const turn = (offset + hue * 12) % 12;
    return Math.round(255 * (lightness - strength * Math.max(-1, Math.min(turn - 3, 9 - turn, 1))));
  };
  return ((channel(0) << 24) | (channel(8) << 16) | (channel(4) << 8) | 0xff) >>> 0;
}
