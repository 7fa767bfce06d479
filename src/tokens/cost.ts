import { calcPrice } from '@pydantic/genai-prices';

/** Tokens that were paid for; null where it is not known. */
export interface PaidTokens {
  readonly inputTokens: number | null;
  /** Of those of the input. */
  readonly cachedTokens: number | null;
  readonly outputTokens: number | null;
  /** Of those of the input; absent or null where nobody told any. */
  readonly inputAudioTokens?: number | null;
  /** Of those of the output. */
  readonly outputAudioTokens?: number | null;
  /** How the server says that it treated the request; absent or null where it does not say. */
  readonly serviceTier?: string | null;
}

/** What the list of prices calls the built-in profiles. */
const PROVIDERS: Readonly<Record<string, string>> = {
  openai: 'openai',
  azure: 'azure',
  gemini: 'google',
  openrouter: 'openrouter',
  groq: 'groq',
};

/** Tiers at the prices of the list: OpenAI's, and that which Groq has for everybody. */
const LISTED_TIERS: readonly string[] = ['default', 'auto', 'standard', 'on_demand'];

/** They run on machines that send no bill. */
const FREE: readonly string[] = ['sandbox', 'ollama', 'lmstudio'];

/**
 * What an answer cost in US dollars, by the list of `@pydantic/genai-prices`: it comes with the program, and is as old as
 * that. A server of the user's own is taken to charge what the maker of the model does.
 * @returns undefined where the model is not in the list, or not as it was used: in another tier of service, or with sound
 *   that has no price there; and where the tokens are not known
 */
export function costOf(profile: string, model: string, tokens: PaidTokens): number | undefined {
  if (FREE.includes(profile)) return 0;
  const { inputTokens, cachedTokens, outputTokens, serviceTier } = tokens;
  if (inputTokens === null || outputTokens === null) return undefined;
  if (serviceTier != null && !LISTED_TIERS.includes(serviceTier)) return undefined;
  const providerId = Object.hasOwn(PROVIDERS, profile) ? PROVIDERS[profile] : undefined;
  const priceOf = (usage: Parameters<typeof calcPrice>[0]) =>
    calcPrice(usage, model, providerId === undefined ? {} : { providerId })?.total_price;
  const usage = {
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    ...(cachedTokens !== null && { cache_read_tokens: cachedTokens }),
  };
  const price = priceOf(usage);
  for (const [name, count] of [
    ['input_audio_tokens', tokens.inputAudioTokens ?? 0],
    ['output_audio_tokens', tokens.outputAudioTokens ?? 0],
  ] as const) {
    // Sound never costs what text does: where it would, it is not in the list.
    if (count > 0 && priceOf({ ...usage, [name]: count }) === price) return undefined;
  }
  return priceOf({
    ...usage,
    ...(tokens.inputAudioTokens && { input_audio_tokens: tokens.inputAudioTokens }),
    ...(tokens.outputAudioTokens && { output_audio_tokens: tokens.outputAudioTokens }),
  });
}

/** An answer that was paid for. */
export interface PaidAnswer {
  /** The model that was asked for. */
  readonly model: string;
  /** The model that the answer says it is of: often named more exactly, and the list may know either. */
  readonly answeredBy: string | null | undefined;
  readonly tokens: PaidTokens;
}

/** What answers cost together in US dollars, each by itself: undefined where it is not known of one of them. */
export function costOfAnswers(profile: string, answers: readonly PaidAnswer[]): number | undefined {
  let sum = 0;
  for (const { model, answeredBy, tokens } of answers) {
    const cost = costOf(profile, answeredBy ?? model, tokens) ?? costOf(profile, model, tokens);
    if (cost === undefined) return undefined;
    sum += cost;
  }
  return sum;
}
