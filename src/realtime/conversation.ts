import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import type { RealtimeSession } from '../api/realtime.ts';
import type { Keeper, Toolbox } from '../chat/conversation.ts';
import { outOfTurns, wayToAllow } from '../chat/verdict.ts';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import { calledName, type ToolCall } from '../tools/tool.ts';
import { assistantItem, callItem, type RealtimeItem, resultItem } from './items.ts';
import { isLoss, type RealtimeLink } from './link.ts';
import { GrowingTurn, type TurnListener, turnProblem } from './turn.ts';

/** How long the server may take to end an answer that is not wanted any more, in ms. */
const CANCELLING_MS = 2000;

export interface ConversationSetup {
  readonly link: RealtimeLink;
  readonly context: Context;
  readonly model: string;
  readonly toolbox: Toolbox | undefined;
  readonly keeper: Keeper | undefined;
  /** The user set a limit of tokens. */
  readonly isLimited: boolean;
  /** What the model is to be, where that is not kept yet: it is kept with the first question. */
  readonly begins: string | undefined;
}

/** A question: what of it is an item, and what goes along in another way. */
export interface Question {
  readonly items: readonly RealtimeItem[];
  /** As a chat has it, to be kept. */
  readonly message: ChatMessage;
  /** Sends what is no item: sound. Told to a session once the items are. @throws Failure */
  readonly send?: (session: RealtimeSession, signal: AbortSignal) => Promise<void>;
}

/** What came of a question. */
export interface Outcome {
  readonly text: string;
  /** Calls of tools that are for others to run. */
  readonly calls: readonly ToolCall[];
  /** What is wrong with it. */
  readonly failure: Error | undefined;
}

/** A conversation with a model that is always there: its turns go over one connection, while that lasts. */
export class RealtimeConversation {
  readonly #setup: ConversationSetup;
  #isBegun = false;

  constructor(setup: ConversationSetup) {
    this.#setup = setup;
  }

  /**
   * Asks. Tools that may be run are run, and their results handed back, until there is an answer.
   * @param api its time and its signal are those of this question
   * @returns what came, however it ended
   */
  async ask(question: Question, listener: TurnListener, api: Api): Promise<Outcome> {
    const { link, keeper, toolbox, model } = this.#setup;
    const begins = this.#isBegun ? undefined : this.#setup.begins;
    const told: ChatMessage[] = begins === undefined ? [] : [{ role: 'developer', content: begins }];
    await keeper?.asked([...told, question.message], { model });
    this.#isBegun = true;
    const start = this.#setup.context.clock.now();
    let next: Question = question;
    for (let turns = 1; ; turns += 1) {
      const { turn, failure } = await this.#exchange(next, listener, api);
      const { text, calls } = turn;
      const facts = { model, duration: this.#setup.context.clock.now() - start };
      const said = text === '' ? [] : [assistantItem(text)];
      if (failure !== undefined) {
        if (turn.hasBegun) link.keep(...next.items, ...said);
        await keeper?.failed(text === '' ? undefined : messageOf(turn), facts, failure);
        return { text, calls: [], failure };
      }
      await keeper?.answered([messageOf(turn)], facts);
      if (calls.length === 0) {
        link.keep(...next.items, ...said);
        return { text, calls, failure: undefined };
      }
      const isTooLate = toolbox !== undefined && turns > toolbox.maxTurns;
      const results = isTooLate ? undefined : await this.#run(calls, api);
      if (results === undefined) {
        // A session would wait for results that never come: the next one knows nothing of the calls.
        link.keep(...next.items, ...said);
        link.drop(false);
        return { text, calls, failure: isTooLate ? outOfTurns(calls, turns) : notAllowed(calls, toolbox) };
      }
      link.keep(...next.items, ...said, ...calls.map(callItem));
      await keeper?.answered(results, undefined);
      next = { message: question.message, items: results.flatMap(resultsIn) };
    }
  }

  /** The time that tools take, or a person who is asked, is not the API's. */
  async #run(calls: readonly ToolCall[], api: Api): Promise<readonly ChatMessage[] | undefined> {
    const goOn = api.pause();
    try {
      return await this.#setup.toolbox?.run(calls, api.signal);
    } finally {
      goOn();
    }
  }

