import { invalidRequest } from './error-answer.ts';
import { type Check, string } from './request-check.ts';

const text = string();

/** An image by address, or in the request as the base64 of a format that the models see. */
export const imageUrl: Check = (value, path) => {
  text(value, path);
  const url = String(value);
  const [, mime] = /^data:([^;,]*);base64,/.exec(url) ?? [];
  if (mime !== undefined && !/^image\/(?:png|jpeg|gif|webp)$/.test(mime)) throw unsupportedImage(path);
  if (mime === undefined && !/^https?:\/\/./.test(url)) {
    throw invalidRequest(
      `Invalid '${path}'. Expected a valid URL, but got a value with an invalid format.`,
      path,
      'invalid_value',
    );
  }
};

/** An image of a kind that the models do not see, or none at all. */
export function unsupportedImage(path: string) {
  return invalidRequest(
    "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png', 'jpeg', 'gif', 'webp'].",
    path,
    'invalid_image_format',
  );
}
