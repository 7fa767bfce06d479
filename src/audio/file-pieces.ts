import { type FileHandle, open } from 'node:fs/promises';
import { type Failure, reasonOf, usageError } from '../errors.ts';

/** A file that is read in pieces. */
export interface PiecedFile {
  /** Absolute. */
  readonly path: string;
  /** What errors call it. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** Bytes that are read at a time. */
const PIECE_BYTES = 256 * 1024;

/**
 * Opens a file for some work and closes it after.
 * @throws Failure (usage) when it cannot be read; the reason of the signal; what the work throws
 */
export async function withFile<T>(file: PiecedFile, work: (handle: FileHandle) => Promise<T>): Promise<T> {
  const handle = await opened(file);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

async function opened({ path, name, signal }: PiecedFile): Promise<FileHandle> {
  signal.throwIfAborted();
  return open(path).catch((error: unknown) => {
    throw cannotRead(name, error);
  });
}

function cannotRead(name: string, error: unknown): Failure {
  return usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
}

/**
 * Up to so many bytes from a place in a file; fewer where it ends.
 * @throws Failure (usage) when it cannot be read; the reason of the signal
 */
export async function readAt(
  handle: FileHandle,
  { name, signal }: PiecedFile,
  at: number,
  length: number,
): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let got = 0;
  while (got < length) {
    signal.throwIfAborted();
    const { bytesRead } = await handle
      .read(bytes, got, length - got, at + got)
      .catch((error: unknown) => Promise.reject(cannotRead(name, error)));
    if (bytesRead === 0) break;
    got += bytesRead;
  }
  return bytes.subarray(0, got);
}

/**
 * The bytes of a file from one place up to another, in pieces. It is open only while they are read.
 * @throws Failure (usage) when it cannot be read, or ends before; the reason of the signal
 */
export async function* filePieces(
  file: PiecedFile,
  from: number,
  to: number,
): AsyncGenerator<Buffer, void, undefined> {
  const handle = await opened(file);
  try {
    for (let at = from; at < to; ) {
      const piece = await readAt(handle, file, at, Math.min(PIECE_BYTES, to - at));
      if (piece.length === 0) throw shrank(file.name);
      at += piece.length;
      yield piece;
    }
  } finally {
    await handle.close();
  }
}

/** The file is not what it was when it was first looked at. */
export function shrank(name: string): Failure {
  return usageError(`${name} became shorter while it was read`);
}
