import { isObject, type JsonObject } from '../json.ts';
import type { ChatRequest } from './chat-request.ts';
import { numbered } from './file-shelf.ts';

/** A chat completion as `/chat/completions` tells it. */
export interface Completion extends JsonObject {
  readonly id: string;
  readonly model: string;
}

/** One that was asked for with `store: true`. */
export interface StoredCompletion {
  readonly told: Completion & { readonly metadata: JsonObject };
  readonly messages: ChatRequest['messages'];
}

/** The most completions that are kept; the oldest go first. */
const MOST = 10_000;

/** The completions that one sandbox was asked to store. They are gone with it. */
export class CompletionShelf {
  readonly #kept = new Map<string, StoredCompletion>();
  readonly #named = new Map<string, number>();

  /** What a stored answer is named by: what any answer is, and another each time that the same is asked again. */
  nameOf(hash: string): string {
    const name = numbered(this.#named, hash);
    return this.#named.get(hash) === 1 ? hash : name;
  }

  add(told: Completion, { messages, metadata }: ChatRequest): void {
    this.#kept.set(told.id, { told: { ...told, metadata: { ...metadata } }, messages });
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= MOST) break;
      this.#kept.delete(id);
    }
  }

  get(id: string): StoredCompletion | undefined {
    return this.#kept.get(id);
  }

  /** From the oldest to the newest. */
  all(): StoredCompletion[] {
    return [...this.#kept.values()];
  }

  /** Replaces the metadata of one that is there; it keeps its place. */
  update({ told, messages }: StoredCompletion, metadata: unknown): StoredCompletion {
    const updated = { told: { ...told, metadata: isObject(metadata) ? metadata : {} }, messages };
    this.#kept.set(told.id, updated);
    return updated;
  }

  remove(id: string): void {
    this.#kept.delete(id);
  }
}
