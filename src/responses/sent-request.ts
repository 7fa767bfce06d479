import type { Api } from '../api/client.ts';
import {
  createResponse,
  type ResponseAnswer,
  type ResponseEvent,
  type ResponseOutputItem,
  type ResponseRequest,
  streamResponse,
} from '../api/responses.ts';
import type { RouteRequest, StreamWish, WholeAnswer } from '../chat/route.ts';
import { readTurn, type Turn, type TurnListener, type TurnStart } from '../chat/turn.ts';
import { Failure } from '../errors.ts';
import { hasMedia, responseFacts, responseFailure, wholeResponse } from './answer.ts';
import { ResponseEvents } from './events.ts';

/** What came of one request. */
export interface Seen {
  readonly response: ResponseAnswer | undefined;
  /** What was made of it, as far as it came. */
  readonly items: readonly ResponseOutputItem[];
}

/** What a request is made with. */
export interface RequestSetup {
  /** The same request for an API that does not know any more what is gone on with. */
  readonly sayAll: (() => ResponseRequest) | undefined;
  learn(seen: Seen): void;
}

/** A request to `POST /responses`. */
export class ResponsesRequest implements RouteRequest {
  readonly body: ResponseRequest;
  readonly #setup: RequestSetup;

  constructor(body: ResponseRequest, setup: RequestSetup) {
    this.body = body;
    this.#setup = setup;
  }

  get model(): string {
    return String(this.body.model);
  }

  get serviceTier(): string | undefined {
    return this.body.service_tier ?? undefined;
  }

  get isLimited(): boolean {
    return this.body.max_output_tokens != null;
  }

  async complete(api: Api): Promise<WholeAnswer> {
    const response = await this.#send((body) => createResponse(api, body));
    this.#setup.learn({ response, items: response.output });
    return this.#told(wholeResponse(response));
  }

  async stream(api: Api, listener: TurnListener, { clock, start }: TurnStart & StreamWish): Promise<Turn> {
    const stream = await this.#send((body) => streamResponse(api, body, clock));
    const events = new ResponseEvents(listener);
    const turn = await readTurn<ResponseEvent>(stream, listener, { api, count: 1, clock, start }, (event) =>
      events.read(event),
    );
    const { response, items } = events;
    this.#setup.learn({ response: events.isComplete ? response : undefined, items });
    const [choice] = turn.choices;
    if (choice !== undefined) choice.hasMedia = hasMedia(items);
    if (response === undefined) return turn;
    const failure = turn.failure ?? (events.isComplete ? responseFailure(response) : undefined);
    return this.#told({ ...turn, facts: { ...turn.facts, ...responseFacts(response) }, failure });
  }

  /** The API keeps responses for some weeks: what was said is said again. */
  async #send<T>(send: (body: ResponseRequest) => Promise<T>): Promise<T> {
    try {
      return await send(this.body);
    } catch (error) {
      const { sayAll } = this.#setup;
      if (sayAll === undefined || !isForgotten(error)) throw error;
      return send(sayAll());
    }
  }

  /** An id that the API does not know any more is none to go on with. */
  #told<T extends Pick<Turn, 'facts'> | WholeAnswer>(told: T): T {
    if (this.body.store !== false) return told;
    const { id: _, ...facts } = told.facts;
    return { ...told, facts };
  }
}

function isForgotten(error: unknown): boolean {
  return error instanceof Failure && error.code === 'previous_response_not_found';
}
