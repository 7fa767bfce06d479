import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { Source } from './index-store.ts';

/** The paths of an index: kept as seen from its own folder, shown as seen from where the user is. */
export class IndexPaths {
  readonly #folder: string;
  readonly #cwd: string;

  private constructor(folder: string, cwd: string) {
    this.#folder = folder;
    this.#cwd = cwd;
  }

  /** @param database absolute path */
  static async of(database: string, cwd: string): Promise<IndexPaths> {
    return new IndexPaths(await throughFolders(dirname(database)), cwd);
  }

  /** @param path as it was typed */
  async kept(path: string): Promise<string> {
    const absolute = resolve(this.#cwd, path);
    const real = join(await throughFolders(dirname(absolute)), basename(absolute));
    return relative(this.#folder, real).split(sep).join('/');
  }

  absolute(kept: string): string {
    return resolve(this.#folder, kept);
  }

  /** A name by which the user finds the text: the shorter of the path from here and the whole path. */
  shown({ source, path }: Source): string {
    if (source === 'stdin') return path;
    const absolute = this.absolute(path);
    const near = relative(this.#cwd, absolute);
    return near !== '' && near.length <= absolute.length ? near : absolute;
  }
}

/** A folder without links in it, as far as it is there. */
async function throughFolders(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
