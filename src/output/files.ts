import { constants, existsSync, type Stats } from 'node:fs';
import {
  access,
  chmod,
  type FileHandle,
  link,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { errno, Failure, reasonOf, Stopped, usageError } from '../errors.ts';
import { Pipe } from './pipe.ts';

/** What a file is made of: all of it, or pieces as they come. */
export type FileData = string | Uint8Array | AsyncIterable<string | Uint8Array>;

export interface FileOptions {
  /** Permissions of a new file; without it, what the user's umask leaves of 0666. A replaced file keeps its own. */
  readonly mode?: number;
  /** Replace a file that exists. */
  readonly force?: boolean;
  /**
   * Told where an unfinished file stays when the error that cut it cannot say so: a `Stopped`, for one. The caller may
   * say it.
   */
  readonly onKept?: (part: string) => void;
  /** It cannot be had again: where another file has its name by now, it is written all the same, and stays beside. */
  readonly precious?: boolean;
  /** Ends the wait for the reader of a pipe, and for one who does not read, with its reason. */
  readonly signal?: AbortSignal;
  /** What to write over the start of a whole file, once its data has ended: a header that tells its length, for one. */
  readonly patch?: () => { readonly offset: number; readonly bytes: Uint8Array } | undefined;
}

/**
 * Writes a file that appears whole under its name or not at all: it is written beside, as `NAME.part`, and then
 * renamed. Where the data ends early, what arrived stays there; so does a whole file that cannot get its name. A link
 * is followed. A device or a pipe is written to as it is and never replaced: opening a pipe waits for its reader.
 * @param path absolute
 * @throws Failure (usage) when the file exists, or cannot be written; whatever the data throws
 */
export async function writeFileAtomic(
  path: string,
  data: FileData,
  options: FileOptions = {},
): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw usageError(`${path} is a directory`);
  if (existing !== undefined && !existing.isFile()) {
    // By the name that was given: that of a pipe behind /dev/stdout or `>(…)` is no path.
    const sink = existing.isFIFO()
      ? await openedPipe(path, options.signal)
      : await opened(path, constants.O_WRONLY, path);
    await writeAll(sink, data, path, undefined);
    return;
  }
  if (existing !== undefined && options.force !== true && options.precious !== true) throw exists(path);
  const target = await throughLinks(path).catch((error: unknown) => {
    throw cannotWrite(path, error);
  });
  const begun = await begin(data);
  const { part, handle } = await openPart(target, options.mode, path).catch(begun.leave);
  try {
    await writeAll(handle, begun.data, path, options.patch);
  } catch (error) {
    throw await cut(error, part, options.onKept);
  }
  const mode = existing !== undefined && options.mode === undefined ? existing.mode & 0o7777 : undefined;
  await putInPlace({ part, target, path, mode, force: options.force === true });
}

/**
 * Writes a new file under the first of these names that is free, whole or not at all. Two runs that want the same name
 * at the same time get two names.
 * @param paths absolute; without an end
 * @returns the path that it got
 * @throws Failure (usage) when it cannot be written; whatever the data throws
 */
export async function writeNewFile(
  paths: Iterable<string>,
  data: FileData,
  { mode, onKept, patch }: Omit<FileOptions, 'force'> = {},
): Promise<string> {
  const free = freePaths(paths);
  let path = (await free.next()).value;
  const begun = await begin(data);
  const { part, handle } = await openPart(path, mode, path).catch(begun.leave);
  try {
    await writeAll(handle, begun.data, path, patch);
  } catch (error) {
    throw await cut(error, part, onKept);
  }
  for (;;) {
    try {
      await linkOrRename({ part, target: path });
      await rm(part, { force: true }).catch(() => {});
      return path;
    } catch (error) {
      if (errno(error) !== 'EEXIST') throw cannotWrite(path, error, `what was made is in ${part}`);
      path = (await free.next()).value;
    }
  }
}

/** Those of the paths under which there is nothing, each as it was when it was looked at. */
async function* freePaths(paths: Iterable<string>): AsyncGenerator<string, never> {
  for (const path of paths) {
    try {
      await lstat(path);
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw cannotWrite(path, error);
      yield path;
    }
  }
  throw new Error('no name is left');
}

