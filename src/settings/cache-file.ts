import { readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Context } from '../context.ts';
import { errno } from '../errors.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { cacheFolder } from './paths.ts';

type Place = Pick<Context, 'env' | 'cwd' | 'home'>;

/** A small file of JSON in the cache: what it holds can be made again, and is readable to the user alone. */
export class CacheFile {
  readonly #path: string;
  readonly #mostBytes: number;

  private constructor(path: string, mostBytes: number) {
    this.#path = path;
    this.#mostBytes = mostBytes;
  }

  /**
   * @param mostBytes more than it can have grown to
   * @returns undefined where there is no home
   */
  static called(name: string, mostBytes: number, place: Place): CacheFile | undefined {
    const folder = cacheFolder(place);
    return folder === undefined ? undefined : new CacheFile(join(folder, name), mostBytes);
  }

  /**
   * What it holds; undefined where there is none, or where it is garbled.
   * @throws a system error where it cannot be read; Error where it is no file of ours (to read a pipe would wait)
   */
  async read(): Promise<unknown> {
    try {
      const found = await stat(this.#path);
      if (!found.isFile() || found.size > this.#mostBytes) throw new Error(`${this.#path} is not ours`);
      return parsed(await readFile(this.#path, 'utf8'));
    } catch (error) {
      if (errno(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** @throws where it cannot be written */
  async write(content: object): Promise<void> {
    await makeFolders(dirname(this.#path), 0o700);
    const text = JSON.stringify(content, null, 2);
    await writeFileAtomic(this.#path, `${text}\n`, { mode: 0o600, force: true });
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
