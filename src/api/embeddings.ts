import { endianness } from 'node:os';
import type { OpenAI } from 'openai';
import { isObject, type JsonObject } from '../json.ts';
import type { Api } from './client.ts';
import { judgedAnswer } from './judged-answer.ts';
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
    return readEmbeddings(await judgedAnswer(client.embeddings.create(request, options)), input.length, api);
  });
}

/**
 * What came with status 200 may still be anything.
 * @param count how many there are to be, where that is known
 * @throws Failure (network)
 */
export function readEmbeddings(answer: unknown, count: number | undefined, api: Api): EmbeddingsAnswer {
  const data = isObject(answer) ? answer['data'] : undefined;
  if (!isObject(answer) || !Array.isArray(data) || (count !== undefined && data.length !== count))
    throw notAnAnswer(api, KIND);
  const vectors = new Vectors(data.length);
  const isWhole = data.every((entry, place) => {
    const { index = place, embedding } = isObject(entry) ? entry : {};
    return typeof index === 'number' && vectors.set(index, embedding);
  });
  if (!isWhole || !vectors.isWhole) throw notAnAnswer(api, KIND);
  const { model, usage } = answer;
  return { vectors: vectors.all(), model: String(model), usage: isObject(usage) ? usage : undefined };
}

const isLittleEndian = endianness() === 'LE';

/** The vectors of an answer. Those that come as texts are put into one piece of memory. */
class Vectors {
  readonly #vectors: (Float32Array | undefined)[];
  #count = 0;
  /** Numbers of a vector. */
  #size = 0;
  #room = Buffer.alloc(0);

  constructor(count: number) {
    this.#vectors = Array.from({ length: count });
  }

  get isWhole(): boolean {
    return this.#count === this.#vectors.length;
  }

  /** @returns whether it is a vector, and as long as the others */
  set(index: number, embedding: unknown): boolean {
    if (!(index in this.#vectors) || this.#vectors[index] !== undefined) return false;
    const vector = embedding instanceof Float32Array ? embedding : this.#decoded(index, embedding);
    if (vector === undefined || !this.#fits(vector.length)) return false;
    this.#vectors[index] = vector;
    this.#count += 1;
    return true;
  }

  #fits(size: number): boolean {
    if (this.#size === 0) this.#size = size;
    return size === this.#size && size > 0 && Number.isInteger(size);
  }

  #decoded(index: number, embedding: unknown): Float32Array | undefined {
    const text = typeof embedding === 'string' ? embedding : base64Of(embedding);
    const bytes = text === undefined ? 0 : Buffer.byteLength(text, 'base64');
    if (text === undefined || !this.#fits(bytes / Float32Array.BYTES_PER_ELEMENT)) return undefined;
    if (this.#room.length === 0) this.#room = Buffer.from(new ArrayBuffer(bytes * this.#vectors.length));
    const place = this.#room.subarray(index * bytes, (index + 1) * bytes);
    if (place.write(text, 'base64') !== bytes) return undefined;
    // They come little-endian, whatever this machine is.
    if (!isLittleEndian) place.swap32();
    return new Float32Array(place.buffer, place.byteOffset, this.#size);
  }

  all(): Float32Array[] {
    return this.#vectors.filter((vector) => vector !== undefined);
  }
}

/** Some servers know no base64, and send numbers. @returns undefined for what is neither */
function base64Of(embedding: unknown): string | undefined {
  if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === 'number')) return undefined;
  const bytes = Buffer.from(Float32Array.from(embedding).buffer);
  return (isLittleEndian ? bytes : bytes.swap32()).toString('base64');
}
