/**
 * The pieces that a text is counted and cut in: a space or line break, or up to four characters of a word with the
 * space before it. No real model's tokens, but about as many.
 */
export function tokensOf(text: string): string[] {
  return text.match(/ ?\S{1,4}|\s/gu) ?? [];
}

/** About as many as `tokensOf` gives, without cutting a long text up. */
export function countTokens(text: string): number {
  return Math.ceil(text.length / 4);
}

/** Tokens of one delta of a stream: a word or two. */
const TOKENS_A_DELTA = 3;

/** The tokens, in the groups in which a stream sends them. */
export function deltasOf(tokens: readonly string[]): string[][] {
  const deltas: string[][] = [];
  for (let at = 0; at < tokens.length; at += TOKENS_A_DELTA)
    deltas.push(tokens.slice(at, at + TOKENS_A_DELTA));
  return deltas;
}
