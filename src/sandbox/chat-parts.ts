import { audioKind } from '../audio/containers.ts';
import { isAnimatedGif } from '../input/gif-frames.ts';
import { type ImageInfo, readImageInfo } from '../input/image-kind.ts';
import { hearAudio } from './audio-decode.ts';
import { fromBase64 } from './base64.ts';
import type { ChatRequest } from './chat-request.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';
import type { FileShelf } from './file-shelf.ts';
import { unsupportedImage } from './image-url.ts';
import { isPdf, seePdf } from './pdf-text.ts';
import { countTokens } from './tokens.ts';
import { textOf, transcriptOf } from './transcript.ts';

type Message = ChatRequest['messages'][number];
type Part = Exclude<NonNullable<Message['content']>, string>[number];
type PartOf<Type extends Part['type']> = Extract<Part, { type: Type }>;

/** What is made of a part of a message that is no text. */
export interface SeenPart {
  /** `an image, 64x64 PNG` */
  readonly words: string;
  readonly tokens: number;
  readonly kind: 'image' | 'audio' | 'file';
}

/** Of each part of a request that is no text. */
export type Seen = ReadonlyMap<Part, SeenPart>;

const MB = 1024 * 1024;
/** OpenAI's guide to images and vision. */
const MOST_IMAGES = 1500;
/** Bytes of all files of a request together (OpenAI's guide to file inputs). */
const MOST_FILE_BYTES = 50 * MB;

/**
 * Looks at the images, listens to the sounds and reads the files of a request.
 * @param files those that were uploaded
 * @throws ApiError naming the part that is no such thing
 */
export async function seeParts(request: ChatRequest, files: FileShelf, signal: AbortSignal): Promise<Seen> {
  const seen = new Map<Part, SeenPart>();
  const totals = { images: 0, fileBytes: 0 };
  for (const [index, { content }] of request.messages.entries()) {
    if (!Array.isArray(content)) continue;
    for (const [place, part] of content.entries()) {
      const path = `messages[${index}].content[${place}]`;
      if (part.type === 'image_url') {
        seen.set(part, seeImage(part, `${path}.image_url.url`));
        totals.images += 1;
      } else if (part.type === 'input_audio')
        seen.set(part, await hearPart(part, `messages[${index}]`, signal));
      else if (part.type === 'file') {
        const { words, tokens, bytes } = readFilePart(part, `${path}.file`, files);
        seen.set(part, { words, tokens, kind: 'file' });
        totals.fileBytes += bytes;
      }
    }
  }
  if (totals.images > MOST_IMAGES) throw tooMany(totals.images);
  if (totals.fileBytes > MOST_FILE_BYTES) throw filesTooLarge(totals.fileBytes);
  return seen;
}

function tooMany(count: number): ApiError {
  return invalidRequest(
    `Too many images in request. Expected at most ${MOST_IMAGES} images, but got ${count}.`,
    'messages',
    'invalid_value',
  );
}

function filesTooLarge(bytes: number): ApiError {
  return invalidRequest(
    `The files of a request may have ${MOST_FILE_BYTES} bytes together, but got ${bytes}.`,
    'messages',
    'file_above_max_size',
  );
}

/** The sandbox fetches nothing: what is behind an address is not looked at. */
const IMAGE_BY_ADDRESS = 85;

function seeImage({ image_url: { url, detail } }: PartOf<'image_url'>, path: string): SeenPart {
  const [, data] = /^data:[^,]*?;base64,(.*)$/s.exec(url) ?? [];
  if (data === undefined) {
    return { words: `an image at ${url.split(/[?#]/)[0]}`, tokens: IMAGE_BY_ADDRESS, kind: 'image' };
  }
  if (data === '') throw notBase64(path, IMAGE_EXAMPLE, 'empty base64-encoded bytes');
  const bytes = fromBase64(data);
  if (bytes === undefined) throw notBase64(path, IMAGE_EXAMPLE, 'an invalid base64-encoded value');
  const info = readImageInfo(bytes);
  if (info === undefined || !isSeen(info, bytes)) throw unsupportedImage(path);
  const { kind, width, height } = info;
  const words = `an image, ${width}x${height} ${kind === 'webp' ? 'WebP' : kind.toUpperCase()}`;
  return {
    words: detail === undefined ? words : `${words}, detail ${detail}`,
    tokens: patches(info, detail),
    kind: 'image',
  };
}

