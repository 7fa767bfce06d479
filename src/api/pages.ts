import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { notAnAnswer } from './stream.ts';

/** Where a list begins, and how much of it is wanted. */
export interface PageQuery {
  /** The id of the one before the first. */
  readonly after?: string | undefined;
  /** The most items of all pages together. */
  readonly limit?: number | undefined;
  /** The most items of one page: most of the API's lists have no larger ones. */
  readonly page?: number | undefined;
}

/** Items of a page where nothing else is said. */
const PAGE = 100;

/**
 * Follows a list of the API from page to page, each page in a time of its own, until it ends or `limit` items were
 * given. A server that gives the same page for ever ends it too.
 * @param path below the base URL: `/files`
 * @param filter the other fields of the query, and what a user says of these in so many words
 * @param check what an item must be. Throws Failure (network)
 * @throws Failure or Stopped
 */
export async function* pages<Item extends { readonly id: string }>(
  api: Api,
  path: string,
  { after, limit = Number.POSITIVE_INFINITY, page: most = PAGE }: PageQuery,
  filter: JsonObject,
  check: (item: unknown, api: Api) => Item,
): AsyncGenerator<Item[]> {
  const seen = new Set<string>();
  // `--param after=…` begins there, too, and the fields of pages that a user names are theirs.
  const { after: from = after, ...fields } = filter;
  for (let last = from, left = limit; left > 0; ) {
    const query = { limit: Math.min(left, most), ...fields, after: last };
    const page = await api.each((own) =>
      own.call(async (client, options) => checkedPage(await client.get(path, { ...options, query }), own)),
    );
    const items = page.data.slice(0, left).map((item) => check(item, api));
    const end = items.at(-1)?.id;
    if (end === undefined || seen.has(end)) return;
    yield items;
    if (!page.hasMore) return;
    last = end;
    seen.add(end);
    left -= items.length;
  }
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function checkedPage(page: unknown, api: Api): { data: readonly unknown[]; hasMore: boolean } {
  const data = isObject(page) ? page['data'] : undefined;
  if (!isObject(page) || !Array.isArray(data)) throw notAnAnswer(api, 'a list');
  return { data, hasMore: page['has_more'] === true };
}
