import { createHash } from 'node:crypto';
import type { Api } from '../api/client.ts';
import type { EmbeddingFields } from '../api/embeddings.ts';
import { Governor } from '../bulk/governor.ts';
import { InOrder } from '../bulk/in-order.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { warn } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import { type Chunk, chunkText } from './chunk-text.ts';
import { AT_ONCE, DEFAULT_CHUNKING } from './defaults.ts';
import { Embedder, type Task } from './embedder.ts';
import { type EmbeddingWish, fieldsFor } from './embedding-fields.ts';
import { type FoundText, findTexts, type ReadText, readText } from './find-texts.ts';
import type { Chunking, IndexStore, Source, StoredChunk, VectorKind } from './index-store.ts';
import { type OpenIndex, openIndex } from './open-index.ts';
import { prune } from './prune.ts';
import { type Change, Report } from './report.ts';

export interface AddOptions extends GlobalOptions, Omit<EmbeddingWish, 'param'> {
  /** The database, as typed. */
  readonly db?: string;
  /** What stdin is called. */
  readonly name?: string;
  readonly chunkTokens?: number;
  /** Tokens. */
  readonly overlap?: number;
  readonly prune?: boolean;
  /** Requests at the same time. */
  readonly concurrency?: number;
  /** Texts to be embedded. */
  readonly limit?: number;
}

/**
 * Brings texts into an index: what is new, and what has changed since.
 * @param words files, folders, patterns, `-`
 * @throws Failure: of kind `partial` where some texts failed; Stopped
 */
export async function addTexts(
  words: readonly string[],
  options: AddOptions,
  context: Context,
): Promise<void> {
  if (words.length === 0 && options.prune !== true) {
    throw usageError('nothing to index', 'name files or folders: oai index add notes/');
  }
  refuseChunking(options);
  const found = await findTexts(words, context);
  if (options.name !== undefined && !found.some(({ kind }) => kind === 'stdin')) {
    throw usageError('--name is for stdin', 'oai index add - --name NAME');
  }
  const dryRun = options.dryRun === true;
  const connected = found.length > 0 ? await connectMany(options, context) : undefined;
  const index = await openIndex(options, dryRun ? 'draft' : 'write', context);
  const report = new Report(options.json === true, context);
  try {
    if (connected !== undefined) {
      await new Adding(found, options, index, report, context).run(connected);
    }
    if (options.prune === true && !dryRun) await prune(index, report);
  } finally {
    await report.flushed();
    index.store.close();
  }
  if (dryRun) warn(context, 'nothing would be sent: the index has all of it');
  else report.sum();
}

function chunkingOf({ chunkTokens, overlap }: AddOptions, store: IndexStore): Chunking {
  const there = store.chunking ?? DEFAULT_CHUNKING;
  const chosen = { chunkTokens: chunkTokens ?? there.chunkTokens, overlap: overlap ?? there.overlap };
  // Who asks for small chunks and says nothing of the overlap wants a small one.
  return overlap === undefined && chosen.overlap * 2 > chosen.chunkTokens
    ? { ...chosen, overlap: Math.floor(chosen.chunkTokens / 10) }
    : chosen;
}

function refuseChunking({ chunkTokens = DEFAULT_CHUNKING.chunkTokens, overlap = 0 }: AddOptions): void {
  if (overlap * 2 > chunkTokens) {
    throw usageError(`--overlap ${overlap} is more than half of a chunk of ${chunkTokens} tokens`);
  }
}

interface Connected {
  readonly api: Api;
  readonly governor: Governor;
}

/** @throws Failure (auth): before a database is made */
async function connectMany(options: AddOptions, context: Context): Promise<Connected> {
  const { connect } = await import('../api/client.ts');
  const atOnce = options.dryRun === true ? 1 : (options.concurrency ?? AT_ONCE);
  const governor = new Governor(context.clock, atOnce);
  return { api: await connect(options, context, { watcher: governor }), governor };
}

class Adding {
  readonly #found: readonly FoundText[];
  readonly #options: AddOptions;
  readonly #index: OpenIndex;
  readonly #report: Report;
  readonly #context: Context;
  readonly #ordered: InOrder<Change>;
  #failed: { readonly count: number; readonly first: Failure } | undefined;

  constructor(
    found: readonly FoundText[],
    options: AddOptions,
    index: OpenIndex,
    report: Report,
    context: Context,
  ) {
    this.#found = found;
    this.#options = options;
    this.#index = index;
    this.#report = report;
    this.#context = context;
    this.#ordered = new InOrder((change) => report.tell(change));
  }

