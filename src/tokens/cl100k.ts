import tokens from 'gpt-tokenizer/bpeRanks/cl100k_base';
import { countTokens, encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { withoutRuns } from './runs.ts';

/** What looks like a special token is text like any other. */
const PLAIN = { disallowedSpecial: new Set<string>() };

/** Tokens of a text, as the embedding models count them (`cl100k_base`; the API's guide to embeddings). */
export function countCl100k(text: string): number {
  return withoutRuns(text).reduce((sum, piece) => sum + countTokens(piece, PLAIN), 0);
}

/** The tokens of a text. */
export function encodeCl100k(text: string): number[] {
  return withoutRuns(text).flatMap((piece) => encode(piece, PLAIN));
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
