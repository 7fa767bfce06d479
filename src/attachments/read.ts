import { stat } from 'node:fs/promises';
import { basename, extname, isAbsolute, resolve } from 'node:path';
import type { Api } from '../api/client.ts';
import { isDataUrl, readDataUrl } from '../api/data-url.ts';
import { wavCommand } from '../audio/ffmpeg-commands.ts';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { fileBytes, fileSize, isStdinPath, isUrl } from '../input/file.ts';
import { checkNoUrl, nameOf } from '../input/find-files.ts';
import { isAnimatedGif } from '../input/gif-frames.ts';
import { readStdinBytes } from '../input/stdin.ts';
import { warn } from '../output/messages.ts';
import { quoted } from '../output/shell.ts';
import { sizeText } from '../output/size.ts';
import {
  type AttachedBytes,
  type Attachment,
  TAKEN_BY_CHAT,
  TAKEN_BY_RESPONSES,
  type Taken,
} from './attachment.ts';
import { type FileKind, fileKind, imageName } from './file-kind.ts';
import { mayBePassedOn } from './linked-image.ts';
import { unseenAttachment } from './unseen.ts';

const MB = 1024 * 1024;
/**
 * Bytes of all that a request carries, in base64: "up to 512 MB total payload size per request" (OpenAI's guide to images
 * and vision). The longest text of V8, which a request is, is about as long: what stands round the data has room here.
 */
const MOST_PAYLOAD = 510 * MB;
/** Bytes of one attachment, which base64 makes a third longer. */
const MOST_BYTES = (MOST_PAYLOAD / 4) * 3;
/** "Each file must be under 50 MB. The combined limit across all files in the request is 50 MB" (OpenAI's guide to file inputs). */
const MOST_PDF_BYTES = 50 * MB;
/** OpenAI's guide to images and vision. */
const MOST_IMAGES = 1500;

/**
 * Reads what goes along with a question: files, URLs, or stdin (`-`).
 * @param words as they were typed
 * @param taken by the endpoint that they are for
 * @throws Failure (usage) that names the attachment, where it is none that the server takes; Failure of a download; Stopped
 */
export async function readAttachments(
  words: readonly string[],
  api: Api,
  context: Context,
  taken: Taken = TAKEN_BY_CHAT,
): Promise<readonly Attachment[]> {
  const attachments: Attachment[] = [];
  let payload = 0;
  let pdfBytes = 0;
  for (const word of words) {
    const attachment = await readAttachment(word, { taken, api, context });
    attachments.push(attachment);
    if (attachment.kind === 'link') continue;
    // In JSON a text grows by its line breaks, quotes and backslashes.
    const length = attachment.kind === 'text' ? 2 * attachment.text.length : attachment.base64.length;
    payload += length;
    if (attachment.kind === 'file') pdfBytes += (length / 4) * 3;
    if (payload > MOST_PAYLOAD) throw tooMuch('attachments', sizeText(MOST_PAYLOAD));
    if (api.settings.isOpenAI && pdfBytes > MOST_PDF_BYTES) throw tooMuch('PDFs', sizeText(MOST_PDF_BYTES));
  }
  const images = attachments.filter(({ kind }) => kind === 'image' || kind === 'link').length;
  if (api.settings.isOpenAI && images > MOST_IMAGES) {
    throw usageError(`${images} images are attached; the API takes ${MOST_IMAGES} in a question`);
  }
  return attachments;
}

function tooMuch(what: string, limit: string): Failure {
  return usageError(
    `the ${what} are together more than the ${limit} that a request takes`,
    'ask about fewer at a time',
  );
}

/** What was read of an attachment. */
interface Found {
  /** What errors call it. */
  readonly name: string;
  /** What a model is told that it is called. */
  readonly told: string;
  readonly bytes: Uint8Array;
  /** How a shell prints these bytes in base64; undefined where only this program has them. */
  readonly line: string | undefined;
  /** It can be read again. */
  readonly path: string | undefined;
}

/** Who takes an attachment. */
interface Taker {
  readonly taken: Taken;
  readonly api: Api;
  readonly context: Context;
}

async function readAttachment(word: string, taker: Taker): Promise<Attachment> {
  if (word === '') throw usageError('the name of an attachment (-a) is empty');
  if (isUrl(word)) return fromUrl(word, taker);
  if (isDataUrl(word)) return attachmentOf(fromDataUrl(word), taker);
  checkNoUrl(word);
  const found = isStdinPath(word) ? await fromStdin(taker.context) : await fromFile(word, taker.context);
  return attachmentOf(found, taker);
}

