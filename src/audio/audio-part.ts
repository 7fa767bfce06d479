import { basename, extname } from 'node:path';
import type { Context } from '../context.ts';
import { type Failure, usageError } from '../errors.ts';
import { sizeText } from '../output/size.ts';
import type { PiecedFile } from './file-pieces.ts';

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

/** A file of audio in parts. */
export interface AudioParts {
  /** In order, one at least. */
  readonly parts: readonly AudioPart[];
  /** Deletes what temporary files the parts are read from; they cannot be opened after. Never throws. */
  dispose(): Promise<void>;
}

/** What a part must keep to. */
export interface PartLimits {
  /** It stays below so many. */
  readonly bytes: number;
  /** It is not longer than so many; undefined: it may be as long as it likes. */
  readonly seconds?: number | undefined;
}

/** What of a run a split needs. */
export type Surroundings = Pick<Context, 'signal' | 'env'>;

/** What is to be split, and how small. */
export interface SplitRequest extends PiecedFile {
  /** Bytes of the whole. */
  readonly size: number;
  readonly limits: PartLimits;
}

/** Whether a part of so many bytes and seconds keeps to the limits. */
export function isWithin(limits: PartLimits, part: Pick<AudioPart, 'bytes' | 'seconds'>): boolean {
  return part.bytes < limits.bytes && part.seconds <= mostSeconds(limits);
}

/** Seconds that a part may have. */
export function mostSeconds({ seconds }: PartLimits): number {
  return seconds ?? Number.POSITIVE_INFINITY;
}

/** @throws Failure (usage) where there are no parts, or one breaks a limit */
export function checkParts(
  { name, limits }: SplitRequest,
  parts: readonly AudioPart[],
): readonly AudioPart[] {
  if (parts.length === 0) throw hasNoSound(name);
  if (!parts.every((part) => isWithin(limits, part))) throw cannotBeSplit(name, limits);
  return parts;
}

/** There is nothing to be heard in it. */
export function hasNoSound(name: string): Failure {
  return usageError(`${name} has no sound in it`);
}

/** Parts that are small enough cannot be made. */
export function cannotBeSplit(name: string, { bytes, seconds }: PartLimits): Failure {
  const long = seconds === undefined ? '' : ` and of at most ${seconds} s`;
  return usageError(`${name} cannot be split into parts below ${sizeText(bytes)}${long}`);
}

/** The name of a part. @param number from 1 on */
export function partName(name: string, number: number, extension: string): string {
  return `${stem(name)}-${String(number).padStart(3, '0')}.${extension}`;
}

/** A file name without folder and extension. */
export function stem(name: string): string {
  return basename(name, extname(name));
}
