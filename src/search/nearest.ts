/** A chunk, and how like a question it is. */
export interface Near {
  readonly chunk: number;
  /** The cosine: from -1 to 1, 1 for the same direction. */
  readonly score: number;
}

/** After so many vectors something else may happen: a signal is heard, a few ms each time. */
const STRIDE = 10_000;

/**
 * The chunks that are most like a question: all of them are looked at, and no more than the result is kept.
 * @param vectors of length 1
 * @param query of length 1
 * @param count how many at most
 * @param minScore leaves out what is less like it
 * @returns the most alike first; of those that are equally so the oldest
 * @throws the signal's reason
 */
export async function nearest(
  vectors: Iterable<readonly [chunk: number, vector: Float32Array]>,
  query: Float32Array,
  { count, minScore }: { readonly count: number; readonly minScore: number },
  signal: AbortSignal,
): Promise<Near[]> {
  const best: Near[] = [];
  let [least, seen] = [minScore, 0];
  for (const [chunk, vector] of vectors) {
    seen += 1;
    if (seen % STRIDE === 0) {
      await new Promise((resolve) => setImmediate(resolve));
      signal.throwIfAborted();
    }
    const score = dotProduct(query, vector);
    // Also what is not a number stays out.
    if (!(best.length < count ? score >= least : score > least)) continue;
    const place = best.findIndex((other) => other.score < score);
    best.splice(place === -1 ? best.length : place, 0, { chunk, score });
    if (best.length > count) best.pop();
    if (best.length === count) least = best.at(-1)?.score ?? minScore;
  }
  return best;
}

/** Four sums at a time keep the processor busy: a search takes half as long as with one. */
export function dotProduct(a: Float32Array, b: Float32Array): number {
  const { length } = a;
  const whole = length - (length % 4);
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let at = 0; at < whole; at += 4) {
    s0 += (a[at] as number) * (b[at] as number);
    s1 += (a[at + 1] as number) * (b[at + 1] as number);
    s2 += (a[at + 2] as number) * (b[at + 2] as number);
    s3 += (a[at + 3] as number) * (b[at + 3] as number);
  }
  for (let at = whole; at < length; at++) s0 += (a[at] as number) * (b[at] as number);
  return s0 + s1 + s2 + s3;
}

/** The same direction with length 1; a vector without a length stays as it is. */
export function unit(vector: Float32Array): Float32Array {
  let squares = 0;
  for (const value of vector) squares += value * value;
  if (squares === 0) return vector;
  const length = Math.sqrt(squares);
  return vector.map((value) => value / length);
}
