/** GPT Image, as against DALL·E and the models of other servers. */
export function isGptImage(model: string): boolean {
  return /^(?:chat)?gpt-image/.test(model);
}

/** gpt-image-2 and later: any size, and every input image at high fidelity. */
function isFlexible(model: string): boolean {
  return /^gpt-image-(?:[2-9]|\d{2})/.test(model);
}

/** The most images of one request (`n` of the API's reference). */
export function imagesPerRequest(model: string): number {
  return model === 'dall-e-3' ? 1 : 10;
}

/** Whether a model looks at every input image closely and refuses `input_fidelity` (OpenAI's guide to images). */
export function isAlwaysFaithful(model: string): boolean {
  return isFlexible(model);
}

const STANDARD_SIZES = ['1024x1024', '1536x1024', '1024x1536'];

/** The sizes of models that have a list of them (the API's reference, `size`). */
const SIZES: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(?:chat)?gpt-image/, STANDARD_SIZES],
  [/^dall-e-2$/, ['256x256', '512x512', '1024x1024']],
  [/^dall-e-3$/, ['1024x1024', '1792x1024', '1024x1792']],
];

/**
 * The rules for gpt-image-2 and later, in pixels. Steps, ratio and the longest edge: the SDK's types (`size`); the
 * fewest and the most pixels: OpenAI's guide to images.
 */
const FLEXIBLE = { step: 16, edge: 3840, ratio: 3, fewest: 655_360, most: 8_294_400 };

/**
 * A size that a model of OpenAI makes, in place of one that it does not.
 * @param size `WIDTHxHEIGHT` or `auto`
 * @returns undefined where the size will do, or nothing is known of the model
 */
export function sizeInstead(model: string, size: string): string | undefined {
  if (isFlexible(model)) return isFlexibleSize(size) ? undefined : nearestFlexible(size);
  const sizes = SIZES.find(([pattern]) => pattern.test(model))?.[1];
  if (sizes === undefined || sizes.includes(size)) return undefined;
  if (size === 'auto' && isGptImage(model)) return undefined;
  return sizes.join(', ');
}

function isFlexibleSize(size: string): boolean {
  if (size === 'auto') return true;
  const [width = 0, height = 0] = size.split('x').map(Number);
  const { step, edge, ratio, fewest, most } = FLEXIBLE;
  const [short, long] = [Math.min(width, height), Math.max(width, height)];
  return (
    width % step === 0 &&
    height % step === 0 &&
    long <= edge &&
    long <= short * ratio &&
    width * height >= fewest &&
    width * height <= most
  );
}

/** The same shape in steps of 16 and within the limits, or a standard size where there is none. */
function nearestFlexible(size: string): string {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const { step, fewest, most } = FLEXIBLE;
  const pixels = Math.min(Math.max(width * height, fewest), most);
  const scale = Math.sqrt(pixels / (width * height || 1));
  const fitted = (round: (value: number) => number) =>
    [width, height].map((edge) => round((edge * scale) / step) * step).join('x');
  return [fitted(Math.round), fitted(Math.ceil), fitted(Math.floor)].find(isFlexibleSize) ?? '1024x1024';
}
