import type { Turn } from '../chat/turn.ts';
import type { KeptUsage } from '../history/exchanges.ts';
import { summedUsage, usageOf } from '../history/token-usage.ts';

/** What was paid for. */
export interface Paid {
  /** That was asked for. */
  readonly model: string;
  /** That the answers say they are of. */
  readonly answeredBy: string;
  readonly usage: KeptUsage;
}

/** What a session has taken so far. */
export class Spending {
  #requests = 0;
  /** What came from the cache was not paid. */
  readonly #paid = new Map<string, Paid>();
  #all: KeptUsage = usageOf(undefined);
  #untold = 0;

  /** @param model that was asked for */
  add(turns: readonly Turn[], model: string): void {
    for (const { facts } of turns) {
      const usage = usageOf(facts.usage);
      this.#requests++;
      if (usage.inputTokens === null) this.#untold++;
      this.#all = summedUsage([this.#all, usage]);
      if (facts.isFromCache === true) continue;
      const answeredBy = facts.model ?? model;
      const name = `${answeredBy} ${model}`;
      const before = this.#paid.get(name)?.usage ?? usageOf(undefined);
      this.#paid.set(name, { model, answeredBy, usage: summedUsage([before, usage]) });
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

  /** What was paid for, by model. */
  get paid(): readonly Paid[] {
    return [...this.#paid.values()];
  }
}
