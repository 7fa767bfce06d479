import { invalidRequest } from './error-answer.ts';
import type { ImageModel } from './image-models.ts';
import { type Check, oneOf, string } from './request-check.ts';

/** Pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

const SQUARE: Size = { width: 1024, height: 1024 };
const STANDARD: readonly Size[] = [SQUARE, { width: 1536, height: 1024 }, { width: 1024, height: 1536 }];

/**
 * The limits of gpt-image-2 and later, in pixels. Steps, ratio and the longest edge: the SDK's types (`size`); the
 * fewest and the most pixels: OpenAI's guide to images.
 */
const LIMITS = { step: 16, edge: 3840, ratio: 3, fewest: 655_360, most: 8_294_400 };

const text = string();

/** A size that the model makes, as `WIDTHxHEIGHT` or `auto`. */
export function sizeCheck({ sizes }: ImageModel): Check {
  if (sizes !== undefined) return oneOf(...sizes);
  return (value, path) => {
    text(value, path);
    const problem = value === 'auto' ? undefined : sizeProblem(String(value));
    if (problem === undefined) return;
    throw invalidRequest(`Invalid size '${value}'. ${problem}`, path, 'invalid_value');
  };
}

function sizeProblem(size: string): string | undefined {
  const parsed = parseSize(size);
  if (parsed === undefined) return "Expected 'auto' or WIDTHxHEIGHT, for example '1536x864'.";
  const { width, height } = parsed;
  const { step, edge, ratio, fewest, most } = LIMITS;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  const pixels = width * height;
  if (width % step !== 0 || height % step !== 0) return `Width and height must both be divisible by ${step}.`;
  if (long > edge) return `The longest edge must be at most ${edge} pixels.`;
  if (long > short * ratio) return `The aspect ratio must be between 1:${ratio} and ${ratio}:1.`;
  if (pixels < fewest) return `The image must have at least ${fewest} pixels.`;
  return pixels > most ? `The image must have at most ${most} pixels.` : undefined;
}

function parseSize(size: string): Size | undefined {
  const [, width, height] = /^([1-9]\d{0,5})x([1-9]\d{0,5})$/.exec(size) ?? [];
  return width === undefined ? undefined : { width: Number(width), height: Number(height) };
}

/**
 * The size of the images that a request asks for.
 * @param size one that `sizeCheck` lets through
 * @param first the first image of an edit, whose shape `auto` follows
 */
export function sizeOf(size: string | null | undefined, first: Size | undefined): Size {
  const asked = parseSize(size ?? 'auto');
  if (asked !== undefined) return asked;
  return first === undefined ? SQUARE : nearest(first);
}

/** The standard size of the most similar shape. */
function nearest(shape: Size): Size {
  const difference = (size: Size) =>
    Math.abs(Math.log(size.width / size.height) - Math.log(shape.width / shape.height));
  return STANDARD.reduce((best, size) => (difference(size) < difference(best) ? size : best), SQUARE);
}
