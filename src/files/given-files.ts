import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, extname, resolve } from 'node:path';
import { type LocalFile, localFile } from '../api/local-file.ts';
import type { UploadSource } from '../api/uploads.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { fifoPieces, openIfFifo } from '../input/fifo.ts';
import { findInputs, type InputWord, nameOf } from '../input/find-files.ts';
import { spoolPieces } from '../input/spool.ts';
import { stdinPieces } from '../input/stdin.ts';
import { sizeText } from '../output/size.ts';

/** A file that was named, still to be looked at. */
export interface GivenFile {
  /** As it was typed: `stdin` for `-`. */
  readonly shown: string;
  /**
   * Looks at it; what can be read only once is put into a temporary file first.
   * @throws Failure (usage) where it cannot be uploaded
   */
  open(): Promise<OpenedFile>;
}

export interface OpenedFile {
  readonly file: LocalFile;
  /** It is not needed any more. */
  dispose(): Promise<void>;
}

/** What the user says of files beside naming them. */
export interface GivenOptions {
  /** As the server is to see the one that is named. */
  readonly name: string | undefined;
  /** The end of a name for what has none: `.jsonl`. */
  readonly extension: string;
}

/** The most bytes that are put into a temporary file: the API takes no more (OpenAPI, `POST /uploads`). */
const MOST_SPOOLED = 8 * 1024 ** 3;

/**
 * The files that the words of a command name: paths, patterns, `-`.
 * @throws Failure (usage) for a directory, a URL, a pattern that nothing matches, and one name for several files
 */
export async function givenFiles(
  words: readonly string[],
  options: GivenOptions,
  context: Context,
): Promise<readonly GivenFile[]> {
  for (const word of words) await checkNoDirectory(word, context);
  const { inputs } = await findInputs(words, 'file', () => true, context);
  if (options.name !== undefined && inputs.length > 1) {
    throw usageError(`--name is for one file, and there are ${inputs.length}`, 'name one, or leave it out');
  }
  return inputs.map((input) => given(input, options, context));
}

async function checkNoDirectory(word: string, { cwd }: Context): Promise<void> {
  const found = await stat(resolve(cwd, word)).catch(() => undefined);
  if (word === '' || found?.isDirectory() !== true) return;
  const files = `'${word.replace(/\/+$/, '')}/*'`;
  throw usageError(`${word} is a directory`, `${files} names the files in it`);
}

function given(input: InputWord, options: GivenOptions, context: Context): GivenFile {
  const { name, extension } = options;
  const shown = nameOf(input);
  if (input.kind === 'url') {
    throw usageError(`${shown} is not fetched here`, `curl -sSL '${shown}' | oai files upload - --name NAME`);
  }
  if (input.kind === 'stdin') {
    const source = { kind: 'stdin' } as const;
    const facts = { shown, source, name: name ?? `stdin${extension}` };
    return { shown, open: () => spooled(stdinPieces(context, 'the file'), facts, context) };
  }
  const { path } = input;
  const open = async () => {
    const fifo = fifoAt(resolve(context.cwd, path));
    if (fifo !== undefined) {
      // The shell's `<(…)` is /dev/fd/63.
      const own = extname(path) === '' ? `${basename(path)}${extension}` : basename(path);
      const facts = { shown, source: { kind: 'file', path }, name: name ?? own } as const;
      return spooled(fifoPieces(fifo, context), facts, context);
    }
    return { file: await localFile(path, { cwd: context.cwd, name }), dispose: async () => {} };
  };
  return { shown, open };
}

/** The number of an open pipe; undefined for all else, and for what cannot be opened, which is said elsewhere. */
function fifoAt(path: string): number | undefined {
  try {
    return openIfFifo(path);
  } catch {
    return undefined;
  }
}

/** Puts what comes into a temporary file. Its checksum is what a later run knows it by. */
async function spooled(
  pieces: AsyncIterable<Uint8Array>,
  facts: { readonly shown: string; readonly name: string; readonly source: UploadSource },
  context: Context,
): Promise<OpenedFile> {
  const hash = createHash('md5');
  const hashed = async function* () {
    for await (const piece of pieces) {
      hash.update(piece);
      yield piece;
    }
  };
  const limit = {
    bytes: MOST_SPOOLED,
    tooLarge: () =>
      usageError(`${facts.shown} has more than the ${sizeText(MOST_SPOOLED)} that a file may have`),
  };
  const { path, dispose } = await spoolPieces(hashed(), limit);
  try {
    const file = await localFile(path, { cwd: context.cwd, ...facts, md5: hash.digest('hex') });
    return { file, dispose };
  } catch (error) {
    await dispose();
    throw error;
  }
}
