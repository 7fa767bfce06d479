import type { ChatMessage, ChatRequest } from '../api/completions.ts';
import type { Context } from '../context.ts';
import { Failure, reasonOf, usageError } from '../errors.ts';
import { afterAnswer } from '../output/after-answer.ts';
import { joined, messageLine, warn, withoutSecrets } from '../output/messages.ts';
import { beginResponse } from './background.ts';
import {
  type Conversation,
  conversationCalled,
  conversationOf,
  insertConversation,
  renameConversation,
} from './conversations.ts';
import {
  insertExchange,
  insertMessages,
  isAnswered,
  type Outcome,
  settleExchange,
  shareExchanges,
  takeBack,
} from './exchanges.ts';
import { checkName } from './find-conversation.ts';
import { HistoryStore } from './history-store.ts';
import { type AnswerFacts, outcomeOf } from './outcome.ts';
import { hasParts, type PackedMessage, packMessage } from './packed-message.ts';
import type { HistoryPlace } from './place.ts';
import { titleOf } from './title.ts';

/** Where the next exchange goes. */
export type Thread =
  | { readonly kind: 'new'; readonly name: string | null }
  | { readonly kind: 'old'; readonly number: number }
  /** A new conversation that begins with what was said in another before an exchange, and without another. */
  | {
      readonly kind: 'fork';
      readonly number: number;
      readonly id: string;
      readonly before: number;
      readonly without: number | null;
    };

/** To whom questions go. */
export interface Target {
  readonly profile: string;
  readonly baseUrl: string;
}

/** What a keeper begins with. */
export interface KeeperSetup {
  readonly place: HistoryPlace;
  readonly thread: Thread;
  /** Null where nobody is asked. */
  readonly target: Target | null;
  /** The exchange that the first question asks again. */
  readonly retries?: number | undefined;
  /** The last exchange of the conversation as it is. */
  readonly last?: number | undefined;
  /** A database that is open already. */
  readonly store?: HistoryStore | undefined;
  /** The run fails where it cannot be kept. */
  readonly isNeeded?: boolean;
}

/**
 * Keeps a conversation, exchange by exchange. Where it cannot (a full disk, a database that is damaged), it says so once
 * and keeps nothing more: the answer is what matters. A run that was to keep it fails at its end.
 */
export class HistoryKeeper {
  readonly #context: Context;
  readonly #place: HistoryPlace;
  readonly #target: Target | null;
  readonly #isNeeded: boolean;
  #thread: Thread;
  #retries: number | undefined;
  #store: HistoryStore | undefined;
  /** The last one. */
  #exchange: number | undefined;
  /** An answered one, whose place the last one takes when it is answered itself. */
  #replaced: number | undefined;
  #isBroken = false;
  /** What is asked next takes the place of the last exchange, if `replace` is called when it has its answer. */
  isReplacing = false;

  constructor(
    { place, thread, target, retries, last, store, isNeeded = false }: KeeperSetup,
    context: Context,
  ) {
    this.#context = context;
    this.#place = place;
    this.#thread = thread;
    this.#target = target;
    this.#isNeeded = isNeeded;
    this.#retries = retries;
    this.#exchange = last;
    this.#store = store;
  }

