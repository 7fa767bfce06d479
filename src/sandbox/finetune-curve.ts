import { createHash } from 'node:crypto';
import type { FineTuneMethod } from './finetune-request.ts';

/** What a job measures at a step. */
export type Metrics = Readonly<Record<string, number>>;

/** A number of its own for each seed, name and step, from 0 to 1: no chance is in it. */
function share(seed: number, name: string, step: number): number {
  const hash = createHash('sha256').update(`${seed}\n${name}\n${step}`).digest();
  return hash.readUInt32BE(0) / 2 ** 32;
}

/** Where a curve begins, and what it comes down to, or up to. */
const CURVES: Readonly<Record<FineTuneMethod, readonly [first: number, last: number]>> = {
  // A loss in nats a token, as chat models begin with on texts of others.
  supervised: [2.2, 0.35],
  // The natural logarithm of 2: two answers that are as good as each other.
  dpo: [Math.LN2, 0.12],
  // A share of the reward.
  reinforcement: [0.25, 0.85],
};

/** How much a step differs from the curve, as a part of it. */
const NOISE = 0.12;

/** How a model gets better while it is tuned: the same for the same seed. */
export class FineTuneCurve {
  readonly #method: FineTuneMethod;
  readonly #seed: number;
  /** Steps. */
  readonly #total: number;
  readonly #hasValidation: boolean;

  constructor(method: FineTuneMethod, seed: number, total: number, hasValidation: boolean) {
    this.#method = method;
    this.#seed = seed;
    this.#total = total;
    this.#hasValidation = hasValidation;
  }

  /**
   * @param validation what of the validation data is measured as well: a batch of it, all of it as at a checkpoint, or
   *   nothing. Nothing is measured of data that there is not.
   */
  at(step: number, validation: 'none' | 'batch' | 'all'): Metrics {
    const measured = this.#hasValidation ? validation : 'none';
    const names = ['train', 'valid', 'full_valid'].slice(0, ['none', 'batch', 'all'].indexOf(measured) + 1);
    return Object.assign({}, ...names.map((name) => this.#measured(step, name)));
  }

  #measured(step: number, name: string): Metrics {
    const value = round(this.#value(step, name));
    if (this.#method === 'reinforcement') return { [`${name}_mean_reward`]: value };
    return { [`${name}_loss`]: value, [`${name}_mean_token_accuracy`]: round(Math.exp(-value * 0.4)) };
  }

  #value(step: number, name: string): number {
    const [first, last] = CURVES[this.#method];
    const done = this.#total <= 1 ? 1 : (step - 1) / (this.#total - 1);
    // Most is learnt early on.
    const learnt = last + (first - last) * Math.exp(-4 * done);
    // What was not trained on is always known a little less well.
    const gap = name === 'train' ? 0 : 0.1 * done * (first > last ? 1 : -1);
    const noise = (share(this.#seed, name, step) - 0.5) * NOISE * learnt;
    return Math.max(0.001, learnt + gap + noise);
  }
}

function round(value: number): number {
  return Number(value.toFixed(4));
}
