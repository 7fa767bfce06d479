import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fileBytes, isUrl } from '../input/file.ts';
import { imageTypes, readImageInfo } from '../input/image-kind.ts';
import { sizeText } from '../output/size.ts';

/** The most bytes of an image: 20 MB (OpenAI's guide to vision). */
const MOST_BYTES = 20 * 1024 * 1024;
const KINDS: readonly string[] = ['png', 'jpeg', 'webp', 'gif'];

/**
 * What a request calls an image: its URL, or a data URL with its bytes.
 * @param word as it was typed: a file or a URL
 * @throws Failure (usage) that names the image, where it is none that the API takes
 */
export async function imageUrl(word: string, context: Context): Promise<string> {
  if (isUrl(word)) return word;
  if (word === '') throw usageError('--image is empty');
  const bytes = await fileBytes(word, word, context, {
    bytes: MOST_BYTES,
    tooLarge: () => usageError(`--image ${word} is larger than ${sizeText(MOST_BYTES)}`),
  });
  const info = readImageInfo(bytes);
  if (info === undefined || !KINDS.includes(info.kind)) {
    throw usageError(`--image ${word} is no image that the API takes`, 'it takes PNG, JPEG, WebP and GIF');
  }
  return `data:${imageTypes[info.kind].mime};base64,${Buffer.from(bytes).toString('base64')}`;
}
