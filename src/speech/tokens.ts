import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

/** Tokens of a text, as the models of the GPT-4o family count them (`o200k_base`). */
export function countO200k(text: string): number {
  // What looks like a special token is text like any other.
  return countTokens(text, { disallowedSpecial: new Set() });
}
