import type { Api } from '../api/client.ts';
import type { ChatAnswer, ChatMessage } from '../api/completions.ts';
import type { ResponseAnswer } from '../api/responses.ts';
import type { Failure } from '../errors.ts';
import type { AnswerFacts, Choice } from './answer.ts';
import type { Turn, TurnListener, TurnStart } from './turn.ts';

/** An answer as the API gives it. */
export type ApiAnswer = ChatAnswer | ResponseAnswer;

/** An answer that came whole, and what it says in the form that every conversation has. */
export interface WholeAnswer {
  readonly answer: ApiAnswer;
  readonly choices: Choice[];
  readonly facts: AnswerFacts;
  /** What the answer itself says went wrong. */
  readonly failure: Failure | undefined;
}

/** A request that is ready to be sent. Each try of it is the same. */
export interface RouteRequest {
  readonly body: object;
  readonly model: string;
  readonly serviceTier: string | undefined;
  /** The user set a limit of tokens: to be cut there is what was asked for. */
  readonly isLimited: boolean;
  /** Asks, and waits for the whole answer. @throws Failure or Stopped */
  complete(api: Api): Promise<WholeAnswer>;
  /**
   * Asks, and takes the answer as it comes.
   * @returns what came, however it ended
   * @throws Failure or Stopped where nothing came
   */
  stream(api: Api, listener: TurnListener, start: TurnStart & StreamWish): Promise<Turn>;
}

/** What is wanted of a stream. */
export interface StreamWish {
  /** The tokens of the answer are wanted, too, of servers that tell them. */
  readonly tellsUsage: boolean;
}

/** A way to a model: an endpoint of the API that takes what was said, and answers. */
export interface Route {
  readonly model: string;
  /** Of requests that are handed to the Batch service. */
  readonly endpoint: '/v1/chat/completions' | '/v1/responses';
  /** The request for what was said. @throws Failure (usage) on flags that contradict each other */
  request(messages: ChatMessage[]): RouteRequest;
  /** An answer that came some other way. @throws Failure (network) where it is none of this endpoint */
  read(answer: unknown, api: Api): WholeAnswer;
  /** The error of a request in words that fit what was sent. */
  explain(error: unknown): unknown;
}
