import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, isAbsolute, join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { type FileOptions, writeFileAtomic, writeNewFile } from './files.ts';
import { makeOutputFolder } from './folders.ts';
import type { FileData } from './part-file.ts';
import { slugOf } from './slug.ts';
import { checkFolder, checkWritable } from './writable.ts';

/** What the user says of where files go. */
export interface TargetOptions {
  /** `-o`: a file, a directory, a pattern with `{n}` and `{slug}`, `-`, or undefined. */
  readonly output: string | undefined;
  readonly force: boolean;
  readonly count: number;
  /** What one of the files holds, for errors, and for names where the subject has no words: `an image`. */
  readonly thing: string;
  /** A name that would do, for errors: `cat.png`. */
  readonly example: string;
  /** What names are made of where the user gives none. */
  readonly subject: string;
}

/** Where the files of a run go. They are numbered from 1. */
export interface Target {
  /** True where the bytes themselves are the output. */
  readonly isStdout: boolean;
  /** @returns the path to tell, as the user would type it */
  save(number: number, file: NewFile): Promise<string>;
  /** Saves a preview beside the file that is to come. @returns the path to tell; empty where there is no place for it */
  savePreview(number: number, preview: number, file: NewFile): Promise<string>;
}

/** A file that is to be. */
export interface NewFile {
  /** For a name that is generated: `png`. */
  readonly extension: string;
  readonly data: FileData;
  readonly onKept?: (part: string) => void;
  readonly patch?: FileOptions['patch'];
}

/** For a run that makes nothing: `--dry-run`. */
export const NOWHERE: Target = {
  isStdout: false,
  save: async () => '',
  savePreview: async () => '',
};

/** Names of stdout as a file. */
const STDOUT_PATHS: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/** Whether a path stands for stdout. */
export function isStdoutPath(path: string): boolean {
  return STDOUT_PATHS.includes(path);
}

/**
 * Finds out where files go, before anything is asked for.
 * @throws Failure (usage) when they could not go there: bytes to a terminal or of several files to stdout, files that
 *   exist, what is no directory
 */
export async function findTarget(options: TargetOptions, context: Context): Promise<Target> {
  const { output } = options;
  if (output !== undefined && isStdoutPath(output)) return stdoutTarget(options, context);
  await checkWorkingDirectory(output ?? '', context);
  if (output === undefined) return generatedNames('', options, context);
  if (!(await isDirectory(output, context))) return givenNames(output, options, context);
  return generatedNames(output.replaceAll('{slug}', slugFor(options)), options, context);
}

/** A working directory that was deleted would be made anew, where nobody is. @throws Failure (usage) */
async function checkWorkingDirectory(output: string, { cwd }: Context): Promise<void> {
  if (isAbsolute(output)) return;
  await stat(cwd).catch((error: unknown) => {
    throw usageError('the working directory is gone', '-o with an absolute path still works', error);
  });
}

function stdoutTarget({ count, thing, example }: TargetOptions, { stdout }: Context): Target {
  if (count > 1) {
    throw usageError(
      `-o - is ${thing}, and there are to be ${count}`,
      `a directory or a pattern such as -o '${withEnd(example, '-{n}')}' takes several`,
    );
  }
  if (stdout.isTTY) {
    throw usageError(`${thing} is no text for a terminal`, `pipe it on, or give a file: -o ${example}`);
  }
  return {
    isStdout: true,
    async save(_number, { data }) {
      for await (const piece of typeof data === 'string' || data instanceof Uint8Array ? [data] : data) {
        await stdout.write(piece);
      }
      return '-';
    },
    // A preview has no place in a pipe that wants an image.
    savePreview: async () => '',
  };
}

async function isDirectory(path: string, { cwd }: Context): Promise<boolean> {
  if (/[/\\]$/.test(path)) return true;
  try {
    return (await stat(resolve(cwd, path))).isDirectory();
  } catch {
    return false;
  }
}

