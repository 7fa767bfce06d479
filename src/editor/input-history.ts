import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno, reasonOf } from '../errors.ts';
import { makeFoldersAtOnce } from '../output/folders.ts';

/** A file that has grown beyond this, in characters, is cut to its last entries when it is read. */
const LARGEST_FILE = 1_000_000;
/** Entries that stay then. */
const KEPT = 2000;
/** A longer text, in characters, can be called back in this run only. */
const LONGEST_KEPT = 50_000;

/** Only the user may read what the user wrote. */
const OWN_FILE = 0o600;
const OWN_FOLDER = 0o700;

/**
 * What was typed before, oldest first, in this run and in earlier ones. The file has a JSON string on each line and is
 * only added to, so that several runs at once lose nothing of each other's.
 */
export class InputHistory {
  readonly #path: string | undefined;
  readonly #entries: string[];
  /** The file ends in the middle of a line: a run was killed as it wrote. */
  #isCut: boolean;

  private constructor(path: string | undefined, entries: string[], isCut: boolean) {
    this.#path = path;
    this.#entries = entries;
    this.#isCut = isCut;
  }

  /**
   * @param path of the file; undefined keeps nothing beyond this run
   * @param warn is told when it cannot be read: then nothing is written either
   */
  static load(path: string | undefined, warn: (problem: string) => void): InputHistory {
    if (path === undefined) return new InputHistory(undefined, [], false);
    try {
      const text = readFileSync(path, 'utf8');
      const entries = entriesIn(text);
      if (text.length > LARGEST_FILE) shorten(path, entries);
      return new InputHistory(path, entries.slice(-KEPT), text !== '' && !text.endsWith('\n'));
    } catch (error) {
      if (errno(error) === 'ENOENT') return new InputHistory(path, [], false);
      warn(`cannot read ${path}: ${reasonOf(error)}; what you type is not kept`);
      return new InputHistory(undefined, [], false);
    }
  }

  get length(): number {
    return this.#entries.length;
  }

  /** @param index from 0, the oldest */
  at(index: number): string | undefined {
    return this.#entries[index];
  }

  /**
   * The nearest entry that holds a text, upper and lower case alike.
   * @param from the index to begin at, which is looked at too
   * @param step -1 towards the oldest, 1 towards the newest
   */
  find(text: string, from: number, step: -1 | 1): number | undefined {
    const wanted = text.toLowerCase();
    for (let index = from; index >= 0 && index < this.length; index += step) {
      if (this.#entries[index]?.toLowerCase().includes(wanted)) return index;
    }
    return undefined;
  }

  /**
   * Adds what was typed, unless it is the last once more.
   * @param warn is told, once, when it cannot be written
   * @param isKept beyond this run
   */
  add(text: string, warn: (problem: string) => void, isKept = true): void {
    if (text.trim() === '' || text === this.#entries.at(-1)) return;
    this.#entries.push(text);
    if (this.#entries.length > 2 * KEPT) this.#entries.splice(0, KEPT);
    if (this.#path === undefined || !isKept || text.length > LONGEST_KEPT) return;
    try {
      makeFoldersAtOnce(dirname(this.#path), OWN_FOLDER);
      appendFileSync(this.#path, `${this.#isCut ? '\n' : ''}${JSON.stringify(text)}\n`, { mode: OWN_FILE });
      this.#isCut = false;
    } catch (error) {
      if (!this.#complained)
        warn(`cannot write ${this.#path}: ${reasonOf(error)}; what you type is not kept`);
      this.#complained = true;
    }
  }

  #complained = false;
}

/** What is no line of ours is passed over. */
function entriesIn(text: string): string[] {
  return text.split('\n').flatMap((line) => {
    try {
      const entry: unknown = JSON.parse(line);
      return typeof entry === 'string' ? [entry] : [];
    } catch {
      return [];
    }
  });
}

function shorten(path: string, entries: readonly string[]): void {
  const lines = entries.slice(-KEPT).map((entry) => `${JSON.stringify(entry)}\n`);
  const half: string[] = [];
  // From the end, as many as fit into half of what is too much.
  for (let room = LARGEST_FILE / 2; lines.length > 0; ) {
    const line = lines.pop() ?? '';
    room -= line.length;
    if (room < 0) break;
    half.unshift(line);
  }
  try {
    writeFileSync(`${path}.part`, half.join(''), { mode: OWN_FILE });
    renameSync(`${path}.part`, path);
  } catch {
    // It is as long as it was.
  }
}