async function fromUrl(word: string, taker: Taker): Promise<Attachment> {
  const { api, context } = taker;
  if (!URL.canParse(word)) throw usageError(`-a ${word} is no URL`);
  const url = new URL(word);
  if (await mayBePassedOn(url, api, context)) return { kind: 'link', url: word };
  if (api.dryRun) return unseenAttachment(url, api, context);
  const { download } = await import('../api/download.ts');
  const { bytes } = await download(word, api, context, { limit: MOST_BYTES, typed: true });
  const told = basename(url.pathname) || url.host;
  const name = nameOf({ kind: 'url', url: word });
  return attachmentOf({ name, told, bytes, line: undefined, path: undefined }, taker);
}

/** @throws Failure (usage) */
function fromDataUrl(url: string): Found {
  try {
    const { bytes } = readDataUrl(url, MOST_BYTES);
    return { name: 'the data: URL', told: 'data', bytes, line: undefined, path: undefined };
  } catch (error) {
    throw usageError('-a data:… is garbled, or too large', undefined, error);
  }
}

async function fromStdin(context: Context): Promise<Found> {
  const bytes = await readStdinBytes(context, '-a -', limitOf('stdin'));
  return { name: 'stdin', told: 'stdin', bytes, line: 'base64', path: undefined };
}

async function fromFile(path: string, context: Context): Promise<Found> {
  const size = await fileSize(path, context);
  if (size === undefined && (await isFolder(path, context))) {
    throw usageError(`${path} is a directory`, 'name its files, each with an -a of its own');
  }
  if (size !== undefined && size > MOST_BYTES) throw tooLarge(path, sizeText(MOST_BYTES), size);
  // What tells its size is read at once; what does not may have no end.
  const isSized = size !== undefined && size > 0;
  const bytes = await fileBytes(path, path, context, isSized ? undefined : limitOf(path));
  // What comes out of a pipe can be read once.
  const again = size === undefined ? undefined : path;
  return { name: path, told: toldName(path), bytes, line: again && `base64 <${quoted(path)}`, path: again };
}

