import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { errno, type Failure, reasonOf, usageError } from '../errors.ts';
import type { Reference } from './packed-message.ts';

/** What was attached: a file for each content, named by its SHA-256, for the user's eyes only. */
export class Attachments {
  readonly #folder: string;

  /** @param folder absolute; made when there is something to put into it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /**
   * Puts bytes where they are not yet: whole under their name, or not at all. What a power cut left empty or short is
   * mended.
   * @throws Failure (usage)
   */
  put(sha256: string, bytes: Uint8Array, pid: number): void {
    try {
      const path = this.path(sha256);
      if (sizeOf(path) !== bytes.length) this.#write(path, bytes, pid);
    } catch (error) {
      throw usageError(
        `cannot keep what is attached in ${this.#folder}: ${reasonOf(error)}`,
        'it is to be a folder that you can write to',
        error,
      );
    }
  }

  /** @throws a system error */
  #write(path: string, bytes: Uint8Array, pid: number): void {
    // The folder above them is there, or nothing is. (Node's recursive `mkdir` may try for ever.)
    for (const folder of [this.#folder, dirname(path)])
      if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
    const part = `${path}.${pid}.part`;
    try {
      // On the disk before it has its name: else the name may outlive a power cut, and the bytes not.
      writeFileSync(part, bytes, { mode: 0o600, flush: true });
      renameSync(part, path);
    } catch (error) {
      rmSync(part, { force: true });
      throw error;
    }
  }

  /** In base64, after its prefix; undefined where it is gone, or not whole. @param size in bytes */
  read({ attachment, prefix }: Reference, size: number): string | undefined {
    try {
      const bytes = readFileSync(this.path(attachment));
      return bytes.length === size ? `${prefix}${bytes.toString('base64')}` : undefined;
    } catch {
      return undefined;
    }
  }

  /** Deletes what nothing refers to. @throws Failure (usage) where a file stays; the others are gone then */
  sweep(isUsed: (sha256: string) => boolean): void {
    let failure: Failure | undefined;
    for (const start of entries(this.#folder)) {
      for (const rest of entries(join(this.#folder, start))) {
        const sha256 = /^[0-9a-f]{62}/.exec(rest)?.[0];
        // What a killed run left half-written begins with the same name.
        if (sha256 === undefined || isUsed(start + sha256)) continue;
        const left = remove(join(this.#folder, start, rest));
        failure ??= left;
      }
    }
    if (failure !== undefined) throw failure;
  }

  /** Where it is kept. */
  path(sha256: string): string {
    return join(this.#folder, sha256.slice(0, 2), sha256.slice(2));
  }
}

/** @returns why it cannot be removed */
function remove(path: string): Failure | undefined {
  try {
    unlinkSync(path);
    return undefined;
  } catch (error) {
    if (errno(error) === 'ENOENT') return undefined;
    return usageError(
      `cannot remove ${path}: ${reasonOf(error)}`,
      'the conversations are deleted; delete this, which was attached to them, by hand',
      error,
    );
  }
}

/** In bytes; undefined where there is no file of that name. */
function sizeOf(path: string): number | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() === true ? found.size : undefined;
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
