import { open, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { isStdinPath, isUrl } from './file.ts';

/** Something to be read, as it was named. */
export type InputWord =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'file'; readonly path: string };

/** What a command is to read. */
export interface FoundInputs {
  /** In the order of the words; files of a directory or a pattern by their names. None twice. */
  readonly inputs: readonly InputWord[];
  /** There may be several: there were several words, or one that stands for any number of files. */
  readonly areSeveral: boolean;
}

/**
 * Finds what the words of a command name: files, URLs, `-`, directories (what is wanted of their files, by the first
 * bytes) and patterns such as `talks/*.mp3`, which are as the shell's, with `**` for folders of any depth.
 * @param thing what is looked for in a directory, for the error: `audio`
 * @param isWanted whether a file of a directory is meant
 * @throws Failure (usage) for an empty word, and where a directory or a pattern gives nothing
 */
export async function findInputs(
  words: readonly string[],
  thing: string,
  isWanted: (start: Uint8Array, path: string) => boolean,
  context: Context,
): Promise<FoundInputs> {
  const found = new Map<string, InputWord>();
  let areSeveral = words.length > 1;
  for (const word of words) {
    if (word === '') throw usageError('the name of a file is empty');
    if (isStdinPath(word)) found.set('-', { kind: 'stdin' });
    else if (isUrl(word)) found.set(word, { kind: 'url', url: word });
    else {
      const paths = await pathsOf(word, thing, isWanted, context);
      areSeveral ||= paths !== undefined;
      for (const path of paths ?? [word]) found.set(resolve(context.cwd, path), { kind: 'file', path });
    }
  }
  return { inputs: [...found.values()], areSeveral };
}

/** @returns undefined for a plain file, or what may be one */
async function pathsOf(
  word: string,
  thing: string,
  isWanted: (start: Uint8Array, path: string) => boolean,
  context: Context,
): Promise<readonly string[] | undefined> {
  const there = await stat(resolve(context.cwd, word)).catch(() => undefined);
  if (there?.isDirectory()) {
    const paths = await filesIn(word, isWanted, context);
    if (paths.length === 0) throw usageError(`${word} has no ${thing} in it`);
    return paths;
  }
  if (there !== undefined || !/[*?[{]/.test(word)) return undefined;
  const { glob } = await import('tinyglobby');
  const paths = await glob(word, { cwd: context.cwd, expandDirectories: false });
  if (paths.length === 0) throw usageError(`no file matches ${word}`);
  return sorted(paths);
}

async function filesIn(
  folder: string,
  isWanted: (start: Uint8Array, path: string) => boolean,
  { cwd }: Context,
): Promise<string[]> {
  const names = await readdir(resolve(cwd, folder)).catch((error: unknown) => {
    throw usageError(`cannot read ${folder}: ${reasonOf(error)}`, undefined, error);
  });
  const wanted: string[] = [];
  for (const name of names.filter((name) => !name.startsWith('.'))) {
    const start = await startOf(resolve(cwd, folder, name));
    if (start !== undefined && isWanted(start, name)) wanted.push(join(folder, name));
  }
  return sorted(wanted);
}

/** As a person would sort them: `part 2` before `part 10`. */
function sorted(paths: readonly string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...paths].sort((a, b) => compare(a, b) || (a < b ? -1 : 1));
}

/** Bytes by which the kind of a file is told. */
const START_BYTES = 64 * 1024;

/** The first bytes of a plain file; undefined where it is none, or cannot be read. */
async function startOf(path: string): Promise<Uint8Array | undefined> {
  try {
    // A pipe would be waited for.
    if (!(await stat(path)).isFile()) return undefined;
    const handle = await open(path);
    try {
      const bytes = Buffer.alloc(START_BYTES);
      return bytes.subarray(0, (await handle.read(bytes, 0, START_BYTES, 0)).bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
