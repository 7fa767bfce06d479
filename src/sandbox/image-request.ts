import type { ImageEditParams, ImageGenerateParams } from 'openai/resources/images';
import { isObject, type JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import {
  checkImageModel,
  defaultModel,
  type ImageEndpoint,
  type ImageModel,
  traitsOf,
} from './image-models.ts';
import { sizeCheck } from './image-size.ts';
import type { ModelCatalogue } from './models.ts';
import {
  boolean,
  type Check,
  integer,
  nullable,
  object,
  oneOf,
  string,
  unknownParameter,
  unsupportedParameter,
  unsupportedValue,
  wrongType,
} from './request-check.ts';

/** The fields of a request for images that are no files, checked one by one. */
export type ImageFields = Omit<ImageGenerateParams, 'prompt' | 'model' | 'output_format' | 'svg'> &
  Pick<ImageEditParams, 'input_fidelity'> & {
    /** A variation has none. */
    readonly prompt?: string;
    readonly output_format?: ImageFormat | null;
  };

export interface ImageRequest {
  readonly endpoint: ImageEndpoint;
  readonly model: string;
  readonly traits: ImageModel;
  readonly fields: ImageFields;
}

export type ImageFormat = 'png' | 'jpeg' | 'webp';

const text = string();

/** A field that other models or formats have. */
const notHere: Check = (value, path) => {
  if (value !== null) throw unknownParameter(path);
};
/** A field of the preview of GIF and SVG, or of drawing on images, none of which the sandbox does. */
const notYet: Check = (value, path) => {
  if (value !== null) throw unsupportedParameter(path);
};
const onlyFor = (holds: boolean, check: Check): Check => (holds ? nullable(check) : notHere);

/** Every field of the published requests (OpenAPI `CreateImageRequest` and its kin, and the SDK's types). */
function fieldsOf(
  endpoint: ImageEndpoint,
  traits: ImageModel,
  formats: readonly string[],
): Readonly<Record<string, Check>> {
  const { isGpt, mostImages, longestPrompt, qualities, styles, fidelities } = traits;
  const legacy = {
    model: nullable(text),
    n: nullable(integer(1, mostImages)),
    response_format: onlyFor(!isGpt, oneOf('url', 'b64_json')),
    size: nullable(sizeCheck(traits)),
    user: text,
  };
  if (endpoint === 'variations') return legacy;
  const both = {
    ...legacy,
    prompt: string({ max: longestPrompt, filled: true }),
    background: onlyFor(isGpt, oneOf('transparent', 'opaque', 'auto')),
    complexity: onlyFor(isGpt, oneOf('low', 'medium', 'high')),
    frame_count: notYet,
    frame_duration_ms: notYet,
    output_compression: onlyFor(isGpt, integer(0, 100)),
    output_format: onlyFor(isGpt, oneOf(...formats)),
    partial_images: onlyFor(isGpt, integer(0, 3)),
    quality: nullable(oneOf(...qualities)),
    safety_identifier: nullable(string({ max: 64 })),
    stream: onlyFor(isGpt, boolean),
  };
  if (endpoint === 'edits') return { ...both, input_fidelity: fidelityCheck(fidelities), markup: notYet };
  return {
    ...both,
    moderation: onlyFor(isGpt, oneOf('low', 'auto')),
    style: onlyFor(styles.length > 0, oneOf(...styles)),
    svg: notYet,
  };
}

function fidelityCheck(fidelities: readonly string[]): Check {
  return nullable((value, path) => {
    if (fidelities.length === 0) throw unsupportedParameter(path);
    oneOf('high', 'low')(value, path);
    if (!fidelities.includes(String(value))) {
      throw unsupportedValue(path, value, ` Supported values are: '${fidelities.join("', '")}'.`);
    }
  });
}

/**
 * Reads the fields of a request for images.
 * @param body without its files
 * @param formats the formats that can be made
 * @throws ApiError naming the first field that is wrong
 */
export function readImageRequest(
  endpoint: ImageEndpoint,
  body: unknown,
  models: ModelCatalogue,
  formats: readonly string[],
): ImageRequest {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  const { model: named } = body;
  nullable(text)(named ?? null, 'model');
  const model = String(named ?? defaultModel(endpoint));
  checkImageModel(model, endpoint, models);
  const traits = traitsOf(model);
  const required = endpoint === 'variations' ? [] : ['prompt'];
  object(fieldsOf(endpoint, traits, formats), required, unknownParameter)(body, '');
  checkTogether(body);
  return { endpoint, model, traits, fields: body as ImageFields };
}

/** Fields that only make sense with, or without, another one. */
function checkTogether(body: JsonObject): void {
  const given = (field: string) => body[field] !== undefined && body[field] !== null;
  const format = body['output_format'] ?? 'png';
  if (body['background'] === 'transparent' && format === 'jpeg') {
    throw invalidRequest(
      "Invalid value: 'transparent'. Transparent backgrounds are only supported with output_format 'png' and 'webp'.",
      'background',
      'invalid_value',
    );
  }
  if (given('output_compression') && format === 'png') {
    throw invalidRequest(
      "The 'output_compression' parameter is only allowed when 'output_format' is 'jpeg' or 'webp'.",
      'output_compression',
    );
  }
  if (given('partial_images') && body['stream'] !== true) {
    throw invalidRequest(
      "The 'partial_images' parameter is only allowed when 'stream' is enabled.",
      'partial_images',
    );
  }
}