  /** The conversation that is kept; undefined before its first question. */
  get conversation(): Conversation | undefined {
    if (this.#thread.kind !== 'old' || this.#store === undefined || this.#isBroken) return undefined;
    return conversationOf(this.#store, this.#thread.number);
  }

  /** The last question has its answer: that in whose place it stands is kept, and no part of the conversation any more. */
  async replace(): Promise<void> {
    const replaced = this.#replaced;
    this.#replaced = undefined;
    if (replaced === undefined) return;
    await this.#attempt((store) =>
      store.together(() => {
        if (this.#thread.kind === 'old') takeBack(store, this.#thread.number, replaced);
      }),
    );
  }

  /**
   * Gives the conversation a name.
   * @throws Failure (usage) where it is none, another has it, or nothing can be kept
   */
  async name(typed: string): Promise<void> {
    const name = checkName(typed, 'the name');
    const store = await this.#open();
    if (conversationCalled(store, name) !== undefined) {
      throw usageError(`there is a conversation ${name} already`, 'choose another name');
    }
    if (this.#thread.kind === 'old') renameConversation(store, this.#thread.number, name);
    else if (this.#thread.kind === 'new') this.#thread = { kind: 'new', name };
    else throw usageError('the conversation has not begun yet', 'ask something first');
  }

  /** Before anything is sent: the question is kept even if all else fails. */
  async asked(messages: readonly ChatMessage[], { model }: Pick<ChatRequest, 'model'>): Promise<void> {
    const packed = await this.#packed(messages);
    await this.#attempt((store) => void this.#begin(store, packed, 'asked', model));
  }

  /** Puts messages into the conversation that nobody is asked. @returns its id @throws Failure (usage) */
  async note(messages: readonly ChatMessage[]): Promise<string> {
    const packed = await this.#packed(messages);
    const store = await this.#open();
    const conversation = this.#begin(store, packed, 'noted', null);
    return conversationOf(store, conversation)?.id ?? '';
  }

  /**
   * The message of the assistant, or those of tools.
   * @param facts undefined for those of tools
   * @param others answers to the same question that nobody goes on with
   */
  answered(
    messages: readonly ChatMessage[],
    facts: AnswerFacts | undefined,
    others: readonly ChatMessage[] = [],
  ): Promise<void> {
    return this.#settle(messages, outcomeOf(facts, { state: 'answered' }), others);
  }

  /** The API works on the answer by itself. @param response by which it can be picked up */
  begun(response: string): Promise<void> {
    return this.#attempt((store) => {
      if (this.#exchange !== undefined) beginResponse(store, this.#exchange, response);
    });
  }

  /** @param partial what came of an answer that was cut @param others what came of those beside it */
  failed(
    partial: ChatMessage | undefined,
    facts: AnswerFacts,
    error: Error,
    others: readonly ChatMessage[] = [],
  ): Promise<void> {
    const came = partial === undefined ? [] : withoutCalls(partial);
    const words = messageLine(error.message, this.#context.secrets);
    const state = came.length > 0 ? 'cut' : 'failed';
    return this.#settle(came, outcomeOf(facts, { state, error: words }), others.flatMap(withoutCalls));
  }

  close(): void {
    this.#store?.close();
    this.#store = undefined;
  }

  /** @returns the number of the conversation */
  #begin(
    store: HistoryStore,
    packed: readonly PackedMessage[],
    state: 'asked' | 'noted',
    model: string | null,
  ): number {
    const time = this.#context.clock.now();
    const { profile = null, baseUrl = null } = this.#target ?? {};
    return store.together(() => {
      const conversation = this.#conversation(store, packed, time);
      const asked = { conversation, state, time, profile, baseUrl, model };
      this.#putAside(store, conversation);
      this.#exchange = insertExchange(store, asked);
      insertMessages(store, this.#exchange, packed, { isAnswer: false, pid: this.#context.pid });
      if (this.#retries !== undefined) takeBack(store, conversation, this.#retries);
      this.#retries = undefined;
      this.#thread = { kind: 'old', number: conversation };
      return conversation;
    });
  }

  /** Makes room for what takes the place of the last exchange. An answer stays until there is another. */
  #putAside(store: HistoryStore, conversation: number): void {
    const last = this.#exchange;
    if (!this.isReplacing) this.#replaced = undefined;
    else if (last !== undefined && isAnswered(store, last)) this.#replaced = last;
    else if (last !== undefined) takeBack(store, conversation, last);
    this.isReplacing = false;
  }

  /** The conversation that the exchange goes into; begins it where it is new, or was deleted meanwhile. */
  #conversation(store: HistoryStore, packed: readonly PackedMessage[], time: number): number {
    const thread = this.#thread;
    if (thread.kind === 'old' && conversationOf(store, thread.number) !== undefined) return thread.number;
    const name = thread.kind === 'new' ? thread.name : null;
    // Another run may have begun it meanwhile.
    const called = name === null ? undefined : conversationCalled(store, name);
    if (called !== undefined) return called.number;
    const title = titleOf(packed);
    const forkedFrom = thread.kind === 'fork' ? thread.id : null;
    const number = insertConversation(store, { name, title, time, forkedFrom });
    if (thread.kind === 'fork') shareExchanges(store, thread.number, number, thread);
    return number;
  }

  async #settle(
    messages: readonly ChatMessage[],
    outcome: Outcome,
    others: readonly ChatMessage[] = [],
  ): Promise<void> {
    const packed = await this.#packed(messages);
    const packedOthers = await this.#packed(others);
    const { pid } = this.#context;
    await this.#attempt((store) => {
      const exchange = this.#exchange;
      if (exchange === undefined) return;
      store.together(() => {
        if (!settleExchange(store, exchange, outcome)) return;
        insertMessages(store, exchange, packed, { isAnswer: true, pid });
        insertMessages(store, exchange, packedOthers, { isAnswer: true, isOther: true, pid });
      });
    });
  }

  async #packed(messages: readonly ChatMessage[]): Promise<PackedMessage[]> {
    const { secrets } = this.#context;
    const hash = await hashFor(messages);
    // In JSON some characters are written otherwise.
    const inJson = [...secrets].map((secret) => JSON.stringify(secret).slice(1, -1));
    const all = new Set([...secrets, ...inJson]);
    return messages.map((message) => packMessage(message, hash, (text) => withoutSecrets(text, all)));
  }

  async #attempt(work: (store: HistoryStore) => void): Promise<void> {
    if (this.#isBroken) return;
    try {
      work(await this.#open());
    } catch (error) {
      this.#isBroken = true;
      const { message, hint } =
        error instanceof Failure ? error : { message: reasonOf(error), hint: undefined };
      const reason = hint === undefined ? message : joined(message, hint);
      const words = `this exchange is not kept: ${reason}`;
      if (this.#isNeeded) this.#context.lateFailure ??= new Failure('incomplete', words, { cause: error });
      else afterAnswer(this.#context, () => warn(this.#context, words));
    }
  }

  async #open(): Promise<HistoryStore> {
    this.#store ??= await HistoryStore.open(this.#place, 'write');
    return this.#store;
  }
}

/** SHA-256 in hexadecimal digits. What computes it takes 4 ms to load: of words alone there is none. */
async function hashFor(messages: readonly ChatMessage[]): Promise<(bytes: Uint8Array) => string> {
  if (!messages.some(hasParts)) return () => '';
  const { createHash } = await import('node:crypto');
  return (bytes) => createHash('sha256').update(bytes).digest('hex');
}

/** Of an answer that was cut, its words: a call that is not whole can neither be run nor sent. */
function withoutCalls(partial: ChatMessage): ChatMessage[] {
  if (partial.role !== 'assistant') return [partial];
  const { tool_calls, ...rest } = partial;
  const hasWords = (typeof rest.content === 'string' && rest.content !== '') || rest.refusal != null;
  return hasWords ? [rest] : [];
}