/**
 * Looks whether a file could be written: before what is to be in it is paid for.
 * @param path absolute; folders above it may be missing
 * @throws Failure (usage) as `writeFileAtomic` and `makeFolders` would
 */
export async function checkWritable(path: string, { force }: Pick<FileOptions, 'force'> = {}): Promise<void> {
  const existing = await statOf(path);
  if (existing?.isDirectory()) throw usageError(`${path} is a directory`);
  if (existing?.isFile() && force !== true) throw exists(path);
  try {
    // A pipe or a device is written to as it is.
    if (existing !== undefined && !existing.isFile()) return await access(path, constants.W_OK);
    const target = await throughLinks(path);
    // Folders are made on the way to what was named, and not to where a link leads.
    if (dirname(target) !== dirname(path) && existsSync(dirname(path))) await stat(dirname(target));
    await checkFolder(dirname(target), path);
  } catch (error) {
    throw error instanceof Failure ? error : cannotWrite(path, error);
  }
}

/**
 * Looks whether a folder is there or could be made, and written into.
 * @param path absolute
 * @param named what the error names: what is to be in the folder, or the folder itself
 * @throws Failure (usage)
 */
export async function checkFolder(path: string, named = path): Promise<void> {
  try {
    if (!(await stat(path)).isDirectory()) {
      throw Object.assign(new Error(`${path} is no directory`), { code: 'ENOTDIR' });
    }
    await access(path, constants.W_OK);
  } catch (error) {
    const above = dirname(path);
    if (errno(error) !== 'ENOENT' || above === path) throw cannotWrite(named, error);
    await checkFolder(above, named);
  }
}

/**
 * Where a path leads once every link is followed, whether or not there is a file yet.
 * @throws a system error, such as ELOOP for links in a circle
 */
export async function throughLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errno(error) !== 'ENOENT') throw error;
  }
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  const file = join(folder, basename(path));
  const found = await lstat(file).catch(() => undefined);
  return found?.isSymbolicLink() ? throughLinks(resolve(folder, await readlink(file))) : file;
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    throw cannotWrite(path, error);
  }
}

function exists(path: string): Failure {
  return usageError(`${path} exists`, '--force replaces it');
}

function cannotWrite(path: string, error: unknown, hint?: string): Failure {
  const lacksFolder = errno(error) === 'ENOENT' && !existsSync(dirname(path));
  const isRefused = errno(error) === 'ENOENT' && !lacksFolder;
  const where = lacksFolder
    ? `there is no directory ${dirname(path)}`
    : isRefused
      ? 'no file can be made there'
      : reasonOf(error);
  return usageError(`cannot write ${path}: ${where}`, hint, error);
}

