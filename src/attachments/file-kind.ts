import { audioTypes, readAudioInfo, START_BYTES } from '../input/audio-kind.ts';
import { type ImageInfo, imageTypes, readImageInfo } from '../input/image-kind.ts';
import { decodeUtf8 } from '../input/text.ts';

/** What bytes are, by themselves, whatever their name says. */
export type FileKind =
  | { readonly kind: 'image'; readonly info: ImageInfo; readonly mime: string; readonly called: string }
  | {
      readonly kind: 'sound';
      /** What the format is called: `WAV`. */
      readonly called: string;
      readonly mime: string;
      readonly extension: string;
      /** What is wrong with it, as what it is: `a WAV whose header breaks off`. */
      readonly problem: string | undefined;
    }
  | { readonly kind: 'pdf' }
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'other';
      /** `a Word document` */
      readonly called: string;
      readonly mime: string;
      readonly extension: string;
      /** A program for offices makes a PDF of it. */
      readonly isDocument: boolean;
    };

/**
 * Tells what bytes are.
 * @param name what errors call them
 * @throws Failure (usage) where they are a text in an encoding that is not known
 */
export function fileKind(bytes: Uint8Array, name: string): FileKind {
  const image = readImageInfo(bytes);
  // An SVG is a text to models: they see none.
  if (image !== undefined && image.kind !== 'svg') {
    return { kind: 'image', info: image, mime: imageTypes[image.kind].mime, called: imageName(image.kind) };
  }
  if (isPdf(bytes)) return { kind: 'pdf' };
  const sound = readAudioInfo(bytes.length > START_BYTES ? bytes.subarray(0, START_BYTES) : bytes);
  if (sound !== undefined) {
    const { mime, extension } = audioTypes[sound.kind];
    return { kind: 'sound', called: extension.toUpperCase(), mime, extension, problem: sound.problem };
  }
  if (isFilm(bytes))
    return {
      kind: 'other',
      called: 'a film without sound',
      mime: 'video/mp4',
      extension: 'mp4',
      isDocument: false,
    };
  const known = KINDS.find(
    ({ start, holds }) => startsWith(bytes, start) && (holds === undefined || contains(bytes, holds)),
  );
  if (known !== undefined) return { kind: 'other', isDocument: false, ...known };
  const text = textOf(bytes, name);
  return text === undefined ? UNKNOWN : { kind: 'text', text };
}

/** ISO 14496-12, 4.3: a file of the family of MP4. Those with sound are sounds here. */
function isFilm(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(4, 8)).toString('latin1') === 'ftyp';
}

export function imageName(kind: ImageInfo['kind']): string {
  return kind === 'webp' ? 'WebP' : kind.toUpperCase();
}

/** ISO 32000-1, 7.5.2, and appendix H.3: readers take up to 1,024 bytes of something else before the header. */
function isPdf(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 1024)).includes('%PDF-');
}

interface KnownKind {
  /** First bytes, as Latin-1 text. */
  readonly start: string;
  /** What else is in it: the name of a part. */
  readonly holds?: string;
  readonly called: string;
  readonly mime: string;
  readonly extension: string;
  readonly isDocument?: boolean;
}

const OPEN_XML = 'application/vnd.openxmlformats-officedocument';
const OPEN_DOCUMENT = 'application/vnd.oasis.opendocument';

const OLD_OFFICE = '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1';

function utf16(text: string): string {
  return Buffer.from(text, 'utf16le').toString('latin1');
}

/** Files that people have, and no model reads as they are. Of two kinds that begin alike, the first counts. */
const KINDS: readonly KnownKind[] = [
  office('PK\x03\x04', 'word/document', 'a Word document', `${OPEN_XML}.wordprocessingml.document`, 'docx'),
  office('PK\x03\x04', 'xl/workbook', 'an Excel workbook', `${OPEN_XML}.spreadsheetml.sheet`, 'xlsx'),
  office(
    'PK\x03\x04',
    'ppt/presentation',
    'a PowerPoint presentation',
    `${OPEN_XML}.presentationml.presentation`,
    'pptx',
  ),
  office('PK\x03\x04', `${OPEN_DOCUMENT}.text`, 'an OpenDocument text', `${OPEN_DOCUMENT}.text`, 'odt'),
  office(
    'PK\x03\x04',
    `${OPEN_DOCUMENT}.spreadsheet`,
    'an OpenDocument sheet',
    `${OPEN_DOCUMENT}.spreadsheet`,
    'ods',
  ),
  office(
    'PK\x03\x04',
    `${OPEN_DOCUMENT}.presentation`,
    'an OpenDocument presentation',
    `${OPEN_DOCUMENT}.presentation`,
    'odp',
  ),
  office('PK\x03\x04', 'application/epub+zip', 'an EPUB book', 'application/epub+zip', 'epub'),
  // Their parts are named in UTF-16 ([MS-CFB], 2.6.1).
  office(OLD_OFFICE, utf16('Workbook'), 'an old Excel workbook', 'application/vnd.ms-excel', 'xls'),
  office(
    OLD_OFFICE,
    utf16('PowerPoint Document'),
    'an old presentation',
    'application/vnd.ms-powerpoint',
    'ppt',
  ),
  office(OLD_OFFICE, utf16('WordDocument'), 'an old Word document', 'application/msword', 'doc'),
  {
    start: OLD_OFFICE,
    called: 'a file of an old program for offices',
    mime: 'application/x-ole-storage',
    extension: 'bin',
  },
  { start: 'PK\x03\x04', called: 'a ZIP archive', mime: 'application/zip', extension: 'zip' },
  { start: '\x1f\x8b', called: 'a gzip file', mime: 'application/gzip', extension: 'gz' },
  {
    start: '7z\xbc\xaf\x27\x1c',
    called: 'a 7-Zip archive',
    mime: 'application/x-7z-compressed',
    extension: '7z',
  },
  { start: 'Rar!\x1a\x07', called: 'a RAR archive', mime: 'application/vnd.rar', extension: 'rar' },
  {
    start: 'SQLite format 3\0',
    called: 'an SQLite database',
    mime: 'application/vnd.sqlite3',
    extension: 'sqlite',
  },
  { start: '\x7fELF', called: 'a program', mime: 'application/x-executable', extension: 'bin' },
  { start: '\x1a\x45\xdf\xa3', called: 'a film without sound', mime: 'video/webm', extension: 'webm' },
];

function office(start: string, holds: string, called: string, mime: string, extension: string): KnownKind {
  return { start, holds, called, mime, extension, isDocument: true };
}

const UNKNOWN: FileKind = {
  kind: 'other',
  called: 'of no kind that is known',
  mime: 'application/octet-stream',
  extension: 'bin',
  isDocument: false,
};

function startsWith(bytes: Uint8Array, start: string): boolean {
  return Buffer.from(bytes.subarray(0, start.length)).toString('latin1') === start;
}

function contains(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(text);
}

/** Bytes of the start in which a text has no others than those of text. */
const JUDGED_BY = 64 * 1024;

/** @returns undefined for what is no text; @throws Failure (usage) for one that is neither UTF-8 nor UTF-16 */
function textOf(bytes: Uint8Array, name: string): string | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  const isText = bytes
    .subarray(0, JUDGED_BY)
    .every((byte) => byte > 31 || (byte > 7 && byte < 14) || byte === 27);
  return isText ? decodeUtf8(bytes, name) : undefined;
}
