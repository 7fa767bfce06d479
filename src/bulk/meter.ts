import { calcPrice } from '@pydantic/genai-prices';
import { isObject, type JsonObject } from '../json.ts';
import type { Meter } from './progress.ts';

/** What a model of OpenAI costs, by the list of prices of `@pydantic/genai-prices`; undefined where it has none. */
export function meterOf(model: string): Meter | undefined {
  if (priceOf(model, { input_tokens: 1 }) === undefined) return undefined;
  return { cost: (usage) => priceOf(model, tokensOf(usage)) };
}

function priceOf(model: string, usage: Readonly<Record<string, number>>): number | undefined {
  return calcPrice(usage, model, { providerId: 'openai' })?.total_price;
}

/** The counts of an answer, under the names that the list has for them. */
function tokensOf(usage: JsonObject): Record<string, number> {
  const { prompt_tokens: input, completion_tokens: output, prompt_tokens_details: details } = usage;
  const cached = isObject(details) ? details['cached_tokens'] : undefined;
  return {
    input_tokens: typeof input === 'number' ? input : 0,
    output_tokens: typeof output === 'number' ? output : 0,
    ...(typeof cached === 'number' && { cache_read_tokens: cached }),
  };
}
