import { basename, extname } from 'node:path';

/** A part of a file of audio: a file of its own, of the same sound, that is made as it is read. */
export interface AudioPart {
  /** Seconds from the start of the whole to where the part starts. */
  readonly start: number;
  /** How long it is, in seconds. */
  readonly seconds: number;
  /** Its exact size. */
  readonly bytes: number;
  /** MIME type. */
  readonly type: string;
  /** A file name: `talk-001.mp3`. */
  readonly name: string;
  /**
   * The bytes, read from the file anew. They throw a Failure (usage) when it cannot be read, or is not what it was any
   * more, and the reason of the signal.
   */
  open(): AsyncIterable<Uint8Array>;
}

/** What is to be split, and how small. */
export interface SplitRequest {
  readonly path: string;
  /** What errors call the file. */
  readonly name: string;
  readonly signal: AbortSignal;
  /** Bytes of the whole. */
  readonly size: number;
  /** Bytes that a part must stay below. */
  readonly limit: number;
}

/** The name of a part. @param number from 1 on */
export function partName(name: string, number: number, extension: string): string {
  return `${stem(name)}-${String(number).padStart(3, '0')}.${extension}`;
}

/** A file name without folder and extension. */
export function stem(name: string): string {
  return basename(name, extname(name));
}
