import { _iterSSEMessages } from 'openai/core/streaming';
import type { Context } from '../context.ts';
import { Failure } from '../errors.ts';
import type { Api } from './client.ts';
import { Exchange } from './exchange.ts';
import { withoutModelFlag } from './failure.ts';

/** One request to any endpoint. */
export interface RawRequest {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Below the base URL, with its slash. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** JSON, a form, or undefined for none. */
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** An answer whose head is here. */
export interface RawAnswer {
  /** The content type in lower case; empty where there is none. */
  readonly type: string;
  /** All of it as text. @throws what ended it early */
  text(): Promise<string>;
  /** Its bytes as they come. @throws what ended it early */
  bytes(): AsyncIterable<Uint8Array>;
  /** Its events, where it is a stream of them. @throws what ended it early */
  events(): AsyncIterable<RawEvent>;
}

/** One event of a stream. */
export interface RawEvent {
  readonly event: string | null;
  /** What follows `data:`. */
  readonly data: string;
}

/** Sends a request: resolves when the answer's head is here. @throws Failure or Stopped */
export async function sendRaw(api: Api, request: RawRequest, context: Context): Promise<RawAnswer> {
  const { method, path, query, body, headers } = request;
  const asked = api.call(async (client, { signal }) => {
    const exchange = new Exchange('the answer', api.settings.stallTimeout, context.clock, signal);
    const options = {
      method,
      path,
      query,
      headers,
      ...(body !== undefined && { body }),
      __binaryResponse: true,
    };
    const response = await exchange.open((own) => client.request({ ...options, signal: own }).asResponse());
    return { response, exchange };
  });
  const { response, exchange } = await asked.catch((error: unknown) => {
    throw withoutModelFlag(error);
  });
  const inWords = async function* <T>(pieces: AsyncIterable<T>): AsyncGenerator<T> {
    try {
      yield* pieces;
    } catch (error) {
      throw error instanceof Failure ? error : api.failure(error);
    }
  };
  const pieces = () => exchange.pieces(response.body ?? new Blob([]).stream());
  return {
    type: response.headers.get('content-type')?.toLowerCase() ?? '',
    text: () => response.text(),
    bytes: () => inWords(pieces()),
    events: () =>
      inWords(
        _iterSSEMessages(
          new Response(ReadableStream.from(pieces()) as ReadableStream),
          new AbortController(),
        ),
      ),
  };
}
