import { endianness } from 'node:os';
import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { databaseFailure } from '../database/database-failure.ts';
import { type Access, openDatabase } from '../database/open-database.ts';
import { inTransaction } from '../database/transaction.ts';
import { asBytes } from '../embeddings/vectors.ts';
import { usageError } from '../errors.ts';
import { INDEX } from './form.ts';

/** Where a text came from. */
export interface Source {
  readonly source: 'file' | 'stdin';
  /** As seen from the folder of the database, with `/`; for stdin the name that was given. */
  readonly path: string;
}

/** How texts are cut, in tokens. */
export interface Chunking {
  readonly chunkTokens: number;
  /** Tokens of a chunk that stand in the one before, too. */
  readonly overlap: number;
}

/** What an index knows of a text. */
export interface IndexedText extends Source, Chunking {
  /** Bytes. */
  readonly size: number;
  /** Ms since 1970; null for stdin. */
  readonly mtime: number | null;
  readonly sha256: Uint8Array;
}

/** A part of a text, with the numbers of its first and last line. */
export interface StoredChunk {
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly sha256: Uint8Array;
  readonly vector: Float32Array;
}

/** What all vectors of an index have in common. */
export interface VectorKind {
  readonly model: string;
  readonly dimensions: number;
  /** `dimensions` of the requests; null where none were asked for. */
  readonly asked: number | null;
}

export interface ListedText extends IndexedText {
  readonly id: number;
  readonly chunks: number;
}

/** A chunk as it is found. */
export interface FoundChunk extends Source {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Vectors that are read at a time. */
const PAGE = 500;
/** Of a float. */
const BYTES = Float32Array.BYTES_PER_ELEMENT;

/** The texts and vectors of a database. Every method throws a Failure (usage) where the database cannot be used. */
export class IndexStore {
  readonly #database: DatabaseSyncInstance;
  readonly #name: string;

  private constructor(database: DatabaseSyncInstance, name: string) {
    this.#database = database;
    this.#name = name;
  }

  /** @param path absolute @param name as it was typed @throws Failure (usage) */
  static async open(path: string, name: string, access: Access): Promise<IndexStore> {
    return new IndexStore(await openDatabase(path, name, access, INDEX), name);
  }

  /** Undefined where nothing was indexed yet. */
  get kind(): VectorKind | undefined {
    return this.#get('SELECT model, dimensions, asked FROM kind WHERE EXISTS (SELECT 1 FROM files)') as
      | VectorKind
      | undefined;
  }

  /** The way in which the newest text was cut. */
  get chunking(): Chunking | undefined {
    const sql = 'SELECT chunk_tokens AS chunkTokens, overlap FROM files ORDER BY id DESC LIMIT 1';
    return this.#get(sql) as Chunking | undefined;
  }

  find({ source, path }: Source): ListedText | undefined {
    return this.#get(`${LIST} WHERE source = ? AND path = ?`, source, path) as ListedText | undefined;
  }

  /** The vector of a chunk with this text, wherever it stands. @param sha256 of the text */
  vectorOf(sha256: Uint8Array): Float32Array | undefined {
    const sql =
      'SELECT vector FROM vectors JOIN chunks ON chunks.id = vectors.chunk WHERE chunks.sha256 = ? LIMIT 1';
    const row = this.#get(sql, sha256) as { readonly vector: Uint8Array } | undefined;
    return row === undefined ? undefined : floatsOf(row.vector);
  }

  /**
   * Puts a text in the place of what was there of it: wholly, or not at all.
   * @throws Failure (usage), also where another run has meanwhile begun an index of another kind
   */
  put(text: IndexedText, chunks: readonly StoredChunk[], kind: VectorKind | undefined): void {
    this.together(() => {
      if (kind !== undefined) this.#settleKind(kind);
      const odd = chunks.find(({ vector }) => vector.length !== kind?.dimensions);
      if (odd !== undefined && kind !== undefined) {
        throw otherKind(this.#name, kind, `${kind.model} made one of ${odd.vector.length}`);
      }
      this.#run('DELETE FROM files WHERE source = ? AND path = ?', text.source, text.path);
      const { source, path, size, mtime, sha256, chunkTokens, overlap } = text;
      const sql =
        'INSERT INTO files (source, path, size, mtime, sha256, chunk_tokens, overlap) VALUES (?, ?, ?, ?, ?, ?, ?)';
      const file = this.#run(sql, source, path, size, mtime, sha256, chunkTokens, overlap);
      const insertChunk = this.#database.prepare(
        'INSERT INTO chunks (file, sha256, first_line, last_line, text) VALUES (?, ?, ?, ?, ?)',
      );
      const insertVector = this.#database.prepare('INSERT INTO vectors (chunk, vector) VALUES (?, ?)');
      for (const { text, from, to, sha256, vector } of chunks) {
        const { lastInsertRowid } = insertChunk.run(file, sha256, from, to, text);
        insertVector.run(lastInsertRowid, asBytes(vector));
      }
    });
  }

