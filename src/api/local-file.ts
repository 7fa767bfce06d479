import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { filePieces } from '../audio/file-pieces.ts';
import { type Failure, reasonOf, usageError } from '../errors.ts';
import type { UploadSource } from './uploads.ts';

/** What tells one state of a file from another. Times in ms. */
export interface FileStamp {
  readonly size: number;
  readonly mtime: number;
  readonly ctime: number;
  readonly inode: number;
  readonly device: number;
}

/** A plain file that is to be uploaded, as it was when it was first looked at: that is sent, or nothing. */
export interface LocalFile {
  /** Absolute. */
  readonly path: string;
  /** What errors call it: as it was typed. */
  readonly shown: string;
  /** As the server is to see it. */
  readonly name: string;
  /** The media type. */
  readonly type: string;
  readonly stamp: FileStamp;
  /** Where its bytes come from, for `--dry-run`. */
  readonly source: UploadSource;
  /** Of what was spooled, the MD5 checksum (hexadecimal): a later run knows it again by that. */
  readonly md5?: string | undefined;
}

/** What is known of a file beside its path. */
export interface LocalFileFacts {
  /** The working directory. */
  readonly cwd: string;
  readonly name?: string | undefined;
  readonly type?: string | undefined;
  readonly shown?: string | undefined;
  readonly source?: UploadSource | undefined;
  readonly md5?: string | undefined;
  /** What to do with what comes through a pipe. */
  readonly pipeHint?: string | undefined;
}

/**
 * Looks at a file that is to be uploaded.
 * @param path as it was typed
 * @throws Failure (usage) where it is no plain file, is empty, or cannot be looked at
 */
export async function localFile(path: string, facts: LocalFileFacts): Promise<LocalFile> {
  const { cwd, shown = path, type = mediaTypeOf(facts.name ?? path), md5 } = facts;
  const { pipeHint = '`-` reads what is piped in' } = facts;
  const absolute = resolve(cwd, path);
  const found = await stat(absolute).catch((error: unknown) => {
    throw usageError(`cannot read ${shown}: ${reasonOf(error)}`, undefined, error);
  });
  if (found.isDirectory())
    throw usageError(`${shown} is a directory`, `'${shown.replace(/\/$/, '')}/*' names its files`);
  if (!found.isFile()) throw usageError(`${shown} is no plain file`, pipeHint);
  if (found.size === 0) throw usageError(`${shown} is empty`);
  const { size, mtimeMs: mtime, ctimeMs: ctime, ino: inode, dev: device } = found;
  return {
    path: absolute,
    shown,
    name: facts.name ?? basename(absolute),
    type,
    stamp: { size, mtime, ctime, inode, device },
    source: facts.source ?? { kind: 'file', path },
    md5,
  };
}

/**
 * The bytes of a file from one place up to another.
 * @throws Failure (usage) where it cannot be read, or is not what it was: once it is read to the end, for one
 */
export async function* stampedPieces(
  file: LocalFile,
  signal: AbortSignal,
  from = 0,
  to = file.stamp.size,
): AsyncGenerator<Uint8Array> {
  try {
    yield* filePieces({ path: file.path, name: file.shown, signal }, from, to);
  } catch (error) {
    signal.throwIfAborted();
    // One that has become shorter, or is gone.
    await checkStamp(file);
    throw error;
  }
  await checkStamp(file);
}

/** @throws Failure (usage) where a file is not what it was when it was first looked at */
export async function checkStamp(file: LocalFile): Promise<void> {
  const found = await stat(file.path).catch(() => undefined);
  const { size, mtime, ctime, inode, device } = file.stamp;
  const isSame =
    found !== undefined &&
    found.size === size &&
    found.mtimeMs === mtime &&
    found.ctimeMs === ctime &&
    found.ino === inode &&
    found.dev === device;
  if (!isSame) throw changed(file);
}

function changed({ shown }: LocalFile): Failure {
  return usageError(
    `${shown} changed while it was sent: nothing of it was registered`,
    'once nobody writes it, the same command begins anew',
  );
}

/** The types of files that the API takes for its purposes (its guide to file search, "Supported files"). */
const TYPES: Readonly<Record<string, string>> = {
  c: 'text/x-c',
  cpp: 'text/x-c++',
  cs: 'text/x-csharp',
  css: 'text/css',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  go: 'text/x-golang',
  html: 'text/html',
  java: 'text/x-java',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  js: 'text/javascript',
  json: 'application/json',
  jsonl: 'text/jsonl',
  md: 'text/markdown',
  pdf: 'application/pdf',
  php: 'text/x-php',
  png: 'image/png',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  py: 'text/x-python',
  rb: 'text/x-ruby',
  sh: 'application/x-sh',
  tex: 'text/x-tex',
  ts: 'application/typescript',
  txt: 'text/plain',
  webp: 'image/webp',
};

/** The media type of a file by the end of its name. */
export function mediaTypeOf(name: string): string {
  const end = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return (Object.hasOwn(TYPES, end) ? TYPES[end] : undefined) ?? 'application/octet-stream';
}
