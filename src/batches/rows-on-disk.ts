import { type FileHandle, open } from 'node:fs/promises';
import { reasonOf, usageError } from '../errors.ts';
import type { LinePlace } from '../input/rows/placed-lines.ts';

/** Lines of a file, read again by their places. */
export class RowsOnDisk {
  readonly #handle: FileHandle;
  readonly #dispose: () => Promise<void>;

  private constructor(handle: FileHandle, dispose: () => Promise<void>) {
    this.#handle = handle;
    this.#dispose = dispose;
  }

  /**
   * @param path absolute
   * @param name what errors call it
   * @param dispose what is to be done once nobody reads it any more
   * @throws Failure (usage)
   */
  static async open(path: string, name: string, dispose = async () => {}): Promise<RowsOnDisk> {
    const handle = await open(path).catch((error: unknown) => {
      throw usageError(`cannot read ${name}: ${reasonOf(error)}`, undefined, error);
    });
    return new RowsOnDisk(handle, dispose);
  }

  /** A line with its line break. @throws Error where the file has become shorter */
  async line({ offset, length }: LinePlace): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(length + 1);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
      if (bytesRead === 0) throw usageError('the file became shorter while it was read');
      done += bytesRead;
    }
    bytes[length] = 0x0a;
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
    await this.#dispose();
  }
}
