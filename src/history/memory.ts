import { existsSync } from 'node:fs';
import type { ChatMessage } from '../api/completions.ts';
import { isRealtimeModel } from '../api/models.ts';
import type { Context } from '../context.ts';
import { usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { type MemoryFlags, namesConversation } from '../flags/memory.ts';
import { warn } from '../output/messages.ts';
import { responseIdOf } from './background.ts';
import type { Conversation } from './conversations.ts';
import { broughtBy, earlierMessages, openExchange, questionOf } from './earlier.ts';
import { type SaidExchange, saidIn } from './exchanges.ts';
import { checkName } from './find-conversation.ts';
import { HistoryStore } from './history-store.ts';
import { HistoryKeeper, type Target, type Thread } from './keeper.ts';
import { conversationIn, nothingThere } from './named-conversation.ts';
import { type HistoryPlace, historyPlace, neededPlace } from './place.ts';
import { agoText } from './times.ts';
import { historyWanted, isTyped } from './wanted.ts';

type Options = MemoryFlags & GlobalOptions & { readonly model?: string };

/** What of the flags a conversation decides. */
export type Remembered = Pick<Options, 'profile' | 'model'>;

/** The target of a run, as far as a conversation cares. */
interface RunSettings extends Target {
  readonly history: boolean | undefined;
}

/** What a run remembers, and where it keeps what is said in it. */
export class Memory {
  readonly #flags: Options;
  readonly #context: Context;
  readonly #place: HistoryPlace | undefined;
  readonly #store: HistoryStore | undefined;
  /** Undefined where a new one begins. */
  readonly #conversation: Conversation | undefined;
  readonly #exchanges: readonly SaidExchange[];
  #keeper: HistoryKeeper | undefined;

  private constructor(
    flags: Options,
    context: Context,
    found: {
      readonly place: HistoryPlace | undefined;
      readonly store?: HistoryStore | undefined;
      readonly conversation?: Conversation | undefined;
    },
  ) {
    this.#flags = flags;
    this.#context = context;
    this.#place = found.place;
    this.#store = found.store;
    this.#conversation = found.conversation;
    this.#exchanges =
      found.store === undefined || found.conversation === undefined
        ? []
        : saidIn(found.store, found.conversation.number);
  }

  /**
   * Finds the conversation that the flags name, if they name one.
   * @throws Failure (usage) where there is none, or history cannot be read
   */
  static async open(flags: Options, context: Context): Promise<Memory> {
    if (!namesConversation(flags)) return new Memory(flags, context, { place: historyPlace(context) });
    const place = neededPlace(context);
    const isThere = existsSync(place.database);
    if (!isThere) {
      if (flags.create !== true) throw await nothingThere(flags);
      if (flags.conversation !== undefined) checkName(flags.conversation, '--conversation');
      return new Memory(flags, context, { place });
    }
    const isKept = flags.history !== false && flags.dryRun !== true;
    const store = await HistoryStore.open(place, isKept ? 'write' : 'read');
    try {
      return new Memory(flags, context, { place, store, conversation: await conversationIn(store, flags) });
    } catch (error) {
      store.close();
      throw error;
    }
  }

  /** The flags, with what the conversation decides of those that were not typed: with whom it was held. */
  get remembered(): Remembered {
    const { profile, model } = this.#conversation ?? {};
    const { profile: typed, baseUrl, sandbox, model: typedModel } = this.#flags;
    // Another server has other models.
    if (typed !== undefined || baseUrl !== undefined || sandbox === true) return {};
    return {
      ...(profile != null && { profile }),
      // What talks over a WebSocket answers no chat, and the other way round.
      ...(model != null && typedModel === undefined && !isRealtimeModel(model) && { model }),
    };
  }

  /** Says at a terminal which conversation goes on: another terminal may have had the last one. */
  announce(): void {
    const conversation = this.#conversation;
    if (conversation === undefined || !this.#context.stderr.isTTY) return;
    const { name, title, id, exchanges, updated, profile } = conversation;
    const where = profile === null || profile === 'openai' ? '' : ` with ${profile}`;
    const said = `${exchanges} ${exchanges === 1 ? 'exchange' : 'exchanges'}${where}`;
    const ago = agoText(this.#context.clock.now() - updated);
    const fork = this.#flags.fork === true ? '; from here on a new one' : '';
    warn(this.#context, `going on with ${name ?? `"${title}"`} (${id}): ${said}, the last ${ago}${fork}`);
  }

  /** Puts messages into the conversation that nobody is asked. @returns its id @throws Failure (usage) */
  note(messages: readonly ChatMessage[]): Promise<string> {
    const keeper = this.keeper(null);
    if (keeper === undefined) throw usageError('--add sends nothing: --dry-run has nothing to show');
    return keeper.note(messages);
  }

  /** The question at the end that waits for an answer, asked again where there is no other. */
  get unanswered(): readonly ChatMessage[] | undefined {
    const open = this.#open;
    return open === undefined ? undefined : questionOf(open);
  }

  /** The response that is made in the background for the question at the end, where one is. */
  get running(): string | undefined {
    const open = openExchange(this.#exchanges);
    if (this.#store === undefined || open?.state !== 'asked') return undefined;
    return responseIdOf(this.#store, open.number);
  }

  /** The exchange at the end that nobody works on, and that waits for an answer. */
  get #open(): SaidExchange | undefined {
    return this.running === undefined ? openExchange(this.#exchanges) : undefined;
  }

  /**
   * All of the last exchange, where it was answered: the answer may be that tools are to be run. Questions after it that
   * failed change nothing.
   */
  get lastExchange(): readonly ChatMessage[] {
    const end = this.#exchanges.findLast(({ state }) => state !== 'asked' && state !== 'failed');
    return end?.state === 'answered' ? end.messages.map((kept) => kept.message()) : [];
  }

  /**
   * The response that the conversation ends with, where the API keeps it and knows all of the conversation by it.
   * @param target the server that is asked
   */
  lastResponse({ baseUrl }: Pick<Target, 'baseUrl'>): string | undefined {
    const end = this.#exchanges.at(-1);
    if (this.#store === undefined || end?.state !== 'answered' || this.#flags.last !== undefined)
      return undefined;
    // Another server never heard of it, and one that waits for results of tools takes nothing else.
    const last = end.messages.at(-1)?.message();
    const isOpen = last?.role !== 'assistant' || last.tool_calls !== undefined;
    if (isOpen || this.#conversation?.baseUrl !== baseUrl) return undefined;
    const id = responseIdOf(this.#store, end.number);
    return id?.startsWith('resp_') === true ? id : undefined;
  }

  /**
   * What was said with one server goes to another only when the user says so.
   * @throws Failure (usage) where the settings lead elsewhere than the conversation was held
   */
  checkTarget({ baseUrl }: Target): void {
    const { baseUrl: heldAt = null, name, id } = this.#conversation ?? {};
    const { profile, baseUrl: typed, sandbox } = this.#flags;
    const isSaid = profile !== undefined || typed !== undefined || sandbox === true;
    if (heldAt === null || heldAt === baseUrl || isSaid) return;
    throw usageError(
      `conversation ${name ?? id} was held with ${heldAt}, and the settings now lead to ${baseUrl}`,
      `--base-url ${baseUrl} (or -P) sends it there`,
    );
  }

  /**
   * What was said before, as far as it goes before these messages.
   * @param isRetry the messages are those of `unanswered`
   */
  before(messages: readonly ChatMessage[], isRetry: boolean): readonly ChatMessage[] {
    const { unheard, running } = this;
    if (running !== undefined) {
      warn(
        this.#context,
        `the question before this one is being answered in the background, and is left out: oai response wait ${running}`,
      );
    }
    const brought = broughtBy(messages);
    // Results that are sent again leave out nothing.
    const isSaidAgain = unheard !== undefined && broughtBy(unheard).toolResults && brought.toolResults;
    if (unheard !== undefined && !isRetry && !isSaidAgain) {
      warn(
        this.#context,
        'the question before this one got no answer and is left out; -c without a prompt asks it again',
      );
    }
    const open = isRetry ? this.#open : undefined;
    const exchanges = this.#exchanges.filter((exchange) => exchange !== open);
    return earlierMessages(exchanges, brought, this.#flags.last);
  }

  /** What was said before, with what the model is to be; questions that got no answer are left out. */
  get said(): readonly ChatMessage[] {
    return earlierMessages(this.#exchanges, broughtBy([]), this.#flags.last);
  }

  /** The question at the end of which nobody heard anything. */
  get unheard(): readonly ChatMessage[] | undefined {
    const open = this.#unheard;
    return open === undefined ? undefined : questionOf(open);
  }

  get #unheard(): SaidExchange | undefined {
    const open = this.#open;
    return open === undefined || wasHeard(open) ? undefined : open;
  }

  /**
   * Who keeps what is said from now on.
   * @param settings null where nobody is asked
   * @param isSession a person reads what could not be kept, at once: the run does not fail by it
   * @returns undefined where nothing is to be kept
   * @throws Failure (usage) where it was asked for and there is no place for it
   */
  keeper(
    settings: RunSettings | null,
    { isRetry = false, isSession = false } = {},
  ): HistoryKeeper | undefined {
    const wanted = historyWanted(this.#flags, settings?.history, this.#context);
    if (wanted === 'no' || this.#flags.dryRun === true) return undefined;
    const place = wanted === 'asked' ? neededPlace(this.#context) : this.#place;
    if (place === undefined) return undefined;
    const retries = isRetry && this.#flags.fork !== true ? this.#open?.number : undefined;
    this.#keeper = new HistoryKeeper(
      {
        place,
        thread: this.#thread(isRetry),
        target: settings,
        retries,
        // What was noted after a question that nobody heard was said before it is asked again.
        last: (this.#unheard ?? this.#exchanges.at(-1))?.number,
        store: this.#store,
        isNeeded: !isSession && isTyped(this.#flags),
      },
      this.#context,
    );
    return this.#keeper;
  }

  close(): void {
    if (this.#keeper === undefined) this.#store?.close();
    else this.#keeper.close();
  }

  #thread(isRetry: boolean): Thread {
    const conversation = this.#conversation;
    if (conversation === undefined) return { kind: 'new', name: this.#flags.conversation?.trim() ?? null };
    if (this.#flags.fork !== true) return { kind: 'old', number: conversation.number };
    const { number, id } = conversation;
    const open = this.#open;
    // What is not sent along stays with the old one.
    const isLeft = open !== undefined && (isRetry || !wasHeard(open));
    // Nor comes along what another run has added since.
    const before = (this.#exchanges.at(-1)?.number ?? 0) + 1;
    return { kind: 'fork', number, id, before, without: isLeft ? open.number : null };
  }
}

/** Something of an answer came. */
function wasHeard({ state }: SaidExchange): boolean {
  return state === 'answered' || state === 'cut';
}