  /** One response: asked for again, in a new session, while nothing of it has come. */
  async #exchange(
    question: Question,
    listener: TurnListener,
    api: Api,
  ): Promise<{ readonly turn: GrowingTurn; readonly failure: Error | undefined }> {
    const { link, isLimited } = this.#setup;
    let turn = new GrowingTurn(listener);
    let session: RealtimeSession | undefined;
    const ended = async (error: unknown) => {
      const failure = api.failure(error);
      const isOpen = api.signal.aborted && session !== undefined && (await this.#cancel(session, turn));
      if (!isOpen) link.drop(isLoss(failure));
      return failure;
    };
    try {
      session = await api.call(async (_, { signal }) => {
        turn = new GrowingTurn(listener);
        try {
          session = await link.open(api, signal);
          await this.#begin(question, session, turn, api, signal);
          return session;
        } catch (error) {
          await ended(error);
          throw error;
        }
      });
    } catch (error) {
      return { turn, failure: api.failure(error) };
    }
    try {
      while (!turn.isOver) await turn.take(await session.next({ signal: api.signal }));
      const problem = turnProblem(turn, isLimited);
      return { turn, failure: problem === undefined ? undefined : api.failure(problem) };
    } catch (error) {
      return { turn, failure: await ended(error) };
    }
  }

  /** Asks, and waits for the first of the answer: what has begun is not asked for again. */
  async #begin(
    { items, send }: Question,
    session: RealtimeSession,
    turn: GrowingTurn,
    api: Api,
    signal: AbortSignal,
  ): Promise<void> {
    for (const item of items) await session.send({ type: 'conversation.item.create', item });
    // Somebody may speak as long as it takes: that is not the API's time.
    const goOn = send === undefined ? () => {} : api.pause();
    await send?.(session, signal).finally(goOn);
    await session.send({ type: 'response.create' });
    while (!turn.hasBegun && !turn.isOver) await turn.take(await session.next({ signal }));
  }

  /** The person has heard enough. @returns whether the server has ended it, so that the session can go on */
  async #cancel(session: RealtimeSession, turn: GrowingTurn): Promise<boolean> {
    const { clock, signal } = this.#setup.context;
    if (signal.aborted || !session.isOpen || turn.isOver) return false;
    const late = new AbortController();
    const timer = clock.timer(CANCELLING_MS, () => late.abort(new Error('late')));
    try {
      await session.send({ type: 'response.cancel' });
      const listening = { signal: AbortSignal.any([signal, late.signal]) };
      for (;;) {
        const event = await session.next(listening);
        if (event.type === 'response.done') return true;
      }
    } catch {
      return false;
    } finally {
      timer.cancel();
    }
  }
}

function messageOf({ text, calls }: GrowingTurn): ChatMessage {
  const asked = calls.map(({ id, function: called = { name: '', arguments: '' } }) => ({
    id,
    type: 'function' as const,
    function: called,
  }));
  return {
    role: 'assistant',
    content: text === '' && asked.length > 0 ? null : text,
    ...(asked.length > 0 && { tool_calls: asked }),
  };
}

function resultsIn(message: ChatMessage): RealtimeItem[] {
  if (message.role !== 'tool') return [];
  const { content } = message;
  return [resultItem(message.tool_call_id, typeof content === 'string' ? content : '')];
}

function notAllowed(calls: readonly ToolCall[], toolbox: Toolbox | undefined): Failure {
  const names = [...new Set(calls.map(calledName))];
  return new Failure('tools', `the model asks for tools that nobody allowed: ${names.join(', ')}`, {
    hint: toolbox === undefined ? '--tool NAME=COMMAND says what does one' : wayToAllow(names),
  });
}
