import { extname } from 'node:path';
import type { Api } from '../api/client.ts';
import { isGptImage, sizeInstead } from '../api/image-models.ts';
import { usageError } from '../errors.ts';
import type { ImageOptions, OutputFormat, Quality } from '../flags/images.ts';
import type { JsonObject } from '../json.ts';

/** The fields of a request that every command which makes images has. */
export interface CommonFields extends JsonObject {
  size?: string;
  quality?: Quality;
  background?: 'transparent' | 'opaque' | 'auto';
  output_format?: OutputFormat;
  output_compression?: number;
}

/** Fields that decide how many requests there are, and how they are answered. */
const OWN_FLAGS = { stream: '--partial', partial_images: '--partial', n: '-n' };

/** The formats that a name can ask for; the API makes no others without `--param output_format=…`. */
const FORMATS: Readonly<Record<string, OutputFormat>> = {
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
  '.webp': 'webp',
};
/** Names that promise an image of another kind. */
const OTHER_FORMATS = /^\.(?:gif|svg|bmp|tiff?|avif|heic|ico|pdf)$/;

/**
 * Reads what the flags say of the images.
 * @param params the fields of `--param`, which go on top
 * @throws Failure (usage) on values that do not go together, or that the model is known not to take
 */
export function commonFields(
  options: ImageOptions,
  params: JsonObject,
  model: string,
  api: Pick<Api, 'settings'>,
): CommonFields {
  for (const [field, flag] of Object.entries(OWN_FLAGS)) {
    if (field in params) throw usageError(`--param ${field}: ${flag} is the flag for that`);
  }
  checkSize(options.size, model, api);
  const format = outputFormat(options, params, model);
  const quality = options.quality === undefined ? undefined : qualityFor(model, options.quality);
  if (options.background === 'transparent' && format === 'jpeg') {
    throw usageError('JPEG has no transparency', '--background transparent goes with png and webp');
  }
  const compressible = [format, params['output_format']].some((word) => word === 'jpeg' || word === 'webp');
  if (options.compression !== undefined && !compressible) {
    throw usageError('--compression is for jpeg and webp', 'add -f jpeg or -f webp');
  }
  return {
    ...(options.size !== undefined && { size: options.size }),
    ...(quality !== undefined && { quality }),
    ...(options.background !== undefined && { background: options.background }),
    ...(format !== undefined && { output_format: format }),
    ...(options.compression !== undefined && { output_compression: options.compression }),
  };
}

/** The same for an edit, to which DALL·E's `hd` never was a word. @throws Failure (usage) */
export function editFields(
  ...given: Parameters<typeof commonFields>
): Omit<CommonFields, 'quality'> & { quality?: Exclude<Quality, 'hd'> } {
  const { quality, ...rest } = commonFields(...given);
  return { ...rest, ...(quality !== undefined && { quality: quality === 'hd' ? 'high' : quality }) };
}

/** A size that a model of OpenAI does not make is better said at once: an answer takes its time, and may be paid for. */
function checkSize(size: string | undefined, model: string, { settings }: Pick<Api, 'settings'>): void {
  if (size === undefined || !settings.isOpenAI) return;
  const instead = sizeInstead(model, size);
  if (instead !== undefined) {
    throw usageError(`--size ${size} is not a size that ${model} makes`, `try ${instead}`);
  }
}

/** The words of DALL·E, where the model is not (design, section 3 d). */
function qualityFor(model: string, quality: Quality): Quality {
  if (!isGptImage(model)) return quality;
  if (quality === 'hd') return 'high';
  return quality === 'standard' ? 'medium' : quality;
}

/**
 * The format to ask for: `--format`, else what the name of the output says. PNG is what every model makes unasked, and
 * older servers do not know the field.
 */
function outputFormat(options: ImageOptions, params: JsonObject, model: string): OutputFormat | undefined {
  const { output = '' } = options;
  const extension = output.endsWith('/') ? '' : extname(output).toLowerCase();
  const named = FORMATS[extension];
  if ('output_format' in params) return undefined;
  if (options.format === undefined && OTHER_FORMATS.test(extension)) {
    throw usageError(`-o ${options.output}: the API makes png, jpeg and webp images`);
  }
  if (options.format !== undefined && named !== undefined && options.format !== named) {
    throw usageError(`--format ${options.format} and -o ${options.output} contradict each other`);
  }
  if (options.format !== undefined) return options.format;
  return named === 'png' || !isGptImage(model) ? undefined : named;
}

/**
 * A form has no way to say null.
 * @throws Failure (usage) where a field of `--param` is, or holds, one
 */
export function refuseNulls(params: JsonObject): void {
  for (const [name, value] of Object.entries(params)) {
    if (holdsNull(value)) throw usageError(`--param ${name}: a request with files has no null`);
  }
}

function holdsNull(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsNull);
  return value === null;
}