/** A path that tells of this machine's folders is nobody's business; what `<(…)` of a shell makes has no name. */
function toldName(path: string): string {
  if (/^\/(?:dev|proc\/[^/]+)\/fd\/\d+$/.test(path)) return 'pipe';
  return isAbsolute(path) || /(^|\/)\.\.(\/|$)/.test(path) ? basename(path) : path.replace(/^\.\//, '');
}

async function isFolder(path: string, { cwd }: Context): Promise<boolean> {
  return (await stat(resolve(cwd, path)).catch(() => undefined))?.isDirectory() === true;
}

function limitOf(name: string) {
  return { bytes: MOST_BYTES, tooLarge: () => tooLarge(name, sizeText(MOST_BYTES)) };
}

function tooLarge(name: string, limit: string, size?: number): Failure {
  const found = size === undefined ? `goes on beyond ${limit}` : `is ${sizeText(size)}`;
  return usageError(`${name} ${found}; the API takes attachments up to ${limit}`);
}

/** @throws Failure (usage) where it is nothing that the server takes */
async function attachmentOf(found: Found, taker: Taker): Promise<Attachment> {
  const { taken, api } = taker;
  const { name, bytes, told } = found;
  if (bytes.length === 0) throw usageError(`${name} is empty (0 bytes)`);
  const kind = fileKind(bytes, name);
  switch (kind.kind) {
    case 'text':
      return { kind: 'text', name: told.replace(/\s+/g, ' '), text: kind.text };
    case 'image':
      checkImage(kind, found, api);
      return carried('image', kind.mime, extensionOf(kind.called), found, api);
    case 'sound':
      return soundFrom(kind, found, taker);
    case 'pdf':
      if (api.settings.isOpenAI && bytes.length >= MOST_PDF_BYTES) {
        throw usageError(
          `${name} is ${sizeText(bytes.length)}; the API takes PDFs below ${sizeText(MOST_PDF_BYTES)}`,
        );
      }
      return carried('file', 'application/pdf', 'pdf', found, api);
    case 'other':
      if (api.settings.isOpenAI && !taken.documents.includes(kind.extension))
        throw notTaken(kind, found, taken);
      return carried('file', kind.mime, kind.extension, found, api);
  }
}

function extensionOf(called: string): string {
  return called === 'JPEG' ? 'jpg' : called.toLowerCase();
}

/** Bytes to be sent, known to the dry run by how a shell would make them. */
function carried(
  kind: AttachedBytes['kind'],
  mime: string,
  extension: string,
  { told, bytes, line }: Found,
  api: Api,
): AttachedBytes {
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
  if (line !== undefined) api.uploads.addText(base64, `${line} | tr -d '\\n'`);
  return { kind, fileName: withExtension(basename(told), extension), mime, base64 };
}

/** Servers may go by the end of a name. */
function withExtension(name: string, extension: string): string {
  const isNamed = extension === 'pdf' ? /\.pdf$/i.test(name) : extname(name) !== '';
  return isNamed ? name : `${name}.${extension}`;
}

/** OpenAI's guide to images and vision. */
const IMAGES: readonly string[] = ['png', 'jpeg', 'webp', 'gif'];

/** @throws Failure (usage) on an image that is broken, or that no model of OpenAI sees; other servers are asked */
function checkImage(
  { info, called }: FileKind & { kind: 'image' },
  { name, bytes, path }: Found,
  { settings }: Api,
): void {
  const { kind, whole, width } = info;
  const isMeasured = IMAGES.includes(kind);
  if (isMeasured && (!whole || width === 0)) {
    throw usageError(`${name} breaks off: it is the first ${sizeText(bytes.length)} of a ${called}`);
  }
  if (!settings.isOpenAI) return;
  const hint =
    path === undefined
      ? undefined
      : `for example: magick ${quoted(firstFrame(path, kind))} ${quoted(`${stem(path)}.png`)}`;
  if (!isMeasured) throw usageError(`${name} is ${called}; the API sees ${IMAGES_IN_WORDS}`, hint);
  if (kind === 'gif' && isAnimatedGif(bytes))
    throw usageError(`${name} is a GIF that moves; the API sees one image`, hint);
}

const IMAGES_IN_WORDS = `${(['png', 'jpeg', 'webp'] as const).map(imageName).join(', ')} and ${imageName('gif')}`;

function firstFrame(path: string, kind: string): string {
  return kind === 'gif' ? `${path}[0]` : path;
}

function stem(path: string): string {
  return path.replace(/\.\w+$/, '');
}

/** WAV and MP3 are sent as they are (the API's reference, `input_audio.format`); of others a WAV is made. */
async function soundFrom(
  sound: FileKind & { kind: 'sound' },
  found: Found,
  { taken, api, context }: Taker,
): Promise<AttachedBytes> {
  const { called, problem, extension } = sound;
  const { name, told, bytes, path } = found;
  if (!taken.sound && api.settings.isOpenAI) {
    throw usageError(
      `${name} is sound; this endpoint takes ${taken.inWords}`,
      'oai chat -a hears it; oai transcribe writes it down',
    );
  }
  if (problem !== undefined) throw usageError(`${name} is ${problem}`);
  if (extension === 'wav' || extension === 'mp3') {
    return carried('sound', sound.mime, extension, found, api);
  }
  const { asWav } = await import('./sound.ts');
  const isShown = api.dryRun && path !== undefined;
  const wav = isShown ? Buffer.from(`the WAV of ${path}`) : await asWav(bytes, name, called, context);
  warn(context, `${name} is ${called}: sent as WAV, its sound alone`);
  const line = isShown ? `${wavCommand(path)} | base64` : undefined;
  return carried('sound', 'audio/wav', 'wav', { ...found, told: `${stem(told)}.wav`, bytes: wav, line }, api);
}

function notTaken(
  { called, isDocument, extension }: FileKind & { kind: 'other' },
  { name, path }: Found,
  taken: Taken,
): Failure {
  const asPdf = `libreoffice --headless --convert-to pdf ${quoted(path ?? 'FILE')}`;
  const elsewhere = TAKEN_BY_RESPONSES.documents.includes(extension)
    ? 'oai respond takes it as it is; here as a PDF: '
    : 'as a PDF it is: ';
  return usageError(
    `${name} is ${called}; a question takes ${taken.inWords}`,
    isDocument ? elsewhere + asPdf : undefined,
  );
}
