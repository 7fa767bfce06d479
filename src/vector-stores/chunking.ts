import type { Chunking } from '../api/vector-store-files.ts';
import { usageError } from '../errors.ts';
import { CHUNK_RANGE, USUAL_CHUNK } from '../flags/vector-stores.ts';

/** How files are to be cut; both in tokens. */
export interface ChunkingFlags {
  readonly chunkSize?: number;
  readonly chunkOverlap?: number;
}

/**
 * How files are to be cut; undefined where it is left to the API.
 * @throws Failure (usage) where chunks would share more than half of themselves
 */
export function readChunking({ chunkSize, chunkOverlap }: ChunkingFlags): Chunking | undefined {
  if (chunkSize === undefined && chunkOverlap === undefined) return undefined;
  const size = chunkSize ?? USUAL_CHUNK.size;
  const half = Math.floor(size / 2);
  // Who asks for small chunks and says nothing of the overlap wants a small one.
  const overlap = chunkOverlap ?? Math.min(USUAL_CHUNK.overlap, half);
  if (overlap <= half) return { size, overlap };
  throw usageError(
    `--chunk-overlap ${overlap} is more than half of a chunk of ${size} tokens`,
    `--chunk-size ${Math.min(CHUNK_RANGE[1], overlap * 2)} or more, or --chunk-overlap ${half} or less`,
  );
}
