/**
 * The known word that a mistyped one probably means: at most a third of its letters differ.
 * @returns undefined where nothing is near
 */
export async function nearest(word: string, known: readonly string[]): Promise<string | undefined> {
  const { closest, distance } = await import('fastest-levenshtein');
  if (known.length === 0) return undefined;
  const candidate = closest(word, known);
  return distance(word, candidate) <= Math.max(1, Math.floor(word.length / 3)) ? candidate : undefined;
}

/** `; did you mean WORD?`, or nothing where no known word is near. */
export async function didYouMean(word: string, known: readonly string[]): Promise<string> {
  const found = await nearest(word, known);
  return found === undefined ? '' : `; did you mean ${found}?`;
}
