import { isObject } from '../json.ts';
import { invalidRequest } from './error-answer.ts';
import { metadata } from './metadata.ts';
import {
  array,
  boolean,
  type Check,
  decimal,
  integer,
  map,
  nullable,
  object,
  oneOf,
  string,
  stringOr,
  tagged,
  unknownParameter,
  wrongType,
} from './request-check.ts';
import type { Chunking } from './vector-store.ts';

/** Tokens: what `auto` stands for (OpenAPI `AutoChunkingStrategyRequestParam`). */
const AUTO: Chunking = { size: 800, overlap: 400 };

const sizes = object({ max_chunk_size_tokens: integer(100, 4096), chunk_overlap_tokens: integer(0) }, [
  'max_chunk_size_tokens',
  'chunk_overlap_tokens',
]);

const staticSizes: Check = (value, path) => {
  sizes(value, path);
  const { size, overlap } = chunkingOf({ type: 'static', static: value });
  if (overlap * 2 > size) {
    const message = `Invalid '${path}.chunk_overlap_tokens': must not exceed half of max_chunk_size_tokens.`;
    throw invalidRequest(message, `${path}.chunk_overlap_tokens`, 'invalid_value');
  }
};

const chunking = tagged('type', {
  auto: object({ type: string() }),
  static: object({ type: string(), static: staticSizes }, ['static']),
});

/** How a file is to be cut. @param asked one that has passed the check, or undefined */
export function chunkingOf(asked: unknown): Chunking {
  const given = isObject(asked) ? asked['static'] : undefined;
  if (!isObject(given)) return AUTO;
  return { size: Number(given['max_chunk_size_tokens']), overlap: Number(given['chunk_overlap_tokens']) };
}

const attributeValue: Check = (value, path) => {
  if (typeof value === 'string') string({ max: 512 })(value, path);
  else if (typeof value !== 'number' && typeof value !== 'boolean') {
    throw wrongType(path, 'one of a string, number, or boolean', value);
  }
};

const attributes = nullable(map(attributeValue, { max: 16, maxKey: 64 }));

const expiration = object({ anchor: oneOf('last_active_at'), days: integer(1, 365) }, ['anchor', 'days']);

/** OpenAPI `CreateVectorStoreRequest`. */
export const newStore = object(
  {
    name: string(),
    description: string(),
    file_ids: array(string(), { max: 500, of: 'strings' }),
    expires_after: expiration,
    chunking_strategy: chunking,
    metadata,
  },
  [],
  unknownParameter,
);

/** OpenAPI `UpdateVectorStoreRequest`. */
export const storeUpdate = object(
  { name: nullable(string()), expires_after: nullable(expiration), metadata },
  [],
  unknownParameter,
);

const fileFields = { file_id: string(), chunking_strategy: chunking, attributes };

/** OpenAPI `CreateVectorStoreFileRequest`. */
export const newFile = object(fileFields, ['file_id'], unknownParameter);

/** OpenAPI `UpdateVectorStoreFileAttributesRequest`. */
export const fileUpdate = object({ attributes }, ['attributes'], unknownParameter);

const batchFields = object(
  {
    file_ids: array(string(), { min: 1, max: 2000, of: 'strings' }),
    files: array(object(fileFields, ['file_id']), { min: 1, max: 2000 }),
    chunking_strategy: chunking,
    attributes,
  },
  [],
  unknownParameter,
);

/** OpenAPI `CreateVectorStoreFileBatchRequest`: `files` or `file_ids`, and not both. */
export const newBatch: Check = (value, path) => {
  batchFields(value, path);
  const { files, file_ids: ids } = isObject(value) ? value : {};
  if ((files === undefined) !== (ids === undefined)) return;
  throw invalidRequest("Exactly one of 'file_ids' and 'files' must be given.", 'file_ids');
};

/** Levels of filters within filters: no limit is published. */
const MOST_LEVELS = 20;

const compared: Check = (value, path) => {
  if (Array.isArray(value)) array(attributeValue, { of: 'strings or numbers' })(value, path);
  else attributeValue(value, path);
};

const comparison = object({ type: string(), key: string({ filled: true, max: 64 }), value: compared }, [
  'key',
  'value',
]);

function filter(levels: number): Check {
  return (value, path) => {
    if (levels === 0) throw invalidRequest(`Invalid '${path}': nested too deeply.`, path, 'invalid_value');
    const compound = object({ type: string(), filters: array(filter(levels - 1), { min: 1 }) }, ['filters']);
    const kinds = Object.fromEntries(
      ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in', 'nin'].map((kind) => [kind, comparison]),
    );
    tagged('type', { ...kinds, and: compound, or: compound })(value, path);
  };
}

/** OpenAPI `VectorStoreSearchRequest`. */
export const search = object(
  {
    query: stringOr(
      string({ filled: true }),
      array(string({ filled: true }), { min: 1, of: 'strings' }),
      Array.isArray,
      'an array of strings',
    ),
    rewrite_query: boolean,
    max_num_results: integer(1, 50),
    filters: filter(MOST_LEVELS),
    ranking_options: object({
      ranker: oneOf('none', 'auto', 'default-2024-11-15'),
      score_threshold: decimal(0, 1),
    }),
  },
  ['query'],
  unknownParameter,
);
