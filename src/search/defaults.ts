import type { Chunking } from './index-store.ts';

/** The index of a folder that has one of its own. */
export const DEFAULT_DB = '.oai-index.db';

/** A few paragraphs, which say one thing, and a sentence or two of the chunk before. */
export const DEFAULT_CHUNKING: Chunking = { chunkTokens: 400, overlap: 40 };

/** The smallest and the largest chunk that can be asked for, in tokens: the API takes 8,192 of a text. */
export const CHUNK_RANGE = [16, 8000] as const;

/** Requests at the same time. */
export const AT_ONCE = 4;

/** Results of a search. */
export const TOP = 5;
