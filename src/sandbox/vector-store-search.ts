import { isObject, type JsonObject } from '../json.ts';
import type { Call, SandboxState } from './call.ts';
import { jsonBody } from './call.ts';
import { type Passage, passageVector, type StoreFile, type VectorStore } from './vector-store.ts';
import { storeInUse } from './vector-store-answer.ts';
import { search as check } from './vector-store-request.ts';

/** A passage that was found, as the API tells it. */
export interface FoundPassage {
  readonly file_id: string;
  readonly filename: string;
  /** From 0 to 1. */
  readonly score: number;
  readonly attributes: unknown;
  readonly content: readonly { readonly type: 'text'; readonly text: string }[];
}

export interface PassageQuery {
  readonly text: string;
  readonly count: number;
  readonly filter: unknown;
  readonly threshold: number;
}

/** What a search gives where nothing else is asked for (OpenAPI `VectorStoreSearchRequest`). */
const USUAL_COUNT = 10;

/** `POST /vector_stores/…/search`. @throws ApiError 400, 404 */
export function searchStore(call: Call, state: SandboxState, id: string): Response {
  const store = storeInUse(state, id);
  const body = jsonBody(call);
  check(body, '');
  const asked: JsonObject = isObject(body) ? body : {};
  const { query, rewrite_query: rewrite, filters, max_num_results: most, ranking_options: ranking } = asked;
  const queries = (Array.isArray(query) ? query : [query]).map((text) => String(text));
  const searched = rewrite === true ? queries.map(rewritten) : queries;
  const data = findPassages([store], {
    text: searched.join('\n'),
    count: typeof most === 'number' ? most : USUAL_COUNT,
    filter: filters,
    threshold: isObject(ranking) ? Number(ranking['score_threshold'] ?? 0) : 0,
  });
  return Response.json({
    object: 'vector_store.search_results.page',
    search_query: searched,
    data,
    has_more: false,
    next_page: null,
  });
}

/** The passages of stores that are most like a text, the best first. Each store is used by it. */
export function findPassages(stores: readonly VectorStore[], query: PassageQuery): FoundPassage[] {
  const vector = passageVector(query.text);
  const found: FoundPassage[] = [];
  for (const store of stores) {
    store.use();
    for (const file of store.files.values()) {
      if (query.filter !== undefined && !fits(query.filter, attributesOf(file))) continue;
      for (const passage of file.passages) found.push(foundPassage(file, passage, vector));
    }
  }
  return found
    .filter(({ score }) => score >= query.threshold)
    .sort((a, b) => b.score - a.score)
    .slice(0, query.count);
}

function foundPassage(file: StoreFile, { text, vector }: Passage, wanted: Float32Array): FoundPassage {
  const cosine = vector.reduce((sum, value, index) => sum + value * (wanted[index] ?? 0), 0);
  return {
    file_id: file.id,
    filename: file.name,
    score: Number(Math.min(1, Math.max(0, cosine)).toFixed(6)),
    attributes: attributesOf(file),
    content: [{ type: 'text', text }],
  };
}

function attributesOf({ attributes }: StoreFile): JsonObject {
  return isObject(attributes) ? attributes : {};
}

/** A question as one would type it into a search box. */
function rewritten(query: string): string {
  const kept = query.replace(/^\s*(?:please|what|where|when|who|why|how)\b\s*|[?!.]+\s*$/gi, '').trim();
  return kept === '' ? query : kept;
}

/** Whether the attributes of a file pass a filter, which has been checked. */
function fits(filter: unknown, attributes: JsonObject): boolean {
  if (!isObject(filter)) return true;
  const { type, filters, key, value } = filter;
  if (type === 'and' || type === 'or') {
    const inner = Array.isArray(filters) ? filters : [];
    const one = (each: unknown) => fits(each, attributes);
    return type === 'and' ? inner.every(one) : inner.some(one);
  }
  const there = attributes[String(key)];
  const isAmong = Array.isArray(value) && value.includes(there);
  switch (type) {
    case 'ne':
      return there !== value;
    case 'in':
      return isAmong;
    case 'nin':
      return !isAmong;
    case 'gt':
    case 'gte':
    case 'lt':
    case 'lte':
      return isOrdered(type, there, value);
    default:
      return there === value;
  }
}

/** Only things of one kind have an order. */
function isOrdered(type: 'gt' | 'gte' | 'lt' | 'lte', there: unknown, value: unknown): boolean {
  const areNumbers = typeof there === 'number' && typeof value === 'number';
  const areTexts = typeof there === 'string' && typeof value === 'string';
  if (!areNumbers && !areTexts) return false;
  if (there === value) return type.endsWith('e');
  return type.startsWith('g') ? there > value : there < value;
}
