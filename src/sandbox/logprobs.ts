/** Tokens that could have been said instead. */
const OTHERS =
  ' the| a| and| of| to| in| is| it| that| for| on| as| with| was| at| by| be| this| or| from'.split('|');

interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[];
}

function entry(token: string, logprob: number): TokenLogprob {
  return { token, logprob, bytes: [...new TextEncoder().encode(token)] };
}

/**
 * Log probabilities for tokens of an answer: longer tokens are a little less likely.
 * @param top how many likely tokens to list at each place, 0 to 20
 */
export function logprobsOf(
  tokens: readonly string[],
  top: number,
): (TokenLogprob & { readonly top_logprobs: readonly TokenLogprob[] })[] {
  return tokens.map((token) => {
    const own = entry(token, -0.01 * token.length);
    const others = OTHERS.filter((other) => other !== token).map((other, rank) => entry(other, -(rank + 3)));
    return { ...own, top_logprobs: [own, ...others].slice(0, top) };
  });
}
