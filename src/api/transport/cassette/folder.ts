import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../../../errors.ts';
import { makeFoldersAtOnce } from '../../../output/folders.ts';

/** A file that is being written: it appears whole under its name or not at all. */
export interface NewFile {
  /** Bytes written so far. */
  readonly size: number;
  write(data: string | Uint8Array): void;
  /** It is whole. @returns its name */
  finish(name: string): void;
  /** It is not wanted. */
  drop(): void;
}

/**
 * A folder of exchanges, for their owner alone: what people ask and are answered is nobody else's business. All is
 * written at once, and not in the background: a run that ends just now leaves nothing half done.
 */
export class ExchangeFolder {
  readonly path: string;

  /** @param path absolute */
  constructor(path: string) {
    this.path = path;
  }

  /** Writes a whole file, in place of one that has its name. @throws a system error */
  write(name: string, text: string): void {
    const file = this.begin();
    try {
      file.write(text);
    } catch (error) {
      file.drop();
      throw error;
    }
    file.finish(name);
  }

  /** @throws a system error, and so do the methods of the file */
  begin(): NewFile {
    const part = join(this.path, `.${randomBytes(6).toString('hex')}.part`);
    const fd = this.#open(part);
    let size = 0;
    let isOpen = true;
    const close = () => {
      // Once it is closed, its number may be that of another file.
      if (!isOpen) return;
      isOpen = false;
      closeSync(fd);
    };
    return {
      get size() {
        return size;
      },
      write(data) {
        const bytes = typeof data === 'string' ? Buffer.from(data) : data;
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
        size += bytes.length;
      },
      finish: (name) => {
        close();
        try {
          renameSync(part, join(this.path, name));
        } catch (error) {
          rmSync(part, { force: true });
          throw error;
        }
      },
      drop() {
        try {
          close();
          rmSync(part, { force: true });
        } catch {
          // What cannot be taken away is left.
        }
      },
    };
  }

  /** The folder is made where it is missing: not before there is something to be in it. */
  #open(part: string): number {
    try {
      return openSync(part, 'wx', 0o600);
    } catch (error) {
      if (errno(error) !== 'ENOENT') throw error;
      makeFoldersAtOnce(this.path, 0o700);
      return openSync(part, 'wx', 0o600);
    }
  }

  has(name: string): boolean {
    return existsSync(join(this.path, name));
  }

  /** Takes a file away, if there is one. @throws a system error */
  remove(name: string): void {
    rmSync(join(this.path, name), { force: true });
  }
}
