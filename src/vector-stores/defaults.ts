/** Uploads at the same time: the API takes 1,000 files a minute (OpenAPI, `POST /files`). */
export const ADDED_AT_ONCE = 5;

/** Tokens of a chunk: the least and the most (OpenAPI `StaticChunkingStrategy`). */
export const CHUNK_RANGE = [100, 4096] as const;

/** How the API cuts where nobody says, in tokens (OpenAPI `AutoChunkingStrategyRequestParam`). */
export const USUAL_CHUNK = { size: 800, overlap: 400 } as const;

/** Passages that a search gives (OpenAPI `VectorStoreSearchRequest`). */
export const MOST_RESULTS = 50;
export const USUAL_RESULTS = 10;

/** How the API ranks (OpenAPI `VectorStoreSearchRequest`). Others may come: they are passed on. */
export const RANKERS = ['auto', 'none', 'default-2024-11-15'] as const;

/** The states in which a file of a store may be (OpenAPI `VectorStoreFileObject`). */
export const STATUSES = ['in_progress', 'completed', 'failed', 'cancelled'] as const;
