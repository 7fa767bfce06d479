import { createHash } from 'node:crypto';
import type { Clock } from '../context.ts';
import { inMemory, type KeptBytes } from './kept-bytes.ts';

/** A file as `/files` tells it. */
export interface FileObject {
  readonly id: string;
  readonly object: 'file';
  readonly bytes: number;
  /** Seconds since 1970, as all of the API's times. */
  readonly created_at: number;
  readonly expires_at?: number;
  readonly filename: string;
  readonly purpose: string;
  readonly status: 'processed';
}

export interface StoredFile {
  readonly told: FileObject;
  /** All of its bytes, read when they are asked for. */
  readonly bytes: Uint8Array;
  /** The same, piece by piece. */
  readonly kept: KeptBytes;
}

export interface NewFile {
  readonly name: string;
  readonly purpose: string;
  readonly bytes: Uint8Array | KeptBytes;
  /** What it is named by: the same seed, the same id, until there is a file of that id. */
  readonly seed: string;
  /** Seconds that it is kept; undefined: as long as the API keeps files of its purpose. */
  readonly lifetime: number | undefined;
}

/** The most bytes that are kept; the oldest files go first. One may have 8 GB (OpenAPI, `POST /uploads`). */
const MOST_BYTES = 10 * 1024 ** 3;

/** Seconds: 30 days, for what batches read and write (the API's reference, `expires_after`). */
const BATCH_LIFETIME = 30 * 86_400;

/** The files of one sandbox. They are gone with it. */
export class FileShelf {
  readonly #kept = new Map<string, StoredFile>();
  readonly #named = new Map<string, number>();
  readonly #clock: Clock;
  #bytes = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add({ name, purpose, bytes, seed, lifetime }: NewFile): FileObject {
    const kept = bytes instanceof Uint8Array ? inMemory(bytes) : bytes;
    const created = seconds(this.#clock);
    const span = lifetime ?? (purpose.startsWith('batch') ? BATCH_LIFETIME : undefined);
    const told: FileObject = {
      id: `file-${numbered(this.#named, seed).slice(0, 24)}`,
      object: 'file',
      bytes: bytes.length,
      created_at: created,
      ...(span !== undefined && { expires_at: created + span }),
      filename: name,
      purpose,
      status: 'processed',
    };
    const file = {
      told,
      kept,
      get bytes() {
        return kept.all();
      },
    };
    this.#kept.set(told.id, file);
    this.#bytes += bytes.length;
    for (const id of this.#kept.keys()) {
      if (this.#bytes <= MOST_BYTES || id === told.id) break;
      this.remove(id);
    }
    return told;
  }

  /** Those that there are, from the oldest to the newest. */
  all(): FileObject[] {
    return [...this.#kept.keys()].flatMap((id) => this.get(id)?.told ?? []);
  }

  get(id: string): StoredFile | undefined {
    const file = this.#kept.get(id);
    const expires = file?.told.expires_at;
    if (expires === undefined || seconds(this.#clock) < expires) return file;
    this.remove(id);
    return undefined;
  }

  /** False when there is no such file. */
  remove(id: string): boolean {
    const { kept } = this.#kept.get(id) ?? {};
    this.#bytes -= kept?.length ?? 0;
    kept?.dispose();
    return this.#kept.delete(id);
  }
}

/** The time as the API tells it: whole seconds since 1970. */
export function seconds(clock: Clock): number {
  return Math.floor(clock.now() / 1000);
}

/**
 * What a thing that is made is named by: the same for the same seed in every sandbox, and another each time that a
 * sandbox is asked for the same again.
 * @param named how often each seed has been asked for
 */
export function numbered(named: Map<string, number>, seed: string): string {
  const count = named.get(seed) ?? 0;
  named.set(seed, count + 1);
  return createHash('sha256').update(`${seed}\n${count}`).digest('hex');
}
