import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import { type AnswerForm, answerForm } from '../chat/answer-form.ts';
import { haveSights, haveSound } from '../chat/audio-model.ts';
import type { ChatTools } from '../chat/chat-tools.ts';
import { Conversation, type Reply } from '../chat/conversation.ts';
import { isStreamed, type Speaking, speakingFor } from '../chat/speaking.ts';
import type { TurnListener } from '../chat/turn.ts';
import { areStreamed } from '../chat/via.ts';
import type { Context } from '../context.ts';
import { Failure, Stopped, usageError } from '../errors.ts';
import { warn } from '../output/messages.ts';
import { chainOf } from '../responses/remember.ts';
import type { Chain } from '../responses/route.ts';
import { type Chosen, chosenWay } from '../responses/via.ts';
import { ContextWindow } from './context-window.ts';
import { type Exchange, exchangesIn, isInstruction, messagesIn, subjectOf, unheardOf } from './exchange.ts';
import { judged, type Outcome } from './outcome.ts';
import type { SessionFlags } from './settings.ts';
import type { Shelf } from './shelf.ts';
import { Spending } from './spending.ts';

/** How a question is asked. */
export interface Asking {
  readonly listener: TurnListener;
  /** It takes the place of the last exchange, once it has an answer. */
  readonly replaces: boolean;
  /** Ends it: what came by then is kept. */
  readonly signal: AbortSignal;
  /** Undefined where the answer is written only. */
  readonly speaking: Speaking | undefined;
}

/** What a session is held with. */
export interface Surroundings {
  readonly api: Api;
  readonly context: Context;
  readonly shelf: Shelf;
  readonly tools: ChatTools | undefined;
  /** Where a person is asked within a turn: to stop there stops the turn. */
  readonly asking: Context;
}

/** Tokens that fit into any model of today: for them nobody has to look up how many its window has. */
const FITS_ANYWHERE = 2000;

/** What can be changed while it is open. */
interface Switches {
  readonly flags: SessionFlags;
  readonly areToolsOn: boolean;
}

/** A conversation that stays open, and what it is held with. */
export class Session {
  readonly api: Api;
  readonly window = new ContextWindow();
  readonly spent = new Spending();
  readonly #context: Context;
  readonly #asking: Context;
  #flags: SessionFlags;
  readonly #shelf: Shelf;
  /** What the flags say of tools. */
  readonly #tools: ChatTools | undefined;
  #areToolsOn = true;
  #instructions: readonly ChatMessage[];
  /** They are not kept yet, as they are now: the next question takes them along. */
  #areNew: boolean;
  #exchanges: Exchange[];
  #form: Promise<AnswerForm> | undefined;
  #prepared: { readonly key: string; readonly made: Promise<Chosen> } | undefined;
  #last: Reply | undefined;
  #toldLeftOut = false;
  /** What the API keeps of what was said before the session. */
  #chain: Chain | undefined;

  /** @param before what is said before the first question */
  constructor(
    { api, context, shelf, tools, asking }: Surroundings,
    flags: SessionFlags,
    before: readonly ChatMessage[],
  ) {
    this.api = api;
    this.#context = context;
    this.#asking = asking;
    this.#shelf = shelf;
    this.#tools = tools;
    this.#flags = flags;
    const { said, unheard } = shelf.memory;
    const given = before.filter(isInstruction);
    this.#instructions = given.length > 0 ? given : said.filter(isInstruction);
    this.#areNew = given.length > 0;
    this.#chain = chainOf(shelf.memory, said, api.settings);
    const examples = exchangesIn(before).map((exchange) => ({ ...exchange, isGiven: true }));
    this.#exchanges = [...exchangesIn(said), ...unheardOf(unheard), ...examples];
  }

  /** What the model is to be. */
  get instructions(): readonly ChatMessage[] {
    return this.#instructions;
  }

  set instructions(instructions: readonly ChatMessage[]) {
    this.#instructions = instructions;
    this.#areNew = true;
  }

  get flags(): SessionFlags {
    return this.#flags;
  }

  /** The tools that the model is told of; undefined where there are none, or they are off. */
  get tools(): ChatTools | undefined {
    return this.#areToolsOn ? this.#tools : undefined;
  }

  /** @throws Failure (usage) where there are none, or what is set contradicts them: then all is as it was */
  async switchTools(on: boolean): Promise<void> {
    if (this.#tools === undefined) {
      throw usageError('there are no tools', 'oai chat --tool NAME=COMMAND gives one');
    }
    await this.#change({ flags: this.#flags, areToolsOn: on });
  }

