import type { SandboxState } from './call.ts';
import { numbered } from './file-shelf.ts';
import { type FineTuneFiles, FineTuneJob } from './finetune-job.ts';
import type { FineTuneRequest } from './finetune-request.ts';

/** The fine-tuning jobs of one sandbox. They are gone with it. */
export class FineTuneShelf {
  readonly #kept = new Map<string, FineTuneJob>();
  readonly #named = new Map<string, number>();

  /** @param seed what it is named by */
  add(seed: string, asked: FineTuneRequest, files: FineTuneFiles, state: SandboxState): FineTuneJob {
    const job = new FineTuneJob(`ftjob-${numbered(this.#named, seed).slice(0, 24)}`, asked, files, state);
    this.#kept.set(job.id, job);
    return job;
  }

  get(id: string): FineTuneJob | undefined {
    return this.#kept.get(id);
  }

  /** From the newest to the oldest, as the API lists them. */
  all(): FineTuneJob[] {
    return [...this.#kept.values()].reverse();
  }
}
