import { isObject } from '../json.ts';
import type { SandboxState } from './call.ts';
import { invalidRequest, schemaInvalid } from './error-answer.ts';
import { imageUrl } from './image-url.ts';
import { type Check, missing, object, string, tagged, wrongType } from './request-check.ts';

/** What one result of a moderation is about. */
export interface ModerationInput {
  /** Undefined where there is an image alone. */
  readonly text: string | undefined;
  /** Its address or its bytes, and its name in errors. */
  readonly image: { readonly url: string; readonly path: string } | undefined;
}

/** A request for moderation, checked. */
export interface ModerationRequest {
  readonly model: string;
  readonly inputs: readonly ModerationInput[];
}

/** The API's reference, `model`. */
const DEFAULT_MODEL = 'omni-moderation-latest';

/** What the API says: `Number of images (2) exceeds maximum of 1` (seen in April 2026). */
const MOST_IMAGES = 1;

const text = string();
const part: Check = tagged('type', {
  text: object({ type: text, text }, ['text']),
  image_url: object({ type: text, image_url: object({ url: imageUrl }, ['url']) }, ['image_url']),
});

const fields = object({ model: text, input: () => {} });

/** @throws ApiError naming the first field that is wrong */
export function readModerationRequest(
  body: unknown,
  state: Pick<SandboxState, 'models' | 'faults'>,
): ModerationRequest {
  if (!isObject(body)) throw wrongType('', 'an object', body);
  fields(body, '');
  const { model = DEFAULT_MODEL, input } = body;
  checkModel(String(model), state);
  if (input === undefined) throw missing('input');
  return { model: String(model), inputs: inputsOf(input) };
}

/** The API says the same of a model that it never had and of one that moderates nothing. */
function checkModel(model: string, { models, faults }: Pick<SandboxState, 'models' | 'faults'>): void {
  if (models.idsOf('moderation').includes(model)) return;
  if (faults.gone.has(model)) models.get(model);
  const isOld = model.startsWith('text-moderation-');
  const message = isOld
    ? `please request ${DEFAULT_MODEL}`
    : `Invalid value for 'model' = ${model}. Please check the OpenAI documentation and try again.`;
  throw invalidRequest(message, 'model');
}

/** One for each text, or one for all parts. An empty text is a text like any other. */
function inputsOf(input: unknown): ModerationInput[] {
  if (typeof input === 'string') return [{ text: input, image: undefined }];
  if (!Array.isArray(input) || input.length === 0) throw schemaInvalid('input');
  if (input.every((entry) => typeof entry === 'string')) {
    return input.map((entry) => ({ text: entry, image: undefined }));
  }
  if (!input.every(isObject)) throw schemaInvalid('input');
  input.forEach((entry, index) => {
    part(entry, `input[${index}]`);
  });
  return [joined(input as unknown as Part[])];
}

type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

function joined(parts: readonly Part[]): ModerationInput {
  const texts = parts.flatMap((one) => (one.type === 'text' ? [one.text] : []));
  const images = parts.flatMap((one, index) =>
    one.type === 'image_url' ? [{ url: one.image_url.url, path: `input[${index}].image_url.url` }] : [],
  );
  if (images.length > MOST_IMAGES) {
    const message = `Number of images (${images.length}) exceeds maximum of ${MOST_IMAGES}`;
    throw invalidRequest(message, 'input', 'too_many_images');
  }
  return { text: texts.length === 0 ? undefined : texts.join('\n'), image: images[0] };
}
