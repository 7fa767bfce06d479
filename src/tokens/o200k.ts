import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { withoutRuns } from './runs.ts';

/** Tokens of a text, as the models of the GPT-4o family and those after it count them (`o200k_base`). */
export function countO200k(text: string): number {
  // What looks like a special token is text like any other.
  const plain = { disallowedSpecial: new Set<string>() };
  return withoutRuns(text).reduce((sum, piece) => sum + countTokens(piece, plain), 0);
}
