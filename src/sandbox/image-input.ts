import { type ImageInfo, type ImageKind, imageTypes, readImageInfo } from '../input/image-kind.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';
import { decodeImage } from './image-codec.ts';
import type { ImageModel } from './image-models.ts';
import type { Pixels } from './image-picture.ts';
import type { UploadedFile } from './multipart.ts';
import { array, fileTooLarge, listed, missing } from './request-check.ts';

/** The images that a request gives, checked. */
export interface ImageInputs {
  readonly images: readonly InputImage[];
  readonly mask: InputImage | undefined;
}

export interface InputImage {
  readonly bytes: Uint8Array;
  readonly info: ImageInfo;
  /** Undefined where it cannot be decoded here: JPEG and WebP without the package sharp. */
  readonly pixels: Pixels | undefined;
}

const MB = 1024 * 1024;
/** The API's reference: `image`, `mask`. Bytes; images have less. */
const LARGEST = { gpt: 50 * MB, legacy: 4 * MB, mask: 4 * MB };
/** The API's reference: `image` of edits. */
const MOST_IMAGES = 16;

/**
 * Reads the images and the mask of an edit or a variation: by their bytes, whatever their names say.
 * @throws ApiError naming the file that is wrong
 */
export async function readImageInputs(
  files: ReadonlyMap<string, readonly UploadedFile[]>,
  { isGpt }: ImageModel,
): Promise<ImageInputs> {
  const given = files.get('image');
  if (given === undefined) throw missing('image');
  array(() => {}, { max: isGpt ? MOST_IMAGES : 1 })(given, 'image');
  const images: InputImage[] = [];
  for (const file of given) images.push(await (isGpt ? gptImage(file) : legacyImage(file)));
  const [maskFile] = files.get('mask') ?? [];
  const mask = maskFile === undefined ? undefined : await readMask(maskFile, images[0]);
  return { images, mask };
}

function gptImage(file: UploadedFile): Promise<InputImage> {
  return readImage(file, ['jpeg', 'png', 'webp'], LARGEST.gpt);
}

/** An image for DALL·E 2. */
async function legacyImage(file: UploadedFile): Promise<InputImage> {
  const image = await readImage(file, ['png'], LARGEST.legacy);
  const { width, height } = image.info;
  if (width === height) return image;
  throw invalidRequest(
    `Invalid input image - expected a square image, but got ${width}x${height}.`,
    file.path,
    'invalid_image_file',
  );
}

async function readMask(file: UploadedFile, first: InputImage | undefined): Promise<InputImage> {
  const mask = await readImage(file, ['png'], LARGEST.mask);
  if (mask.info.width !== first?.info.width || mask.info.height !== first.info.height) {
    throw invalidMask('mask size does not match image size');
  }
  if (!mask.info.alpha) throw invalidMask('mask image missing alpha channel');
  return mask;
}

function invalidMask(reason: string): ApiError {
  return invalidRequest(`Invalid mask image format - ${reason}`, 'mask', 'invalid_mask_image_format');
}

/** @param limit bytes, which the file must stay below */
async function readImage(
  { path, type, bytes }: UploadedFile,
  kinds: readonly ImageKind[],
  limit: number,
): Promise<InputImage> {
  const info = readImageInfo(bytes);
  // Also an image is refused that comes as something else, as from a client which does not tell the type.
  if (!type.startsWith('image/')) throw unsupportedKind(path, type, kinds);
  if (info === undefined || !kinds.includes(info.kind)) {
    throw unsupportedKind(
      path,
      info === undefined ? 'application/octet-stream' : imageTypes[info.kind].mime,
      kinds,
    );
  }
  if (bytes.length >= limit) throw fileTooLarge(path, limit, bytes.length);
  if (!info.whole || info.width === 0 || info.height === 0) throw brokenImage(path);
  try {
    return { bytes, info, pixels: await decodeImage(bytes, info) };
  } catch {
    throw brokenImage(path);
  }
}

function unsupportedKind(path: string, type: string, kinds: readonly ImageKind[]): ApiError {
  const supported = listed(kinds.map((kind) => imageTypes[kind].mime));
  return invalidRequest(
    `Invalid file '${path}': unsupported mimetype ('${type}'). Supported file formats are ${supported}.`,
    path,
    'unsupported_file_mimetype',
  );
}

function brokenImage(path: string): ApiError {
  return invalidRequest(
    `Invalid image file or mode for '${path}', please check your image file.`,
    path,
    'invalid_image_file',
  );
}