/** OpenAI's guide to images and vision: PNG, JPEG, WebP, and GIF that does not move. */
function isSeen({ kind, whole, width }: ImageInfo, bytes: Buffer): boolean {
  const isKnown = kind === 'png' || kind === 'jpeg' || kind === 'webp' || kind === 'gif';
  return isKnown && whole && width > 0 && !(kind === 'gif' && isAnimatedGif(bytes));
}

/** Edge of the square that `detail: low` is brought to, in pixels, and edge of a patch, which is a token (the same guide). */
const LOW_EDGE = 512;
const PATCH = 32;

function patches({ width, height }: ImageInfo, detail: string | undefined): number {
  const scale = detail === 'low' ? Math.min(1, LOW_EDGE / Math.max(width, height)) : 1;
  return Math.ceil((width * scale) / PATCH) * Math.ceil((height * scale) / PATCH);
}

/** Tokens of a second of sound that is heard: 10 (OpenAI's guide to costs of realtime speech: one for 100 ms). */
const HEARD_A_SECOND = 10;

async function hearPart(
  { input_audio: { data, format } }: PartOf<'input_audio'>,
  path: string,
  signal: AbortSignal,
): Promise<SeenPart> {
  const bytes = fromBase64(data);
  if (bytes === undefined) {
    throw invalidRequest(
      `Invalid '${path}'. The data provided for 'input_audio' is not valid base64.`,
      path,
      'invalid_value',
    );
  }
  const kind = audioKind(bytes);
  const heard = kind === format ? await hearAudio(bytes, kind, signal) : undefined;
  if (heard === undefined) {
    throw invalidRequest(
      `The data provided for 'input_audio' is not of valid ${format} format.`,
      'messages',
      'invalid_value',
    );
  }
  const { words, seconds } = transcriptOf(heard);
  const said = textOf(words);
  const about = `a sound, ${Math.max(1, Math.round(seconds))} s of ${format.toUpperCase()}`;
  return {
    words: said === '' ? about : `${about}: “${said}”`,
    tokens: Math.ceil(seconds * HEARD_A_SECOND),
    kind: 'audio',
  };
}

/** Tokens of a page that is looked at, beside its text: as an image of `detail: low`. */
const PAGE_TOKENS = 85;

function readFilePart({ file }: PartOf<'file'>, path: string, files: FileShelf) {
  const { name, bytes } =
    file.file_id === undefined ? givenFile(file, `${path}.file_data`) : uploaded(file.file_id, files);
  const { pages, text } = seePdf(bytes);
  const about = `a file (${name}), PDF of ${pages} ${pages === 1 ? 'page' : 'pages'}`;
  return {
    words: text === '' ? about : `${about}: “${text}”`,
    tokens: countTokens(text) + pages * PAGE_TOKENS,
    bytes: bytes.length,
  };
}

function givenFile({ filename = 'no name', file_data: data = '' }: PartOf<'file'>['file'], path: string) {
  const [, mime = '', encoded = ''] = /^data:([^;,]*)[^,]*?;base64,(.*)$/s.exec(data) ?? [];
  if (mime !== 'application/pdf') throw notBase64(path, PDF_EXAMPLE, `unsupported MIME type '${mime}'`);
  if (encoded === '') throw notBase64(path, PDF_EXAMPLE, 'empty base64-encoded bytes');
  const bytes = fromBase64(encoded);
  if (bytes === undefined) throw notBase64(path, PDF_EXAMPLE, 'an invalid base64-encoded value');
  if (!isPdf(bytes)) throw brokenPdf(filename);
  return { name: filename, bytes };
}

function uploaded(id: string, files: FileShelf) {
  const file = files.get(id);
  if (file === undefined) throw invalidRequest(`File with id '${id}' not found.`, 'file_id');
  if (!isPdf(file.bytes)) throw brokenPdf(file.told.filename);
  return { name: file.told.filename, bytes: file.bytes };
}

function brokenPdf(name: string): ApiError {
  return invalidRequest(`The file '${name}' could not be read as a PDF.`, 'messages', 'invalid_file');
}

const IMAGE_EXAMPLE =
  "Expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=')";
const PDF_EXAMPLE =
  "Expected a base64-encoded data URL with an application/pdf MIME type (e.g. 'data:application/pdf;base64,SGVsbG8sIFdvcmxkIQ==')";

/** The API's words for data that it cannot take. */
function notBase64(path: string, expected: string, found: string): ApiError {
  const what = path.endsWith('file_data') ? 'Invalid file data: ' : 'Invalid ';
  return invalidRequest(`${what}'${path}'. ${expected}, but got ${found}.`, path, 'invalid_value');
}
