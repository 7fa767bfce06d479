import { calcPrice } from '@pydantic/genai-prices';

/** Tokens that were paid for; null where it is not known. */
export interface PaidTokens {
  readonly inputTokens: number | null;
  /** Of those of the input. */
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
}

/** What the list of prices calls the built-in profiles. */
const PROVIDERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  azure: 'azure',
  gemini: 'google',
  openrouter: 'openrouter',
  groq: 'groq',
};

/** They run on machines that send no bill. */
const FREE: readonly string[] = ['sandbox', 'ollama', 'lmstudio'];

/**
 * What an answer cost in US dollars, by the list of `@pydantic/genai-prices`: it comes with the program, and is as old as
 * that. A server of the user's own is taken to charge what the maker of the model does.
 * @returns undefined where the model is not in the list, or the tokens are not known
 */
export function costOf(profile: string, model: string, tokens: PaidTokens): number | undefined {
  if (FREE.includes(profile)) return 0;
  const { inputTokens, cachedTokens, outputTokens } = tokens;
  if (inputTokens === null || outputTokens === null) return undefined;
  const providerId = Object.hasOwn(PROVIDERS, profile) ? PROVIDERS[profile] : undefined;
  const usage = {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cachedTokens !== null && { cache_read_tokens: cachedTokens }),
  };
  return calcPrice(usage, model, providerId === undefined ? {} : { providerId })?.total_price;
}
