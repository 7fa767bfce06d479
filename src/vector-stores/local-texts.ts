import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { type LocalFile, localFile, stampedPieces } from '../api/local-file.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { namesUploaded } from '../files/file-id.ts';
import { DOCUMENT_KINDS, documentKind } from '../input/document-kinds.ts';
import { filesBelow, isFolder } from '../input/files-below.ts';
import { findInputs } from '../input/find-files.ts';
import { sizeText } from '../output/size.ts';

/** What a store is to have: a file here, or one that the API has, by its id. */
export type FoundText =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'file'; readonly path: string };

/** What was found. */
export interface FoundTexts {
  readonly texts: readonly FoundText[];
  /** Files of folders and patterns that are of no kind that is searched, or are empty. */
  readonly leftOut: readonly { readonly path: string; readonly why: string }[];
}

/** A file here, whose content is known. */
export interface LocalText {
  /** What the store calls it. */
  readonly path: string;
  /** What tells the folder from which the path is seen from others of the same content: hexadecimal. */
  readonly root: string;
  /** Hexadecimal. */
  readonly sha256: string;
  readonly file: LocalFile;
}

/** Bytes of a file of a vector store (OpenAPI, `POST /files`: 512 MB; the smaller of what a megabyte may be). */
const MOST_BYTES = 512_000_000;

const KINDS_HINT = `it takes ${DOCUMENT_KINDS.join(' ')}`;

/**
 * Finds what the words name: files, patterns, folders with all that is below them, ids of uploaded files.
 * @throws Failure (usage) for an empty word, stdin, a URL, and where nothing is found
 */
export async function findStoreTexts(words: readonly string[], context: Context): Promise<FoundTexts> {
  const texts = new Map<string, FoundText>();
  const leftOut = new Map<string, { readonly path: string; readonly why: string }>();
  for (const word of words) {
    if (await namesUploaded(word, context)) texts.set(word, { kind: 'id', id: word });
    else {
      const { paths, areNamed } = await pathsOf(word, context);
      for await (const path of paths) {
        const absolute = resolve(context.cwd, path);
        const why = areNamed ? undefined : await unfit(absolute, path);
        if (why !== undefined) leftOut.set(absolute, { path, why });
        // Of two words for the same file, the first counts.
        else if (!texts.has(absolute)) texts.set(absolute, { kind: 'file', path });
      }
    }
  }
  if (texts.size === 0) {
    const where = words.length === 1 ? (words[0] ?? '') : 'what is named';
    throw usageError(`${where} has no file in it that a vector store takes`, KINDS_HINT);
  }
  return { texts: [...texts.values()], leftOut: [...leftOut.values()] };
}

/** @returns whether they are named one by one: what is wrong with such a one is an error */
async function pathsOf(
  word: string,
  context: Context,
): Promise<{ readonly paths: AsyncIterable<string> | Iterable<string>; readonly areNamed: boolean }> {
  if (await isFolder(word, context)) return { paths: filesBelow(word, context), areNamed: false };
  const { inputs, areSeveral } = await findInputs([word], 'file', () => true, context);
  const paths = inputs.map((input) => {
    if (input.kind === 'file') return input.path;
    if (input.kind === 'stdin') {
      throw usageError('stdin has no name by which a file of a store is known', 'write it to a file first');
    }
    throw usageError('a URL is not fetched here', 'curl -O URL, and add the file');
  });
  return { paths, areNamed: !areSeveral };
}

/** Why a file that was only found is left out. */
async function unfit(absolute: string, path: string): Promise<string | undefined> {
  if (!DOCUMENT_KINDS.includes(documentKind(path))) return documentKind(path) || 'without a kind';
  const there = await stat(absolute).catch(() => undefined);
  return there?.size === 0 ? 'empty' : undefined;
}

/**
 * Reads a file for its checksum: what is sent later is what was read, or nothing.
 * @throws Failure (usage) where it cannot be read or sent; Stopped
 */
export async function readLocalText(path: string, context: Context): Promise<LocalText> {
  const { cwd, signal } = context;
  const file = await localFile(path, { cwd, pipeHint: 'write it to a file first' });
  const kind = documentKind(path);
  if (!DOCUMENT_KINDS.includes(kind)) {
    throw usageError(`${path}: the API does not search ${kind || 'files without a kind'}`, KINDS_HINT);
  }
  const { size } = file.stamp;
  if (size > MOST_BYTES) {
    const most = `${MOST_BYTES / 1e6} MB`;
    throw usageError(
      `${path} has ${sizeText(size)}, and a vector store takes ${most} of a file`,
      'cut it: split -C 100m',
    );
  }
  const hash = createHash('sha256');
  for await (const piece of stampedPieces(file, signal)) hash.update(piece);
  return { ...storePath(file.path, cwd), sha256: hash.digest('hex'), file };
}

/** What a store calls a file: its path below the working directory, else the whole of it. */
function storePath(absolute: string, cwd: string): Pick<LocalText, 'path' | 'root'> {
  const below = relative(cwd, absolute);
  const isBelow = below !== '' && below !== '..' && !below.startsWith(`..${sep}`);
  const root = createHash('sha256')
    .update(isBelow ? cwd : '')
    .digest('hex');
  return { path: (isBelow ? below : absolute).split(sep).join('/'), root: root.slice(0, ROOT_DIGITS) };
}

/** Enough to tell the folders of one user apart. */
const ROOT_DIGITS = 12;
