import type { Api } from '../api/client.ts';
import type { AnsweredImage } from '../api/images.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { type ImageInfo, readImageInfo } from '../input/image-kind.ts';

/** The most bytes that are fetched of an image which an answer names by URL. */
const LARGEST_DOWNLOAD = 100 * 1024 * 1024;

/** The bytes of an image, and what they say of themselves. */
export interface ReceivedImage {
  readonly bytes: Uint8Array;
  /** Undefined where they are no image. */
  readonly info: ImageInfo | undefined;
  /** Why the bytes cannot pass for the image that was asked for. */
  readonly problem: Failure | undefined;
}

/**
 * The bytes of an image of an answer: decoded, or fetched at once, since such URLs are good for an hour.
 * @throws Failure (network) where there are none, or they cannot be fetched; Stopped
 */
export async function receive(image: AnsweredImage, api: Api, context: Context): Promise<ReceivedImage> {
  const bytes = await bytesOf(image, api, context);
  const info = readImageInfo(bytes);
  return { bytes, info, problem: problemOf(info, api) };
}

async function bytesOf(image: AnsweredImage, api: Api, context: Context): Promise<Uint8Array> {
  if (typeof image.b64_json === 'string' && image.b64_json !== '') return decode(image.b64_json);
  if (typeof image.url !== 'string' || image.url === '') {
    throw new Failure('network', `${hostOf(api)} answered with an image that has neither bytes nor a URL`);
  }
  const { download } = await import('../api/download.ts');
  const { bytes } = await download(image.url, api, context, { limit: LARGEST_DOWNLOAD, typed: false });
  return bytes;
}

/** Base64; some servers put a data URL there. */
export function decode(text: string): Uint8Array {
  return Buffer.from(text.replace(/^data:[^,]*,/, ''), 'base64');
}

function problemOf(info: ImageInfo | undefined, api: Api): Failure | undefined {
  if (info === undefined) return new Failure('network', `what ${hostOf(api)} sent is not an image`);
  if (info.whole) return undefined;
  return new Failure('network', `the image that ${hostOf(api)} sent breaks off`);
}

function hostOf({ settings }: Api): string {
  return new URL(settings.baseUrl).host;
}
