import { existsSync } from 'node:fs';
import type { Api } from '../api/client.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { ChatFields } from '../flags/chat.ts';
import type { MemoryFlags } from '../flags/memory.ts';
import { type Conversation, listConversations } from '../history/conversations.ts';
import { HistoryStore } from '../history/history-store.ts';
import type { HistoryKeeper } from '../history/keeper.ts';
import { Memory } from '../history/memory.ts';
import { historyPlace } from '../history/place.ts';

type Flags = ChatFields & MemoryFlags;

/** The conversations that are kept, and the one that is held just now. */
export class Shelf {
  readonly #flags: Flags;
  readonly #api: Api;
  readonly #context: Context;
  #memory: Memory;
  #keeper: HistoryKeeper | undefined;
  /** The one that the command line names is closed by the command. */
  #isOwn: boolean;

  private constructor(memory: Memory, isOwn: boolean, flags: Flags, api: Api, context: Context) {
    this.#memory = memory;
    this.#isOwn = isOwn;
    this.#flags = flags;
    this.#api = api;
    this.#context = context;
    this.#keeper = memory.keeper(api.settings, { isSession: true });
  }

  /** @param earlier the conversation that the command line names */
  static async open(flags: Flags, api: Api, earlier: Memory | undefined, context: Context): Promise<Shelf> {
    const memory = earlier ?? (await Memory.open(flags, context));
    return new Shelf(memory, earlier === undefined, flags, api, context);
  }

  /** Who keeps what is said; undefined where nothing is to be kept. */
  get keeper(): HistoryKeeper | undefined {
    return this.#keeper;
  }

  /** What was said in the conversation before. */
  get memory(): Memory {
    return this.#memory;
  }

  /** The conversation as it is kept; undefined before its first question. */
  get conversation(): Conversation | undefined {
    return this.#keeper?.conversation;
  }

  /** What is said from now on is another conversation. */
  async begin(): Promise<void> {
    const { history } = this.#flags;
    await this.#take(await Memory.open(history === undefined ? {} : { history }, this.#context));
  }

  /** Goes on with another one. @throws Failure (usage) with the nearest names, where there is none */
  async load(word: string): Promise<void> {
    const { continue: _, conversation: __, create: ___, last: ____, fork: _____, ...flags } = this.#flags;
    const memory = await Memory.open({ ...flags, conversation: word }, this.#context);
    try {
      memory.checkTarget(this.#api.settings);
    } catch (error) {
      memory.close();
      throw error;
    }
    await this.#take(memory);
  }

  /** The newest first. */
  async list(): Promise<readonly Conversation[]> {
    const place = historyPlace(this.#context);
    if (place === undefined || !existsSync(place.database)) return [];
    const store = await HistoryStore.open(place, 'read');
    try {
      return listConversations(store);
    } finally {
      store.close();
    }
  }

  /** @throws Failure (usage) where nothing is kept, or another has that name */
  async name(name: string): Promise<void> {
    if (this.#keeper === undefined) {
      throw usageError('this conversation is not kept', 'oai chat -i --history keeps one');
    }
    await this.#keeper.name(name);
  }

  close(): void {
    if (this.#isOwn) this.#memory.close();
  }

  async #take(memory: Memory): Promise<void> {
    this.close();
    this.#memory = memory;
    this.#isOwn = true;
    this.#keeper = memory.keeper(this.#api.settings, { isSession: true });
  }
}
