import { isObject, type JsonObject } from '../json.ts';
import { turn } from './batch-input.ts';
import type { SandboxState } from './call.ts';
import { embeddingOf } from './embedding-vector.ts';
import { seconds } from './file-shelf.ts';
import { type IndexError, passageText } from './passage-text.ts';
import { tokensOf } from './tokens.ts';
import type { NewStoreFile, NewVectorStore } from './vector-store-shelf.ts';

/** How a file is cut; both in tokens. */
export interface Chunking {
  readonly size: number;
  readonly overlap: number;
}

/** A part of a file that can be found. */
export interface Passage {
  readonly text: string;
  readonly vector: Float32Array;
}

export type FileStatus = 'in_progress' | 'completed' | 'failed' | 'cancelled';

/** A file of a vector store. */
export interface StoreFile extends NewStoreFile {
  readonly name: string;
  readonly created: number;
  /** Looks at the store until it is indexed. */
  looks: number;
  /** The how many-eth file that stores of this sandbox were given: from 1 on. */
  readonly number: number;
  status: FileStatus;
  error: IndexError | null;
  attributes: unknown;
  /** Once it is indexed. */
  passages: readonly Passage[];
  bytes: number;
}

export interface FileBatch {
  readonly id: string;
  readonly created: number;
  readonly files: readonly string[];
  isCancelled: boolean;
}

const DAY_SECONDS = 86_400;

/** The model and the dimensions of the vectors by which passages are found. */
const VECTORS = ['text-embedding-3-large', 256] as const;

/** A vector that a question or a passage is compared by. */
export function passageVector(text: string): Float32Array {
  return embeddingOf(text, ...VECTORS);
}

/**
 * A vector store. What it was given is indexed by looks at it, a file or a batch of it, and by no clock: at the first
 * look all of it, or with the fault `slow-index=3` a part at each of three.
 */
export class VectorStore {
  readonly id: string;
  readonly files = new Map<string, StoreFile>();
  readonly batches = new Map<string, FileBatch>();
  readonly #asked: NewVectorStore;
  readonly #state: SandboxState;
  readonly #created: number;
  readonly #count: () => number;
  name: string;
  metadata: unknown;
  /** Days. */
  days: number | undefined;
  #active: number;
  #turn: Promise<void> = Promise.resolve();

  /** @param count of the files that stores were given, with one more */
  constructor(id: string, asked: NewVectorStore, state: SandboxState, count: () => number) {
    this.id = id;
    this.#asked = asked;
    this.#state = state;
    this.#count = count;
    this.#created = seconds(state.clock);
    this.#active = this.#created;
    this.name = asked.name ?? '';
    this.metadata = asked.metadata;
    this.days = asked.days;
  }

  get isExpired(): boolean {
    const end = this.#end;
    return end !== undefined && seconds(this.#state.clock) >= end;
  }

  /** Seconds since 1970. */
  get #end(): number | undefined {
    return this.days === undefined ? undefined : this.#active + this.days * DAY_SECONDS;
  }

  /** It is used, which puts off its end. */
  use(): void {
    this.#active = seconds(this.#state.clock);
  }

  /** Gives it files, of which each is there; one that it has is indexed anew. */
  attach(files: readonly NewStoreFile[]): void {
    const looks = this.#state.faults.slowIndex ?? 1;
    this.use();
    for (const [index, file] of files.entries()) {
      this.files.delete(file.id);
      this.files.set(file.id, {
        ...file,
        name: this.#state.files.get(file.id)?.told.filename ?? '',
        created: seconds(this.#state.clock),
        looks: Math.ceil(((index + 1) * looks) / files.length),
        number: this.#count(),
        status: 'in_progress',
        error: null,
        passages: [],
        bytes: 0,
      });
    }
  }

  /** False where it has no such file. */
  detach(id: string): boolean {
    return this.files.delete(id);
  }

  batch(id: string, files: readonly NewStoreFile[]): FileBatch {
    this.attach(files);
    const batch = {
      id,
      created: seconds(this.#state.clock),
      files: files.map((file) => file.id),
      isCancelled: false,
    };
    this.batches.set(id, batch);
    return batch;
  }

  /**
   * Goes on with indexing, by one look; looks at the same time come one after another.
   * @throws the signal's reason
   */
  look(signal: AbortSignal): Promise<void> {
    const step = this.#turn.then(() => this.#step(signal));
    this.#turn = step.catch(() => {});
    return step;
  }

  async #step(signal: AbortSignal): Promise<void> {
    for (const file of [...this.files.values()].filter(({ status }) => status === 'in_progress')) {
      file.looks -= 1;
      if (file.looks > 0) continue;
      await turn(signal);
      this.#index(file);
    }
  }

  #index(file: StoreFile): void {
    const bytes = this.#state.files.get(file.id)?.bytes ?? new Uint8Array();
    const text: string | IndexError =
      file.number === this.#state.faults.brokenFile
        ? { code: 'server_error', message: 'An internal error occurred.' }
        : passageText(file.name, bytes);
    if (typeof text !== 'string') {
      file.status = 'failed';
      file.error = text;
      return;
    }
    file.passages = [...cut(text, file.chunking)].map((passage) => ({
      text: passage,
      vector: passageVector(passage),
    }));
    file.bytes = file.passages.reduce((sum, passage) => sum + Buffer.byteLength(passage.text), 0);
    file.status = 'completed';
  }

  told(): JsonObject & { readonly id: string } {
    const files = [...this.files.values()];
    const counts = countsOf(files);
    const isBusy = counts.in_progress > 0;
    const { description } = this.#asked;
    return {
      id: this.id,
      object: 'vector_store',
      created_at: this.#created,
      name: this.name,
      ...(description !== undefined && { description }),
      usage_bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      file_counts: counts,
      status: this.isExpired ? 'expired' : isBusy ? 'in_progress' : 'completed',
      ...(this.days !== undefined && { expires_after: { anchor: 'last_active_at', days: this.days } }),
      expires_at: this.#end ?? null,
      last_active_at: this.#active,
      metadata: isObject(this.metadata) ? this.metadata : {},
    };
  }
}

/** How many files there are of each status. */
export function countsOf(files: readonly StoreFile[]): Record<FileStatus | 'total', number> {
  const counts = { in_progress: 0, completed: 0, failed: 0, cancelled: 0, total: files.length };
  for (const { status } of files) counts[status] += 1;
  return counts;
}

/** Parts of a text of so many tokens, each beginning with the last ones of the one before. */
function* cut(text: string, { size, overlap }: Chunking): Generator<string> {
  const tokens = tokensOf(text);
  for (let start = 0; start < tokens.length; start += size - overlap) {
    const passage = tokens
      .slice(start, start + size)
      .join('')
      .trim();
    if (passage !== '') yield passage;
    if (start + size >= tokens.length) return;
  }
}
