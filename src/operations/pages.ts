import { Failure } from '../errors.ts';
import { isObject, type JsonObject } from '../json.ts';

/** One page of a list, and how the next is asked for. */
export interface Page {
  readonly items: readonly unknown[];
  /**
   * The field of the query and its value; undefined after the last page.
   * @throws Failure (network) where it goes on nobody knows where
   */
  next(): readonly [field: string, value: string] | undefined;
}

/**
 * Reads a page of any of the API's lists: `last_id` or the last item's `id` goes into `after`, `next_page` into `page`.
 * @returns undefined where it is no list
 */
export function pageOf(answer: unknown): Page | undefined {
  const items = isObject(answer) ? answer['data'] : undefined;
  if (!isObject(answer) || !Array.isArray(items)) return undefined;
  return { items, next: () => (answer['has_more'] === true ? nextOf(answer, items) : undefined) };
}

function nextOf(
  { next_page: page, last_id: last }: JsonObject,
  items: readonly unknown[],
): ReturnType<Page['next']> {
  if (typeof page === 'string') return ['page', page];
  const final: unknown = items.at(-1);
  const id = typeof last === 'string' ? last : isObject(final) ? final['id'] : undefined;
  if (typeof id === 'string') return ['after', id];
  throw new Failure('network', 'the server says that the list goes on, and not where');
}

/**
 * All items of a list, page after page, as they come.
 * @param get a page; called with what the query is to have beside what it has
 * @throws Failure (network) where a page gives the same place as the one before: there would be no end
 */
export async function* itemsOf(
  get: (query: Readonly<Record<string, string>>) => Promise<unknown>,
): AsyncGenerator<unknown, void> {
  const seen = new Set<string>();
  let query: Record<string, string> = {};
  for (;;) {
    const answer = await get(query);
    const page = pageOf(answer);
    if (page === undefined) {
      yield answer;
      return;
    }
    yield* page.items;
    const next = page.next();
    if (next === undefined) return;
    const [field, value] = next;
    if (seen.has(value))
      throw new Failure('network', 'the server gives the same page of the list again and again');
    seen.add(value);
    query = { [field]: value };
  }
}
