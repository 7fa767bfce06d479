import { readFile, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Batch, type BatchEndpoint, batchOfFile, createBatch } from '../api/batches.ts';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import { isObject } from '../json.ts';
import { writeFileAtomic } from '../output/files.ts';

/** A batch by its id; or the id of its uploaded requests, while it may or may not have begun. */
type UnderWay = string | { readonly requests: string };

/** The batches that are under way, in a file beside the output. */
export class BatchState {
  readonly #path: string;
  readonly #api: Api;
  readonly #endpoint: BatchEndpoint;

  /** @param output the file of results, as it was typed */
  constructor(output: string, endpoint: BatchEndpoint, api: Api, { cwd }: Context) {
    this.#path = resolve(cwd, `${output}.batch`);
    this.#api = api;
    this.#endpoint = endpoint;
  }

  /**
   * The ids of those that have begun. One that a run was cut at is looked for by its requests: where it has not begun, it
   * is as if it had never been asked for.
   * @throws Failure: of kind `usage` where the file is something else; Stopped
   */
  async begun(): Promise<string[]> {
    const all = await this.#read();
    const ids: string[] = [];
    for (const one of all) {
      const id = typeof one === 'string' ? one : (await this.#found(one.requests))?.id;
      if (id !== undefined) ids.push(id);
    }
    if (all.some((one) => typeof one !== 'string')) await this.write(ids);
    return ids;
  }

  #found(requests: string): Promise<Batch | undefined> {
    return batchOfFile(this.#api, { fileId: requests, endpoint: this.#endpoint });
  }

  /** Has a batch begin, and sees to it that it is found again wherever the run is cut. @throws Failure or Stopped */
  async begin(requests: string): Promise<Batch> {
    const others = await this.#read();
    await this.write([...others, { requests }]);
    const batch = await createBatch(this.#api, { fileId: requests, endpoint: this.#endpoint });
    await this.write([...others, batch.id]);
    return batch;
  }

  async #read(): Promise<UnderWay[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => '[]');
    try {
      const found: unknown = JSON.parse(text);
      if (Array.isArray(found) && found.every(isUnderWay)) return found;
    } catch {
      // Said below.
    }
    throw usageError(`${this.#path} does not tell which batches are under way`, 'delete it to begin anew');
  }

  async write(all: readonly UnderWay[]): Promise<void> {
    if (all.length === 0) await rm(this.#path, { force: true });
    else await writeFileAtomic(this.#path, `${JSON.stringify(all)}\n`, { force: true });
  }
}

function isUnderWay(value: unknown): value is UnderWay {
  return typeof value === 'string' || (isObject(value) && typeof value['requests'] === 'string');
}
