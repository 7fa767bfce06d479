import type { Turn } from '../chat/turn.ts';
import type { KeptUsage } from '../history/exchanges.ts';
import { paidTokens, summedUsage, usageOf } from '../history/token-usage.ts';
import type { PaidAnswer } from '../tokens/cost.ts';

/** What a session has taken so far. */
export class Spending {
  #requests = 0;
  /** What came from the cache was not paid. */
  readonly #paid: PaidAnswer[] = [];
  #all: KeptUsage = usageOf(undefined);
  #untold = 0;

  /** @param model that was asked for */
  add(turns: readonly Turn[], model: string): void {
    for (const { facts } of turns) {
      const usage = usageOf(facts.usage);
      this.#requests++;
      if (usage.inputTokens === null) this.#untold++;
      this.#all = summedUsage([this.#all, usage]);
      // Of what was not told is said how many there are.
      if (facts.isFromCache === true || usage.inputTokens === null) continue;
      this.#paid.push({ model, answeredBy: facts.model, tokens: paidTokens(facts) });
    }
  }

  get requests(): number {
    return this.#requests;
  }

  /** Requests of whose tokens the server did not tell. */
  get untold(): number {
    return this.#untold;
  }

  /** Of all models together. */
  get tokens(): KeptUsage {
    return this.#all;
  }

  /** What was paid for, as far as the server told its tokens. */
  get paid(): readonly PaidAnswer[] {
    return this.#paid;
  }
}
