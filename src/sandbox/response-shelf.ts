import type { JsonObject } from '../json.ts';
import type { InputItem } from './response-request.ts';

/** A response as `/responses` tells it. */
export interface ResponseObject extends JsonObject {
  readonly id: string;
  readonly status: string;
  readonly output: readonly JsonObject[];
}

/** A response that is kept. */
export interface StoredResponse {
  /** When it is done. */
  readonly done: ResponseObject;
  /** What was put in by this request alone. */
  readonly input: readonly InputItem[];
  /** All that was said before it and in it, for those that go on with it. */
  readonly items: readonly InputItem[];
  /** Times that a response in the background is still to be found unfinished. */
  pending: number;
  isCancelled: boolean;
}

/** A conversation that the API keeps. */
export interface StoredConversation {
  readonly id: string;
  readonly created: number;
  metadata: JsonObject;
  readonly items: InputItem[];
}

/** Files that code of a response has made, by container and id. */
export interface ContainerFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The responses and conversations of one sandbox. They are gone with it. */
export class ResponseShelf {
  readonly responses = new Map<string, StoredResponse>();
  readonly conversations = new Map<string, StoredConversation>();
  readonly files = new Map<string, ContainerFile>();
  readonly named = new Map<string, number>();
}
