import type { TextLimits } from './split-text.ts';

/**
 * What one response of the Realtime API is given to read. It may have 4,096 tokens of sound (the SDK's types,
 * `max_output_tokens`), which are some 200 seconds; half of that leaves room for slow voices.
 */
export const liveLimits: TextLimits = { characters: 1500, tokens: { most: 2000, count: soundTokens } };

/** A minute of sound has 1,200 tokens (OpenAI's pricing). */
const TOKENS_A_SECOND = 20;

/** Of most scripts some 15 characters are said in a second, of those with a syllable in each, and of digits, some 5. */
const CHARACTERS_A_SECOND = 15;
const SYLLABLES_A_SECOND = 5;
const SYLLABLES = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{N}]/gu;

/** About how many tokens of sound a text makes when it is said. */
function soundTokens(text: string): number {
  const syllables = text.match(SYLLABLES)?.length ?? 0;
  const others = text.length - syllables;
  return TOKENS_A_SECOND * (syllables / SYLLABLES_A_SECOND + others / CHARACTERS_A_SECOND);
}
