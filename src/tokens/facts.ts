import { calcPrice } from '@pydantic/genai-prices';

/** What is known of a model of OpenAI. */
export interface ModelFacts {
  /** Tokens that a request and its answer may have together. */
  readonly contextWindow: number | undefined;
  /** US dollars for so many tokens of input. */
  cost(tokens: number): number | undefined;
}

/** What the list of `@pydantic/genai-prices` has of a model; it comes with the program, and is as old as that. */
export function factsOf(model: string): ModelFacts {
  const priced = (tokens: number) => calcPrice({ input_tokens: tokens }, model, { providerId: 'openai' });
  return {
    contextWindow: priced(1)?.model.context_window,
    cost: (tokens) => priced(tokens)?.total_price,
  };
}
