import type { InputImage } from './image-input.ts';
import type { ImageRequest } from './image-request.ts';
import type { Size } from './image-size.ts';
import { countTokens } from './tokens.ts';

/** What GPT Image counts. */
export interface ImageUsage {
  readonly input_tokens: number;
  readonly input_tokens_details: { readonly text_tokens: number; readonly image_tokens: number };
  readonly output_tokens: number;
  readonly total_tokens: number;
}

export type Quality = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** Tokens of an image of 1024x1024 (OpenAI's guide to images, for GPT Image 1; the last two are guesses). */
const OUTPUT_TOKENS: Readonly<Record<Quality, number>> = {
  low: 272,
  medium: 1056,
  high: 4160,
  xhigh: 8320,
  max: 16_640,
};
/** Tokens of each partial image (the same guide). */
const PARTIAL_TOKENS = 100;
/** Tokens of an input image, and of each square of 512 pixels that it has once its shorter edge is as long. */
const INPUT_TOKENS = 65;
const TILE_TOKENS = 129;
const TILE = 512;
/** More tokens of an input image that is looked at closely. */
const FIDELITY_TOKENS = 4160;

/**
 * What so many images of one request cost.
 * @param partials partial images in all
 */
export function imageUsage(
  { fields }: ImageRequest,
  inputs: readonly InputImage[],
  output: Size & { readonly quality: Quality; readonly count: number; readonly partials: number },
): ImageUsage {
  const { width, height, quality, count, partials } = output;
  const closer = fields.input_fidelity === 'high' ? FIDELITY_TOKENS : 0;
  const text = countTokens(fields.prompt ?? '');
  const image = inputs.reduce((sum, { info }) => sum + inputTokens(info) + closer, 0);
  const each = Math.ceil((OUTPUT_TOKENS[quality] * width * height) / 1024 ** 2);
  const made = each * count + partials * PARTIAL_TOKENS;
  return {
    input_tokens: text + image,
    input_tokens_details: { text_tokens: text, image_tokens: image },
    output_tokens: made,
    total_tokens: text + image + made,
  };
}

function inputTokens({ width, height }: Size): number {
  const scale = Math.min(1, TILE / Math.min(width, height));
  const tiles = (edge: number) => Math.ceil(Math.round(edge * scale) / TILE);
  return INPUT_TOKENS + TILE_TOKENS * tiles(width) * tiles(height);
}
