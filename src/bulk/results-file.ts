import { createReadStream } from 'node:fs';
import { type FileHandle, open, realpath, rename, rm } from 'node:fs/promises';
import type { Clock, Timer } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { type KnownRow, RowTable } from './row-table.ts';

/** A line to be appended. */
export interface AppendedLine {
  readonly row: number;
  /** JSON, without a line break. */
  readonly text: string;
  readonly key: string;
  readonly isFailed: boolean;
}

/** Whole lines reach the disk after this many ms, at the latest: what a loss of power takes. */
const SYNC_MS = 1000;

/**
 * A file of JSON Lines to which the results of a job are appended, a whole line at a time, and by which a later run of
 * the same job knows what is done. What was cut in the middle of a line is cut off; where a later line has the result
 * of a row that failed before, or lines came out of order, the file is put in order at the end, as a new file that
 * takes its place.
 *
 * A line is an object that has the number of its row as `row`, or else as `id`, a `key` of what was asked, and `result`
 * or `error`.
 */
export class ResultsFile {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #clock: Clock;
  readonly #isOrdered: boolean;
  readonly #rows: RowTable;
  #size: number;
  /** The file has lines that are superseded, or out of order. */
  #isUntidy = false;
  #sync: Timer | undefined;
  #syncing: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    handle: FileHandle,
    clock: Clock,
    isOrdered: boolean,
    { rows, size, isUntidy }: Scanned,
  ) {
    this.#path = path;
    this.#handle = handle;
    this.#clock = clock;
    this.#isOrdered = isOrdered;
    this.#rows = rows;
    this.#size = size;
    this.#isUntidy = isUntidy;
  }

  /**
   * Opens a file of results, or makes one.
   * @param path absolute
   * @param name what errors call it
   * @param isOrdered whether it is to be in the order of the rows in the end
   * @param force begin anew, whatever is there
   * @throws Failure (usage) where it cannot be written, or holds something else
   */
  static async open(
    path: string,
    name: string,
    {
      clock,
      isOrdered,
      force,
    }: { readonly clock: Clock; readonly isOrdered: boolean; readonly force: boolean },
  ): Promise<ResultsFile> {
    const handle = await open(path, 'a+').catch((error: unknown) => {
      throw usageError(`cannot write ${name}: ${reasonOf(error)}`, undefined, error);
    });
    try {
      if (!(await handle.stat()).isFile()) {
        throw usageError(
          `${name} is no file, in which results could be found again`,
          '-o - writes to stdout',
        );
      }
      if (force) await handle.truncate(0);
      const scanned = await scan(path, name);
      // What was cut in the middle of a line was never finished.
      await handle.truncate(scanned.size);
      return new ResultsFile(path, handle, clock, isOrdered, scanned);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  /** Rows with a result, errors not counted. */
  get done(): number {
    return this.#rows.done;
  }

  /** How many rows it has beyond one. */
  rowsAfter(row: number): number {
    return this.#rows.countAfter(row);
  }

  /** @returns undefined where the row is not there */
  find(row: number): KnownRow | undefined {
    return this.#rows.get(row);
  }

  /**
   * Appends lines.
   * @throws Failure (incomplete) where the disk is full, for one; the file then ends with a whole line
   */
  async append(lines: readonly AppendedLine[]): Promise<void> {
    const texts = lines.map(({ text }) => Buffer.from(`${text}\n`));
    try {
      await writeWhole(this.#handle, Buffer.concat(texts));
    } catch (error) {
      await this.#handle.truncate(this.#size).catch(() => {});
      throw new Failure('incomplete', `cannot write ${this.#path}: ${reasonOf(error)}`, { cause: error });
    }
    for (const [index, { row, key, isFailed }] of lines.entries()) {
      const { length } = texts[index] ?? { length: 0 };
      if (row <= this.#rows.last) this.#isUntidy = true;
      this.#rows.set(row, { offset: this.#size, length, key, isFailed });
      this.#size += length;
    }
    this.#sync ??= this.#clock.timer(SYNC_MS, () => this.#flush());
  }

  #flush(): void {
    this.#sync = undefined;
    // Not every file system can; what it could not keep is told when it is written or closed.
    this.#syncing = this.#handle.datasync().catch(() => {});
  }

  /** Closes the file as it is. */
  async close(): Promise<void> {
    this.#sync?.cancel();
    await this.#syncing;
    await this.#handle.datasync().catch(() => {});
    await this.#handle.close().catch(() => {});
  }

  /**
   * Puts the lines in order, each row once, where they are not, and closes the file.
   * @throws Failure (incomplete) where the disk is full; the file then is as it was
   */
  async finish(): Promise<void> {
    if (!this.#hasSuperseded() && !(this.#isUntidy && this.#isOrdered)) return this.close();
    let part = `${this.#path}.part`;
    try {
      // A link stays one.
      const path = await realpath(this.#path);
      part = `${path}.part`;
      const target = await open(part, 'w');
      try {
        await target.chmod((await this.#handle.stat()).mode & 0o7777);
        await copyLines(this.#handle, this.#rows.inOrder(), target);
        await target.datasync().catch(() => {});
      } finally {
        await target.close();
      }
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true }).catch(() => {});
      throw new Failure('incomplete', `cannot put ${this.#path} in order: ${reasonOf(error)}`, {
        hint: 'it has all results, and the same command does that',
        cause: error,
      });
    } finally {
      await this.close();
    }
  }

  #hasSuperseded(): boolean {
    return this.#rows.bytes < this.#size;
  }
}

/** Lines are read and written together, about so many bytes at a time: a million one by one take minutes. */
const WINDOW_BYTES = 128 * 1024;
/** Parts of the file that are read at the same time: what failed and was done later is in another part than the rest. */
const WINDOWS = 8;

/** Reads lines that are near each other with one read. */
class LineReader {
  readonly #handle: FileHandle;
  /** The one that was used last comes last. */
  readonly #windows: { readonly offset: number; readonly bytes: Uint8Array }[] = [];

  constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** @throws where the file has become shorter */
  async read({ offset, length }: Pick<KnownRow, 'offset' | 'length'>): Promise<Uint8Array> {
    const at = this.#windows.findIndex(
      (window) => window.offset <= offset && offset + length <= window.offset + window.bytes.length,
    );
    const [window = await this.#readAround(offset, length)] = at === -1 ? [] : this.#windows.splice(at, 1);
    this.#windows.push(window);
    if (this.#windows.length > WINDOWS) this.#windows.shift();
    const from = offset - window.offset;
    return window.bytes.subarray(from, from + length);
  }

  async #readAround(offset: number, length: number) {
    const start = Math.max(0, offset - WINDOW_BYTES / 2);
    const bytes = Buffer.allocUnsafe(offset - start + Math.max(length, WINDOW_BYTES / 2));
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await this.#handle.read(bytes, done, bytes.length - done, start + done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    if (start + done < offset + length) throw new Error('another program has made it shorter');
    return { offset: start, bytes: bytes.subarray(0, done) };
  }
}

/** Writes lines together. */
async function copyLines(from: FileHandle, lines: Iterable<KnownRow>, to: FileHandle): Promise<void> {
  const reader = new LineReader(from);
  let [held, size]: [Uint8Array[], number] = [[], 0];
  for (const line of lines) {
    held.push(await reader.read(line));
    size += line.length;
    if (size < WINDOW_BYTES) continue;
    await writeWhole(to, Buffer.concat(held));
    [held, size] = [[], 0];
  }
  await writeWhole(to, Buffer.concat(held));
}

/** All of it, at the end of a file. */
async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, null);
    done += bytesWritten;
  }
}

interface Scanned {
  readonly rows: RowTable;
  /** Bytes up to the end of the last whole line. */
  readonly size: number;
  readonly isUntidy: boolean;
}

const LF = 0x0a;
const NUL = 0;
/** What each line begins with. */
const BEGINNING = '{"id":';
/** No job has more, and a number beyond is that of something else: the table of rows would not fit the memory. */
const MOST_ROWS = 100_000_000;

/** @throws Failure (usage) where it has lines that are no results */
async function scan(path: string, name: string): Promise<Scanned> {
  const rows = new RowTable();
  let [size, lines, isUntidy] = [0, 0, false];
  let pieces: Buffer[] = [];
  const take = (line: Buffer) => {
    const read = readLine(line);
    // After a loss of power there may be zeros anywhere in what was written last: those lines are lost.
    const isLost = read === undefined && line.includes(NUL);
    // And the end may be anything.
    if (read === undefined && !isLost) return false;
    if (read !== undefined) {
      const { row, key, isFailed } = read;
      if (row <= rows.last) isUntidy = true;
      rows.set(row, { offset: size, length: line.length + 1, key, isFailed });
    }
    lines += 1;
    size += line.length + 1;
    return true;
  };
  let broken: number | undefined;
  for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
    // Before all of what may be a film is in memory.
    if (lines === 0 && pieces.length === 0 && piece[0] !== NUL && piece[0] !== BEGINNING.charCodeAt(0)) {
      throw otherJob(name, 1);
    }
    let from = 0;
    for (let at = piece.indexOf(LF); at !== -1; at = piece.indexOf(LF, from)) {
      const line = Buffer.concat([...pieces, piece.subarray(from, at)]);
      pieces = [];
      from = at + 1;
      if (broken !== undefined) throw otherJob(name, broken);
      if (!take(line)) broken = lines + 1;
    }
    if (from < piece.length) pieces.push(piece.subarray(from));
  }
  if (rows.last > 0) return { rows, size, isUntidy };
  // With no line of ours in it the file is ours only if it could not be another's.
  if (broken !== undefined || lines > 0 || !isBegun(Buffer.concat(pieces))) throw otherJob(name, broken ?? 1);
  return { rows, size: 0, isUntidy: false };
}

/** Whether that may be the start of the first line of a job, which was cut. */
function isBegun(cut: Buffer): boolean {
  if (cut.every((byte) => byte === NUL)) return true;
  const start = cut.subarray(0, BEGINNING.length).toString('latin1');
  return BEGINNING.startsWith(start) && (readLine(cut) !== undefined || !isJson(cut));
}

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

function otherJob(name: string, line: number): Failure {
  return usageError(
    `${name} is there, and its line ${line} is no result of a job`,
    'another name, or --force to begin anew',
  );
}

function readLine(line: Buffer): { row: number; key: string; isFailed: boolean } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line.toString());
  } catch {
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const { id, row = id, key } = value;
  const isFailed = 'error' in value;
  if (typeof row !== 'number' || !Number.isInteger(row) || typeof key !== 'string') return undefined;
  if (row < 1 || row > MOST_ROWS) return undefined;
  return isFailed || 'result' in value ? { row, key, isFailed } : undefined;
}
