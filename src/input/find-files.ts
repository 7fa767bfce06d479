import { open, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { START_BYTES } from './audio-kind.ts';
import { isStdinPath, isUrl } from './file.ts';

/** Something to be read, as it was named. */
export type InputWord =
  | { readonly kind: 'stdin' }
  | { readonly kind: 'url'; readonly url: string }
  | {
      readonly kind: 'file';
      readonly path: string;
      /** Its path below the directory, or the fixed part of the pattern, that was named; else its name. */
      readonly below: string;
    };

/** What an input is called: a URL without what may be secret in it, a password or a signature. */
export function nameOf(input: InputWord): string {
  if (input.kind === 'file') return input.path;
  if (input.kind === 'stdin') return 'stdin';
  return input.url.replace(/[?#].*$/, '').replace(/^(https?:\/\/)[^/]*@/i, '$1');
}

/** A name for files that are made of an input: of a URL, the last part of its path. */
export function fileNameOf(input: InputWord): string {
  if (input.kind === 'file') return basename(input.path);
  if (input.kind === 'stdin') return 'stdin';
  const name = basename(new URL(input.url).pathname).replace(/%[0-9a-f]{2}/gi, '-');
  return name === '' ? 'audio' : name;
}

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
    else if (isUrl(word) && URL.canParse(word)) found.set(word, { kind: 'url', url: word });
    else {
      const several = await pathsOf(word, thing, isWanted, context);
      areSeveral ||= several !== undefined;
      const { paths, root } = several ?? { paths: [word], root: dirname(word) };
      for (const path of paths) {
        const [absolute, above] = [path, root].map((each) => resolve(context.cwd, each)) as [string, string];
        // Of two words for the same file, the first counts.
        if (!found.has(absolute))
          found.set(absolute, { kind: 'file', path, below: relative(above, absolute) });
      }
    }
  }
  return { inputs: [...found.values()], areSeveral };
}

interface SeveralFiles {
  readonly paths: readonly string[];
  /** What was named: the directory, or the fixed part of the pattern. */
  readonly root: string;
}

/** @returns undefined for a plain file, or what may be one */
async function pathsOf(
  word: string,
  thing: string,
  isWanted: (start: Uint8Array, path: string) => boolean,
  context: Context,
): Promise<SeveralFiles | undefined> {
  const there = await stat(resolve(context.cwd, word)).catch(() => undefined);
  if (there?.isDirectory()) {
    const { paths, hasFolders } = await filesIn(word, isWanted, context);
    if (paths.length > 0) return { paths, root: word };
    const deep = `'${join(word, '**', '*.mp3')}'`;
    const hint = hasFolders ? `folders in it are not looked into; ${deep} goes into all of them` : undefined;
    throw usageError(`${word} has no ${thing} in it`, hint);
  }
  if (there === undefined) checkNoUrl(word);
  if (there !== undefined || !MAGIC.test(word)) return undefined;
  const { glob } = await import('tinyglobby');
  const paths = await glob(word, { cwd: context.cwd, expandDirectories: false });
  if (paths.length === 0) throw usageError(`no file matches ${word}`);
  return { paths: sorted(paths), root: fixedPart(word) };
}

/** What makes a word a pattern. */
const MAGIC = /[*?[{]/;

/** The folders of a pattern before the first that is one itself. */
function fixedPart(pattern: string): string {
  const folders = pattern.split('/').slice(0, -1);
  const first = folders.findIndex((folder) => MAGIC.test(folder));
  const fixed = folders.slice(0, first === -1 ? undefined : first).join('/');
  return fixed === '' && pattern.startsWith('/') ? '/' : fixed;
}

/** Addresses of other kinds would be taken for names of files. @throws Failure (usage) */
export function checkNoUrl(word: string): void {
  const [, scheme = ''] = /^([a-z][a-z0-9+.-]*):\/\//i.exec(word) ?? [];
  if (scheme === '') return;
  if (scheme.toLowerCase() === 'file') {
    const path = URL.canParse(word) ? decodedPath(new URL(word)) : 'its path';
    throw usageError(`${word} is the URL of a file here`, `name the file itself: ${path}`);
  }
  if (/^https?$/i.test(scheme)) throw usageError(`${word} is no URL`);
  throw usageError(`${scheme}:// is not fetched here`, `curl can: curl -sS '${word}' | oai …`);
}

function decodedPath({ pathname }: URL): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}

async function filesIn(
  folder: string,
  isWanted: (start: Uint8Array, path: string) => boolean,
  { cwd }: Context,
): Promise<{ readonly paths: readonly string[]; readonly hasFolders: boolean }> {
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true }).catch((error: unknown) => {
    throw usageError(`cannot read ${folder}: ${reasonOf(error)}`, undefined, error);
  });
  const wanted: string[] = [];
  const shown = entries.filter(({ name }) => !name.startsWith('.'));
  for (const { name } of shown) {
    const start = await startOf(resolve(cwd, folder, name));
    if (start !== undefined && isWanted(start, name)) wanted.push(join(folder, name));
  }
  return { paths: sorted(wanted), hasFolders: shown.some((entry) => entry.isDirectory()) };
}

/** As a person would sort them: `part 2` before `part 10`. */
function sorted(paths: readonly string[]): string[] {
  const { compare } = new Intl.Collator('en', { numeric: true });
  return [...paths].sort((a, b) => compare(a, b) || (a < b ? -1 : 1));
}

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
