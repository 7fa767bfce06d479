import type { Api } from '../api/client.ts';
import { type Job, waitForJob } from '../api/job.ts';
import {
  attachFiles,
  type FileBatch,
  type FileToAttach,
  listBatchFiles,
  retrieveFileBatch,
  retrieveStoreFile,
  type VectorStoreFile,
} from '../api/vector-store-files.ts';
import type { Context } from '../context.ts';
import { bar } from '../output/progress.ts';
import type { NamedStore } from './find-store.ts';

/** Ms between two looks: a file takes seconds, and many take minutes. */
const PACE = { first: 1000, factor: 1.5, longest: 5_000 };

/** Files that wait to be put into the store together: each batch is a write, of which a store takes 300 a minute. */
const TOGETHER = 100;

/** Told of each file once it is indexed, or why it is not. */
export type Indexed<Entry> = (entry: Entry, error: string | undefined) => Promise<void>;

/** A batch of files that is being indexed. */
interface Batch<Entry> {
  readonly id: string;
  readonly entries: readonly Entry[];
}

/** Puts files into a store, batch by batch while others are uploaded, and waits until they are indexed. */
export class Attacher<Entry extends FileToAttach> {
  readonly #store: NamedStore;
  readonly #isRepeatable: boolean;
  readonly #api: Api;
  readonly #context: Context;
  readonly #batches: Batch<Entry>[] = [];
  /** In the store, and not indexed yet: of an earlier run. */
  readonly #begun: Entry[] = [];
  #waiting: Entry[] = [];
  /** Files that were put in, and those of them that are indexed, or have failed. */
  #all = 0;
  #done = 0;
  #failed = 0;

  /** @param isRepeatable whether the command that was typed may be typed again */
  constructor(store: NamedStore, isRepeatable: boolean, api: Api, context: Context) {
    this.#store = store;
    this.#isRepeatable = isRepeatable;
    this.#api = api;
    this.#context = context;
  }

  add(entry: Entry): void {
    this.#waiting.push(entry);
  }

  /** Puts in what is waiting, where that is enough for a batch. @throws Failure or Stopped */
  async flushFull(): Promise<void> {
    if (this.#waiting.length >= TOGETHER) await this.flush();
  }

  /** One that the store has already, and is indexing. */
  await(entry: Entry): void {
    this.#begun.push(entry);
    this.#all += 1;
  }

  /** Puts in what is waiting. @throws Failure or Stopped */
  async flush(): Promise<void> {
    const entries = this.#waiting;
    if (entries.length === 0) return;
    this.#waiting = [];
    const { id } = await attachFiles(this.#api, this.#store.id, entries);
    this.#batches.push({ id, entries });
    this.#all += entries.length;
  }

  /** Waits for all that was put in. @throws Failure or Stopped */
  async finish(indexed: Indexed<Entry>): Promise<void> {
    await this.flush();
    for (const batch of this.#batches) await this.#finishBatch(batch, indexed);
    for (const entry of this.#begun) {
      const file = await this.#wait<VectorStoreFile>({
        look: (api) => retrieveStoreFile(api, this.#store.id, entry.id),
        hasEnded: ({ status }) => status !== 'in_progress',
        told: () => this.#told(0, 0),
      });
      await this.#tell(entry, problemOf(file), indexed);
    }
  }

  async #finishBatch({ id, entries }: Batch<Entry>, indexed: Indexed<Entry>): Promise<void> {
    const batch = await this.#wait<FileBatch>({
      look: (api) => retrieveFileBatch(api, this.#store.id, id),
      hasEnded: ({ status }) => status !== 'in_progress',
      told: ({ file_counts: { completed, failed } }) => this.#told(completed + failed, failed),
    });
    const problems = await this.#problemsOf(batch);
    for (const entry of entries) await this.#tell(entry, problems.get(entry.id), indexed);
  }

  async #tell(entry: Entry, problem: string | undefined, indexed: Indexed<Entry>): Promise<void> {
    this.#done += 1;
    if (problem !== undefined) this.#failed += 1;
    await indexed(entry, problem);
  }

  /** Why files of a batch are not indexed, by their ids. */
  async #problemsOf({ id, file_counts: counts, status }: FileBatch): Promise<ReadonlyMap<string, string>> {
    const problems = new Map<string, string>();
    for (const state of ['failed', 'cancelled', 'in_progress'] as const) {
      // A batch that is over indexes nothing any more.
      if (counts[state] === 0 && status === 'completed') continue;
      for await (const page of listBatchFiles(this.#api, this.#store.id, id, state)) {
        for (const file of page) problems.set(file.id, problemOf(file) ?? 'it was not indexed');
      }
    }
    return problems;
  }

  #wait<State>(job: Pick<Job<State>, 'look' | 'hasEnded' | 'told'>): Promise<State> {
    const { shown } = this.#store;
    const named = {
      name: `the indexing of ${shown}`,
      comeBack: `${this.#isRepeatable ? 'the same command waits for it, ' : ''}\`oai vector-store files ${shown}\` shows it`,
      pace: PACE,
      isBegun: true,
    };
    return waitForJob({ ...job, ...named }, this.#api, this.#context);
  }

  /** @param done files of the batch that is looked at */
  #told(done: number, failed: number): string {
    const all = this.#done + done;
    const words = this.#failed + failed === 0 ? '' : `, ${this.#failed + failed} failed`;
    return `indexing ${this.#store.shown}: ${bar(all / this.#all)} ${all} of ${this.#all} files${words}`;
  }
}

/** Why a file is not indexed; undefined for one that is. */
function problemOf({ status, last_error: error }: VectorStoreFile): string | undefined {
  if (status === 'completed') return undefined;
  return error?.message ?? (status === 'cancelled' ? 'its indexing was cancelled' : 'it was not indexed');
}
