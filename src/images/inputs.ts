import { basename } from 'node:path';
import type { Api } from '../api/client.ts';
import type { UploadSource } from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { fileBytes, fileSize, isStdinPath, isUrl } from '../input/file.ts';
import { type ImageInfo, imageTypes, readImageInfo } from '../input/image-kind.ts';
import { readStdinBytes } from '../input/stdin.ts';
import { sizeText } from '../output/size.ts';

/** What is known of an image by looking at it. */
export interface ImageLook {
  /** What errors call it: the path, the URL, `stdin`. */
  readonly name: string;
  readonly info: ImageInfo;
}

/** An image that the user gives, looked at and found to be one. */
export interface InputImage extends ImageLook {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly source: UploadSource;
}

/** What an endpoint takes. */
export interface ImageLimits {
  readonly kinds: readonly ImageInfo['kind'][];
  /** Bytes; a file must have fewer. */
  readonly below: number;
  /** What to do about an image that does not keep to them. */
  readonly hint?: string;
}

const MB = 1024 * 1024;
/** Images to edit (the API's reference, `image` of `/images/edits`). */
export const EDIT_LIMITS: ImageLimits = { kinds: ['png', 'jpeg', 'webp'], below: 50 * MB };
/** Masks (the same, `mask`), and what `/images/variations` took. */
export const PNG_LIMITS: ImageLimits = { kinds: ['png'], below: 4 * MB };

/** What can be made to fit: anything that `sharp` reads. */
export const FIT_LIMITS: ImageLimits = {
  kinds: ['png', 'jpeg', 'webp', 'gif', 'tiff', 'avif', 'svg'],
  below: 50 * MB,
};

/**
 * Reads an image: a file, a URL or stdin (`-`).
 * @param role what it is for, for the errors of stdin: `the image`, `--mask`
 * @throws Failure (usage) that names file, value and limit, where it is none that the endpoint takes
 */
export async function readInputImage(
  word: string,
  role: string,
  limits: ImageLimits,
  api: Api,
  context: Context,
): Promise<InputImage> {
  if (isUrl(word) && api.dryRun) return unseen(word);
  const { name, bytes, source } = await bytesOf(word, role, limits, api, context);
  const info = checkImage(bytes, name, limits);
  // Files and pipes are read into memory of their own, which no thread shares.
  return { name, bytes: bytes as Uint8Array<ArrayBuffer>, info, source };
}

/** A dry run fetches nothing: what stands behind a URL is not known. */
function unseen(url: string): InputImage {
  const info = { kind: 'png', width: 0, height: 0, turned: false, alpha: true, whole: true } as const;
  return { name: url, bytes: new Uint8Array(), info, source: { kind: 'url', url } };
}

async function bytesOf(word: string, role: string, limits: ImageLimits, api: Api, context: Context) {
  const limitOf = (name: string) => ({
    bytes: limits.below,
    // What goes on has been read a little beyond the limit, and may have no end.
    tooLarge: () =>
      usageError(`${name} goes on beyond ${sizeText(limits.below)}, where images end`, limits.hint),
  });
  if (word === '') throw usageError(`the name of ${role} is empty`);
  if (isStdinPath(word)) {
    const bytes = await readStdinBytes(context, role, limitOf('stdin'));
    return { name: 'stdin', bytes, source: { kind: 'stdin' } as const };
  }
  if (isUrl(word)) {
    const { download } = await import('../api/download.ts');
    const { bytes } = await download(word, api, context, { limit: limits.below, typed: true });
    return { name: word, bytes, source: { kind: 'url', url: word } as const };
  }
  const size = await fileSize(word, context);
  if (size !== undefined && size >= limits.below) throw tooLarge(word, size, limits);
  const bytes = await fileBytes(word, word, context, limitOf(word));
  // A pipe can be read once: what came out of it is this program's own.
  const source = size === undefined ? ({ kind: 'made' } as const) : ({ kind: 'file', path: word } as const);
  return { name: word, bytes, source };
}

function tooLarge(name: string, size: number, { below, hint }: ImageLimits): Failure {
  return usageError(`${name} is ${sizeText(size)}; the API takes images below ${sizeText(below)}`, hint);
}

/** @throws Failure (usage) */
function checkImage(bytes: Uint8Array, name: string, limits: ImageLimits): ImageInfo {
  if (bytes.length === 0) throw usageError(`${name} is empty (0 bytes)`);
  if (bytes.length >= limits.below) throw tooLarge(name, bytes.length, limits);
  const info = readImageInfo(bytes);
  const wanted = limits.kinds
    .map(kindName)
    .join(', ')
    .replace(/, (?=[^,]*$)/, ' or ');
  if (info === undefined) {
    throw usageError(`${name} is not an image: its bytes are ${guess(bytes)}; it must be ${wanted}`);
  }
  if (!limits.kinds.includes(info.kind)) {
    const hint = limits.hint ?? conversionHint(name, limits);
    throw usageError(`${name} is ${kindName(info.kind)}; it must be ${wanted}`, hint);
  }
  if (!info.whole || (info.width === 0 && ['png', 'jpeg', 'webp'].includes(info.kind))) {
    throw usageError(
      `${name} breaks off: it is the first ${sizeText(bytes.length)} of a ${kindName(info.kind)}`,
    );
  }
  return info;
}

function kindName(kind: ImageInfo['kind']): string {
  return kind === 'webp' ? 'WebP' : kind.toUpperCase();
}

function guess(bytes: Uint8Array): string {
  return bytes.subarray(0, 512).some((byte) => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))
    ? 'of no kind that is known'
    : 'text';
}

function conversionHint(name: string, { kinds }: ImageLimits): string | undefined {
  const [kind = 'png'] = kinds;
  const { extension } = imageTypes[kind];
  return isUrl(name) || name === 'stdin'
    ? undefined
    : `for example: magick ${name} ${stem(name)}.${extension}`;
}

function stem(name: string): string {
  return name.replace(/\.\w+$/, '');
}

/** The image as a file of a form. */
export function uploadOf({ name, bytes, info, source }: InputImage, api: Api): File {
  const { extension, mime } = imageTypes[info.kind];
  const fileName =
    source.kind === 'file' ? basename(name) : `${name === MASK ? 'mask' : 'image'}.${extension}`;
  return api.uploads.add(bytes, fileName, mime, source);
}

/** What errors call a mask that is made here. */
export const MASK = 'the mask';
