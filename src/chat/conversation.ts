import type { Api } from '../api/client.ts';
import type { AskedCall, ChatMessage, ChatTool } from '../api/completions.ts';
import { takeUnpaid } from '../api/transport/unpaid.ts';
import type { Context } from '../context.ts';
import type { ToolCall } from '../tools/tool.ts';
import type { Choice } from './answer.ts';
import { consentCall } from './consents.ts';
import type { RouteRequest } from './route.ts';
import { referenceTo } from './spoken.ts';
import { identified } from './tool-calls.ts';
import { type Turn, type TurnFacts, type TurnListener, wholeTurn } from './turn.ts';

/** Runs the tools that an answer asks for. */
export interface Toolbox {
  readonly definitions: readonly ChatTool[];
  /** The most answers that may ask for tools, one after the other. */
  readonly maxTurns: number;
  /**
   * Runs the calls of one answer.
   * @returns the message of a tool for each, in their order; undefined where they may not be run: they are the result
   */
  run(calls: readonly ToolCall[], signal: AbortSignal): Promise<readonly ChatMessage[] | undefined>;
}

/** Keeps a conversation. */
export interface Keeper {
  /** Before anything is sent: the question is kept even if all else fails. */
  asked(messages: readonly ChatMessage[], request: Pick<RouteRequest, 'model'>): Promise<void>;
  /** The message of the assistant, or those of tools. @param others answers that nobody goes on with */
  answered(
    messages: readonly ChatMessage[],
    facts: TurnFacts | undefined,
    others?: readonly ChatMessage[],
  ): Promise<void>;
  /** @param partial what came of an answer that was cut */
  failed(
    partial: ChatMessage | undefined,
    facts: TurnFacts,
    error: Error,
    others?: readonly ChatMessage[],
  ): Promise<void>;
}

export interface ConversationSetup {
  readonly api: Api;
  readonly context: Context;
  /** The request for these messages. @throws Failure (usage) */
  request(messages: ChatMessage[]): RouteRequest;
  /** Answers are taken as they come, not in one piece. */
  readonly streamed: boolean;
  /** The tokens of streamed answers are wanted, too, of servers that tell them. */
  readonly tellsUsage?: boolean;
  /** What was said before. */
  readonly messages?: readonly ChatMessage[];
  readonly toolbox?: Toolbox | undefined;
  readonly keeper?: Keeper | undefined;
}

/** What came of a question. */
export interface Reply {
  /** The exchanges that it took: one, and one more each time that tools were run. */
  readonly turns: readonly Turn[];
  /** The last of them. */
  readonly turn: Turn;
  /** The request of that one. */
  readonly request: RouteRequest;
  /** The last answer asks for tools again, and so many in a row are not allowed. */
  readonly isOutOfTurns: boolean;
  /** The last answer asks for tools that are for others to run. */
  readonly isForOthers: boolean;
}

/** What is said between a person and a model: a question in a shell and a chat that stays open are one. */
export class Conversation {
  readonly #setup: ConversationSetup;
  readonly #messages: ChatMessage[];

  constructor(setup: ConversationSetup) {
    this.#setup = setup;
    this.#messages = [...(setup.messages ?? [])];
  }

  /** All that was said, tools included. */
  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /**
   * Asks. Tools that may be run are run, and their results handed back, until there is an answer.
   * @returns what came, however it ended: see `turn.failure`
   * @throws Failure (usage) before anything is sent
   */
  async ask(question: readonly ChatMessage[], listener: TurnListener): Promise<Reply> {
    const { request, keeper, toolbox } = this.#setup;
    this.#messages.push(...question);
    let next = request([...this.#messages]);
    await keeper?.asked(question, next);
    const turns: Turn[] = [];
    for (;;) {
      const turn = await this.#exchange(next, listener);
      turns.push(turn);
      const reply = { turns, turn, request: next, isOutOfTurns: false, isForOthers: false };
      const [choice, ...others] = turn.choices;
      if (choice !== undefined) choice.toolCalls = identified(choice.toolCalls, this.#messages.length);
      if (turn.failure !== undefined) {
        await keeper?.failed(choice && messageOf(choice), turn.facts, turn.failure, others.map(messageOf));
        return reply;
      }
      if (choice !== undefined) await this.#keep([messageOf(choice)], turn.facts, others.map(messageOf));
      if (choice === undefined || toolbox === undefined || !asksForTools(choice)) return reply;
      if (turns.length > toolbox.maxTurns) return { ...reply, isOutOfTurns: true };
      await listener.onTools?.(choice.text);
      const results = await this.#run(toolbox, choice.toolCalls);
      if (results === undefined) return { ...reply, isForOthers: true };
      listener.onResults?.();
      await this.#keep(results, undefined);
      next = request([...this.#messages]);
    }
  }

  async #keep(
    messages: readonly ChatMessage[],
    facts: TurnFacts | undefined,
    others: readonly ChatMessage[] = [],
  ): Promise<void> {
    this.#messages.push(...messages);
    await this.#setup.keeper?.answered(messages, facts, others);
  }

  /** The time that tools take, or a person who is asked, is not the API's. */
  async #run(toolbox: Toolbox, calls: readonly ToolCall[]): Promise<readonly ChatMessage[] | undefined> {
    const { api } = this.#setup;
    const goOn = api.pause();
    try {
      return await toolbox.run(calls, api.signal);
    } finally {
      goOn();
    }
  }

  /** One request and its answer. */
  async #exchange(request: RouteRequest, listener: TurnListener): Promise<Turn> {
    const { api, context, streamed, tellsUsage = false } = this.#setup;
    const { clock } = context;
    const start = clock.now();
    try {
      const turn = streamed
        ? await request.stream(api, listener, { clock, start, tellsUsage })
        : wholeTurn(await request.complete(api), { clock, start });
      return withSource(turn, context);
    } catch (error) {
      // What a call throws is an error in words already.
      const failure = error instanceof Error ? error : new Error(String(error));
      return { choices: [], facts: { duration: clock.now() - start }, failure };
    }
  }
}

/** The same, with whether the cache gave it. */
function withSource(turn: Turn, context: Context): Turn {
  if (takeUnpaid(context).length === 0) return turn;
  return { ...turn, facts: { ...turn.facts, isFromCache: true } };
}

/** Whether an answer asks for tools, and is whole. */
export function asksForTools({ toolCalls, finishReason }: Choice): boolean {
  return toolCalls.length > 0 && finishReason !== 'length' && finishReason !== 'content_filter';
}

/** An answer as the message that it is from then on. */
export function messageOf({ text, refusal, toolCalls, sound }: Choice): ChatMessage {
  const audio = referenceTo(sound);
  return {
    role: 'assistant',
    content: text === '' && (toolCalls.length > 0 || refusal !== '') ? null : text,
    ...(refusal !== '' && { refusal }),
    ...(audio !== undefined && { audio }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls.map(askedCall) }),
  };
}

function askedCall({ id, function: called, custom, approval }: ToolCall): AskedCall {
  if (called !== undefined) return { id, type: 'function', function: called };
  if (approval !== undefined) return consentCall(id, approval);
  return { id, type: 'custom', custom: custom ?? { name: '', input: '' } };
}
