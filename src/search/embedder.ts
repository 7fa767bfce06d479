import type { Api } from '../api/client.ts';
import { type EmbeddingFields, embed } from '../api/embeddings.ts';
import type { Governor } from '../bulk/governor.ts';
import { LIMITS } from '../embeddings/fit.ts';
import { Failure } from '../errors.ts';
import { unit } from './nearest.ts';

/** A text of which some chunks are to be embedded. */
export interface Task {
  readonly chunks: readonly { readonly text: string; readonly tokens: number }[];
  /**
   * Keeps what was asked for: all vectors are there, of length 1, in the order of the chunks.
   * @returns says so, once it is kept
   */
  done(vectors: readonly Float32Array[]): () => void;
  /** The API does not take it. */
  refused(failure: Failure): void;
}

/** Of a request: far below the API's limits, so that a run that is killed loses little of what it has paid for. */
const MOST = { texts: LIMITS.texts / 8, tokens: LIMITS.tokens / 3 };

/** A task under way. */
interface Open {
  readonly task: Task;
  readonly vectors: (Float32Array | undefined)[];
  left: number;
  isOver: boolean;
}

/** A chunk of a task. */
interface Place {
  readonly open: Open;
  readonly index: number;
  readonly text: string;
  readonly tokens: number;
}

/** Embeds the chunks of many texts: packed into requests, of which some are under way at the same time. */
export class Embedder {
  readonly #api: Api;
  readonly #governor: Governor;
  readonly #fields: EmbeddingFields;
  readonly #together: (work: () => void) => void;
  readonly #underWay = new Set<Promise<void>>();
  #request: Place[] = [];
  #size = 0;
  #fatal: unknown;
  /** Tokens that were paid for, as far as the server says. */
  tokens = 0;

  /** @param together keeps all that is done in it, or nothing */
  constructor(api: Api, governor: Governor, fields: EmbeddingFields, together: (work: () => void) => void) {
    this.#api = api;
    this.#governor = governor;
    this.#fields = fields;
    this.#together = together;
  }

  /** Takes a task; waits while enough is under way. @throws what ended an earlier one: Failure or Stopped */
  async add(task: Task): Promise<void> {
    const vectors = task.chunks.map(() => undefined);
    const open: Open = { task, vectors, left: vectors.length, isOver: false };
    if (open.left === 0) task.done([])();
    for (const [index, { text, tokens }] of task.chunks.entries()) {
      const isFull = this.#request.length >= MOST.texts || this.#size + tokens > MOST.tokens;
      if (isFull) await this.#send();
      this.#request.push({ open, index, text, tokens });
      this.#size += tokens;
    }
    this.#throwIfFatal();
  }

  /** Sends what is left, and waits for all of it. @throws Failure or Stopped */
  async end(): Promise<void> {
    await this.#send();
    await this.settled();
    this.#throwIfFatal();
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  #throwIfFatal(): void {
    if (this.#fatal !== undefined) throw this.#fatal;
  }

  async #send(): Promise<void> {
    const places = this.#request;
    this.#request = [];
    this.#size = 0;
    if (places.length === 0) return;
    await this.#governor.enter();
    if (this.#fatal !== undefined) return this.#governor.leave();
    const work = this.#ask(places)
      .catch((error: unknown) => {
        this.#fatal ??= error;
      })
      .finally(() => {
        this.#governor.leave();
        this.#underWay.delete(work);
      });
    this.#underWay.add(work);
  }

  /** @throws what would meet every other text as well */
  async #ask(places: readonly Place[]): Promise<void> {
    const wanted = places.filter(({ open }) => !open.isOver);
    if (wanted.length === 0) return;
    try {
      const texts = wanted.map(({ text }) => text);
      const answer = await this.#api.each((own) => embed(own, texts, this.#fields));
      const paid = answer.usage?.['total_tokens'];
      if (typeof paid === 'number') this.tokens += paid;
      this.#keep(wanted, answer.vectors);
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== 'refused') throw error;
      const tasks = new Set(wanted.map(({ open }) => open));
      // One text may be what all were refused for.
      if (tasks.size === 1) refuse(wanted, error);
      else for (const task of tasks) await this.#ask(wanted.filter(({ open }) => open === task));
    }
  }

  /** Many small texts of one answer are kept together: a disk takes its time for each by itself. */
  #keep(places: readonly Place[], vectors: readonly Float32Array[]): void {
    const tellings: (() => void)[] = [];
    this.#together(() => {
      for (const [at, place] of places.entries()) {
        const tell = settle(place, unit(vectors[at] ?? new Float32Array()));
        if (tell !== undefined) tellings.push(tell);
      }
    });
    for (const tell of tellings) tell();
  }
}

/** @returns what says that its task is done, where it is */
function settle({ open, index }: Place, vector: Float32Array): (() => void) | undefined {
  open.vectors[index] = vector;
  open.left -= 1;
  if (open.left > 0 || open.isOver) return undefined;
  open.isOver = true;
  return open.task.done(open.vectors.filter((vector) => vector !== undefined));
}

function refuse([first]: readonly Place[], failure: Failure): void {
  if (first === undefined) return;
  first.open.isOver = true;
  first.open.task.refused(failure);
}
