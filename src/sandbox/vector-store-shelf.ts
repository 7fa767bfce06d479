import type { SandboxState } from './call.ts';
import { numbered } from './file-shelf.ts';
import { type Chunking, VectorStore } from './vector-store.ts';

/** What a vector store was asked for. */
export interface NewVectorStore {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly metadata: unknown;
  /** Days after it was last used. */
  readonly days: number | undefined;
  readonly seed: string;
}

/** A file that a vector store is to have. */
export interface NewStoreFile {
  readonly id: string;
  readonly attributes: unknown;
  readonly chunking: Chunking;
}

/** The vector stores of one sandbox. They are gone with it. */
export class VectorStoreShelf {
  readonly #kept = new Map<string, VectorStore>();
  readonly #named = new Map<string, number>();
  /** Files that stores were given so far, for the fault that breaks one. */
  #given = 0;

  add(asked: NewVectorStore, state: SandboxState): VectorStore {
    const store = new VectorStore(this.idOf('vs_', asked.seed), asked, state, () => ++this.#given);
    this.#kept.set(store.id, store);
    return store;
  }

  get(id: string): VectorStore | undefined {
    return this.#kept.get(id);
  }

  /** From the oldest to the newest. */
  all(): VectorStore[] {
    return [...this.#kept.values()];
  }

  remove(id: string): void {
    this.#kept.delete(id);
  }

  /** A file that is deleted is in no store any more. */
  forgetFile(id: string): void {
    for (const store of this.#kept.values()) store.detach(id);
  }

  /** An id for something that is made: 32 hexadecimal digits behind a prefix. */
  idOf(prefix: string, seed: string): string {
    return `${prefix}${numbered(this.#named, seed).slice(0, 32)}`;
  }
}