async function opened(file: string, flags: number, path: string): Promise<FileHandle> {
  try {
    return await open(file, flags);
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** @throws Failure (usage); the signal's reason */
async function openedPipe(path: string, signal: AbortSignal | undefined): Promise<Pipe> {
  return Pipe.open(path, signal).catch((error: unknown) => {
    signal?.throwIfAborted();
    throw cannotWrite(path, error);
  });
}

/** The bytes of a name that every file system has room for beside `.2.part`. */
const LONGEST_STEM = 200;

interface Begun {
  readonly data: FileData;
  /** Takes no more of the data. @throws the error that is the reason */
  leave(error: unknown): Promise<never>;
}

/**
 * Waits for the first of the data: a run that is killed before that leaves no empty `NAME.part`, which nobody could
 * take away later, as nobody knows whether another run has just begun it.
 * @throws whatever the data throws
 */
async function begin(data: FileData): Promise<Begun> {
  if (typeof data === 'string' || data instanceof Uint8Array)
    return { data, leave: (error) => Promise.reject(error) };
  const pieces = data[Symbol.asyncIterator]();
  let ahead: IteratorResult<string | Uint8Array> | undefined = await pieces.next();
  const all: AsyncIterableIterator<string | Uint8Array> = {
    [Symbol.asyncIterator]: () => all,
    async next() {
      const first = ahead;
      ahead = undefined;
      return first ?? pieces.next();
    },
    return: async () => (await pieces.return?.()) ?? { done: true, value: undefined },
  };
  return {
    data: all,
    async leave(error) {
      await pieces.return?.();
      throw error;
    },
  };
}

/** A new `NAME.part`, or `NAME.2.part` and so on where an earlier one is left or another run is writing. */
async function openPart(target: string, mode: number | undefined, path: string) {
  let stem = target;
  for (let number = 1; ; number++) {
    const part = number === 1 ? `${stem}.part` : `${stem}.${number}.part`;
    try {
      return { part, handle: await open(part, 'wx', mode) };
    } catch (error) {
      if (errno(error) === 'ENAMETOOLONG' && stem === target) stem = shortened(target);
      else if (errno(error) !== 'EEXIST') throw cannotWrite(path, error);
    }
  }
}

/** A name that may be as long as names can be leaves no room for `.part`. */
function shortened(path: string): string {
  let stem = '';
  for (const character of basename(path)) {
    if (Buffer.byteLength(stem + character) > LONGEST_STEM) break;
    stem += character;
  }
  return join(dirname(path), stem);
}

/** What data are written to. */
interface Sink {
  writeFile(piece: string | Uint8Array): Promise<void>;
  /** A pipe has no place to go back to. */
  readonly write?: FileHandle['write'];
  close(): Promise<void>;
}

async function writeAll(
  sink: Sink,
  data: FileData,
  path: string,
  patch: FileOptions['patch'],
): Promise<void> {
  const named = (error: unknown) => {
    if (error instanceof Failure || error instanceof Stopped) throw error;
    throw new Failure('incomplete', `cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  };
  try {
    const pieces = typeof data === 'string' || data instanceof Uint8Array ? [data] : data;
    for await (const piece of pieces) await sink.writeFile(piece).catch(named);
    const last = patch?.();
    if (last !== undefined) await sink.write?.(last.bytes, 0, last.bytes.length, last.offset).catch(named);
  } catch (error) {
    await sink.close().catch(() => {});
    throw error;
  }
  // Some disks tell only now that they are full.
  await sink.close().catch(named);
}

/** The error that ended a file early, with word of what is left of it. An empty file is not left. */
async function cut(error: unknown, part: string, onKept: FileOptions['onKept']): Promise<unknown> {
  const left = await stat(part).catch(() => undefined);
  if (left === undefined) return error;
  if (left.size === 0) {
    await rm(part, { force: true }).catch(() => {});
    return error;
  }
  if (!(error instanceof Failure)) {
    onKept?.(part);
    return error;
  }
  const kept = `what arrived is in ${part}`;
  return new Failure(error.kind, error.hint === undefined ? error.message : `${error.message} (${kept})`, {
    hint: error.hint ?? kept,
    code: error.code,
    status: error.status,
    requestId: error.requestId,
    cause: error.cause,
  });
}

interface Finished {
  readonly part: string;
  readonly target: string;
  /** The target as it was named. */
  readonly path: string;
  /** Permissions to give it, where they are not those that it was made with. */
  readonly mode: number | undefined;
  readonly force: boolean;
}

/**
 * Gives the finished part its name. A file that has come there meanwhile is not replaced unless forced; what is no
 * file never is.
 */
async function putInPlace(finished: Finished): Promise<void> {
  const { part, path, mode, force } = finished;
  const made = `what was made is in ${part}`;
  try {
    if (mode !== undefined) await chmod(part, mode);
    if (force) await renameOver(finished);
    else await linkOrRename(finished);
  } catch (error) {
    if (errno(error) === 'EEXIST') throw usageError(`${path} exists`, `${made}; --force replaces it`, error);
    throw cannotWrite(path, error, made);
  }
  // After a link the part has both names; one too many is no failure.
  await rm(part, { force: true }).catch(() => {});
}

async function renameOver({ part, target }: Finished): Promise<void> {
  const there = await lstat(target).catch(() => undefined);
  if (there !== undefined && !there.isFile()) {
    throw Object.assign(new Error(`${target} is no file`), { code: 'EEXIST' });
  }
  await rename(part, target);
}

async function linkOrRename(finished: Pick<Finished, 'part' | 'target'>): Promise<void> {
  try {
    await link(finished.part, finished.target);
  } catch (error) {
    // Some file systems (FAT, some of the network) have no links.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errno(error) ?? '')) throw error;
    const there = await lstat(finished.target).catch(() => undefined);
    if (there !== undefined) throw Object.assign(new Error('there is one'), { code: 'EEXIST' });
    await rename(finished.part, finished.target);
  }
}
