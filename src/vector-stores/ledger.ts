import { createHash } from 'node:crypto';
import { appendFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { errno, Failure, reasonOf } from '../errors.ts';
import { isObject } from '../json.ts';
import { writeFileAtomic } from '../output/files.ts';
import { makeFolders } from '../output/folders.ts';
import { isLocked, lockFile } from '../output/lock.ts';
import { warn } from '../output/messages.ts';
import { cacheFolder } from '../settings/paths.ts';
import type { LocalText } from './local-texts.ts';

/** An upload of a run that was cut before a store had the file. */
export interface EarlierUpload {
  /** Undefined for one that had begun, and may have arrived. */
  readonly fileId: string | undefined;
  /** Seconds since 1970: when the run began. */
  readonly since: number;
  /** No other upload of that run has its name and its size. */
  readonly isAlone: boolean;
}

/** A line of a ledger. */
interface Noted {
  /** What tells content at a path. */
  readonly key: string;
  readonly file: string | undefined;
  /** Seconds since 1970. */
  readonly began: number;
  /** What tells uploads apart that the API may have: their names and sizes. */
  readonly like: string;
}

/**
 * What was uploaded for a store and is not in it yet, kept until it is: of a run that was killed no upload is lost, and
 * none is made twice.
 */
export interface Ledger {
  /** What an earlier run says of a file with this path and this content. */
  earlier(text: LocalText): EarlierUpload | undefined;
  begin(text: LocalText): Promise<void>;
  uploaded(text: LocalText, fileId: string): Promise<void>;
  /** All files that were asked for are in the store: what was noted of them is forgotten. */
  clear(): Promise<void>;
  /** Lets another run have the store. */
  close(): Promise<void>;
}

const NO_LEDGER: Ledger = {
  earlier: () => undefined,
  begin: async () => {},
  uploaded: async () => {},
  clear: async () => {},
  close: async () => {},
};

/**
 * Opens the ledger of a store, in a file of the cache folder that only this user may read. One run at a time has it.
 * @param name what errors call the store
 * @throws Failure (usage) where another run is filling the store
 */
export async function openLedger(storeId: string, name: string, api: Api, context: Context): Promise<Ledger> {
  const { settings } = api;
  const cache = cacheFolder(context);
  // The sandbox of one command, and a cassette, know nothing of another run.
  if (settings.sandbox || api.replays || cache === undefined) return NO_LEDGER;
  const seed = JSON.stringify([settings.baseUrl, settings.organization, settings.project, storeId]);
  const folder = join(cache, 'vector-stores');
  const path = join(folder, `${checksum(seed)}.jsonl`);
  try {
    await makeFolders(folder, 0o700);
    const unlock = await lockFile(path, `the vector store ${name}`, context, 'filling');
    const noted = await readLines(path).catch(async (error: unknown) => {
      await unlock();
      throw error;
    });
    return new KeptLedger(path, noted, unlock, context);
  } catch (error) {
    if (isLocked(error)) throw error;
    return withoutLedger(error, context);
  }
}

function withoutLedger(error: unknown, context: Context): Ledger {
  const reason = error instanceof Failure ? error.message : reasonOf(error);
  warn(context, `a cut run would upload some files again, as what was sent cannot be kept: ${reason}`);
  return NO_LEDGER;
}

/** The lines that are whole. @throws a system error */
async function readLines(path: string): Promise<Map<string, Noted>> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (errno(error) === 'ENOENT') return '';
    throw error;
  });
  const noted = new Map<string, Noted>();
  for (const line of text.split('\n')) {
    const read = readLine(line);
    if (read !== undefined) noted.set(read.key, read);
  }
  return noted;
}

/** A run that was killed may have left half a line. */
function readLine(line: string): Noted | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return undefined;
    const { key, file, began, like } = value;
    if (typeof key !== 'string' || typeof began !== 'number' || typeof like !== 'string') return undefined;
    return { key, file: typeof file === 'string' ? file : undefined, began, like };
  } catch {
    return undefined;
  }
}

class KeptLedger implements Ledger {
  readonly #path: string;
  readonly #noted: ReadonlyMap<string, Noted>;
  /** Of all that is noted: when the first upload began (seconds since 1970), and how many have a name and a size. */
  readonly #summary: { readonly since: number; readonly alike: ReadonlyMap<string, number> };
  readonly #unlock: () => Promise<void>;
  readonly #context: Context;
  #isKept = true;
  /** Keys of the files that this run is about. */
  readonly #own = new Set<string>();
  /** Lines are added one after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(
    path: string,
    noted: ReadonlyMap<string, Noted>,
    unlock: () => Promise<void>,
    context: Context,
  ) {
    this.#path = path;
    this.#noted = noted;
    this.#summary = summaryOf(noted.values());
    this.#unlock = unlock;
    this.#context = context;
  }

  earlier(text: LocalText): EarlierUpload | undefined {
    const key = keyOf(text);
    this.#own.add(key);
    const noted = this.#noted.get(key);
    if (noted === undefined) return undefined;
    const { since, alike } = this.#summary;
    return { fileId: noted.file, since, isAlone: alike.get(noted.like) === 1 };
  }

  begin(text: LocalText): Promise<void> {
    return this.#note(text, undefined);
  }

  uploaded(text: LocalText, fileId: string): Promise<void> {
    return this.#note(text, fileId);
  }

  async clear(): Promise<void> {
    await this.#turn;
    const rest = [...this.#noted.values()].filter(({ key }) => !this.#own.has(key));
    const text = rest.map((noted) => `${JSON.stringify(noted)}\n`).join('');
    const kept = { mode: 0o600, force: true };
    const done = text === '' ? rm(this.#path, { force: true }) : writeFileAtomic(this.#path, text, kept);
    // What stands there for nothing is asked for again, and does no harm.
    await done.catch(() => {});
  }

  async close(): Promise<void> {
    await this.#turn;
    await this.#unlock();
  }

  #note(text: LocalText, file: string | undefined): Promise<void> {
    const began = Math.floor(this.#context.clock.now() / 1000);
    const { name, stamp } = text.file;
    const like = checksum(`${name}\n${stamp.size}`);
    const line = `${JSON.stringify({ key: keyOf(text), file, began, like })}\n`;
    this.#turn = this.#turn.then(() => this.#append(line));
    return this.#turn;
  }

  async #append(line: string): Promise<void> {
    if (!this.#isKept) return;
    try {
      await appendFile(this.#path, line, { mode: 0o600 });
    } catch (error) {
      this.#isKept = false;
      withoutLedger(error, this.#context);
    }
  }
}

function summaryOf(all: Iterable<Noted>) {
  const alike = new Map<string, number>();
  let since = Number.POSITIVE_INFINITY;
  for (const { began, like } of all) {
    since = Math.min(since, began);
    alike.set(like, (alike.get(like) ?? 0) + 1);
  }
  return { since, alike };
}

/** Content at a path: nothing of either is told in the file. */
function keyOf({ path, sha256 }: LocalText): string {
  return checksum(`${path}\n${sha256}`);
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32);
}
