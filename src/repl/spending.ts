import type { CompletionUsage } from '../api/completions.ts';
import type { Turn } from '../chat/turn.ts';

/** What a session has taken so far. */
export class Spending {
  requests = 0;
  /** Tokens. */
  input = 0;
  /** Of those of the input. */
  cached = 0;
  output = 0;
  /** Of those of the output. */
  reasoning = 0;
  /** Requests of which the server did not say. */
  unknown = 0;

  add(turns: readonly Turn[]): void {
    for (const { facts } of turns) this.#add(facts.usage);
  }

  #add(usage: CompletionUsage | undefined): void {
    this.requests++;
    if (usage === undefined) this.unknown++;
    this.input += usage?.prompt_tokens ?? 0;
    this.cached += usage?.prompt_tokens_details?.cached_tokens ?? 0;
    this.output += usage?.completion_tokens ?? 0;
    this.reasoning += usage?.completion_tokens_details?.reasoning_tokens ?? 0;
  }
}
