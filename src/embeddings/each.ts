import type { Api } from '../api/client.ts';
import { type EmbeddingFields, embed, readEmbeddings } from '../api/embeddings.ts';
import type { BulkJob } from '../bulk/run.ts';
import { keyOf } from '../input/rows/row-key.ts';
import { textOf } from '../input/rows/row-text.ts';
import { type FittedText, fitText, LIMITS, type TooLong, tokensOf } from './fit.ts';
import { asNumbers, meanVector } from './vectors.ts';

/** How rows are embedded. */
export interface EachEmbedding {
  readonly field: string | undefined;
  readonly fields: EmbeddingFields;
  readonly tooLong: TooLong;
  /** Results are vectors; else lists of numbers, for JSON. */
  readonly asVectors: boolean;
}

/** Embeds each row, as many in a request as it takes. */
export function embeddingJob(
  { field, fields, tooLong, asVectors }: EachEmbedding,
  api: Api,
): BulkJob<FittedText> {
  const rest = JSON.stringify([fields, field, tooLong]);
  return {
    key: (row) => keyOf(row, rest),
    prepare(row) {
      const text = textOf(row, field);
      return typeof text === 'string' ? fitText(text, tooLong) : text;
    },
    shared: {
      limits: [LIMITS.texts, LIMITS.tokens],
      sizes: (text) => [text.chunks.length, tokensOf(text)],
    },
    send: (texts, signal) =>
      api.each(async (own) => {
        const { vectors, usage } = await embed(
          own,
          texts.flatMap(({ chunks }) => chunks),
          fields,
        );
        const counted = texts.reduce((sum, text) => sum + tokensOf(text), 0);
        let at = 0;
        return texts.map((text) => {
          const own = vectors.slice(at, at + text.chunks.length);
          at += text.chunks.length;
          const vector = meanVector(own, text.tokens);
          // What was counted belongs to the request: each row has its share.
          const share = shareOf(usage, tokensOf(text) / counted);
          return {
            result: asVectors ? vector : asNumbers(vector),
            ...(share !== undefined && { usage: share }),
          };
        });
      }, signal),
    ...(tooLong !== 'chunk' && {
      batch: {
        endpoint: '/v1/embeddings',
        body: ({ chunks }: FittedText) => ({ ...fields, input: chunks, encoding_format: 'base64' }),
        read(answer: unknown) {
          const { vectors, usage } = readEmbeddings(answer, 1, api);
          return { result: asNumbers(vectors[0] ?? new Float32Array()), usage };
        },
      },
    }),
  };
}

function shareOf(usage: { readonly [name: string]: unknown } | undefined, part: number) {
  const total = usage?.['total_tokens'];
  if (typeof total !== 'number') return undefined;
  const tokens = Math.round(total * part);
  return { prompt_tokens: tokens, total_tokens: tokens };
}
