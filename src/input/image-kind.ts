import { imageDimensionsFromData } from 'image-dimensions';

/** The kinds of images that the API makes or takes, and those that it is often given in vain. */
export type ImageKind = 'png' | 'jpeg' | 'webp' | 'gif' | 'svg' | 'avif' | 'heic' | 'bmp' | 'tiff';

/** What the bytes of an image say of themselves. */
export interface ImageInfo {
  readonly kind: ImageKind;
  /** Pixels, before any turn that EXIF asks for; 0 where the kind does not tell. */
  readonly width: number;
  readonly height: number;
  /** EXIF data lay it on its side: people see width and height swapped. Looked for in JPEG alone. */
  readonly turned: boolean;
  /** There is an alpha channel, or a colour that stands for nothing. */
  readonly alpha: boolean;
  /** The file goes on to where its kind says that it ends. */
  readonly whole: boolean;
}

/** How files of a kind are named, and what HTTP calls them. */
export const imageTypes: Readonly<Record<ImageKind, { readonly extension: string; readonly mime: string }>> =
  {
    png: { extension: 'png', mime: 'image/png' },
    jpeg: { extension: 'jpg', mime: 'image/jpeg' },
    webp: { extension: 'webp', mime: 'image/webp' },
    gif: { extension: 'gif', mime: 'image/gif' },
    svg: { extension: 'svg', mime: 'image/svg+xml' },
    avif: { extension: 'avif', mime: 'image/avif' },
    heic: { extension: 'heic', mime: 'image/heic' },
    bmp: { extension: 'bmp', mime: 'image/bmp' },
    tiff: { extension: 'tiff', mime: 'image/tiff' },
  };

/** Looks at an image's bytes, never at its name. @returns undefined where they are no image */
export function readImageInfo(bytes: Uint8Array): ImageInfo | undefined {
  const found = measured(bytes);
  if (found === undefined) return undefined;
  const { kind, width, height } = found;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const info = { kind, width, height, turned: false, alpha: false };
  if (kind === 'png') return { ...info, ...pngChunks(buffer) };
  if (kind === 'jpeg') return { ...info, ...jpegSegments(buffer) };
  if (kind === 'webp') return { ...info, ...webpParts(buffer) };
  return { ...info, whole: hasEnd(kind, buffer) };
}

/** The last byte of a GIF (GIF89a, section 27). */
const GIF_TRAILER = 0x3b;

function hasEnd(kind: ImageKind, bytes: Buffer): boolean {
  if (kind === 'gif') return bytes.at(-1) === GIF_TRAILER;
  return (
    kind !== 'svg' ||
    /<\/svg\s*>\s*(?:<!--.*-->\s*)?$|^[^<]*(?:<[?!][^>]*>\s*)*<svg[^>]*\/>\s*$/s.test(
      bytes.toString('latin1'),
    )
  );
}

function measured(bytes: Uint8Array): { kind: ImageKind; width: number; height: number } | undefined {
  const sized = dimensions(bytes);
  if (sized !== undefined) return { kind: sized.type, width: sized.width, height: sized.height };
  const kind = kindByStart(bytes);
  return kind === undefined ? undefined : { kind, width: 0, height: 0 };
}

function dimensions(bytes: Uint8Array) {
  try {
    return imageDimensionsFromData(bytes);
  } catch {
    // A header that breaks off.
    return undefined;
  }
}

/** First bytes, as Latin-1 text, of what has no readable header or is none of the kinds that are measured. */
const STARTS: readonly (readonly [RegExp, ImageKind])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'png'],
  [/^\xff\xd8\xff/, 'jpeg'],
  [/^RIFF.{4}WEBP/s, 'webp'],
  [/^GIF8[79]a/, 'gif'],
  [/^BM.{4}\0\0\0\0/s, 'bmp'],
  [/^(?:II\*\0|MM\0\*)/, 'tiff'],
  [/^.{4}ftyp(?:hei[cmsx]|hev[cmsx]|mif1)/s, 'heic'],
  [/^.{4}ftypavi[fs]/s, 'avif'],
  [/^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*|<!DOCTYPE svg[^>]*>\s*)*<svg[\s>]/s, 'svg'],
];

/** How far into a file its kind is looked for, in bytes. */
const START_BYTES = 4096;

function kindByStart(bytes: Uint8Array): ImageKind | undefined {
  const start = Buffer.from(bytes.subarray(0, START_BYTES)).toString('latin1');
  return STARTS.find(([pattern]) => pattern.test(start))?.[1];
}

/** PNG, third edition: 8 bytes of signature, then chunks of length, type, data and checksum up to `IEND`. */
function pngChunks(bytes: Buffer): { alpha: boolean; whole: boolean } {
  // Bit 2 of the colour type is the alpha channel (section 11.2.1).
  let alpha = ((bytes[25] ?? 0) & 4) !== 0;
  let at = 8;
  while (at + 12 <= bytes.length) {
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 12 + bytes.readUInt32BE(at);
    if (type === 'tRNS') alpha = true;
    if (type === 'IEND') return { alpha, whole: end <= bytes.length };
    at = end;
  }
  return { alpha, whole: false };
}

/**
 * ITU T.81, annex B: segments up to the start of the scan, then the scan, in which the end marker cannot be but at the
 * end. Some cameras write more after it.
 */
function jpegSegments(bytes: Buffer): { turned: boolean; whole: boolean } {
  let turned = false;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xda) return { turned, whole: bytes.indexOf(END_OF_IMAGE, at) !== -1 };
    // A fill byte belongs to the marker that follows; those without a segment have no length.
    if (marker === 0xff) at += 1;
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else {
      const end = at + 2 + bytes.readUInt16BE(at + 2);
      if (marker === 0xe1) turned ||= isTurned(bytes.subarray(at + 4, end));
      at = end;
    }
  }
  return { turned, whole: false };
}

/** Exif 2.3, section 4.5: a TIFF header, then entries of 12 bytes; orientations 5 to 8 lie on their side (4.6.4 A). */
function isTurned(segment: Buffer): boolean {
  if (!segment.toString('latin1', 0, 6).startsWith('Exif\0')) return false;
  const tiff = segment.subarray(6);
  if (tiff.length < 8) return false;
  const isLittle = tiff.toString('latin1', 0, 2) === 'II';
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const start = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (start + 2 > tiff.length) return false;
  for (
    let entry = start + 2;
    entry + 12 <= Math.min(tiff.length, start + 2 + short(start) * 12);
    entry += 12
  ) {
    if (short(entry) === ORIENTATION) return short(entry + 8) >= 5;
  }
  return false;
}

const ORIENTATION = 0x0112;

const END_OF_IMAGE = Buffer.from([0xff, 0xd9]);

/** RFC 9649: `RIFF`, the length of the rest, `WEBP`, then a first chunk that tells of alpha. */
function webpParts(bytes: Buffer): { alpha: boolean; whole: boolean } {
  if (bytes.length < 25) return { alpha: false, whole: false };
  const whole = bytes.readUInt32LE(4) + 8 <= bytes.length;
  const chunk = bytes.toString('latin1', 12, 16);
  if (chunk === 'VP8X') return { alpha: ((bytes[20] ?? 0) & 0x10) !== 0, whole };
  // One bit after two times 14 of width and height.
  if (chunk === 'VP8L') return { alpha: ((bytes[24] ?? 0) & 0x10) !== 0, whole };
  return { alpha: false, whole };
}
