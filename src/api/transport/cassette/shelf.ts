import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { errno, type Failure, reasonOf, usageError } from '../../../errors.ts';
import { decodeUtf8 } from '../../../input/text.ts';
import { readPlainFile } from '../../../settings/sources.ts';
import { nearest } from './difference.ts';
import type { Exchange, TapedAnswer } from './exchange.ts';
import { inOrder, nameOf, takeName } from './exchange-name.ts';
import { readExchange } from './read-exchange.ts';
import { requestKey, type TapedRequest } from './taped-request.ts';
import type { KeptAnswer } from './taped-response.ts';

/** An exchange of a cassette, without its answer, which may be long. */
interface Held {
  /** The name of its file. */
  readonly file: string;
  readonly request: TapedRequest;
}

/** An exchange that was asked for. */
export interface Found extends Exchange, KeptAnswer {
  readonly response: TapedAnswer;
  /** The name of its file. */
  readonly file: string;
  /** How often the last one has been given before: there are no more. */
  readonly repeats: number;
}

/** The exchanges of a cassette, to be given one after the other. */
export class Shelf {
  readonly #folder: string;
  readonly #shown: string;
  /** The files of a request, by its key. */
  readonly #files = new Map<string, readonly string[]>();
  /** How many were given. */
  readonly #given = new Map<string, number>();
  /** All that there is, once it had to be looked through. */
  #all: ReadonlyMap<string, readonly Held[]> | undefined;

  /**
   * @param folder absolute
   * @param shown as the user gave it
   * @throws Failure (usage) where there is no such folder
   */
  constructor(folder: string, shown: string) {
    this.#folder = folder;
    this.#shown = shown;
    this.#list();
  }

  /**
   * The next answer to a request: in the order of their names, the last one for ever.
   * @throws Failure (usage) where there is none, or a file is not as it should be
   */
  next(request: TapedRequest): Found {
    const key = requestKey(request);
    const files = this.#files.get(key) ?? this.#filesOf(request, key);
    this.#files.set(key, files);
    const given = this.#given.get(key) ?? 0;
    this.#given.set(key, given + 1);
    const file = files[Math.min(given, files.length - 1)] ?? '';
    const exchange = this.#read(file);
    const { file: body } = exchange.response;
    const repeats = Math.max(0, given + 1 - files.length);
    return { file, repeats, ...exchange, ...(body !== undefined && { body: this.#body(body) }) };
  }

  /** By their names, and where somebody gave them others, by what is in them. @throws Failure (usage) */
  #filesOf(request: TapedRequest, key: string): readonly string[] {
    const named = this.#named(request);
    if (named.length > 0 && requestKey(this.#read(named[0] ?? '').request) === key) return named;
    this.#all ??= this.#readAll();
    const held = this.#all.get(key);
    if (held === undefined) throw this.#missing(request, this.#all);
    // What was recorded with this very server, else with any one.
    const [first] = held;
    const own = held.filter((one) => one.request.base_url === request.base_url);
    const others = held.filter((one) => one.request.base_url === first?.request.base_url);
    return (own.length > 0 ? own : others).map(({ file }) => file);
  }

  #named(request: TapedRequest): readonly string[] {
    const name = nameOf(request);
    const files: string[] = [];
    for (let take = 1; this.#has(`${takeName(name, take)}.json`); take++)
      files.push(`${takeName(name, take)}.json`);
    return files;
  }

  #has(file: string): boolean {
    return existsSync(join(this.#folder, file));
  }

  #readAll(): ReadonlyMap<string, readonly Held[]> {
    const all = new Map<string, Held[]>();
    for (const file of [...this.#list()].sort(inOrder)) {
      const { request } = this.#read(file);
      const key = requestKey(request);
      all.set(key, [...(all.get(key) ?? []), { file, request }]);
    }
    return all;
  }

  /** The names of its files. @throws Failure (usage) */
  #list(): readonly string[] {
    try {
      return readdirSync(this.#folder).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
    } catch (error) {
      const reason = errno(error) === 'ENOENT' ? 'there is no such folder' : reasonOf(error);
      throw usageError(`cannot replay ${this.#shown}: ${reason}`, undefined, error);
    }
  }

  #read(file: string): Exchange {
    const name = `${this.#shown}/${file}`;
    return readExchange(decodeUtf8(this.#bytes(file), name), name);
  }

  /** The path of a body that is a file of its own. */
  #body(file: string): string {
    const path = join(this.#folder, file);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isFile() === true) return path;
    const reason = found === undefined ? 'no such file' : 'it is no regular file';
    throw usageError(`cannot read ${this.#shown}/${file}: ${reason}`);
  }

  #bytes(file: string): Uint8Array {
    try {
      return readPlainFile(join(this.#folder, file)).bytes;
    } catch (error) {
      throw usageError(`cannot read ${this.#shown}/${file}: ${reasonOf(error)}`, undefined, error);
    }
  }

  #missing(request: TapedRequest, all: ReadonlyMap<string, readonly Held[]>): Failure {
    const { method, path, url } = request;
    const address = (one: TapedRequest) =>
      `${one.method} ${(one.path ?? one.url ?? '').replace(/\?.*$/s, '')}`;
    const held = [...all.values()].flat();
    const found = nearest(
      request,
      held.filter((one) => address(one.request) === address(request)),
    );
    const known = [...new Set(held.map((one) => address(one.request)))].slice(0, 5);
    const hint =
      found === undefined
        ? `it holds ${known.length === 0 ? 'nothing' : known.join(', ')}`
        : `in the nearest, ${found.nearest.file}, ${found.differs}`;
    return usageError(`${this.#shown} holds no answer to this ${method} ${path ?? url}`, hint);
  }
}
