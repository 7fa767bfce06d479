import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { notAnAnswer } from './stream.ts';

/** The part of a list that is wanted. */
export interface PageQuery {
  /** The id of the one before the first. */
  readonly after?: string | undefined;
  /** The most of them. */
  readonly limit?: number | undefined;
}

/** The most items of a page: the API's lists have no larger ones, where their documents name a limit. */
const PAGE = 100;

/**
 * Follows a list from page to page, until it ends or `limit` items were given, each page in a time of its own. A server
 * that gives the same page for ever ends it too.
 * @param check what an item must be. Throws Failure (network)
 * @throws Failure or Stopped
 */
export async function* pages<Item extends { readonly id: string }>(
  api: Api,
  path: string,
  { after, limit = Number.POSITIVE_INFINITY }: PageQuery,
  filter: JsonObject,
  check: (item: unknown, api: Api) => Item,
): AsyncGenerator<Item[]> {
  const seen = new Set<string>();
  for (let last = after, left = limit; left > 0; ) {
    const query = { ...filter, limit: Math.min(left, PAGE), after: last };
    const page = await api.each((own) =>
      own.call(async (client, options) => checkedPage(await client.get(path, { ...options, query }), own)),
    );
    const items = page.data.slice(0, left).map((item) => check(item, api));
    last = items.at(-1)?.id;
    if (items.length === 0 || seen.has(last ?? '')) return;
    yield items;
    if (!page.hasMore || last === undefined) return;
    seen.add(last);
    left -= items.length;
  }
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedPage(page: unknown, api: Api): { data: readonly unknown[]; hasMore: boolean } {
  const data = isObject(page) ? page['data'] : undefined;
  if (!isObject(page) || !Array.isArray(data)) throw notAnAnswer(api, 'a list');
  return { data, hasMore: page['has_more'] === true };
}
