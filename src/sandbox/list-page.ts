import type { JsonObject } from '../json.ts';
import { type ApiError, invalidRequest } from './error-answer.ts';
import { integer, string } from './request-check.ts';

/** How the pages of a list are where the request does not say. */
export interface PageShape {
  /** Items of a page. */
  readonly usual: number;
  readonly order: 'asc' | 'desc';
}

/** Items of a page: the default of the API's document, and the most that its lists have. */
const PAGE = { usual: 20, most: 100, order: 'asc' } as const;

/** What every list is asked with. */
export const pageFields = { after: string(), limit: integer(1, PAGE.most) };

/** The fields of a query: numbers that are ones, and `metadata[name]`. */
export function queryFields(query: URLSearchParams): JsonObject {
  const fields: JsonObject = {};
  const labels: JsonObject = {};
  for (const [name, value] of query) {
    const label = /^metadata\[(.*)\]$/s.exec(name)?.[1];
    if (label !== undefined) labels[label] = value;
    else fields[name] = name === 'limit' && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return { ...fields, ...(Object.keys(labels).length > 0 && { metadata: labels }) };
}

/** That a list has no item where a page of it is to begin or to end. */
export function noItem(field: 'after' | 'before', id: unknown): ApiError {
  return invalidRequest(`Invalid value for '${field}': no item with id '${id}' found.`, field);
}

/**
 * One page of a list that is given from the oldest to the newest.
 * @throws ApiError 400 when what it is to begin after is not there
 */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { order, after, limit }: JsonObject,
  shape: PageShape = PAGE,
): object {
  const sorted = (order ?? shape.order) === 'desc' ? items.toReversed() : items;
  const before = after === undefined ? -1 : sorted.findIndex(({ id }) => id === after);
  if (after !== undefined && before === -1) throw noItem('after', after);
  const rest = sorted.slice(before + 1);
  const data = rest.slice(0, typeof limit === 'number' ? limit : shape.usual);
  return {
    object: 'list',
    data,
    first_id: data[0]?.id ?? '',
    last_id: data.at(-1)?.id ?? '',
    has_more: data.length < rest.length,
  };
}
