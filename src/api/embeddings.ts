import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { notAnAnswer } from './stream.ts';

/** The fields of a request for embeddings, but for how they come. */
export type EmbeddingFields = JsonObject & { readonly model: string };

export interface EmbeddingsAnswer {
  /** One for each input, in order. */
  readonly vectors: readonly Float32Array[];
  readonly model: string;
  readonly usage: JsonObject | undefined;
}

const KIND = 'embeddings';

/**
 * Asks for the embeddings of some texts, in base64: a quarter of what numbers take as text.
 * @throws Failure or Stopped
 */
export function embed(
  api: Api,
  input: readonly string[],
  fields: EmbeddingFields,
): Promise<EmbeddingsAnswer> {
  return api.call(async (client, options) => {
    const request = { ...fields, input, encoding_format: 'base64' } as OpenAI.EmbeddingCreateParams;
    return read(await client.embeddings.create(request, options), input.length, api);
  });
}

/** What came with status 200 may still be anything. @throws Failure (network) */
function read(answer: unknown, count: number, api: Api): EmbeddingsAnswer {
  if (!isObject(answer) || !Array.isArray(answer['data'])) throw notAnAnswer(api, KIND);
  const vectors: Float32Array[] = [];
  for (const [place, entry] of answer['data'].entries()) {
    const { index = place, embedding } = isObject(entry) ? entry : {};
    const vector = vectorOf(embedding);
    if (vector === undefined || typeof index !== 'number') throw notAnAnswer(api, KIND);
    vectors[index] = vector;
  }
  const isWhole = vectors.length === count && vectors.every((vector) => vector.length === vectors[0]?.length);
  if (!isWhole || Object.keys(vectors).length !== count) throw notAnAnswer(api, KIND);
  const { model, usage } = answer;
  return { vectors, model: String(model), usage: isObject(usage) ? usage : undefined };
}

/** Some servers know no base64, and send numbers. @returns undefined for what is neither */
function vectorOf(embedding: unknown): Float32Array | undefined {
  if (Array.isArray(embedding) && embedding.every((value) => typeof value === 'number')) {
    return Float32Array.from(embedding);
  }
  if (typeof embedding !== 'string') return undefined;
  const bytes = Buffer.from(embedding, 'base64');
  if (bytes.length === 0 || bytes.length % Float32Array.BYTES_PER_ELEMENT !== 0) return undefined;
  const vector = new Float32Array(bytes.length / Float32Array.BYTES_PER_ELEMENT);
  // Little-endian, whatever this machine is.
  for (let index = 0; index < vector.length; index++) vector[index] = bytes.readFloatLE(4 * index);
  return vector;
}
