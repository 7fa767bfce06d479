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

/** The vectors of an answer, all in one piece of memory. */
class Vectors {
  readonly #count: number;
  readonly #there = new Set<number>();
  #bytes = Buffer.alloc(0);
  /** Bytes of a vector. */
  #size = 0;

  constructor(count: number) {
    this.#count = count;
  }

  get isWhole(): boolean {
    return this.#there.size === this.#count;
  }

  /** @returns whether it is a vector, and as long as the others */
  set(index: number, embedding: unknown): boolean {
    if (!Number.isInteger(index) || index < 0 || index >= this.#count || this.#there.has(index)) return false;
    const text = typeof embedding === 'string' ? embedding : base64Of(embedding);
    const size = text === undefined ? 0 : Buffer.byteLength(text, 'base64');
    if (text === undefined || size === 0 || size % Float32Array.BYTES_PER_ELEMENT !== 0) return false;
    if (this.#size === 0) {
      this.#size = size;
      this.#bytes = Buffer.from(new ArrayBuffer(size * this.#count));
    }
    this.#there.add(index);
    return size === this.#size && this.#bytes.write(text, index * size, size, 'base64') === size;
  }

  /** Little-endian, whatever this machine is. */
  all(): Float32Array[] {
    if (!isLittleEndian && this.#size > 0) this.#bytes.swap32();
    const length = this.#size / Float32Array.BYTES_PER_ELEMENT;
    const { buffer, byteOffset } = this.#bytes;
    return Array.from(
      { length: this.#count },
      (_, index) => new Float32Array(buffer, byteOffset + index * this.#size, length),
    );
  }
}

/** Some servers know no base64, and send numbers. @returns undefined for what is neither */
function base64Of(embedding: unknown): string | undefined {
  if (!Array.isArray(embedding) || !embedding.every((value) => typeof value === 'number')) return undefined;
  const bytes = Buffer.from(Float32Array.from(embedding).buffer);
  return (isLittleEndian ? bytes : bytes.swap32()).toString('base64');
}
