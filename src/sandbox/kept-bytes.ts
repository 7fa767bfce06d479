import { closeSync, openSync, read, readSync, rmSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../output/temporary.ts';

const readAt = promisify(read);
const writeAt = promisify(write);

/** Bytes that a sandbox keeps. */
export interface KeptBytes {
  readonly length: number;
  /** All of them, in memory. */
  all(): Uint8Array;
  /** One piece after the other. */
  pieces(): AsyncGenerator<Uint8Array>;
  /** They are not wanted any more. */
  dispose(): void;
}

/** More bytes than these are kept in a file. */
const MOST_IN_MEMORY = 1024 ** 2;

/** Bytes that are read at a time. */
const PIECE_BYTES = 256 * 1024;

/** Keeps bytes: a few in memory, more in a file that goes with the process. */
export async function keepBytes(bytes: Uint8Array): Promise<KeptBytes> {
  if (bytes.length <= MOST_IN_MEMORY) return inMemory(bytes);
  const file = await NamelessFile.open();
  return file === undefined ? inMemory(bytes) : file.only([await file.append(bytes)]);
}

export function inMemory(bytes: Uint8Array): KeptBytes {
  return {
    length: bytes.length,
    all: () => bytes,
    async *pieces() {
      for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
    },
    dispose() {},
  };
}

/** A part of a file. */
export interface Range {
  readonly at: number;
  readonly length: number;
}

/** A file whose name is gone as soon as it is open: whatever ends the process, nothing of it is left. */
export class NamelessFile {
  readonly #fd: number;
  #end = 0;
  #isOpen = true;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @returns undefined where there can be no temporary file */
  static async open(): Promise<NamelessFile | undefined> {
    const folder = await temporaryFolder().catch(() => undefined);
    if (folder === undefined) return undefined;
    try {
      const path = join(folder.path, 'kept');
      const fd = openSync(path, 'wx+', 0o600);
      rmSync(path, { force: true });
      return new NamelessFile(fd);
    } catch {
      return undefined;
    } finally {
      await folder.dispose();
    }
  }

  /** Adds bytes at the end; several may be added at once. @throws a system error */
  async append(bytes: Uint8Array): Promise<Range> {
    const at = this.#end;
    this.#end += bytes.length;
    for (let done = 0; done < bytes.length; ) {
      done += (await writeAt(this.#openFd(), bytes, done, bytes.length - done, at + done)).bytesWritten;
    }
    return { at, length: bytes.length };
  }

  /** What stands in these parts of it, one after the other. It is closed when that is disposed of. */
  only(ranges: readonly Range[]): KeptBytes {
    const fd = () => this.#openFd();
    const length = ranges.reduce((sum, range) => sum + range.length, 0);
    return {
      length,
      all() {
        const bytes = Buffer.allocUnsafe(length);
        let to = 0;
        for (const range of ranges) to += readSync(fd(), bytes, to, range.length, range.at);
        return bytes;
      },
      async *pieces() {
        for (const range of ranges) {
          for (let done = 0; done < range.length; ) {
            const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, range.length - done));
            const { bytesRead } = await readAt(fd(), piece, 0, piece.length, range.at + done);
            if (bytesRead === 0) throw new Error('a file of the sandbox is shorter than it was');
            done += bytesRead;
            yield piece.subarray(0, bytesRead);
          }
        }
      },
      dispose: () => this.close(),
    };
  }

  /** The number may be that of another file, once it is closed. */
  #openFd(): number {
    if (!this.#isOpen) throw new Error('a file of the sandbox was deleted while it was read');
    return this.#fd;
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }
}