  /** @throws Failure (usage) on flags that contradict each other: then all is as it was */
  async setFlags(flags: SessionFlags): Promise<void> {
    await this.#change({ flags, areToolsOn: this.#areToolsOn });
  }

  async #change(wanted: Switches): Promise<void> {
    const before: Switches = { flags: this.#flags, areToolsOn: this.#areToolsOn };
    this.#switch(wanted);
    try {
      await this.model();
    } catch (error) {
      this.#switch(before);
      throw error;
    }
  }

  #switch({ flags, areToolsOn }: Switches): void {
    this.#flags = flags;
    this.#areToolsOn = areToolsOn;
    this.#form = undefined;
    this.#prepared = undefined;
  }

  /** Answers are shown as they come. */
  isStreamed(speaking: Speaking | undefined): boolean {
    const isWished = isStreamed({ ...this.#flags, json: false }, speaking);
    return isWished && areStreamed(this.tools, this.#flags, this.api);
  }

  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** The last reply of the server, whole or not. */
  get lastReply(): Reply | undefined {
    return this.#last;
  }

  /** The text of the last answer. */
  get lastAnswer(): string | undefined {
    const answered = this.#exchanges.findLast(({ rest }) => rest.some(({ role }) => role === 'assistant'));
    const content = answered?.rest.findLast(({ role }) => role === 'assistant')?.content;
    return typeof content === 'string' ? content : undefined;
  }

  /** @throws Failure (usage) on flags that contradict each other */
  async model(): Promise<string> {
    return (await this.#ready(messagesIn(this.#exchanges), await this.speaking('reply'))).route.model;
  }

  /** What answers are to be. @throws Failure (usage) on a schema that cannot be used */
  form(): Promise<AnswerForm> {
    this.#form ??= answerForm(this.#flags, this.api, this.#context);
    return this.#form;
  }

  /**
   * How the next answer is said, and where its sound goes; undefined where it is written only.
   * @param subject what its file is named after
   * @throws Failure (usage)
   */
  speaking(subject: string): Promise<Speaking | undefined> {
    return speakingFor(this.#flags, subject, this.api, this.#context);
  }

  /** Begins a new conversation: what the model is to be stays. */
  async begin(): Promise<void> {
    await this.#shelf.begin();
    this.#areNew = true;
    this.#chain = undefined;
    this.#reset([]);
  }

  /** Goes on with another conversation. @throws Failure (usage) where there is none */
  async load(word: string): Promise<void> {
    await this.#shelf.load(word);
    const { said, unheard } = this.#shelf.memory;
    this.#instructions = said.filter(isInstruction);
    this.#areNew = false;
    this.#chain = chainOf(this.#shelf.memory, said, this.api.settings);
    this.#reset([...exchangesIn(said), ...unheardOf(unheard)]);
  }

  #reset(exchanges: Exchange[]): void {
    this.#exchanges = exchanges;
    this.#prepared = undefined;
    this.window.reset();
    this.#toldLeftOut = false;
  }

  /** Puts the last exchange aside, and with it an answer whose place it was to take. */
  #putAside(): readonly Exchange[] {
    const last = this.#exchanges.at(-1);
    if (last === undefined || last.isGiven === true) return [];
    return this.#exchanges.splice(last.isInstead === true ? -2 : -1);
  }

  /** What goes along with the next question. */
  async earlier(question: readonly ChatMessage[] = []): Promise<readonly Exchange[]> {
    const always = [...this.instructions, ...question];
    const { maxTokens } = this.#flags;
    const isShort = this.window.tokens([...always, ...messagesIn(this.#exchanges)]) < FITS_ANYWHERE;
    const size = isShort && maxTokens === undefined ? undefined : await this.windowSize();
    return this.window.fitting(this.#exchanges, always, size, maxTokens);
  }

  /** Tokens that question and answer may have together; undefined where that is not known. */
  async windowSize(): Promise<number | undefined> {
    const { factsOf } = await import('../tokens/facts.ts');
    return factsOf(await this.model()).contextWindow;
  }

  /** Asks, with as much of what was said as there is room for. */
  async ask(question: readonly ChatMessage[], asking: Asking): Promise<Outcome> {
    const { keeper } = this.#shelf;
    const aside = asking.replaces ? this.#putAside() : [];
    for (let replaces = asking.replaces; ; replaces = true) {
      if (keeper !== undefined) keeper.isReplacing = replaces;
      const outcome = await this.#askOnce(question, asking);
      const { failure, exchange } = outcome;
      const isTooMuch = failure instanceof Failure && failure.code === 'context_length_exceeded';
      if (isTooMuch && this.window.halve(this.#exchanges)) continue;
      if (exchange.state === 'failed') this.#keepFailed(exchange, aside);
      else {
        this.#keep(exchange);
        await keeper?.replace();
      }
      return outcome;
    }
  }

  /** A question that was not even sent can be asked again. */
  keepUnasked(question: readonly ChatMessage[], replaces: boolean): void {
    this.#keepFailed({ question, rest: [], state: 'failed' }, replaces ? this.#putAside() : []);
  }

  /** It can be asked again; an answer whose place it was to take stays. */
  #keepFailed(exchange: Exchange, aside: readonly Exchange[]): void {
    const answered = aside.filter(({ state }) => state !== 'failed');
    this.#exchanges.push(...answered, { ...exchange, isInstead: answered.length > 0 });
  }

  async #askOnce(question: readonly ChatMessage[], { listener, signal, speaking }: Asking): Promise<Outcome> {
    const { api, end } = this.api.apart(signal);
    const nothing: Exchange = { question, rest: [], state: 'failed' };
    try {
      const earlier = await this.earlier(question);
      const made = await this.#ready([...messagesIn(earlier), ...question], speaking);
      const { route, toolbox } = made;
      const form = await this.form();
      this.#tellLeftOut();
      const before = messagesIn(earlier.filter(({ isGiven }) => isGiven !== true));
      // What is not kept yet is kept as a part of the question.
      const given = messagesIn(earlier.filter(({ isGiven }) => isGiven === true));
      const asked = [...(this.#areNew ? this.#instructions : []), ...given, ...question];
      const spoken = (messages: readonly ChatMessage[]) =>
        messages.filter((message) => !isInstruction(message));
      const conversation = new Conversation({
        api,
        context: this.#context,
        request: (messages) => route.request(form.messages([...this.#instructions, ...spoken(messages)])),
        streamed: this.isStreamed(speaking),
        toolbox,
        tellsUsage: true,
        messages: before,
        keeper: this.#shelf.keeper,
      });
      const beside = await made.beside(true, subjectOf(question));
      const reply = await conversation.ask(asked, listener);
      this.#last = reply;
      this.spent.add(reply.turns, route.model);
      const counted = reply.turns[0]?.facts.usage?.prompt_tokens;
      if (counted !== undefined)
        this.window.learn([...this.#instructions, ...before, ...given, ...question], counted);
      const rest = conversation.messages.slice(before.length + asked.length);
      return { ...judged({ question, rest, state: 'answered' }, reply, form, route), beside };
    } catch (error) {
      if (error instanceof Failure || error instanceof Stopped)
        return { exchange: nothing, reply: undefined, failure: error };
      throw error;
    } finally {
      end();
    }
  }

  /** From now on it was said, and what went along with it is kept. */
  #keep(exchange: Exchange): void {
    this.#areNew = false;
    this.#exchanges = [...this.#exchanges.map(({ isGiven, ...kept }) => kept), exchange];
  }

  #tellLeftOut(): void {
    if (this.window.leftOut === 0 || this.#toldLeftOut) return;
    this.#toldLeftOut = true;
    warn(
      this.#context,
      'the conversation has become too long to be sent whole: the oldest exchanges are kept, and no longer sent',
    );
  }

  /** How requests are made for these messages: what is in them decides on the model, where nobody else does. */
  #ready(messages: readonly ChatMessage[], speaking: Speaking | undefined): Promise<Chosen> {
    const key = `${haveSound(messages)} ${haveSights(messages)}`;
    if (this.#prepared?.key !== key) this.#prepared = { key, made: this.#prepare(messages, speaking) };
    return this.#prepared.made;
  }

  async #prepare(messages: readonly ChatMessage[], speaking: Speaking | undefined): Promise<Chosen> {
    const wish = { typed: this.#flags.model, remembered: this.#shelf.memory.remembered.model };
    const form = await this.form();
    const wanted = { asked: messages, wish, form, tools: this.tools, speaking, asking: this.#asking };
    const made = await chosenWay(this.#flags, wanted, this.#chain, this.api, this.#context);
    // Settings that contradict each other are to be known before somebody has typed a question.
    made.route.request([]);
    return made;
  }
}
