import type { Api } from '../api/client.ts';
import {
  type ChatAnswer,
  type ChatMessage,
  type ChatRequest,
  checkedAnswer,
  completeChat,
  streamChat,
} from '../api/completions.ts';
import { factsOf } from './answer.ts';
import { isLimited } from './request.ts';
import type { RequestMaker } from './request-maker.ts';
import type { Route, RouteRequest, StreamWish, WholeAnswer } from './route.ts';
import { streamTurn, type Turn, type TurnListener, type TurnStart } from './turn.ts';
import { wholeChoices } from './whole.ts';

/** The way by chat completions. */
export class CompletionsRoute implements Route {
  readonly endpoint = '/v1/chat/completions';
  readonly #maker: RequestMaker;
  readonly #explain: (error: unknown) => unknown;

  /** @param explain the error of a request in words that fit what was sent */
  constructor(maker: RequestMaker, explain: (error: unknown) => unknown) {
    this.#maker = maker;
    this.#explain = explain;
  }

  get model(): string {
    return this.#maker.model;
  }

  request(messages: ChatMessage[]): RouteRequest {
    return new CompletionsRequest(this.#maker.request(messages));
  }

  read(answer: unknown, api: Api): WholeAnswer {
    return wholeCompletion(checkedAnswer(answer, api));
  }

  explain(error: unknown): unknown {
    return this.#explain(error);
  }
}

class CompletionsRequest implements RouteRequest {
  readonly body: ChatRequest;

  constructor(body: ChatRequest) {
    this.body = body;
  }

  get model(): string {
    return this.body.model;
  }

  get serviceTier(): string | undefined {
    return this.body.service_tier ?? undefined;
  }

  get isLimited(): boolean {
    return isLimited(this.body);
  }

  async complete(api: Api): Promise<WholeAnswer> {
    return wholeCompletion(await completeChat(api, this.body));
  }

  async stream(
    api: Api,
    listener: TurnListener,
    { clock, start, tellsUsage }: TurnStart & StreamWish,
  ): Promise<Turn> {
    const stream = await streamChat(api, this.body, clock, { tellsUsage });
    return streamTurn(stream, listener, { api, count: this.body.n ?? 1, clock, start });
  }
}

function wholeCompletion(answer: ChatAnswer): WholeAnswer {
  return { answer, choices: wholeChoices(answer), facts: factsOf(answer), failure: undefined };
}
