import tokens from 'gpt-tokenizer/bpeRanks/cl100k_base';
import { countTokens } from 'gpt-tokenizer/encoding/cl100k_base';

/**
 * Runs of one kind of characters that are this long come in no text that people write. The time that the encoding takes
 * grows with the square of a run, so that it is cut here, at the price of a token or two.
 */
const RUN = /(\p{L}{1000}|\s{1000}|[^\s\p{L}\p{N}]{1000})/u;

/** Tokens of a text, as the embedding models count them (`cl100k_base`; the API's guide to embeddings). */
export function countCl100k(text: string): number {
  // What looks like a special token is text like any other.
  const count = (piece: string) => countTokens(piece, { disallowedSpecial: new Set() });
  return text.split(RUN).reduce((sum, piece) => sum + (piece === '' ? 0 : count(piece)), 0);
}

/** The text of tokens, or undefined where one of the numbers stands for none. */
export function decodeCl100k(ids: readonly number[]): string | undefined {
  // The package's own decoder keeps what is left of a character for the next text.
  const pieces: Uint8Array[] = [];
  for (const id of ids) {
    const token = tokens[id];
    if (token === undefined) return undefined;
    pieces.push(typeof token === 'string' ? Buffer.from(token) : Uint8Array.from(token));
  }
  return Buffer.concat(pieces).toString();
}
