import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { type ChatAnswer, checkedAnswer } from './completions.ts';
import { checkedDeletion } from './deletion.ts';
import { pathPart } from './ids.ts';
import { pages } from './pages.ts';
import { notAnAnswer } from './stream.ts';

export type StoredMessage = OpenAI.Chat.Completions.ChatCompletionStoreMessage;
export type Metadata = Readonly<Record<string, string>>;

/** Which of the stored completions, and in which order. */
export interface StoredQuery {
  readonly model?: string | undefined;
  /** Labels that all of them have. */
  readonly metadata?: Metadata | undefined;
  /** By the time at which they were made; the API begins with the oldest. */
  readonly order?: 'asc' | 'desc' | undefined;
  /** The id of the one before the first. */
  readonly after?: string | undefined;
  /** The most of them. */
  readonly limit?: number | undefined;
}

/**
 * The completions that the API keeps, page by page, each page in a time of its own.
 * @throws Failure or Stopped
 */
export function listStored(
  api: Api,
  { after, limit, ...filter }: StoredQuery,
  params: JsonObject,
): AsyncGenerator<ChatAnswer[]> {
  return pages(api, '/chat/completions', { after, limit }, { ...filter, ...params }, (item, own) =>
    checkedAnswer(item, own),
  );
}

/** What was asked for a stored completion, page by page. @throws Failure or Stopped */
export function listMessages(api: Api, id: string, params: JsonObject): AsyncGenerator<StoredMessage[]> {
  const path = `/chat/completions/${pathPart(id)}/messages`;
  return pages(api, path, {}, params, (item, own) => {
    if (!isObject(item) || typeof item['role'] !== 'string') throw notAnAnswer(own, 'a message');
    return item as unknown as StoredMessage;
  });
}

/** @throws Failure or Stopped */
export function readStored(api: Api, id: string, params: JsonObject): Promise<ChatAnswer> {
  return api.call(async (client, options) =>
    checkedAnswer(await client.chat.completions.retrieve(id, { ...options, query: params }), api),
  );
}

/** Replaces all labels of a stored completion. @throws Failure or Stopped */
export function labelStored(
  api: Api,
  id: string,
  metadata: Metadata,
  params: JsonObject,
): Promise<ChatAnswer> {
  return api.call(async (client, options) =>
    checkedAnswer(
      await client.chat.completions.update(id, { metadata: { ...metadata }, ...params }, options),
      api,
    ),
  );
}

/** @returns the API's own answer @throws Failure or Stopped */
export function deleteStored(api: Api, id: string): Promise<OpenAI.Chat.Completions.ChatCompletionDeleted> {
  return api.each((own) =>
    own.call(async (client, options) =>
      checkedDeletion(await client.chat.completions.delete(id, options), own),
    ),
  );
}
