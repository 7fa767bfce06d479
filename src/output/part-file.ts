import { chmod, type FileHandle, link, lstat, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errno, Failure, reasonOf, Stopped, usageError } from '../errors.ts';
import { cannotWrite } from './writable.ts';

/** What a file is made of: all of it, or pieces as they come. */
export type FileData = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/** What to write over the start of a whole file, once its data has ended. */
export type Patch = () => { readonly offset: number; readonly bytes: Uint8Array } | undefined;

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
export async function begin(data: FileData): Promise<Begun> {
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
export async function openPart(target: string, mode: number | undefined, path: string) {
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

export async function writeAll(
  sink: Sink,
  data: FileData,
  path: string,
  patch: Patch | undefined,
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
export async function cut(
  error: unknown,
  part: string,
  onKept: ((part: string) => void) | undefined,
): Promise<unknown> {
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
export async function putInPlace(finished: Finished): Promise<void> {
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

export async function linkOrRename(finished: Pick<Finished, 'part' | 'target'>): Promise<void> {
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