/** Names made of the subject: `a-cat.png`, `a-cat-2.png` where there is one; `a-cat-1.png` and so on for several. */
async function generatedNames(folder: string, options: TargetOptions, { cwd }: Context): Promise<Target> {
  await checkFolder(resolve(cwd, folder));
  const { count } = options;
  const slug = slugFor(options);
  const first = count === 1 ? 1 : await firstFreeRun(resolve(cwd, folder), slug, count);
  const stem = (number: number) => (number === 1 && count === 1 ? slug : `${slug}-${number}`);
  const write = async (names: Iterable<string>, file: NewFile) => {
    await makeOutputFolder(resolve(cwd, folder));
    const path = await writeNewFile(joinEach(resolve(cwd, folder), names), file.data, optionsOf(file));
    return join(folder, basename(path));
  };
  return {
    isStdout: false,
    save: (number, file) =>
      write(
        upFrom(first + number - 1, (at) => `${stem(at)}.${file.extension}`),
        file,
      ),
    savePreview: (number, preview, file) =>
      write(previewNames(stem(first + number - 1), preview, file.extension), file),
  };
}

function slugFor({ subject, thing }: TargetOptions): string {
  return slugOf(subject, slugOf(thing.replace(/^an? /, ''), 'file'));
}

function* joinEach(folder: string, names: Iterable<string>): Generator<string> {
  for (const name of names) yield join(folder, name);
}

function* upFrom(first: number, name: (number: number) => string): Generator<string> {
  for (let number = first; ; number++) yield name(number);
}

/** `cat.partial-1.png`; where an earlier run left one, `cat.partial-1-2.png`. */
function previewNames(stem: string, preview: number, extension: string): Iterable<string> {
  return upFrom(1, (at) => `${stem}.partial-${preview}${at === 1 ? '' : `-${at}`}.${extension}`);
}

/** The first number from which on as many numbers as are needed are free: images of one run stay together. */
async function firstFreeRun(folder: string, slug: string, count: number): Promise<number> {
  const taken = new Set((await namesIn(folder)).map((name) => name.replace(/\.\w+$/, '')));
  for (let first = 1; ; first++) {
    const numbers = Array.from({ length: count }, (_, index) => first + index);
    if (!numbers.some((number) => taken.has(`${slug}-${number}`))) return first;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch {
    // It is not there yet, or must not be listed: the names are tried one by one.
    return [];
  }
}

/** Names that the user gave: a file, or a pattern with `{n}` and `{slug}`. */
async function givenNames(output: string, options: TargetOptions, context: Context): Promise<Target> {
  const { force, count } = options;
  const slug = slugFor(options);
  const { cwd, signal } = context;
  const isNumbered = output.includes('{n}');
  const filled = (number: number) => output.replaceAll('{n}', String(number)).replaceAll('{slug}', slug);
  const named = (number: number) => {
    const path = filled(number);
    return isNumbered || count === 1 ? path : withEnd(path, `-${number}`);
  };
  for (let number = 1; number <= count; number++) {
    await checkWritable(resolve(cwd, named(number)), { force });
  }
  const write = async (path: string, file: NewFile) => {
    const absolute = resolve(cwd, path);
    await makeOutputFolder(dirname(absolute));
    await writeFileAtomic(absolute, file.data, { force, precious: true, signal, ...optionsOf(file) });
    return path;
  };
  /** More files than were asked for: they replace none, of this run or of another. */
  const writeExtra = async (number: number, file: NewFile) => {
    const path = filled(number);
    const folder = dirname(resolve(cwd, path));
    await makeOutputFolder(folder);
    const names = upFrom(number, (at) => withEnd(basename(path), `-${at}`));
    return join(
      dirname(path),
      basename(await writeNewFile(joinEach(folder, names), file.data, optionsOf(file))),
    );
  };
  return {
    isStdout: false,
    save: (number, file) => (number > count ? writeExtra(number, file) : write(named(number), file)),
    async savePreview(number, preview, file) {
      const path = named(number);
      const folder = dirname(resolve(cwd, path));
      await makeOutputFolder(folder);
      const stem = basename(path, extname(path));
      const names = previewNames(stem, preview, file.extension);
      return join(dirname(path), basename(await writeNewFile(joinEach(folder, names), file.data)));
    },
  };
}

function optionsOf({ onKept, patch }: NewFile): FileOptions {
  return { ...(onKept !== undefined && { onKept }), ...(patch !== undefined && { patch }) };
}

/** `cat-1.png` for `cat.png`. */
function withEnd(path: string, end: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}${end}${extension}`;
}
