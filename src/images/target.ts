import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, resolve } from 'node:path';
import type { Context } from '../context.ts';
import { reasonOf, usageError } from '../errors.ts';
import { type ImageKind, imageTypes } from '../input/image-kind.ts';
import { checkFolder, checkWritable, type FileData, writeFileAtomic, writeNewFile } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { slugOf } from './slug.ts';

/** What the user says of where images go. */
export interface TargetOptions {
  /** `-o`: a file, a directory, a pattern with `{n}` and `{slug}`, `-`, or undefined. */
  readonly output: string | undefined;
  readonly force: boolean;
  readonly count: number;
  /** What names are made of where the user gives none. */
  readonly subject: string;
}

/** Where the images of a run go. Images are numbered from 1. */
export interface Target {
  /** True where the bytes themselves are the output. */
  readonly isStdout: boolean;
  /** @returns the path to tell, as the user would type it */
  save(number: number, kind: ImageKind, data: FileData, onKept: (part: string) => void): Promise<string>;
  /** Saves a preview beside the image that is to come. @returns the path to tell */
  savePreview(number: number, preview: number, kind: ImageKind, data: FileData): Promise<string>;
}

/** For a run that makes nothing: `--dry-run`. */
export const NOWHERE: Target = {
  isStdout: false,
  save: async () => '',
  savePreview: async () => '',
};

/** Names of stdout as a file. */
const STDOUT_PATHS: readonly string[] = ['-', '/dev/stdout', '/dev/fd/1', '/proc/self/fd/1'];

/**
 * Finds out where images go, before anything is asked for.
 * @throws Failure (usage) when they could not go there: bytes to a terminal or of several images to stdout, files that
 *   exist, what is no directory
 */
export async function findTarget(options: TargetOptions, context: Context): Promise<Target> {
  const { output, count } = options;
  if (output !== undefined && STDOUT_PATHS.includes(output)) return stdoutTarget(count, context);
  if (output === undefined) return generatedNames('', options, context);
  if (await isDirectory(output, context)) return generatedNames(output, options, context);
  return givenNames(output, options, context);
}

function stdoutTarget(count: number, { stdout }: Context): Target {
  if (count > 1) {
    throw usageError(
      `-o - is one image, and -n ${count} asks for ${count}`,
      'a directory or a pattern such as -o cat-{n}.png takes several',
    );
  }
  if (stdout.isTTY) {
    throw usageError('an image is no text for a terminal', 'pipe it on, or give a file: -o cat.png');
  }
  return {
    isStdout: true,
    async save(_number, _kind, data) {
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
async function generatedNames(
  folder: string,
  { subject, count }: TargetOptions,
  { cwd }: Context,
): Promise<Target> {
  await checkFolder(resolve(cwd, folder));
  const slug = slugOf(subject);
  const first = count === 1 ? 1 : await firstFreeRun(resolve(cwd, folder), slug, count);
  const stem = (number: number) => (number === 1 && count === 1 ? slug : `${slug}-${number}`);
  const write = async (names: Iterable<string>, data: FileData, onKept?: (part: string) => void) => {
    await makeFolder(resolve(cwd, folder));
    const paths = joinEach(resolve(cwd, folder), names);
    const path = await writeNewFile(paths, data, onKept === undefined ? {} : { onKept });
    return join(folder, basename(path));
  };
  return {
    isStdout: false,
    save: (number, kind, data, onKept) =>
      write(
        upFrom(first + number - 1, (at) => `${stem(at)}.${imageTypes[kind].extension}`),
        data,
        onKept,
      ),
    savePreview: (number, preview, kind, data) =>
      write(previewNames(stem(first + number - 1), preview, imageTypes[kind].extension), data),
  };
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
  const { force, count, subject } = options;
  const { cwd } = context;
  const isNumbered = output.includes('{n}');
  const filled = (number: number) =>
    output.replaceAll('{n}', String(number)).replaceAll('{slug}', slugOf(subject));
  const named = (number: number) => {
    const path = filled(number);
    return isNumbered || count === 1 ? path : withEnd(path, `-${number}`);
  };
  for (let number = 1; number <= count; number++) {
    await checkWritable(resolve(cwd, named(number)), { force });
  }
  const write = async (path: string, data: FileData, onKept: (part: string) => void) => {
    const absolute = resolve(cwd, path);
    await makeFolder(dirname(absolute));
    await writeFileAtomic(absolute, data, { force, onKept });
    return path;
  };
  return {
    isStdout: false,
    save: (number, _kind, data, onKept) => write(named(number), data, onKept),
    async savePreview(number, preview, kind, data) {
      const path = named(number);
      const folder = dirname(resolve(cwd, path));
      await makeFolder(folder);
      const stem = basename(path, extname(path));
      const names = previewNames(stem, preview, imageTypes[kind].extension);
      return join(dirname(path), basename(await writeNewFile(joinEach(folder, names), data)));
    },
  };
}

/** @throws Failure (usage) */
async function makeFolder(path: string): Promise<void> {
  await makeFolders(path, 0o777).catch((error: unknown) => {
    throw usageError(`cannot make the directory ${path}: ${reasonOf(error)}`, undefined, error);
  });
}

/** `cat-1.png` for `cat.png`. */
function withEnd(path: string, end: string): string {
  const extension = extname(path);
  return `${path.slice(0, path.length - extension.length)}${end}${extension}`;
}
