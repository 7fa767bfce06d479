import type { ModelCatalogue } from './models.ts';
import { unsupportedModel } from './request-check.ts';

/** What can be asked of images, as the last part of the path. */
export type ImageEndpoint = 'generations' | 'edits' | 'variations';

/** What an image model takes. */
export interface ImageModel {
  /** GPT Image: always answers in base64, streams, and makes more than PNG. */
  readonly isGpt: boolean;
  /** Characters of a prompt. */
  readonly longestPrompt: number;
  /** The most images of one request. */
  readonly mostImages: number;
  /** The sizes that it makes; undefined: any within the limits of `checkSize`. */
  readonly sizes: readonly string[] | undefined;
  readonly qualities: readonly string[];
  readonly styles: readonly string[];
  /** How closely it can be told to look at the images of an edit. */
  readonly fidelities: readonly string[];
}

const GPT: ImageModel = {
  isGpt: true,
  longestPrompt: 32_000,
  mostImages: 10,
  sizes: undefined,
  qualities: ['low', 'medium', 'high', 'auto'],
  styles: [],
  fidelities: [],
};
const STANDARD_SIZES = ['1024x1024', '1024x1536', '1536x1024', 'auto'];
const DALL_E_2: ImageModel = {
  isGpt: false,
  longestPrompt: 1000,
  mostImages: 10,
  sizes: ['256x256', '512x512', '1024x1024'],
  qualities: ['standard'],
  styles: [],
  fidelities: [],
};

/** The types of the SDK (`ImageGenerateParams`, `ImageEditParams`), and for DALL·E the API's reference of its day. */
const TRAITS: readonly (readonly [models: RegExp, traits: ImageModel])[] = [
  [/^gpt-image-2\.5-/, { ...GPT, qualities: ['low', 'medium', 'high', 'xhigh', 'max', 'auto'] }],
  [/^gpt-image-[2-9]/, GPT],
  [/^gpt-image-1-mini/, { ...GPT, sizes: STANDARD_SIZES, fidelities: ['low'] }],
  [/^(?:chat)?gpt-image-/, { ...GPT, sizes: STANDARD_SIZES, fidelities: ['high', 'low'] }],
  [
    /^dall-e-3/,
    {
      ...DALL_E_2,
      longestPrompt: 4000,
      mostImages: 1,
      sizes: ['1024x1024', '1792x1024', '1024x1792'],
      qualities: ['standard', 'hd'],
      styles: ['vivid', 'natural'],
    },
  ],
];

export function traitsOf(model: string): ImageModel {
  return TRAITS.find(([models]) => models.test(model))?.[1] ?? DALL_E_2;
}

/** The model of a request that names none. Images of old had DALL·E 2, which variations still have. */
export function defaultModel(endpoint: ImageEndpoint): string {
  return endpoint === 'variations' ? 'dall-e-2' : 'gpt-image-2.5-sunburst';
}

/**
 * Checks that a model makes images in this way. Variations are answered by `dall-e-2` also after its end: OpenAI has
 * retired the endpoint, compatible servers have not.
 * @throws ApiError 404 where there is no such model, 400 where it does something else
 */
export function checkImageModel(model: string, endpoint: ImageEndpoint, models: ModelCatalogue): void {
  if (endpoint === 'variations') {
    if (model !== 'dall-e-2') models.kindOf(model);
    models.kindOf('dall-e-2', { evenEnded: true });
    if (model !== 'dall-e-2') throw unsupportedModel(model, ['dall-e-2']);
    return;
  }
  const kind = models.kindOf(model);
  const takes = (id: string) => endpoint === 'generations' || id !== 'dall-e-3';
  if (kind !== 'image' || !takes(model)) throw unsupportedModel(model, models.idsOf('image').filter(takes));
}
