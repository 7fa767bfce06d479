/** English words that say little of what a text is about. */
const STOP_WORDS = new Set(
  'a an the of to in on at is are was were be been am and or but for with as by from it its this that i you he she we they my your his her our their'.split(
    ' ',
  ),
);

/** A word or a number, or a sign that says something by itself, as an emoji. */
const WORD = /[\p{L}\p{N}\p{M}]+|\p{S}/gu;

/** How much of a word is in a vector: the whole of it, and its pieces, of which a word like it has most. */
const WEIGHTS = { word: 1, pieces: 0.8, stopWord: 0.2, wideWord: 0.6, widePiece: 0.6 };

/** Scripts whose letters say more than a Latin one, and whose words are not parted by spaces, or end in particles. */
const WIDE = /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * The embedding of a text: a vector of length 1, the same for the same text and model. Each word and each piece of a
 * word points in a direction of its own, and a text in the sum of them (feature hashing, Weinberger et al. 2009, with
 * signs in all dimensions), so that texts which share words, or words that share letters, are close. What a text means,
 * it does not know.
 * @param dimensions a shorter vector is the beginning of a longer one, brought to length 1 again
 */
export function embeddingOf(text: string, model: string, dimensions: number): Float32Array {
  const sum = new Float64Array(dimensions);
  for (const [feature, square] of featuresOf(text)) {
    addDirection(sum, hashOf(`${model}\n${feature}`), Math.sqrt(square));
  }
  const length = Math.sqrt(sum.reduce((squares, value) => squares + value ** 2, 0));
  // The very short vectors of a few texts cancel out.
  if (length === 0) return Float32Array.from(sum, (_, index) => (index === 0 ? 1 : 0));
  return Float32Array.from(sum, (value) => value / length);
}

/** What is in a text, each with the square of its weight: what comes four times weighs twice as much as what comes once. */
function featuresOf(text: string): Map<string, number> {
  const features = new Map<string, number>();
  const add = (feature: string, weight: number) => {
    features.set(feature, (features.get(feature) ?? 0) + weight ** 2);
  };
  for (const [word] of text.normalize('NFKC').toLowerCase().matchAll(WORD)) {
    if (STOP_WORDS.has(word)) {
      add(word, WEIGHTS.stopWord);
      continue;
    }
    const isWide = WIDE.test(word);
    add(word, isWide ? WEIGHTS.wideWord : WEIGHTS.word);
    const pieces = isWide ? piecesOf(`<${word}`, 2) : piecesOf(`<${word}>`, 3);
    const weight = isWide ? WEIGHTS.widePiece : WEIGHTS.pieces / Math.sqrt(pieces.length);
    for (const piece of pieces) add(`#${piece}`, weight);
  }
  if (features.size === 0) add(` ${text}`, 1);
  return features;
}

/** All pieces of so many characters; one that is shorter, where the word is. */
function piecesOf(word: string, length: number): string[] {
  const characters = [...word];
  const count = Math.max(1, characters.length - length + 1);
  return Array.from({ length: count }, (_, at) => characters.slice(at, at + length).join(''));
}

/** Adds a direction of random signs. */
function addDirection(sum: Float64Array, seed: number, weight: number): void {
  let state = seed;
  for (let start = 0; start < sum.length; start += 32) {
    state = (state + 0x6d2b79f5) | 0;
    let bits = mixed(state);
    const end = Math.min(start + 32, sum.length);
    for (let at = start; at < end; at += 1) {
      // No branch: a random one takes several times as long.
      sum[at] = (sum[at] ?? 0) + ((bits & 1) * 2 - 1) * weight;
      bits >>>= 1;
    }
  }
}

/** 32 bits of which each depends on all of the input (the finalizer of MurmurHash3). */
function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** FNV-1a of the text's UTF-16, in 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return mixed(hash);
}