  #settleKind(kind: VectorKind): void {
    const there = this.kind;
    if (there === undefined) {
      this.#run('DELETE FROM kind');
      this.#run('INSERT INTO kind VALUES (?, ?, ?)', kind.model, kind.dimensions, kind.asked);
    } else if (there.model !== kind.model || there.dimensions !== kind.dimensions) {
      throw otherKind(this.#name, there, `${kind.model} made one of ${kind.dimensions}`);
    }
  }

  /** Keeps all that is written in it, or nothing. */
  together(work: () => void): void {
    if (this.#database.isTransaction) work();
    else this.#guard(() => inTransaction(this.#database, work));
  }

  /** Takes texts out, all of them or none. @param ids as `list` gives them */
  remove(ids: readonly number[]): void {
    this.together(() => {
      for (const id of ids) this.#run('DELETE FROM files WHERE id = ?', id);
    });
  }

  /** Every text, by its path. */
  list(): ListedText[] {
    return this.#guard(
      () => this.#database.prepare(`${LIST} ORDER BY path`).all() as unknown as ListedText[],
    );
  }

  /** Every vector with the number of its chunk, page by page: there may be more than memory holds. */
  *vectors(): Generator<readonly [chunk: number, vector: Float32Array]> {
    const { dimensions } = this.kind ?? { dimensions: 0 };
    for (let last = 0; ; ) {
      const page = this.#guard(() => this.#page(last));
      for (const [chunk, bytes] of page) {
        if (bytes.length !== BYTES * dimensions) throw INDEX.damaged(this.#name);
        yield [chunk, floatsOf(bytes)];
        last = chunk;
      }
      if (page.length < PAGE) return;
    }
  }

  /**
   * The vectors after that of a chunk. Pages are quicker than `iterate`, and that fails as soon as the garbage collector
   * comes by (@photostructure/sqlite 1.2.1: "statement has been finalized").
   */
  #page(after: number): [chunk: number, vector: Uint8Array][] {
    const sql = `SELECT chunk, vector FROM vectors WHERE chunk > ? ORDER BY chunk LIMIT ${PAGE}`;
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement.all(after) as [number, Uint8Array][];
  }

  /** Undefined where another run has taken it out meanwhile. */
  chunk(id: number): FoundChunk | undefined {
    const sql =
      'SELECT source, path, text, first_line AS "from", last_line AS "to" FROM chunks JOIN files ON files.id = file WHERE chunks.id = ?';
    return this.#get(sql, id) as FoundChunk | undefined;
  }

  /** How many texts and chunks there are. */
  count(): { readonly files: number; readonly chunks: number } {
    const sql = 'SELECT (SELECT count(*) FROM files) AS files, (SELECT count(*) FROM vectors) AS chunks';
    return this.#get(sql) as { files: number; chunks: number };
  }

  close(): void {
    this.#database.close();
  }

  #get(sql: string, ...values: readonly unknown[]): unknown {
    return this.#guard(() => this.#database.prepare(sql).get(...values));
  }

  /** @returns the number of the row that was inserted */
  #run(sql: string, ...values: readonly unknown[]): number {
    return this.#guard(() => Number(this.#database.prepare(sql).run(...values).lastInsertRowid));
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw databaseFailure(error, this.#name, INDEX);
    }
  }
}

const LIST = `
  SELECT id, source, path, size, mtime, sha256, chunk_tokens AS chunkTokens, overlap,
    (SELECT count(*) FROM chunks WHERE file = files.id) AS chunks
  FROM files`;

/** The way out of asking an index for what it is not. */
export function otherKind(name: string, { model, dimensions }: VectorKind, wanted: string) {
  return usageError(
    `${name} has vectors of ${model} with ${dimensions} dimensions; ${wanted}`,
    'another --db takes them; or leave -m and --dimensions out',
  );
}

const isLittleEndian = endianness() === 'LE';

/** Floats of 32 bits from their bytes, little-endian; without copying them where that can be. */
function floatsOf(bytes: Uint8Array): Float32Array {
  const { buffer, byteOffset, length } = bytes;
  if (isLittleEndian && byteOffset % BYTES === 0) return new Float32Array(buffer, byteOffset, length / BYTES);
  const view = new DataView(buffer, byteOffset, length);
  return Float32Array.from({ length: length / BYTES }, (_, index) => view.getFloat32(BYTES * index, true));
}
