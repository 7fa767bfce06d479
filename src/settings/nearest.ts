import { distance } from 'fastest-levenshtein';

/**
 * The known word that a mistyped one probably means: the shortest that begins with it, if at least two letters were
 * typed; else one of which at most half of the letters differ, and no more than three.
 * @returns undefined where nothing is near
 */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const begun = /^-*\w{2}/.test(word) ? known.filter((other) => other.startsWith(word)) : [];
  const [shortest] = begun.sort((a, b) => a.length - b.length);
  if (shortest !== undefined) return shortest;
  const limit = Math.min(3, Math.max(1, Math.floor(word.length / 2)));
  // Of two that are as near, the one that begins alike: a slip of the fingers seldom comes first.
  const rank = (other: string) => distance(word, other) + (other[0] === word[0] ? 0 : 0.5);
  const [best] = known.filter((other) => distance(word, other) <= limit).sort((a, b) => rank(a) - rank(b));
  return best;
}

/** `; did you mean WORD?`, or nothing where no known word is near. */
export function didYouMean(word: string, known: readonly string[]): string {
  const found = nearest(word, known);
  return found === undefined ? '' : `; did you mean ${found}?`;
}
