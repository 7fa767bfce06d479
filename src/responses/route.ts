import type { Api } from '../api/client.ts';
import type { ChatMessage } from '../api/completions.ts';
import {
  checkedResponse,
  type ResponseAnswer,
  type ResponseInputItem,
  type ResponseOutputItem,
} from '../api/responses.ts';
import { textOf } from '../chat/answer.ts';
import type { ChatTools } from '../chat/chat-tools.ts';
import { consentsIn, withoutConsents } from '../chat/consents.ts';
import type { Route, RouteRequest, WholeAnswer } from '../chat/route.ts';
import { callsIn, wholeResponse } from './answer.ts';
import { chatInput, customCalls } from './input.ts';
import { withJsonSaid } from './json-word.ts';
import { type ResponseFields, responseRequest } from './request.ts';
import { ResponsesRequest, type Seen } from './sent-request.ts';

/** What the API knows already of what was said. */
export interface Chain {
  /** The response that it is gone on with by; undefined in a conversation of the API's own. */
  readonly id: string | undefined;
  /** What was said up to it, without what the model is to be. */
  readonly messages: readonly ChatMessage[];
  /** Its answer follows these messages, and is known, too. */
  readonly hasAnswered: boolean;
  /** A person named it: where the API does not know it, that is the error. */
  readonly isGiven: boolean;
}

/** What a way by responses begins with. */
export interface ResponsesSetup {
  readonly fields: ResponseFields;
  readonly tools: Pick<ChatTools, 'fields'> | undefined;
  /** What the API knows of what was said before. */
  readonly chain?: Chain | undefined;
  /** Results of calls that the response which is gone on with asks for. */
  readonly opening?: readonly ResponseInputItem[];
  /** The error of a request in words that fit what was sent. */
  explain?(error: unknown): unknown;
}

/** What the API said around so many calls is held for the case that it is to be said again. */
const HELD_CALLS = 1000;

/**
 * The way by the Responses API. What the API keeps is gone on with by the id of the response, whatever of it is in the
 * messages; else all is said again, thoughts of the model included.
 */
export class ResponsesRoute implements Route {
  readonly endpoint = '/v1/responses';
  readonly #setup: ResponsesSetup;
  #chain: Chain | undefined;
  /** What came with calls, by the id of the first of them: thoughts that the model is to have back. */
  readonly #around = new Map<string, readonly ResponseOutputItem[]>();
  #items: ResponseOutputItem[] = [];
  #last: ResponseAnswer | undefined;

  constructor(setup: ResponsesSetup) {
    this.#setup = setup;
    this.#chain = setup.chain;
  }

  get model(): string {
    return this.#setup.fields.model;
  }

  /** The last response, as far as it came. */
  get last(): ResponseAnswer | undefined {
    return this.#last;
  }

  /** The items of all responses since they were last forgotten. */
  get items(): readonly ResponseOutputItem[] {
    return this.#items;
  }

  /** They may be images: what was shown of them need not be held. */
  forgetItems(): void {
    this.#items = [];
  }

  request(messages: ChatMessage[]): RouteRequest {
    const first = messages.findIndex(({ role }) => role !== 'system' && role !== 'developer');
    const said = messages.slice(first === -1 ? messages.length : first);
    const told = messages.slice(0, messages.length - said.length);
    const known = this.#known(said);
    const body = (sayAll: boolean) => {
      const { fields, tools, opening = [] } = this.#setup;
      const isFirst = this.#chain === this.#setup.chain;
      const spoken = [...(isFirst ? opening : []), ...this.#input(sayAll ? said : said.slice(known), said)];
      const isJson = fields.format?.['type'] === 'json_object';
      const { input, instructions } = isJson
        ? withJsonSaid(spoken, told)
        : { input: spoken, instructions: told };
      return responseRequest(fields, {
        input,
        instructions: instructions.map(({ content }) => textOf(content)).join('\n\n'),
        previous: sayAll || known === undefined ? undefined : this.#chain?.id,
        tools: tools?.fields(messages) ?? {},
        messages,
      });
    };
    const sayAll = known === undefined ? undefined : () => body(true);
    return new ResponsesRequest(body(known === undefined), {
      sayAll: this.#chain?.isGiven === true ? undefined : sayAll,
      learn: (seen) => this.#learn(seen, said),
    });
  }

  read(answer: unknown, api: Api): WholeAnswer {
    return wholeResponse(checkedResponse(answer, api));
  }

  explain(error: unknown): unknown {
    return this.#setup.explain?.(error) ?? error;
  }

  /** How many of these messages the API knows by what is gone on with; undefined where that does not fit them. */
  #known(said: readonly ChatMessage[]): number | undefined {
    const chain = this.#chain;
    if (chain === undefined) return undefined;
    const { messages, hasAnswered } = chain;
    if (messages.some((message, index) => said[index] !== message)) return undefined;
    if (!hasAnswered) return messages.length;
    // Asked again, what it answered the first time is not to be known.
    return said[messages.length]?.role === 'assistant' ? messages.length + 1 : undefined;
  }

  /** @param messages those that are sent @param said all of them */
  #input(messages: readonly ChatMessage[], said: readonly ChatMessage[]): ResponseInputItem[] {
    const known = { custom: customCalls(said), approvals: consentsIn(said) };
    const asked = messages.findLastIndex(({ role }) => role === 'user');
    const settled = consentsIn(messages.slice(0, asked + 1));
    return withoutConsents(messages, settled).flatMap((message) => {
      const [call] = message.role === 'assistant' ? (message.tool_calls ?? []) : [];
      const around = call === undefined ? undefined : this.#around.get(call.id);
      const isSettled = around?.some(({ id }) => id !== undefined && settled.has(id)) === true;
      if (around === undefined || isSettled) return chatInput(message, known);
      return around as readonly ResponseInputItem[];
    });
  }

  /** What came of a request for these messages. */
  #learn({ response, items }: Seen, said: readonly ChatMessage[]): void {
    this.#items.push(...items);
    if (response === undefined) return;
    this.#last = response;
    const calls = callsIn(response.output);
    const [call] = calls;
    if (call !== undefined) this.#hold(call.id, response.output);
    const { store, apiConversation } = this.#setup.fields;
    const isWhole = response.status === 'completed' || response.status === 'incomplete';
    if (!isWhole || (!store && apiConversation === undefined)) return;
    const id = apiConversation === undefined ? response.id : undefined;
    this.#chain = { id, messages: said, hasAnswered: true, isGiven: false };
  }

  #hold(id: string, output: readonly ResponseOutputItem[]): void {
    this.#around.set(id, output);
    const [oldest] = this.#around.keys();
    if (this.#around.size > HELD_CALLS && oldest !== undefined) this.#around.delete(oldest);
  }
}
