import { createHash } from 'node:crypto';
import { appendFile, chmod, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';
import { makeFolders } from '../output/folders.ts';
import { isLocked, lockFile } from '../output/lock.ts';
import { warn } from '../output/messages.ts';
import { cacheFolder } from '../settings/paths.ts';
import type { LocalFile } from './local-file.ts';

/** An upload that was begun. */
export interface BegunUpload {
  readonly id: string;
  /** When the API forgets it: seconds since 1970. */
  readonly expiresAt: number;
  /** Bytes of each part but the last. */
  readonly partSize: number;
}

/** One that an earlier run has begun. */
export interface EarlierUpload extends BegunUpload {
  /** The ids of the parts that the API has, by their place, from 0 on. */
  readonly parts: ReadonlyMap<number, string>;
  /** The API was asked to put the parts together. */
  readonly isCompleting: boolean;
}

/** What was sent of a file, for a later run. */
export interface UploadState {
  /** What an earlier run has sent; `changed`: of a file that was another. */
  readonly earlier: EarlierUpload | 'changed' | undefined;
  /** What is told from here on is kept. */
  readonly isKept: boolean;
  begin(upload: BegunUpload): Promise<void>;
  sent(place: number, partId: string): Promise<void>;
  completing(): Promise<void>;
  /** There is nothing to go on with. */
  forget(): Promise<void>;
  /** Lets another run have it. */
  close(): Promise<void>;
}

/** For servers that forget with the end of the run, and for a home that cannot be written. */
export const NO_STATE: UploadState = {
  earlier: undefined,
  isKept: false,
  begin: async () => {},
  sent: async () => {},
  completing: async () => {},
  forget: async () => {},
  close: async () => {},
};

/** An upload ends an hour after it was begun (OpenAPI, `POST /uploads`): in ms, what is older is of no use. */
const USELESS_AFTER_MS = 2 * 3_600_000;

/**
 * Finds what an earlier run has sent, in a file of the cache folder that only this user may read. Lines are added to it
 * as parts arrive, so that a run that is killed leaves all but the last of them.
 * @param asked all that makes it the same upload beside the file: server, purpose, name, …
 * @throws Failure (usage) where another run is sending the same file
 */
export async function openUploadState(
  file: LocalFile,
  asked: readonly unknown[],
  context: Context,
): Promise<UploadState> {
  const cache = cacheFolder(context);
  if (cache === undefined) return NO_STATE;
  const folder = join(cache, 'uploads');
  try {
    await makeFolders(folder, 0o700);
    await removeUseless(folder, context);
    const seed = JSON.stringify([...asked, file.md5 ?? file.path]);
    const path = join(folder, `${createHash('sha256').update(seed).digest('hex').slice(0, 32)}.jsonl`);
    const unlock = await lockFile(path, file.shown, context, 'sending');
    const earlier = await readState(path, file).catch(async (error: unknown) => {
      await unlock();
      throw error;
    });
    return new KeptState(path, file, earlier, unlock, context);
  } catch (error) {
    if (isLocked(error)) throw error;
    return cannotKeep(error, file, context);
  }
}

function cannotKeep(error: unknown, { shown }: LocalFile, context: Context): UploadState {
  const reason = error instanceof Failure ? error.message : reasonOf(error);
  warn(context, `a cut upload of ${shown} will begin anew, as what was sent cannot be kept: ${reason}`);
  return NO_STATE;
}

class KeptState implements UploadState {
  readonly earlier: UploadState['earlier'];
  readonly #path: string;
  readonly #file: LocalFile;
  readonly #unlock: () => Promise<void>;
  readonly #context: Context;
  #isKept = true;
  /** Lines are added one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    file: LocalFile,
    earlier: UploadState['earlier'],
    unlock: () => Promise<void>,
    context: Context,
  ) {
    this.#path = path;
    this.#file = file;
    this.earlier = earlier;
    this.#unlock = unlock;
    this.#context = context;
  }

  get isKept(): boolean {
    return this.#isKept;
  }

  begin(upload: BegunUpload): Promise<void> {
    return this.#write(async () => {
      const line = JSON.stringify({ ...upload, file: identityOf(this.#file) });
      await writeFile(this.#path, line, { mode: 0o600 });
      // One that was there has the permissions that it had.
      await chmod(this.#path, 0o600);
    });
  }

  sent(place: number, partId: string): Promise<void> {
    return this.#add({ place, partId });
  }

  completing(): Promise<void> {
    return this.#add({ completing: true });
  }

  forget(): Promise<void> {
    return this.#write(() => rm(this.#path, { force: true }));
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#unlock();
  }

  /** A line break stands in front: what a killed run left of its last line is a line by itself, and no JSON. */
  #add(line: JsonObject): Promise<void> {
    return this.#write(() => appendFile(this.#path, `\n${JSON.stringify(line)}`));
  }

  #write(step: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(async () => {
      if (!this.#isKept) return;
      await step().catch((error: unknown) => {
        // A full disk is no reason to send no more.
        this.#isKept = false;
        cannotKeep(error, this.#file, this.#context);
      });
    });
    return this.#turn;
  }
}

/** What tells a file from what it was: bytes that were spooled are in another file each time. */
function identityOf({ stamp, md5, path }: LocalFile): JsonObject {
  const { size, mtime, inode, device } = stamp;
  return md5 === undefined ? { path, size, mtime, inode, device } : { size, md5 };
}

/** @throws a system error where it is there and cannot be read */
async function readState(path: string, file: LocalFile): Promise<UploadState['earlier']> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return '';
    throw error;
  });
  const [head, ...lines] = text.split('\n').map(parsed);
  const begun = begunIn(head);
  if (head === undefined || begun === undefined) return undefined;
  if (JSON.stringify(head['file']) !== JSON.stringify(identityOf(file))) return 'changed';
  const parts = new Map<number, string>();
  for (const line of lines) {
    const { place, partId } = line ?? {};
    if (typeof place === 'number' && typeof partId === 'string') parts.set(place, partId);
  }
  return { ...begun, parts, isCompleting: lines.some((line) => line?.['completing'] === true) };
}

function begunIn(head: JsonObject | undefined): BegunUpload | undefined {
  const { id, expiresAt, partSize } = head ?? {};
  const isBegun = typeof id === 'string' && typeof expiresAt === 'number' && typeof partSize === 'number';
  return isBegun && partSize > 0 ? { id, expiresAt, partSize } : undefined;
}

function parsed(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

async function removeUseless(folder: string, { clock }: Context): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found !== undefined && clock.now() - found.mtimeMs > USELESS_AFTER_MS) {
      await rm(path, { force: true }).catch(() => {});
    }
  }
}
