import { embed } from '../api/embeddings.ts';
import type { Context } from '../context.ts';
import { Failure, usageError } from '../errors.ts';
import type { GlobalOptions } from '../flags/global.ts';
import { readTextArgument } from '../input/prompt.ts';
import { warn } from '../output/messages.ts';
import { startWaiting } from '../output/progress.ts';
import { TOP } from './defaults.ts';
import { type EmbeddingWish, fieldsFor } from './embedding-fields.ts';
import { type Hit, writeHits } from './hits.ts';
import { nearest, unit } from './nearest.ts';
import { openIndex } from './open-index.ts';

export interface SearchOptions extends GlobalOptions, Omit<EmbeddingWish, 'param'> {
  readonly db?: string;
  /** Results at most. */
  readonly top?: number;
  readonly minScore?: number;
}

/** What the API takes of a text, in tokens (its reference, `input` of `/embeddings`); a token is a byte or more. */
const MOST_TOKENS = 8192;

/** Finds the chunks of an index that are most like a question. @throws Failure or Stopped */
export async function searchIndex(
  words: readonly string[],
  options: SearchOptions,
  context: Context,
): Promise<void> {
  const { store, paths, name } = await openIndex(options, 'read', context);
  try {
    const query = await readTextArgument(words, context, 'question');
    const { kind } = store;
    if (kind === undefined) throw usageError(`${name} is empty`, '`oai index add PATH` fills it');
    const vector = await vectorOf(query, options, { store, name }, context);
    if (vector.length !== kind.dimensions) {
      throw new Failure(
        'incomplete',
        `${kind.model} answered with ${vector.length} dimensions, and ${name} has ${kind.dimensions}`,
        { hint: 'it is another model of that name: index the texts anew' },
      );
    }
    const { top: count = TOP, minScore = -1 } = options;
    const found = await nearest(store.vectors(), vector, { count, minScore }, context.signal);
    const hits = found.flatMap(({ chunk, score }): Hit[] => {
      const there = store.chunk(chunk);
      if (there === undefined) return [];
      const { text, from, to } = there;
      return [{ score: Number(score.toFixed(6)), path: paths.shown(there), from, to, text }];
    });
    if (hits.length === 0) warn(context, 'nothing is that much like it');
    await writeHits(hits, query, options.json === true, context);
  } finally {
    store.close();
  }
}

/** @returns of length 1 */
async function vectorOf(
  query: string,
  options: SearchOptions,
  { store, name }: Pick<Awaited<ReturnType<typeof openIndex>>, 'store' | 'name'>,
  context: Context,
): Promise<Float32Array> {
  const { connect } = await import('../api/client.ts');
  const api = await connect(options, context);
  const fields = fieldsFor(options, store, name, api, context);
  await refuseLong(query);
  const waiting = startWaiting(context, `searching ${name}`);
  const { vectors } = await embed(api, [query], fields).finally(() => waiting.stop());
  return unit(vectors[0] ?? new Float32Array());
}

/** The table of tokens is loaded only for a question that may be too long. @throws Failure (usage) */
async function refuseLong(query: string): Promise<void> {
  if (Buffer.byteLength(query) <= MOST_TOKENS) return;
  const { countCl100k } = await import('../tokens/cl100k.ts');
  const tokens = countCl100k(query);
  if (tokens > MOST_TOKENS) {
    throw usageError(`the question has ${tokens} tokens; the API takes ${MOST_TOKENS} of a text`);
  }
}
