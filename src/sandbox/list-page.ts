import type { JsonObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';

/** How the pages of a list are. */
export interface PageShape {
  /** Items of a page where the request does not say. */
  readonly usual: number;
  /** The order where the request does not say. */
  readonly order: 'asc' | 'desc';
}

/** The fields of a query: numbers that are ones, and `metadata[name]`. */
export function fieldsOf(query: URLSearchParams): JsonObject {
  const fields: JsonObject = {};
  const labels: JsonObject = {};
  for (const [name, value] of query) {
    const label = /^metadata\[(.*)\]$/s.exec(name)?.[1];
    if (label !== undefined) labels[label] = value;
    else fields[name] = name === 'limit' && /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return { ...fields, ...(Object.keys(labels).length > 0 && { metadata: labels }) };
}

/**
 * One page of a list that is given from the oldest to the newest.
 * @throws ApiError 400 when what it is to begin after is not there
 */
export function pageOf<Item extends { readonly id: string }>(
  items: readonly Item[],
  { order, after, limit }: JsonObject,
  shape: PageShape,
): object {
  const sorted = (order ?? shape.order) === 'desc' ? items.toReversed() : items;
  const before = after === undefined ? -1 : sorted.findIndex(({ id }) => id === after);
  if (after !== undefined && before === -1) {
    throw invalidRequest(`Invalid value for 'after': no item with id '${after}' found.`, 'after');
  }
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
