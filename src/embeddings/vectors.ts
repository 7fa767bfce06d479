import { endianness } from 'node:os';
/**
 * The vector of a text that was embedded in chunks: their mean, each weighted by its tokens, of length 1 (as OpenAI's
 * cookbook has it, "Embedding texts that are longer than the model's maximum context length").
 */
export function meanVector(vectors: readonly Float32Array[], weights: readonly number[]): Float32Array {
  const [first] = vectors;
  if (first === undefined || vectors.length === 1) return first ?? new Float32Array();
  const sum = new Float64Array(first.length);
  for (const [index, vector] of vectors.entries()) {
    const weight = weights[index] ?? 1;
    for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] ?? 0) + weight * (vector[at] ?? 0);
  }
  const length = Math.hypot(...sum);
  return Float32Array.from(sum, (value) => (length === 0 ? 0 : value / length));
}

/** How alike two vectors are: from -1 to 1, 1 for the same direction. 0 where one has no length. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let [dot, lengthA, lengthB] = [0, 0, 0];
  for (let at = 0; at < a.length; at++) {
    const [x, y] = [a[at] ?? 0, b[at] ?? 0];
    dot += x * y;
    lengthA += x * x;
    lengthB += y * y;
  }
  return lengthA === 0 || lengthB === 0 ? 0 : dot / Math.sqrt(lengthA * lengthB);
}

/** Decimal digits that tell a float of 32 bits from every other. */
const DIGITS = 9;

/** A vector as numbers, no longer than it takes to read the same floats again. */
export function asNumbers(vector: Float32Array): number[] {
  return Array.from(vector, (value) => Number(value.toPrecision(DIGITS)));
}

/** Whether this machine has the low byte of a number first, as the API and files of vectors have it. */
const isLittleEndian = endianness() === 'LE';

/** The bytes of a vector: floats of 32 bits, little-endian, whatever this machine is. */
export function asBytes(vector: Float32Array): Buffer {
  if (isLittleEndian) return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
  return Buffer.from(Float32Array.from(vector).buffer).swap32();
}