  async run({ api, governor }: Connected): Promise<void> {
    const { store, name } = this.#index;
    const fields = fieldsFor(this.#options, store, name, api, this.#context);
    const embedder = new Embedder(api, governor, fields, (work) => store.together(work));
    const waiting = startWaiting(this.#context, `indexing with ${fields.model}`, { elapsed: true });
    try {
      await this.#takeAll(embedder, fields, (line) => waiting.update(line));
      await embedder.end();
    } catch (error) {
      await embedder.settled();
      throw goingOn(error, this.#report.hasChanged, name);
    } finally {
      waiting.stop();
      this.#ordered.end();
      this.#report.tokens = embedder.tokens;
    }
    this.#throwFailures();
  }

  async #takeAll(embedder: Embedder, fields: EmbeddingFields, tell: (line: string) => void): Promise<void> {
    const chunking = chunkingOf(this.#options, this.#index.store);
    let taken = 0;
    for (const [at, found] of this.#found.entries()) {
      this.#context.signal.throwIfAborted();
      if (taken >= (this.#options.limit ?? Number.POSITIVE_INFINITY)) break;
      tell(`indexing with ${fields.model} · ${at + 1} of ${this.#found.length} texts`);
      const task = await this.#taskFor(found, at + 1, chunking, fields).catch((error: unknown) => {
        this.#fail(at + 1, error);
      });
      if (task !== undefined) {
        taken += 1;
        await embedder.add(task);
      }
      await this.#report.flushed();
    }
  }

  /** @returns undefined for what is in the index as it is, and for what is no text */
  async #taskFor(
    found: FoundText,
    number: number,
    chunking: Chunking,
    fields: EmbeddingFields,
  ): Promise<Task | undefined> {
    const { store, paths } = this.#index;
    const read = await readText(found, this.#context);
    if (read === undefined) {
      this.#report.left += 1;
      this.#ordered.put(number, undefined);
      return undefined;
    }
    const source = await this.#sourceOf(found);
    const path = paths.shown(source);
    const there = store.find(source);
    if (there !== undefined && isSame(there, read, chunking)) {
      this.#ordered.put(number, { state: 'unchanged', path, chunks: there.chunks, embedded: 0 });
      return undefined;
    }
    const chunks = chunkText(read.text, chunking).map((chunk) => withVector(chunk, store));
    const missing = chunks.filter(({ vector }) => vector === undefined);
    return {
      chunks: missing,
      done: (vectors) => {
        const whole = filledIn(chunks, vectors);
        store.put({ ...source, ...read, ...chunking }, whole, kindOf(whole, fields));
        const embedded = missing.length;
        const change: Change = { state: 'written', path, chunks: whole.length, embedded };
        return () => this.#ordered.put(number, change);
      },
      refused: (failure) =>
        this.#fail(number, new Failure(failure.kind, `${path}: ${failure.message}`, failure)),
    };
  }

  async #sourceOf(found: FoundText): Promise<Source> {
    return found.kind === 'stdin'
      ? { source: 'stdin', path: this.#options.name ?? 'stdin' }
      : { source: 'file', path: await this.#index.paths.kept(found.path) };
  }

  /** A text that cannot be read, or is refused, is told at the end. @throws what ends the run */
  #fail(number: number, error: unknown): void {
    const isItsOwn = error instanceof Failure && (error.kind === 'usage' || error.kind === 'refused');
    if (!isItsOwn) throw error;
    this.#failed = { count: (this.#failed?.count ?? 0) + 1, first: this.#failed?.first ?? error };
    this.#ordered.put(number, undefined);
  }

  #throwFailures(): void {
    if (this.#failed === undefined) return;
    const { count, first } = this.#failed;
    if (this.#found.length === 1) throw first;
    const { hint, code, status, requestId } = first;
    throw new Failure(
      'partial',
      `${count} of ${this.#found.length} texts failed; the first: ${first.message}`,
      { hint, code, status, requestId, cause: first },
    );
  }
}

function isSame(there: Chunking & Pick<ReadText, 'sha256'>, read: ReadText, chunking: Chunking): boolean {
  return (
    Buffer.compare(there.sha256, read.sha256) === 0 &&
    there.chunkTokens === chunking.chunkTokens &&
    there.overlap === chunking.overlap
  );
}

/** A chunk with the vector that the index has for its text, from wherever. */
function withVector(chunk: Chunk, store: IndexStore) {
  const sha256 = createHash('sha256').update(chunk.text).digest();
  return { ...chunk, sha256, vector: store.vectorOf(sha256) };
}

/** The chunks with vectors in all of them. @param fresh those that were missing, in their order */
function filledIn(
  chunks: readonly ReturnType<typeof withVector>[],
  fresh: readonly Float32Array[],
): StoredChunk[] {
  const next = fresh[Symbol.iterator]();
  return chunks.map((chunk) => ({
    ...chunk,
    vector: chunk.vector ?? next.next().value ?? new Float32Array(),
  }));
}

/** @returns undefined where there are no vectors */
function kindOf([first]: readonly StoredChunk[], fields: EmbeddingFields): VectorKind | undefined {
  if (first === undefined) return undefined;
  const { model, dimensions } = fields;
  return {
    model,
    dimensions: first.vector.length,
    asked: typeof dimensions === 'number' ? dimensions : null,
  };
}

/** What ended a run, with what becomes of what is done. */
function goingOn(error: unknown, hasDone: boolean, name: string): unknown {
  if (!(error instanceof Failure) || !hasDone || error.hint !== undefined) return error;
  const { kind, message, code, status, requestId, cause } = error;
  const hint = `what is done is in ${name}; the same command goes on`;
  return new Failure(kind, message, { hint, code, status, requestId, cause });
}
