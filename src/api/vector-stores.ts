import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { checkedDeletion } from './deletion.ts';
import { pathPart } from './ids.ts';
import { type PageQuery, pages } from './pages.ts';
import { notAnAnswer } from './stream.ts';

export type VectorStore = OpenAI.VectorStore;
export type DeletedVectorStore = OpenAI.VectorStoreDeleted;
/** A passage that a search found. */
export type FoundPassage = OpenAI.VectorStoreSearchResponse;
/** The value of an attribute of a file. */
export type AttributeValue = string | number | boolean;
export type Filter = OpenAI.ComparisonFilter | OpenAI.CompoundFilter;

/** What may be said of a store when it is made, and changed later; null takes it away. */
export interface StoreFields {
  readonly name?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** Days after it was last used until the API deletes it. */
  readonly expiresAfter?: number | null | undefined;
}

/** How a search is made. */
export interface PassageSearch {
  readonly query: string;
  /** Results at most: 1 to 50. */
  readonly count?: number | undefined;
  readonly filter?: Filter | undefined;
  readonly rewrite?: boolean | undefined;
  readonly ranker?: string | undefined;
  /** From 0 to 1. */
  readonly threshold?: number | undefined;
}

/** What a search gives. */
export type PassagePage = JsonObject & { readonly data: readonly FoundPassage[] };

/** @throws Failure or Stopped */
export function createStore(api: Api, fields: StoreFields, params: JsonObject): Promise<VectorStore> {
  return api.each((own) =>
    own.call(async (client, options) => {
      const { expires_after, ...rest } = bodyOf(fields);
      const body = { ...rest, ...(expires_after != null && { expires_after }), ...params };
      return checkedStore(await client.vectorStores.create(body, options), own);
    }),
  );
}

/** The stores, the newest first, page by page, each page in a time of its own. @throws Failure or Stopped */
export function listStores(
  api: Api,
  query: PageQuery = {},
  params: JsonObject = {},
): AsyncGenerator<VectorStore[]> {
  return pages(api, '/vector_stores', query, params, checkedStore);
}

/** @throws Failure or Stopped */
export function retrieveStore(api: Api, id: string): Promise<VectorStore> {
  return api.each((own) =>
    own.call(async (client, options) => checkedStore(await client.vectorStores.retrieve(id, options), own)),
  );
}

/** What is not named stays as it is. @throws Failure or Stopped */
export function updateStore(
  api: Api,
  id: string,
  fields: StoreFields,
  params: JsonObject,
): Promise<VectorStore> {
  return api.each((own) =>
    own.call(async (client, options) =>
      checkedStore(await client.vectorStores.update(id, { ...bodyOf(fields), ...params }, options), own),
    ),
  );
}

/** Its files stay. @throws Failure or Stopped */
export function deleteStore(api: Api, id: string): Promise<DeletedVectorStore> {
  return api.each((own) =>
    own.call(async (client, options) => checkedDeletion(await client.vectorStores.delete(id, options), own)),
  );
}

/** The passages of a store that are most like a question, the best first. @throws Failure or Stopped */
export function searchStore(
  api: Api,
  id: string,
  search: PassageSearch,
  params: JsonObject,
): Promise<PassagePage> {
  const { query, count, filter, rewrite, ranker, threshold } = search;
  const ranking = {
    ...(ranker !== undefined && { ranker }),
    ...(threshold !== undefined && { score_threshold: threshold }),
  };
  const body = {
    query,
    ...(count !== undefined && { max_num_results: count }),
    ...(filter !== undefined && { filters: filter }),
    ...(rewrite !== undefined && { rewrite_query: rewrite }),
    ...(Object.keys(ranking).length > 0 && { ranking_options: ranking }),
    ...params,
  };
  return api.each((own) =>
    own.call(async (client, options) => {
      // Asked for as it is: the SDK's own method takes the page apart, and --json is all of it.
      const path = `/vector_stores/${pathPart(id)}/search`;
      const page: unknown = await client.post(path, { ...options, body });
      const data = isObject(page) ? page['data'] : undefined;
      if (!isObject(page) || !Array.isArray(data) || !data.every(isPassage)) {
        throw notAnAnswer(own, 'passages');
      }
      return { ...page, data };
    }),
  );
}

function isPassage(found: unknown): found is FoundPassage {
  return (
    isObject(found) &&
    typeof found['file_id'] === 'string' &&
    typeof found['score'] === 'number' &&
    Array.isArray(found['content'])
  );
}

function bodyOf({ name, metadata, expiresAfter }: StoreFields) {
  return {
    ...(name !== undefined && { name }),
    ...(metadata !== undefined && { metadata: { ...metadata } }),
    ...(expiresAfter !== undefined && {
      expires_after: expiresAfter === null ? null : { anchor: 'last_active_at' as const, days: expiresAfter },
    }),
  };
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedStore(store: unknown, api: Api): VectorStore {
  const isStore = isObject(store) && typeof store['id'] === 'string' && isObject(store['file_counts']);
  if (!isStore) throw notAnAnswer(api, 'a vector store');
  return store as unknown as VectorStore;
}
